// Package document is a TOML file that Go and Nix read alike: its tree, where each key of it stands, and what is wrong
// with it, each problem at its line and column.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Document is one file, read.
//
// go-toml speaks TOML 1.1, the toml11 inside Nix 1.0 without dates, and Nix has no texts with NUL.
// What only one of them accepts, and keys that are code to the Nix module system, are errors here
// [R 21]. testing/toml holds the cases, of which the tests ask Nix 2.26 and 2.34.
type Document struct {
	File string
	Tree map[string]any // nil where the file is no TOML

	data   []byte
	keys   map[string]int // offset of each key, by its dotted path
	values map[string]int // offset of each value
	counts map[string]int // elements seen of each array of tables
	bad    map[string]bool
	errs   Errors
}

// Read reads the text of a file. What is wrong with it stands in Err.
func Read(file string, data []byte) *Document {
	d := &Document{
		File: file, data: data,
		keys: map[string]int{}, values: map[string]int{}, counts: map[string]int{}, bad: map[string]bool{},
	}
	if d.refuseBytes(); len(d.errs) > 0 {
		return d
	}
	d.walk()
	tree := map[string]any{}
	if err := toml.Unmarshal(data, &tree); err != nil {
		d.refuseSyntax(err)
		return d
	}
	d.Tree = tree
	return d
}

// refuseBytes refuses what must not stand anywhere, comments included.
func (d *Document) refuseBytes() {
	if bytes.HasPrefix(d.data, []byte("\uFEFF")) {
		d.Refuse(0, "", "a byte-order mark", "save the file as UTF-8 without a byte-order mark")
		return
	}
	for i := 0; i < len(d.data); {
		r, size := utf8.DecodeRune(d.data[i:])
		if r == utf8.RuneError && size == 1 {
			d.Refuse(i, "", fmt.Sprintf("the byte 0x%02x is not UTF-8", d.data[i]), "save the file as UTF-8")
			return
		}
		if r == 0 {
			d.Refuse(i, "", "a NUL byte", "Nix has no texts with NUL: take it out")
			return
		}
		i += size
	}
}

// refuseSyntax records what go-toml makes of a file that is no TOML, unless the same place was
// refused already for a better reason.
func (d *Document) refuseSyntax(err error) {
	offset, problem, cure := 0, err.Error(), ""
	var malformed *toml.DecodeError
	if errors.As(err, &malformed) {
		line, column := malformed.Position()
		offset = d.offset(line, column)
		problem = strings.TrimPrefix(malformed.Error(), "toml: ")
		if strings.HasSuffix(problem, "at start of value") {
			cure = "a text stands in quotes"
		}
		for _, e := range d.errs {
			if e.Line == line && e.Column == column {
				return
			}
		}
	}
	d.Refuse(offset, "", problem, cure)
}

// offset is the place that go-toml gives by line and column.
func (d *Document) offset(line, column int) int {
	offset := 0
	for range line - 1 {
		offset += bytes.IndexByte(d.data[offset:], '\n') + 1
	}
	return min(offset+column-1, len(d.data))
}

// walk goes through the expressions of the file, up to the first that is malformed.
func (d *Document) walk() {
	var p unstable.Parser
	p.Reset(d.data)
	table := ""
	for p.NextExpression() {
		switch node := p.Expression(); node.Kind {
		case unstable.Table:
			table = d.path("", node.Key())
		case unstable.ArrayTable:
			table = d.path("", node.Key())
			offset := d.keys[table]
			if parts := node.Key(); parts.Next() {
				offset = int(parts.Node().Raw.Offset)
			}
			d.counts[table]++
			table = d.current(table)
			d.keys[table] = offset
		case unstable.KeyValue:
			d.keyValue(table, node)
		}
	}
}

// current is the path of the last element of the array of tables at path, or path itself.
func (d *Document) current(path string) string {
	if n := d.counts[path]; n > 0 {
		return fmt.Sprintf("%s[%d]", path, n-1)
	}
	return path
}

// path is the dotted path of a key inside of table; its parts are recorded and judged.
func (d *Document) path(table string, parts unstable.Iterator) string {
	path := table
	for parts.Next() {
		node := parts.Node()
		offset, name := int(node.Raw.Offset), string(node.Data)
		path = Join(d.current(path), name)
		if _, seen := d.keys[path]; !seen {
			d.keys[path] = offset
		}
		d.refuseEscapes(path, node)
		switch {
		case strings.HasPrefix(name, "_"):
			d.Refuse(offset, path, `keys that begin with "_" are code to the Nix module system`, "take the key out")
		case name == "outPath":
			d.Refuse(offset, path, "Nix takes a table with outPath for a store path", "take the key out")
		}
	}
	return path
}

func (d *Document) keyValue(table string, node *unstable.Node) {
	path := d.path(table, node.Key())
	value := node.Value()
	if value.Kind == unstable.String && string(value.Data) == "derivation" && (path == "type" || strings.HasSuffix(path, ".type")) {
		d.Refuse(int(value.Raw.Offset), path, `Nix takes a table with type = "derivation" for a package`, "take the key out")
	}
	d.value(path, value)
}

// value records and judges the value at path.
func (d *Document) value(path string, node *unstable.Node) {
	offset := int(node.Raw.Offset)
	switch node.Kind {
	case unstable.Array:
		elements := node.Children()
		for i := 0; elements.Next(); i++ {
			d.value(fmt.Sprintf("%s[%d]", path, i), elements.Node())
		}
		return // an array has no place of its own in the syntax tree: its key's is used
	case unstable.InlineTable:
		d.inlineTable(path, node)
	case unstable.String:
		d.refuseEscapes(path, node)
	case unstable.Integer, unstable.Float:
		d.refuseNumber(path, node)
	case unstable.LocalDate, unstable.LocalTime, unstable.LocalDateTime, unstable.DateTime:
		d.Refuse(offset, path, "Nix reads no dates and times", "write it as a text, in quotes")
	}
	d.values[path] = offset
}

// inlineTable judges the pairs of a table in braces, and what stands between them: TOML 1.1 lets
// line breaks, comments and a comma before the brace through, Nix none of them.
func (d *Document) inlineTable(path string, node *unstable.Node) {
	d.refuseBreak(path, end(node))
	pairs := node.Children()
	for pairs.Next() {
		pair := pairs.Node()
		d.keyValue(path, pair)
		d.refuseBreak(path, end(pair))
	}
}

// refuseBreak judges the text between two pairs of an inline table, which begins at offset.
func (d *Document) refuseBreak(path string, offset int) {
	comma := -1
	for ; offset < len(d.data); offset++ {
		switch d.data[offset] {
		case ' ', '\t':
		case ',':
			comma = offset
		case '\n', '\r', '#':
			d.Refuse(offset, path, "a line break inside of { }, which Nix does not read",
				"write the table on one line, or under a [header] of its own")
			return
		case '}':
			if comma >= 0 {
				d.Refuse(comma, path, "a comma before the closing }, which Nix does not read", "take the comma out")
			}
			return
		default:
			return
		}
	}
}

// escape is one backslash sequence of a text in double quotes.
var escape = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|(?s:.))`)

// refuseEscapes judges the backslash sequences of a text or key.
func (d *Document) refuseEscapes(path string, node *unstable.Node) {
	raw := d.data[node.Raw.Offset:end(node)]
	if !bytes.HasPrefix(raw, []byte(`"`)) {
		return
	}
	for _, at := range escape.FindAllIndex(raw, -1) {
		offset, text := int(node.Raw.Offset)+at[0], string(raw[at[0]:at[1]])
		switch {
		case strings.Trim(text[2:], "0") == "" && len(text) > 2:
			d.Refuse(offset, path, text+" is NUL, and Nix has no texts with NUL", "take it out")
		case text[1] == 'x' && len(text) == 4:
			d.Refuse(offset, path, text+" is an escape that Nix does not read", `write \u00`+text[2:])
		case text == `\e`:
			d.Refuse(offset, path, text+" is an escape that Nix does not read", `write \u001b`)
		}
	}
}

// refuseNumber judges a number: 64 bits and finite, as in Nix. (Nix turns inf and nan into null
// on the way to JSON.)
func (d *Document) refuseNumber(path string, node *unstable.Node) {
	text := strings.ReplaceAll(string(node.Data), "_", "")
	var err error
	if node.Kind == unstable.Integer {
		_, err = strconv.ParseInt(text, 0, 64)
	} else if strings.HasSuffix(text, "inf") || strings.HasSuffix(text, "nan") {
		err = strconv.ErrRange
	} else {
		_, err = strconv.ParseFloat(text, 64)
	}
	if err != nil {
		d.Refuse(int(node.Raw.Offset), path, fmt.Sprintf("%s is no finite number of 64 bits", node.Data), "")
	}
}

func end(node *unstable.Node) int { return int(node.Raw.Offset + node.Raw.Length) }

var bare = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// Join appends a key to a dotted path, quoted where TOML wants quotes.
func Join(path, key string) string {
	if !bare.MatchString(key) {
		key = strconv.Quote(key)
	}
	if path == "" {
		return key
	}
	return path + "." + key
}
