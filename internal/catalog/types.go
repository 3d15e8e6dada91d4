package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// types are the option types, by the names of nixlib/lib/types.nix (a test compares the two
// lists). Each tells what value is wrong with, or "".
var types = map[string]func(o Option, value any) string{
	"bool": func(_ Option, value any) string {
		return wantA[bool]("true or false", value)
	},
	"int": func(o Option, value any) string {
		if n, ok := value.(int64); ok && (o.Min != nil && n < *o.Min || o.Max != nil && n > *o.Max) {
			return fmt.Sprintf("want a whole number %s, not %d", o.bounds(), n)
		}
		return wantA[int64]("a whole number", value)
	},
	"port": func(_ Option, value any) string {
		// Nix's types.port lets 0 through, which no service can be reached on.
		if n, ok := value.(int64); ok && (n < 1 || n > 65535) {
			return fmt.Sprintf("want a port from 1 to 65535, not %d", n)
		}
		return wantA[int64]("a port number", value)
	},
	"str": func(_ Option, value any) string {
		return wantA[string]("a text", value)
	},
	"listOf str": func(_ Option, value any) string {
		list, ok := value.([]any)
		if !ok {
			return fmt.Sprintf("want a list of texts, not %s", describe(value))
		}
		for i, element := range list {
			if problem := wantA[string]("a text", element); problem != "" {
				return fmt.Sprintf("element %d: %s", i+1, problem)
			}
		}
		return ""
	},
	"enum": func(o Option, value any) string {
		if s, ok := value.(string); !ok || !slices.Contains(o.Values, s) {
			return fmt.Sprintf("want one of %s, not %s", strings.Join(o.Values, ", "), describe(value))
		}
		return ""
	},
}

// TypeNames lists the option types that a feature.toml may name, sorted.
func TypeNames() []string { return slices.Sorted(maps.Keys(types)) }

// Mismatch says why value, as a TOML decoder delivers it (lists are []any), is not one of the
// option's, or "".
func (o Option) Mismatch(value any) string { return types[o.Type](o, value) }

// bounds puts Min and Max into words.
func (o Option) bounds() string {
	switch {
	case o.Min == nil:
		return fmt.Sprintf("up to %d", *o.Max)
	case o.Max == nil:
		return fmt.Sprintf("from %d on", *o.Min)
	}
	return fmt.Sprintf("from %d to %d", *o.Min, *o.Max)
}

func wantA[T any](what string, value any) string {
	if _, ok := value.(T); ok {
		return ""
	}
	return fmt.Sprintf("want %s, not %s", what, describe(value))
}

// describe names a TOML value for an error.
func describe(value any) string {
	switch value := value.(type) {
	case nil:
		return "nothing"
	case string:
		return fmt.Sprintf("the text %q", value)
	case bool:
		return fmt.Sprint(value)
	case int64:
		return fmt.Sprintf("the number %d", value)
	case float64:
		return fmt.Sprintf("the number %v", value)
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	default:
		return fmt.Sprintf("a %T", value) // dates, which the host file refuses anyway
	}
}
