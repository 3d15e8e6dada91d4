package document

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Rule says what is wrong with a text and what to do about it, or "".
type Rule func(value string) (problem, cure string)

// Refuse records that something at offset is wrong with the key of that path.
func (d *Document) Refuse(offset int, path, problem, cure string) {
	before := d.data[:offset]
	d.errs = append(d.errs, &Error{
		File:    d.File,
		Line:    bytes.Count(before, []byte("\n")) + 1,
		Column:  offset - bytes.LastIndexByte(before, '\n'),
		Key:     path,
		Problem: problem,
		Cure:    cure,
	})
	// A list of which one element was refused has no other problem worth telling.
	d.bad[path] = true
	for strings.HasSuffix(path, "]") {
		path = path[:strings.LastIndexByte(path, '[')]
		d.bad[path] = true
	}
}

// Unjudged is the same document with nothing said against it yet.
func (d *Document) Unjudged() *Document {
	again := *d
	again.errs, again.bad = nil, map[string]bool{}
	return &again
}

// IsRefused reports whether something is wrong with the key of that path already.
func (d *Document) IsRefused(path string) bool { return d.bad[path] }

// Complain records what is wrong with the value at path, unless it was refused already.
func (d *Document) Complain(path, problem, cure string) {
	if !d.bad[path] {
		d.Refuse(d.Place(path), path, problem, cure)
	}
}

// ComplainOfKey is Complain for what is wrong with the key itself.
func (d *Document) ComplainOfKey(path, problem, cure string) {
	if !d.bad[path] {
		d.Refuse(d.keyPlace(path), path, problem, cure)
	}
}

// Judge records what a rule says of the text at path.
func (d *Document) Judge(path string, rule Rule, value string) {
	if problem, cure := rule(value); problem != "" {
		d.Complain(path, problem, cure)
	}
}

// Table is value as a table, or a complaint.
func (d *Document) Table(path string, value any) (map[string]any, bool) {
	table, ok := value.(map[string]any)
	if !ok && value != nil {
		d.Complain(path, "want a table", fmt.Sprintf("write it as [%s]", path))
	}
	return table, ok
}

// Place is the offset of the value (or else the key) at path, or of the nearest table around it.
func (d *Document) Place(path string) int {
	if offset, ok := d.values[path]; ok {
		return offset
	}
	return d.keyPlace(path)
}

func (d *Document) keyPlace(path string) int {
	for path != "" {
		if offset, ok := d.keys[path]; ok {
			return offset
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 0
}

// Lookup is the value at a dotted path of plain keys.
func (d *Document) Lookup(path string) (any, bool) {
	var value any = d.Tree
	for key := range strings.SplitSeq(path, ".") {
		table, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		if value, ok = table[key]; !ok {
			return nil, false
		}
	}
	return value, true
}

// Err is everything that is wrong, as Errors in the order of their places; nil where nothing is.
func (d *Document) Err() error {
	if len(d.errs) == 0 {
		return nil
	}
	slices.SortStableFunc(d.errs, func(a, b *Error) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	return d.errs
}

// Suggest names what was probably meant by name: the nearest of known, or the place where a key
// of that name belongs (dotted paths), or else all that is known.
func Suggest(name string, known, places []string) string {
	best, least := "", max(2, len(name)/3)+1
	for _, candidate := range known {
		if n := distance(strings.ToLower(name), strings.ToLower(candidate)); n < least {
			best, least = candidate, n
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	for _, place := range places {
		if strings.HasSuffix(place, "."+name) {
			return fmt.Sprintf("did you mean %s?", place)
		}
	}
	return "known here: " + cmp.Or(strings.Join(known, ", "), "nothing")
}

// distance is how many letters must be put in, taken out or replaced to turn a into b
// (Levenshtein, by rows).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = slices.Min([]int{cost, row[j] + 1, row[j+1] + 1})
		}
	}
	return row[len(b)]
}

// Abridged keeps a message readable where the value is not.
func Abridged(value string) string {
	if runes := []rune(value); len(runes) > 80 {
		return string(runes[:80]) + "…"
	}
	return value
}
