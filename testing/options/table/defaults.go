package table

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

var (
	packageName = regexp.MustCompile(`^pkgs\.([\w.-]+)$`)
	// told matches a default that is told in words, where a string could be one too.
	told = regexp.MustCompile(`^computed|<[a-z]+>|\$\{config|^config\.| \(| or `)
)

// SetDefault takes what the facts have as default, if it is a value of the entry's type. Else it is told in words: a
// module computes it.
func (e *Entry) SetDefault(value json.RawMessage) {
	var decoded any
	if value == nil || json.Unmarshal(value, &decoded) != nil {
		return
	}
	text, isText := decoded.(string)
	if found := packageName.FindStringSubmatch(text); found != nil && takesPackage(e.Type) {
		e.DefaultPackage = found[1]
	} else if !(isText && told.MatchString(text)) && e.Type.Fits(decoded) {
		e.Default = value
	}
}

func takesPackage(t *Type) bool {
	return slices.Contains([]string{"package", "shellPackage", "raw"}, t.Kind) || slices.ContainsFunc(t.Of, takesPackage)
}

// Fits tells whether a value is one of the type, as far as can be told without Nix.
func (t *Type) Fits(value any) bool {
	switch t.Kind {
	case "nullOr":
		return value == nil || t.Of[0].Fits(value)
	case "either":
		return slices.ContainsFunc(t.Of, func(of *Type) bool { return of.Fits(value) })
	case "oneOrListOf":
		return t.Of[0].Fits(value) || New("listOf", t.Of[0]).Fits(value)
	case "passwdEntry", "uniq":
		return t.Of[0].Fits(value)
	case "enum":
		data, err := Marshal(value)
		return err == nil && slices.ContainsFunc(t.Values, func(one json.RawMessage) bool { return bytes.Equal(one, data) })
	case "package", "shellPackage", "pkgs", "functionTo", "deferredModule":
		return false
	case "raw", "unspecified", "anything", "json", "toml", "yaml", "value", "xml", "plist":
		return true
	}
	switch value := value.(type) {
	case bool:
		return t.Kind == "bool"
	case float64:
		return isNumber(t.Kind, value)
	case string:
		return isText(t.Kind, value)
	case []any:
		return (t.Kind == "listOf" || t.Kind == "nonEmptyListOf") &&
			!slices.ContainsFunc(value, func(one any) bool { return !t.Of[0].Fits(one) })
	case map[string]any:
		for _, one := range value {
			if len(t.Of) > 0 && !t.Of[0].Fits(one) {
				return false
			}
		}
		return slices.Contains([]string{"attrsOf", "lazyAttrsOf", "dagOf", "attrs", "submodule", "ini", "unitSection"}, t.Kind)
	}
	return value == nil && t.Kind == "iniAtom"
}

func isNumber(kind string, value float64) bool {
	whole := strings.Fields("int port between unsigned positive u8 u16 u32")
	return slices.Contains([]string{"float", "number", "numberBetween", "iniAtom"}, kind) ||
		(value == float64(int64(value)) && slices.Contains(whole, kind))
}

func isText(kind, value string) bool {
	switch kind {
	case "path", "pathInStore":
		return strings.HasPrefix(value, "/")
	case "nonEmptyStr":
		return strings.TrimSpace(value) != ""
	}
	return slices.Contains(strings.Fields("str lines commas envVar singleLineStr strMatching separatedString iniAtom"), kind)
}
