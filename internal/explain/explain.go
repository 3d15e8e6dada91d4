// Package explain knows failures of nix and of activation by what they say: what each comes from and how it is cured.
package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Stage is when a failure shows.
type Stage string

// The stages, in the order in which a deployment comes to them.
const (
	Evaluating Stage = "evaluating"
	Adopting   Stage = "adopting" // the machine's own configuration, by `nqd init`
	Fetching   Stage = "fetching"
	Storing    Stage = "storing" // anything that nix does with its store and database
	Building   Stage = "building"
	Activating Stage = "activating" // and installing the boot loader
)

// kind is one kind of failure. Patterns are regular expressions of Go (RE2: time grows with the text alone) in which ^
// and $ are the ends of a line; one that matches is enough.
type kind struct {
	id, title string
	stage     Stage
	// said are tried on what programs said of themselves: no warnings, no lines of builders or of units, no quoted source.
	said []string
	// logged are tried on that and on the lines of builders, as far as nix shows them.
	logged []string
	// all are tried on everything but quoted source.
	all []string
	// last marks a kind that only says that something went wrong: every other one is tried first.
	last        bool
	cause, cure string
}

func (k kind) explanation() event.Explanation {
	return event.Explanation{ID: k.id, Title: k.title, Cause: k.cause, Cure: k.cure}
}

// kinds are all kinds in the order in which they are tried: the more specific one stands above, within a table and
// between them. Activation comes first, as its text holds whatever units logged; evaluation after what it may fail
// of, such as a download.
func kinds() []kind {
	list := slices.Concat(graphics(), activating(), storing(), fetching(), building(), evaluating(), adopting())
	slices.SortStableFunc(list, func(a, b kind) int {
		switch {
		case a.last == b.last:
			return 0
		case a.last:
			return 1
		}
		return -1
	})
	return list
}

// Known are all failures that nqd recognises, by ID.
func Known() []event.Explanation {
	var list []event.Explanation
	for _, k := range kinds() {
		list = append(list, k.explanation())
	}
	slices.SortFunc(list, func(a, b event.Explanation) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// In are the IDs of the failures that show at a stage, sorted.
func In(stage Stage) []string {
	var ids []string
	for _, k := range kinds() {
		if k.stage == stage {
			ids = append(ids, k.id)
		}
	}
	slices.Sort(ids)
	return ids
}

// at begins a pattern of an error's own text, which stands behind nix's "error: ", or behind what nqd puts in its place
// (nixcli.Error).
const at = `(?:error|nix): `

// matcher is a kind with its patterns compiled.
type matcher struct {
	kind
	said, logged, all []*regexp.Regexp
}

// matchers compiles at the first failure: most runs of nqd have none.
var matchers = sync.OnceValue(func() []matcher {
	var list []matcher
	for _, k := range kinds() {
		list = append(list, matcher{kind: k, said: compile(k.said), logged: compile(k.logged), all: compile(k.all)})
	}
	return list
})

// compile leaves the patterns apart, and makes two of one that begins with at: what begins with plain text is searched
// for many times faster than a choice.
func compile(patterns []string) []*regexp.Regexp {
	var list []*regexp.Regexp
	for _, pattern := range patterns {
		if rest, found := strings.CutPrefix(pattern, at); found {
			list = append(list, regexp.MustCompile("(?m)nix: "+rest))
			pattern = "error: " + rest
		}
		list = append(list, regexp.MustCompile("(?m)"+pattern))
	}
	return list
}

// Recognise finds the kind of failure that text is about. Text is what a program said, as much of it as there is, without
// colours; behind it nqd's own error may stand. Of kinds that fit, the most specific one is found: kinds says in which
// order. What the last error says by itself counts more than what was said before: nix goes on after some errors.
func Recognise(text string) (event.Explanation, bool) {
	text = shorten(text)
	if found, ok := among(lastError(text), func(m matcher) bool { return !m.last }); ok {
		return found, true
	}
	return among(text, func(matcher) bool { return true })
}

// among finds the first of the wanted kinds that fits.
func among(text string, wanted func(matcher) bool) (event.Explanation, bool) {
	said, logged, all := split(text)
	fits := func(patterns []*regexp.Regexp, text string) bool {
		return slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(text) })
	}
	for _, m := range matchers() {
		if wanted(m) && (fits(m.said, said) || fits(m.logged, logged) || fits(m.all, all)) {
			return m.explanation(), true
		}
	}
	return event.Explanation{}, false
}

// errorBegins is how an error of nix begins, and one of nqd about nix (nixcli.Error).
var errorBegins = regexp.MustCompile(`(?m)^(error:|\S[^\n]*: nix: )`)

// lastError is the text from where its last error begins; empty where there is none.
func lastError(text string) string {
	starts := errorBegins.FindAllStringIndex(text, -1)
	if starts == nil {
		return ""
	}
	return text[starts[len(starts)-1][0]:]
}

// longest bounds what is read of a text, in bytes; our own choice. An error with its trace and the tail of a build log
// is far below it.
const longest = 256 << 10

// shorten keeps a quarter of longest from the head and the rest from the tail: nix tells first what it could not reach,
// and last what it died of.
func shorten(text string) string {
	if len(text) <= longest {
		return text
	}
	head, tail := text[:longest/4], text[len(text)-longest*3/4:]
	// Cut at lines, so that a half of one does not pass for another.
	head = head[:strings.LastIndexByte(head, '\n')+1]
	tail = tail[strings.IndexByte(tail, '\n')+1:]
	return head + tail
}

// quoted is a line of source that nix shows with an error or in a trace, or the mark below it: it may contain the words
// of any error. warned is a warning, or an error that nix went on after. built is a line of a builder: the last ones of
// its log behind ">", all behind the package's name (nix build -L), or as nqd tells them (nixcli.Error). journal is a line
// of a unit as systemctl status shows it: what it could not reach is nothing that nix could not.
var (
	quoted  = regexp.MustCompile(`^ *[0-9]+\||^ {4,}\|`)
	warned  = regexp.MustCompile(`^ *(warning|error \(ignored\)): `)
	built   = regexp.MustCompile(`^ *>|^[^\s>'"]+> |^  \| `)
	journal = regexp.MustCompile(`^[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} \S+ [^\s:]+: `)
)

// split takes text apart by what its lines are; see kind.
func split(text string) (said, logged, all string) {
	var s, l, a strings.Builder
	for line := range strings.Lines(text) {
		if quoted.MatchString(line) {
			continue
		}
		a.WriteString(line)
		if warned.MatchString(line) || journal.MatchString(line) {
			continue
		}
		l.WriteString(line)
		if !built.MatchString(line) {
			s.WriteString(line)
		}
	}
	return s.String(), l.String(), a.String()
}

// Find is the explanation of an ID. The error names the nearest ID.
func Find(id string) (event.Explanation, error) {
	// What differs in more than a third is another word.
	nearest, least := "", (len(id)+2)/3+1
	for _, e := range Known() {
		if e.ID == id {
			return e, nil
		}
		if d := distance(id, e.ID); d < least {
			nearest, least = e.ID, d
		}
	}
	return event.Explanation{}, &UnknownError{ID: id, Nearest: nearest}
}

// UnknownError is an ID that no failure has. Nearest is empty where none is near.
type UnknownError struct{ ID, Nearest string }

func (e *UnknownError) Error() string { return fmt.Sprintf("%q: no failure has this ID", e.ID) }

// Hint says what to ask for instead.
func (e *UnknownError) Hint() string {
	if e.Nearest != "" {
		return "did you mean " + e.Nearest + "? nqd explain lists all"
	}
	return "nqd explain lists all"
}

// distance is how many bytes have to be put in, taken out or replaced to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, before+1, row[j]+1)
		}
	}
	return row[len(b)]
}
