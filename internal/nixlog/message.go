package nixlog

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

const (
	// maxText is how much of one message is kept or told, in bytes.
	maxText = 64 << 10
	// keptErrors is how many errors are kept of the first ones, and of the last.
	keptErrors = 50
	// maxFailed is how many failed derivations are kept.
	maxFailed = 256
)

// errorList keeps the first and the last errors.
type errorList struct {
	first, last []string
	// open is an error that is not JSON and may go on in the next line.
	open *string
}

func (l *errorList) add(text string) {
	l.open = nil
	if len(l.first) < keptErrors {
		l.first = append(l.first, text)
		return
	}
	if len(l.last) == keptErrors {
		l.last = append(l.last[:0], l.last[1:]...)
	}
	l.last = append(l.last, text)
}

// plain takes a line that is not nix's JSON. Nix writes its errors so until it has read its arguments.
func (l *errorList) plain(line string) {
	switch {
	case strings.HasPrefix(line, "error:"):
		l.add(line)
		if l.open = &l.first[len(l.first)-1]; len(l.last) > 0 {
			l.open = &l.last[len(l.last)-1]
		}
	case l.open != nil && strings.HasPrefix(line, " ") && len(*l.open)+len(line) < maxText:
		*l.open += "\n" + line
	default:
		l.open = nil
	}
}

func (l *errorList) all() []string {
	return append(append([]string(nil), l.first...), l.last...)
}

// plain takes a line that is not nix's JSON.
func (r *Reader) plain(line []byte) {
	text := strings.TrimRight(printable.Text(string(line)), "\r")
	r.errors.plain(printable.Cut(text, maxText))
	r.text(text)
}

// text tells what nix said, line by line.
func (r *Reader) text(text string) {
	text = printable.Cut(text, maxText)
	for line := range strings.SplitSeq(text, "\n") {
		r.tell(event.Output{Program: "nix", Line: line})
	}
	r.log(text)
}

func (r *Reader) log(text string) {
	if r.Log != nil {
		_, _ = io.WriteString(r.Log, text+"\n") // nothing nix does depends on the log
	}
}

// message takes one that nix has for people.
func (r *Reader) message(rec record) {
	text := printable.Cut(strings.TrimRight(printable.Text(rec.Msg), "\n"), maxText)
	// What nix ignored while it tidied up is no reason of anything.
	if rec.Level == levelError && !strings.HasPrefix(text, "error (ignored):") {
		r.errors.add(text)
		reason := cmp.Or(printable.Text(rec.RawMsg), strings.TrimPrefix(text, "error: "))
		r.failure(reason)
	}
	if rec.Level > levelInfo && !r.Verbose {
		r.log(text)
		return
	}
	r.text(text)
}

// failure looks for the derivation that a message says did not build.
//
// Nix 2.26 says "builder for 'DERIVATION' failed with exit code 1" (src/libstore/build/derivation-goal.cc), 2.34 "Cannot
// build 'DERIVATION'." and below it a reason (derivation-building-goal.cc). Either has other words for a wrong hash, a
// missing output, a time-out: such an error is taken for a failure if it names a derivation that was being built.
func (r *Reader) failure(text string) {
	derivation, ok := derivationIn(text)
	if !ok || isConsequence(text) || len(r.failed) == maxFailed {
		return
	}
	lines, built := r.linesOf(derivation)
	if !built && !strings.HasPrefix(text, "Cannot build '") && !strings.HasPrefix(text, "builder for '") {
		return
	}
	if slices.ContainsFunc(r.failed, func(f Failure) bool { return f.Derivation == derivation }) {
		return
	}
	r.failed = append(r.failed, Failure{Derivation: derivation, Lines: lines})
}

// derivationIn is the first derivation that text names in quotes.
func derivationIn(text string) (string, bool) {
	for i, part := range strings.Split(text, "'") {
		if i%2 == 1 && strings.HasPrefix(part, "/") && strings.HasSuffix(part, ".drv") && !strings.ContainsAny(part, " \n") {
			return part, true
		}
	}
	return "", false
}

// isConsequence reports whether a derivation failed because another one did.
func isConsequence(text string) bool {
	if strings.Contains(text, " dependencies of derivation '") {
		return true
	}
	_, reason, _ := strings.Cut(text, "\nReason: ")
	reason, _, _ = strings.Cut(reason, "\n")
	return strings.HasSuffix(reason, " dependency failed.") || strings.HasSuffix(reason, " dependencies failed.")
}

// linesOf are the last lines of a build, and whether there was one.
func (r *Reader) linesOf(derivation string) (lines []string, built bool) {
	for _, a := range r.active {
		if a.isBuild() && a.subject == derivation {
			return a.tail.all(), true
		}
	}
	for _, b := range slices.Backward(r.tails.ended) {
		if b.derivation == derivation {
			return b.tail.all(), true
		}
	}
	return nil, false
}

func (a *activity) isBuild() bool { return a.kind == event.Building }

// nameOf is the name of a derivation, as nix writes it ahead of its lines.
func nameOf(derivation string) string {
	_, name, found := strings.Cut(derivation[strings.LastIndexByte(derivation, '/')+1:], "-")
	if !found {
		return derivation
	}
	return strings.TrimSuffix(name, ".drv")
}
