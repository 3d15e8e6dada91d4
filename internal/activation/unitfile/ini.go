package unitfile

import (
	"errors"
	"strings"
)

// pair is one line of a unit file.
type pair struct{ key, value string }

// section is a section of a unit file with its lines in the order written.
type section struct {
	name  string
	pairs []pair
}

// parse reads a unit file as switch-to-configuration does, which is not quite as systemd does: by the crate rust-ini
// (src/lib.rs, Parser) with quotes and without escapes (main.rs, parse_systemd_ini). So a key ends at the first = or :,
// quotes around a value or the beginning of one go away, and a backslash before the end of a line joins it with the
// next. What stands before the first section is left out.
func parse(text string) ([]section, error) {
	p := parser{rest: text}
	var sections []section
	for {
		p.rest = strings.TrimSpace(p.rest)
		if p.rest == "" {
			return sections, nil
		}
		switch p.rest[0] {
		case '#', ';':
			_, p.rest, _ = strings.Cut(p.rest, "\n")
		case '[':
			p.rest = p.rest[1:]
			name, err := p.until("]")
			if err != nil {
				return nil, err
			}
			sections = append(sections, section{name: strings.TrimSpace(name)})
		default:
			line, err := p.line()
			if err != nil {
				return nil, err
			}
			if len(sections) > 0 {
				last := &sections[len(sections)-1]
				last.pairs = append(last.pairs, line)
			}
		}
	}
}

// parser is what is left to read.
type parser struct{ rest string }

var (
	errCut   = errors.New("ends within a line")
	errNoKey = errors.New("a value without a key")
)

// line reads KEY=VALUE.
func (p *parser) line() (pair, error) {
	key, err := p.until("=:")
	if err != nil {
		return pair{}, err
	}
	if key = strings.TrimSpace(key); key == "" {
		return pair{}, errNoKey
	}
	value, err := p.value()
	return pair{key, value}, err
}

// value reads up to the end of the line. Only quotes at its beginning, or right behind others, are quotes.
func (p *parser) value() (string, error) {
	p.rest = strings.TrimLeft(p.rest, " \t")
	var value strings.Builder
	for {
		if p.rest == "" || p.rest[0] != '"' && p.rest[0] != '\'' {
			value.WriteString(strings.TrimRight(p.toLineEnd(), " \t"))
			return value.String(), nil
		}
		quote := p.rest[:1]
		p.rest = p.rest[1:]
		quoted, err := p.until(quote)
		if err != nil {
			return "", err
		}
		value.WriteString(quoted)
	}
}

// until reads up to one of the characters of ends, which is taken too. A character behind a backslash is not one.
func (p *parser) until(ends string) (string, error) {
	text, found := p.scan(ends)
	if !found {
		return "", errCut
	}
	p.rest = p.rest[1:]
	return text, nil
}

// toLineEnd reads the rest of the line, which may go on in the next.
func (p *parser) toLineEnd() string {
	text, _ := p.scan("\r\n")
	return text
}

// scan reads up to one of the characters of ends and leaves it.
func (p *parser) scan(ends string) (text string, found bool) {
	var read strings.Builder
	for i := 0; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case strings.IndexByte(ends, c) >= 0:
			p.rest = p.rest[i:]
			return read.String(), true
		case c != '\\' || i+1 == len(p.rest):
			read.WriteByte(c)
		default: // with what follows it, as escapes mean nothing
			i++
			if p.rest[i] != '\n' {
				read.WriteString(p.rest[i-1 : i+1])
			}
		}
	}
	p.rest = ""
	return read.String(), false
}
