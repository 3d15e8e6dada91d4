// Package plain renders events as plain text: a line for each, no colour, nothing that moves.
// Answers go to one stream and progress to another, so that a script can keep the one and a
// person sees both. Every line says what it is in words: a screen reader needs no more.
package plain

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// New returns a sink that writes answers to out and progress, warnings and failures to
// progress. Output of programs is shown only when verbose.
func New(out, progress io.Writer, verbose bool) event.Sink {
	r := renderer{out: out, progress: progress, verbose: verbose}
	return func(e event.Event) {
		r.lock.Lock()
		defer r.lock.Unlock()
		r.render(e)
	}
}

type renderer struct {
	lock          sync.Mutex
	out, progress io.Writer
	verbose       bool
}

func (r *renderer) render(e event.Event) {
	switch e := e.(type) {
	case event.StationStarted:
		r.line(r.progress, "%-9s %s", e.Station, subject(e))
	case event.StationDone, event.Program:
	case event.Output:
		if r.verbose {
			r.line(r.progress, "  %s: %s", e.Program, e.Line)
		}
	case event.Note:
		r.note(e)
	case event.Checked:
		r.checked(e)
	case event.Plan:
		writePlan(r.out, e)
	case event.Difference:
		writeDifference(r.out, e)
	case event.Failure:
		r.failure(e)
	case event.Outcome:
		r.outcome(e)
	case event.Version:
		r.line(r.out, "nqd %s", e.Version)
	case event.Initialized:
		r.initialized(e)
	case event.History:
		writeHistory(r.out, e)
	case event.Shown:
		writeShown(r.out, e)
	case event.Status:
		writeStatus(r.out, e)
	default:
		r.line(r.progress, "%s: an event without words; --json shows it", e.MessageType())
	}
}

func (r *renderer) line(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, format+"\n", args...)
}

// subject puts the station's subject into words.
func subject(e event.StationStarted) string {
	switch e.Station {
	case event.Check:
		return e.Subject + " checks"
	case event.Late:
		return "starting downloads: " + e.Subject
	case event.Build, event.Show, event.Try, event.Commit:
		return short(e.Subject) // whole paths do not fit a line, and --json has them
	case event.Revert:
		return "back to " + e.Subject
	}
	return e.Subject
}

func (r *renderer) note(n event.Note) {
	word := "note"
	if n.Warning {
		word = "warning"
	}
	r.line(r.progress, "%s: %s", word, n.Text)
	r.hint(n.Hint)
}

func (r *renderer) hint(hint string) {
	for line := range strings.Lines(hint) {
		r.line(r.progress, "  hint: %s", strings.TrimRight(line, "\n"))
	}
}

func (r *renderer) checked(c event.Checked) {
	verdict := "ok"
	if !c.OK {
		verdict = "FAILED: " + c.Problem
		if !c.Critical {
			verdict = "failed, not critical: " + c.Problem
		}
	}
	r.line(r.progress, "  %s.%s  %s %s  %s (%.1f s)", c.Feature, c.ID, c.Kind, c.Target, verdict, c.Seconds)
}

func (r *renderer) failure(f event.Failure) {
	r.line(r.progress, "nqd: %s", strings.ReplaceAll(strings.TrimRight(f.Error, "\n"), "\n", "\n  "))
	r.hint(f.Hint)
}

func (r *renderer) outcome(o event.Outcome) {
	if o.Deployment == 0 {
		r.line(r.out, "Nothing to do: the machine already runs %s.", o.System)
		return
	}
	r.line(r.out, "Deployment %d is committed: the machine runs and boots %s.", o.Deployment, o.System)
}

func (r *renderer) initialized(i event.Initialized) {
	for _, file := range i.Files {
		r.line(r.progress, "  wrote %s", file)
	}
	r.line(r.out, "Host %s is set up in %s. Next: nqd plan", i.Host, i.Workspace)
}
