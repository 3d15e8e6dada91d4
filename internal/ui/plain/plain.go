// Package plain renders events as plain text: a line for each, no colour, nothing that moves.
// Answers go to one stream and progress to another, so that a script can keep the one and a
// person sees both. Every line says what it is in words: a screen reader needs no more.
package plain

import (
	"io"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/answer"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// Options are what a renderer has to know beside its streams.
type Options struct {
	// Verbose shows what other programs write, too.
	Verbose bool
	// Width is how many columns a stream has now, and 0 for one without, such as a file: lines are broken at words to
	// fit it. It is asked anew for each line, as terminals are resized. Without it nothing is broken.
	Width func(io.Writer) int
}

// New returns a sink that writes answers to out and progress, warnings and failures to
// progress.
func New(out, progress io.Writer, options Options) event.Sink {
	r := renderer{out: out, progress: progress, Options: options}
	return func(e event.Event) {
		r.lock.Lock()
		defer r.lock.Unlock()
		r.render(e)
	}
}

type renderer struct {
	Options
	lock          sync.Mutex
	out, progress io.Writer
	work          work
}

func (r *renderer) render(e event.Event) {
	switch e := e.(type) {
	case event.StationStarted:
		r.work = work{}
		r.line(r.progress, "%-9s %s", e.Station, subject(e))
	case event.StationDone:
		r.stationDone()
	case event.Program, event.ActivityStarted, event.ActivityProgress, event.ActivityPhase, event.ActivityLine, event.Totals:
		// Too much for lines: what takes long is in the next heartbeat.
	case event.ActivityDone:
		r.activityDone(e)
	case event.Heartbeat:
		r.heartbeat(e)
	case event.Output:
		if r.Verbose {
			r.line(r.progress, "  %s: %s", e.Program, e.Line)
		}
	case event.Note:
		r.note(e)
	case event.Checked:
		r.checked(e)
	case event.Failure:
		r.failure(e)
	case event.Initialized:
		r.initialized(e)
	default:
		r.answer(e)
	}
}

// answer writes what a command was asked for.
func (r *renderer) answer(e event.Event) {
	switch e := e.(type) {
	case event.Plan:
		answer.Plan(r.out, e, r.width(r.out))
	case event.Preconditions:
		answer.Preconditions(r.out, e, r.width(r.out))
	case event.Difference:
		answer.Difference(r.out, e)
	case event.Why:
		answer.Why(r.out, e)
	case event.Explanations:
		answer.Explanations(r.out, e, r.width(r.out))
	case event.Outcome:
		answer.Outcome(r.out, e, r.width(r.out))
	case event.Version:
		r.line(r.out, "nqd %s", e.Version)
	case event.History:
		answer.History(r.out, e, r.width(r.out))
	case event.Shown:
		answer.Shown(r.out, e, r.width(r.out))
	case event.Underway:
		answer.Underway(r.out, e, r.width(r.out))
	case event.Status:
		answer.Status(r.out, e, r.width(r.out))
	case event.Backups:
		answer.Backups(r.out, e, r.width(r.out))
	case event.BackupShown:
		answer.BackupShown(r.out, e, r.width(r.out))
	case event.BackupVerified:
		answer.BackupVerified(r.out, e, r.width(r.out))
	case event.BackupRestored:
		answer.BackupRestored(r.out, e, r.width(r.out))
	case event.BackupPruned:
		answer.BackupPruned(r.out, e, r.width(r.out))
	case event.Bundled:
		answer.Bundled(r.out, e, r.width(r.out))
	case event.Garbage:
		answer.Garbage(r.out, e, r.width(r.out))
	case event.Facts:
		answer.Facts(r.out, e, r.width(r.out))
	case event.Adoption:
		answer.Adoption(r.out, e, r.width(r.out))
	case event.GPU:
		answer.GPU(r.out, e, r.width(r.out))
	case event.Uninstalled:
		answer.Uninstalled(r.out, e, r.width(r.out))
	default:
		r.line(r.progress, "%s: an event without words; --json shows it", e.MessageType())
	}
}

func (r *renderer) line(w io.Writer, format string, args ...any) {
	words.Line(w, r.width(w), format, args...)
}

func (r *renderer) width(w io.Writer) int {
	if r.Width == nil {
		return 0
	}
	return r.Width(w)
}

// subject puts the station's subject into words.
func subject(e event.StationStarted) string {
	switch e.Station {
	case event.Check:
		return checks(e.Subject)
	case event.Late:
		return "starting downloads: " + e.Subject
	case event.Build, event.Show, event.Try, event.Commit:
		return words.Short(e.Subject) // whole paths do not fit a line, and --json has them
	case event.Revert:
		return "back to " + e.Subject
	case event.Snapshot, event.Home, event.Workspace:
		return words.OneLine(e.Subject) // names of files may be anything
	}
	return e.Subject
}

func checks(number string) string {
	switch number {
	case "0":
		return "nothing to check"
	case "1":
		return "1 check"
	}
	return number + " checks"
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
	if c.Remark != "" {
		verdict = words.OneLine(c.Remark)
	}
	if !c.OK {
		verdict = "FAILED: " + c.Problem
		if !c.Critical {
			verdict = "failed, not critical: " + c.Problem
		}
	}
	r.line(r.progress, "  %s.%s  %s %s  %s (%.1f s)", c.Feature, c.ID, c.Kind, c.Target, verdict, c.Seconds)
	for _, line := range answer.Known(c) {
		r.line(r.progress, "    %s", line)
	}
}

func (r *renderer) failure(f event.Failure) {
	r.line(r.progress, "nqd: %s", strings.TrimRight(f.Error, "\n"))
	r.hint(f.Hint)
	if f.Explanation != nil {
		r.line(r.progress, "  cause: %s", f.Explanation.Cause)
		r.line(r.progress, "  cure: %s", f.Explanation.Cure)
	}
	switch len(f.Features) {
	case 0:
	case 1:
		r.line(r.progress, "  about: feature %s", f.Features[0])
	default:
		r.line(r.progress, "  about: features %s", strings.Join(f.Features, ", "))
	}
	switch {
	case f.Log != "" && f.Explanation == nil:
		r.line(r.progress, "  not a failure that nqd knows; full log: %s", f.Log)
	case f.Log != "":
		r.line(r.progress, "  full log: %s", f.Log)
	}
	if f.Explanation != nil {
		r.line(r.progress, "  more: nqd explain %s", f.Explanation.ID)
	}
}

func (r *renderer) initialized(i event.Initialized) {
	did := "wrote"
	if i.DryRun {
		did = "would write"
	}
	for _, file := range i.Files {
		r.line(r.progress, "  %s %s", did, file)
	}
	initialized(r.out, i, r.width(r.out))
}
