package document

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Decode fills v, a pointer to a struct or map with toml tags, and refuses what v has no place
// for: unknown keys and values of another type. go-toml alone would take keys in any case, and
// [table] for a list of tables; Nix takes neither.
func (d *Document) Decode(v any) {
	if d.Tree == nil {
		return // refused already
	}
	d.fit("", d.Tree, reflect.TypeOf(v).Elem())
	if err := toml.Unmarshal(d.data, v); err != nil && len(d.errs) == 0 {
		d.Refuse(0, "", err.Error(), "")
	}
}

// fit refuses what a Go value of type t cannot hold of the value at path.
func (d *Document) fit(path string, value any, t reflect.Type) {
	if d.bad[path] {
		return
	}
	fits := false
	switch t.Kind() {
	case reflect.Interface:
		fits = true
	case reflect.Pointer:
		d.fit(path, value, t.Elem())
		return
	case reflect.Map, reflect.Struct:
		var table map[string]any
		if table, fits = value.(map[string]any); fits {
			d.fitTable(path, table, t)
		}
	case reflect.Slice:
		var list []any
		list, fits = value.([]any)
		for i, element := range list {
			d.fit(fmt.Sprintf("%s[%d]", path, i), element, t.Elem())
		}
	case reflect.String:
		_, fits = value.(string)
	case reflect.Bool:
		_, fits = value.(bool)
	case reflect.Int, reflect.Int64:
		_, fits = value.(int64)
	}
	if !fits {
		problem, cure := wanted(path, t)
		d.Complain(path, problem, cure)
	}
}

// fitTable is fit for a map, which has any key, or a struct, which has those of its tags.
func (d *Document) fitTable(path string, table map[string]any, t reflect.Type) {
	known := map[string]reflect.Type{}
	if t.Kind() == reflect.Struct {
		for field := range t.Fields() {
			if name := field.Tag.Get("toml"); name != "" && name != "-" {
				known[name] = field.Type
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(table)) {
		at := Join(path, key)
		if t.Kind() == reflect.Map {
			d.fit(at, table[key], t.Elem())
		} else if inner, ok := known[key]; ok {
			d.fit(at, table[key], inner)
		} else {
			d.ComplainOfKey(at, "unknown key", Suggest(key, slices.Sorted(maps.Keys(known)), nil))
		}
	}
}

// wanted says in the words of TOML what stands in a value of type t, and how it is written at path.
func wanted(path string, t reflect.Type) (problem, cure string) {
	switch t.Kind() {
	case reflect.String:
		return "want a text", "write one text, in quotes"
	case reflect.Bool:
		return "want true or false", "write true or false, without quotes"
	case reflect.Int, reflect.Int64:
		return "want a whole number", "write it in digits alone, without quotes"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return "want a list of texts", `write it in brackets, as ["a", "b"]`
		}
		return "want a list of tables", fmt.Sprintf("write each under [[%s]], with two brackets", path)
	}
	if list := strings.LastIndexByte(path, '['); strings.HasSuffix(path, "]") {
		return "want a table", fmt.Sprintf("write it under [[%s]], with two brackets", path[:list])
	}
	return "want a table", fmt.Sprintf("write it as [%s]", path)
}
