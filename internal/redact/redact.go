// Package redact takes secrets out of text, by their values and by what they look like.
//
// What it puts in the place of a secret says what that was: ‹redacted: github token›. Text that was redacted once stays
// as it is when it is redacted again. The work grows with the length of the text: all patterns are regular expressions
// without going back (package regexp).
//
// Store paths, hashes of derivations, commits and public keys are no secrets and stay.
package redact

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// shortest is how long a value has to be, in bytes, to be taken out wherever it stands: shorter ones would be found in
// words that have nothing to do with it.
const shortest = 6

// Redactor takes secrets out of text. The zero value knows what secrets look like, and no values. Its methods may be
// called from several goroutines.
type Redactor struct {
	lock   sync.Mutex
	values map[string]string // to what is said of it
	known  atomic.Pointer[values]
	count  atomic.Int64
}

// values is what is known by value, ready to be looked for.
type values struct {
	replacer *strings.Replacer
	names    map[string]bool
}

// Count is how many secrets were taken out so far.
func (r *Redactor) Count() int { return int(r.count.Load()) }

// Text is text without the secrets. A private key of which it has only a part is one too.
func (r *Redactor) Text(text string) string {
	text = r.withoutValues(text)
	if !strings.Contains(text, "\n") {
		var s Stream
		line, _ := s.patterns(r, text)
		return line
	}
	var out strings.Builder
	out.Grow(len(text))
	var s Stream
	for line := range strings.Lines(text) {
		rest, ended := strings.CutSuffix(line, "\n")
		if rest, shown := s.patterns(r, rest); shown {
			out.WriteString(rest)
			if ended {
				out.WriteByte('\n')
			}
		}
	}
	return out.String()
}

// Stream is text that comes line by line: a private key may go over several of them. The zero value is the start of one.
type Stream struct{ inside block }

// Line is one line without its secrets. It is not shown where it is only the further part of a private key.
func (r *Redactor) Line(s *Stream, line string) (redacted string, shown bool) {
	return s.patterns(r, r.withoutValues(line))
}

func (s *Stream) patterns(r *Redactor, line string) (redacted string, shown bool) {
	line, shown = s.inside.take(r, line)
	if shown {
		line = r.withoutPatterns(line)
	}
	return line, shown
}

// mark is what stands in the place of a secret.
func mark(what string) string { return "‹redacted: " + what + "›" }

// marked is a text that has nothing but what stands in the place of a secret.
var marked = compiled(`^‹redacted: [^‹›]*›$`)

// somewhere is such a mark anywhere.
var somewhere = compiled(`‹redacted: ([^‹›\n]*)›`)

// withoutValues looks for the values that are known. What it put in their place before is left alone, as the name of a
// secret may have another one in it.
func (r *Redactor) withoutValues(text string) string {
	known := r.known.Load()
	if known == nil {
		return text
	}
	var out strings.Builder
	rest := text
	for {
		at := somewhere().FindStringSubmatchIndex(rest)
		for at != nil && !known.names[rest[at[2]:at[3]]] {
			next := somewhere().FindStringSubmatchIndex(rest[at[1]:])
			at = shifted(next, at[1])
		}
		if at == nil {
			break
		}
		out.WriteString(r.replaced(known, rest[:at[0]]))
		out.WriteString(rest[at[0]:at[1]])
		rest = rest[at[1]:]
	}
	if out.Len() == 0 {
		return r.replaced(known, rest)
	}
	out.WriteString(r.replaced(known, rest))
	return out.String()
}

func shifted(places []int, by int) []int {
	for i := range places {
		places[i] += by
	}
	return places
}

func (r *Redactor) replaced(known *values, text string) string {
	without := known.replacer.Replace(text)
	if without != text {
		r.count.Add(int64(strings.Count(without, "‹redacted: ") - strings.Count(text, "‹redacted: ")))
	}
	return without
}

// Add makes value a secret, wherever it stands: as it is, in a URL, in base64, in JSON. What says what it is, such as
// the name of a file. Each line of a value is one too; what is shorter than six bytes is none.
func (r *Redactor) Add(what, value string) {
	what = strings.Map(func(c rune) rune {
		if strings.ContainsRune("‹›\n\r", c) {
			return -1
		}
		return c
	}, what)
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.values == nil {
		r.values = map[string]string{}
	}
	for _, part := range parts(value) {
		for _, form := range forms(part) {
			if _, is := r.values[form]; !is {
				r.values[form] = what
			}
		}
	}
	if len(r.values) > 0 {
		r.known.Store(r.ready())
	}
}

// ready orders the values so that of two that begin alike the longer one is found.
func (r *Redactor) ready() *values {
	names := map[string]bool{}
	for what := range kinds() {
		names[what] = true
	}
	found := make([]string, 0, len(r.values))
	for value, what := range r.values {
		found = append(found, value)
		names[what] = true
	}
	slices.SortFunc(found, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	pairs := make([]string, 0, 2*len(found))
	for _, value := range found {
		pairs = append(pairs, value, mark(r.values[value]))
	}
	return &values{strings.NewReplacer(pairs...), names}
}
