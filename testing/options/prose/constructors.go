// Package prose reads the types of options as modules write them and as manuals describe them.
package prose

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

// plain are the types without arguments; some have a shorter name in the table.
var (
	plain = strings.Fields(`anything attrs bool commas deferredModule envVar float hexColor iniAtom int json lines
		nonEmptyStr number package path pathInStore pkgs plist port positive raw shellPackage singleLineStr str toml u16
		u32 u8 unitName unitSection unsigned unspecified value xml yaml ini systemdSection`)
	shorter = map[string]string{
		"ints.unsigned": "unsigned", "ints.positive": "positive", "ints.u8": "u8", "ints.u16": "u16", "ints.u32": "u32",
	}
	ofOne = strings.Fields(`attrsOf dagOf functionTo lazyAttrsOf listOf nonEmptyListOf nullOr oneOrListOf passwdEntry uniq`)
	ofTwo = strings.Fields(`coercedTo either`)
)

// unitName is the type of the name of a systemd unit.
func unitName() *table.Type {
	return &table.Type{
		Kind: "strMatching", Description: "valid unit name",
		Pattern: `[a-zA-Z0-9@%:_.\\-]+[.](service|socket|device|mount|automount|swap|target|path|timer|scope|slice)`,
	}
}

var token = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|[A-Za-z][\w.-]*|-?\d+(?:\.\d+)?|[()\[\]{}+]|\S`)

// Constructors reads a type as a module writes it: `listOf (either str path)`, also with `or`, and with `+ freeform`
// behind a submodule.
func Constructors(text string) (t *table.Type, err error) {
	p := &constructors{tokens: token.FindAllString(text, -1)}
	defer func() {
		if stop, ok := recover().(unparsed); ok {
			err = fmt.Errorf("%s: %s", text, string(stop))
		}
	}()
	t = p.union()
	if p.peek() != "" {
		p.stop()
	}
	return t, nil
}

type constructors struct{ tokens []string }

// unparsed is why a text is no type; parsers panic with it.
type unparsed string

func (p *constructors) stop() { panic(unparsed(fmt.Sprintf("no type at %q", p.peek()))) }

func (p *constructors) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *constructors) next() string {
	first := p.peek()
	if first == "" {
		p.stop()
	}
	p.tokens = p.tokens[1:]
	return first
}

func (p *constructors) accept(token string) bool {
	if p.peek() != token {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *constructors) expect(token string) {
	if !p.accept(token) {
		p.stop()
	}
}

func (p *constructors) union() *table.Type {
	all := []*table.Type{p.term()}
	for p.accept("or") {
		all = append(all, p.term())
	}
	return table.Either(all...)
}

// term is a constructor with its arguments.
func (p *constructors) term() *table.Type {
	name := p.peek()
	if short, ok := shorter[name]; ok {
		name = short
	}
	switch {
	case p.peek() == "(":
		return p.argument()
	case name == "unitName":
		p.next()
		return unitName()
	case slices.Contains(plain, name):
		p.next()
		return table.New(name)
	case slices.Contains(ofOne, name):
		p.next()
		return table.New(name, p.argument())
	case slices.Contains(ofTwo, name):
		p.next()
		first, second := p.argument(), p.argument()
		if name == "coercedTo" {
			return table.Coerced(first, second)
		}
		return table.Either(first, second)
	}
	return p.special(name)
}

// argument is a type in parentheses, or a plain one.
func (p *constructors) argument() *table.Type {
	if p.accept("(") {
		t := p.union()
		p.expect(")")
		return t
	}
	return p.term()
}

// special are the constructors that take other things than types.
func (p *constructors) special(name string) *table.Type {
	p.next()
	switch name {
	case "oneOf":
		var all []*table.Type
		for p.expect("["); !p.accept("]"); {
			all = append(all, p.argument())
		}
		return table.Either(all...)
	case "enum":
		return &table.Type{Kind: "enum", Values: p.values()}
	case "strMatching":
		return &table.Type{Kind: "strMatching", Pattern: p.text()}
	case "separatedString":
		separator := p.text()
		return &table.Type{Kind: "separatedString", Separator: &separator}
	case "like":
		return &table.Type{Kind: "submodule", Like: p.text()}
	case "ints.between":
		return &table.Type{Kind: "between", Low: json.Number(p.next()), High: json.Number(p.next())}
	case "numbers.between":
		return &table.Type{Kind: "numberBetween", Low: json.Number(p.next()), High: json.Number(p.next())}
	case "submodule":
		return p.submodule()
	}
	panic(unparsed("unknown type " + name))
}

// submodule is one with the names of its options, which the facts list as entries of their own, or a free form.
func (p *constructors) submodule() *table.Type {
	t := table.New("submodule")
	if p.accept("{") {
		for !p.accept("}") {
			p.next()
		}
	}
	if p.accept("+") {
		p.expect("freeform")
		t.Freeform = p.argument()
	}
	return t
}

func (p *constructors) text() string {
	var text string
	if err := json.Unmarshal([]byte(p.next()), &text); err != nil {
		panic(unparsed(err.Error()))
	}
	return text
}

// values are the JSON values between brackets.
func (p *constructors) values() []json.RawMessage {
	var all []json.RawMessage
	for p.expect("["); !p.accept("]"); {
		value := json.RawMessage(p.next())
		if !json.Valid(value) {
			panic(unparsed("no value: " + string(value)))
		}
		all = append(all, value)
	}
	return all
}
