package prose

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

// phrases are the descriptions that types without arguments have in nixpkgs.
var phrases = map[string]string{
	"boolean": "bool", "string": "str", "signed integer": "int", "floating point number": "float",
	"integer or floating point number": "number", "package": "package", "absolute path": "path",
	"path in the Nix store": "pathInStore", "raw value": "raw", "unspecified value": "unspecified",
	"anything": "anything", "attribute set": "attrs", "non-empty string": "nonEmptyStr", "submodule": "submodule",
	"(optionally newline-terminated) single-line string": "singleLineStr",
	"unsigned integer, meaning >=0":                      "unsigned", "positive integer, meaning >0": "positive",
	"8 bit unsigned integer; between 0 and 255 (both inclusive)":         "u8",
	"16 bit unsigned integer; between 0 and 65535 (both inclusive)":      "u16",
	"32 bit unsigned integer; between 0 and 4294967295 (both inclusive)": "u32",
	"JSON value": "json", "TOML value": "toml", "YAML 1.1 value": "yaml", "Nixpkgs package set": "pkgs",
}

// wrappers are the phrases that stand before another type.
var wrappers = []struct{ phrase, kind string }{
	{"null or ", "nullOr"},
	{"list of ", "listOf"},
	{"attribute set of ", "attrsOf"},
	{"lazy attribute set of ", "lazyAttrsOf"},
	{"non-empty list of ", "nonEmptyListOf"},
	{"function that evaluates to a(n) ", "functionTo"},
	{"open submodule of ", "submodule"},
	{"unique ", "uniq"},
	{"DAG of ", "dagOf"},
	{"pair of ", "listOf"},
}

// Description reads a type in the words in which nixpkgs describes it. SPELLINGS are further phrases, of types that
// describe themselves; what they stand for is written as Constructors reads it.
func Description(text string, spellings map[string]string) (t *table.Type, err error) {
	p := &description{rest: text, spellings: spellings}
	defer func() {
		if stop, ok := recover().(unparsed); ok {
			err = fmt.Errorf("%s: %s", text, string(stop))
		}
	}()
	t = p.union()
	if p.rest != "" {
		p.stop()
	}
	return t, nil
}

type description struct {
	rest      string
	spellings map[string]string
}

func (p *description) stop() { panic(unparsed(fmt.Sprintf("no type at %q", p.rest))) }

func (p *description) accept(prefix string) bool {
	if !strings.HasPrefix(p.rest, prefix) {
		return false
	}
	p.rest = p.rest[len(prefix):]
	return true
}

// union is types with `or` between them. One that is `convertible to it` is converted to the one before.
func (p *description) union() *table.Type {
	all := []*table.Type{p.term()}
	for p.accept(" or ") {
		t := p.term()
		if last := len(all) - 1; p.accept(" convertible to it") {
			all[last] = table.Coerced(t, all[last])
		} else {
			all = append(all, t)
		}
	}
	return table.Either(all...)
}

// term is one type: a known phrase (the longest that fits), one in parentheses, or a wrapper with what it wraps.
func (p *description) term() *table.Type {
	if t := p.known(); t != nil {
		return t
	}
	if p.accept("(") {
		t := p.union()
		if !p.accept(")") {
			p.stop()
		}
		return t
	}
	if p.accept("non-empty (list of ") {
		t := p.union()
		if !p.accept(")") {
			p.stop()
		}
		return table.New("nonEmptyListOf", t)
	}
	for _, wrapper := range wrappers {
		if p.accept(wrapper.phrase) {
			return p.wrapped(wrapper.phrase, wrapper.kind)
		}
	}
	return p.withValue()
}

func (p *description) wrapped(phrase, name string) *table.Type {
	switch name {
	case "nullOr":
		return table.New(name, p.union())
	case "submodule":
		return &table.Type{Kind: name, Freeform: p.term()}
	}
	t := table.New(name, p.term())
	if length := p.match(ofLength); length != nil {
		fmt.Sscan(length[1], &t.Length)
		t.Description = phrase + describe(t.Of[0]) + length[0]
	}
	if phrase == "pair of " {
		t.Length, t.Description = 2, phrase+describe(t.Of[0])
	}
	return t
}

// describe is what a length is told of: plain types only.
func describe(t *table.Type) string {
	for _, phrase := range slices.Sorted(maps.Keys(phrases)) {
		if phrases[phrase] == t.Kind && len(t.Of) == 0 {
			return phrase
		}
	}
	return t.Description
}

var (
	ofLength   = regexp.MustCompile(`^ of length (\d+)`)
	oneValue   = regexp.MustCompile(`^value ("(?:[^"\\]|\\.)*"|\S+) \(singular enum\)`)
	enumValues = regexp.MustCompile(`^one of `)
	enumValue  = regexp.MustCompile(`^("(?:[^"\\]|\\.)*"|<null>|true|false|-?\d+(?:\.\d+)?)(?:, )?`)
	separated  = regexp.MustCompile(`^strings concatenated with ("(?:[^"\\]|\\.)*")`)
	between    = regexp.MustCompile(`^integer between (-?\d+) and (-?\d+) \(both inclusive\)`)
	numbers    = regexp.MustCompile(`^integer or floating point number between (-?[\d.]+) and (-?[\d.]+) \(both inclusive\)`)
)

func (p *description) match(pattern *regexp.Regexp) []string {
	found := pattern.FindStringSubmatch(p.rest)
	if found != nil {
		p.rest = p.rest[len(found[0]):]
	}
	return found
}

// withValue are the types whose description holds a value.
func (p *description) withValue() *table.Type {
	const matching = "string matching the pattern "
	if found := p.match(numbers); found != nil {
		return &table.Type{Kind: "numberBetween", Low: json.Number(found[1]), High: json.Number(found[2])}
	} else if found := p.match(between); found != nil {
		return &table.Type{Kind: "between", Low: json.Number(found[1]), High: json.Number(found[2])}
	} else if found := p.match(separated); found != nil {
		return separatedBy(found[1])
	} else if found := p.match(oneValue); found != nil {
		return &table.Type{Kind: "enum", Values: []json.RawMessage{valueOf(found[1])}}
	} else if p.match(enumValues) != nil {
		t := &table.Type{Kind: "enum"}
		for found := p.match(enumValue); found != nil; found = p.match(enumValue) {
			t.Values = append(t.Values, valueOf(found[1]))
		}
		return t
	} else if p.accept(matching) {
		end := balanced(p.rest)
		t := &table.Type{Kind: "strMatching", Pattern: p.rest[:end]}
		p.rest = p.rest[end:]
		return t
	}
	panic(unparsed(fmt.Sprintf("no type at %q", p.rest)))
}

func separatedBy(text string) *table.Type {
	var separator string
	if err := json.Unmarshal([]byte(text), &separator); err != nil {
		panic(unparsed(err.Error()))
	}
	if separator == "\n" {
		return table.New("lines")
	}
	return &table.Type{Kind: "separatedString", Separator: &separator}
}

func valueOf(text string) json.RawMessage {
	if text == "<null>" {
		text = "null"
	}
	return json.RawMessage(text)
}

// balanced is where a parenthesis is closed that was opened before TEXT.
func balanced(text string) int {
	depth := 0
	for i, c := range text {
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth < 0 {
				return i
			}
		}
	}
	return len(text)
}

// known is the longest phrase or spelling that the rest begins with.
func (p *description) known() *table.Type {
	var best string
	for _, all := range []map[string]string{phrases, p.spellings} {
		for phrase := range all {
			if len(phrase) > len(best) && strings.HasPrefix(p.rest, phrase) && endsWord(p.rest[len(phrase):]) {
				best = phrase
			}
		}
	}
	if best == "" {
		return nil
	}
	p.rest = p.rest[len(best):]
	if name, ok := phrases[best]; ok {
		return table.New(name)
	}
	t, err := Constructors(p.spellings[best])
	if err != nil {
		panic(unparsed(err.Error()))
	}
	if !slices.Contains([]string{"submodule", "dagOf"}, t.Kind) {
		t.Description = best
	}
	return t
}

// endsWord tells whether a phrase may end before REST: `attribute set` does not before ` of …`.
func endsWord(rest string) bool {
	return rest == "" || rest[0] == ')' || strings.HasPrefix(rest, " or ") || strings.HasPrefix(rest, " convertible to it") ||
		strings.HasPrefix(rest, " of length ")
}
