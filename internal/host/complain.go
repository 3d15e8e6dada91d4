package host

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// complain records what is wrong with the value at path, unless it was refused already.
func (d *document) complain(path, problem, cure string) {
	if !d.bad[path] {
		d.refuse(d.place(path), path, problem, cure)
	}
}

// judge records what a rule says of the text at path.
func (d *document) judge(path string, r rule, value string) {
	if problem, cure := r(value); problem != "" {
		d.complain(path, problem, cure)
	}
}

// missing records that a key is not there, at the table that should have it. A table that is
// missing whole is one problem.
func (d *document) missing(path string) {
	table, key, nested := strings.Cut(path, ".")
	_, present := d.tree[table]
	switch {
	case !nested:
		d.complain(path, "missing", fmt.Sprintf("add %s = %d at the top of the file", path, Version))
	case !present:
		d.complain(table, "missing", fmt.Sprintf("add the table [%s] with %s", table, strings.Join(knownIn(table), ", ")))
	case !d.bad[table]: // it is a table
		d.complain(path, "missing", fmt.Sprintf("add %s = … under [%s]", key, table))
	}
}

// table is value as a table, or a complaint.
func (d *document) table(path string, value any) (map[string]any, bool) {
	table, ok := value.(map[string]any)
	if !ok && value != nil {
		d.complain(path, "want a table", fmt.Sprintf("write it as [%s]", path))
	}
	return table, ok
}

// unknown records a key that is none of known.
func (d *document) unknown(path, what, name string, known []string) {
	if !d.bad[path] {
		d.refuse(d.keyPlace(path), path, "unknown "+what, d.suggest(name, known))
	}
}

// unknownValue records a value that is none of known.
func (d *document) unknownValue(path, what, name string, known []string) {
	d.complain(path, fmt.Sprintf("unknown %s: %q", what, abridged(name)), d.suggest(name, known))
}

// suggest names what was probably meant: the nearest of known, or the place where a key of that
// name belongs, or else all that is known.
func (d *document) suggest(name string, known []string) string {
	best, least := "", max(2, len(name)/3)+1
	for _, candidate := range known {
		if n := distance(name, candidate); n < least {
			best, least = candidate, n
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	for _, e := range schema {
		if strings.HasSuffix(e.path, "."+name) {
			return fmt.Sprintf("did you mean %s?", e.path)
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
