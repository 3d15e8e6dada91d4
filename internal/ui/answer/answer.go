// Package answer writes the answers of nqd as text: a plan, the history, what the machine runs. Each answer is one event
// and has one function here; nothing of progress is in it.
package answer

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// History writes the deployments, a line for each, and one more for what went wrong.
func History(w io.Writer, h event.History, width int) {
	if len(h.Deployments) == 0 {
		fmt.Fprintln(w, "Nothing was deployed yet.")
	}
	for _, d := range h.Deployments {
		fmt.Fprintf(w, "%3d  %s  %-14s  %-11s  %s%s\n", d.ID, moment(d.Started), kind(d), d.Result, words.Short(d.New), marks(d))
		if problem, _, _ := strings.Cut(d.Problem, "\n"); problem != "" {
			words.Line(w, width, "     %s", words.OneLine(problem))
		}
	}
}

func kind(d event.Deployment) string {
	if d.Of > 0 {
		return fmt.Sprintf("%s to %d", d.Kind, d.Of)
	}
	return d.Kind
}

func marks(d event.Deployment) string {
	switch {
	case d.Running && d.BootDefault:
		return "  (running, boot default)"
	case d.Running:
		return "  (running)"
	case d.BootDefault:
		return "  (boot default)"
	}
	return ""
}

func moment(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// Shown writes one deployment: what it was, its steps and the difference it made.
func Shown(w io.Writer, s event.Shown, width int) {
	fmt.Fprintf(w, "Deployment %d: %s of %s, %s%s\n", s.ID, kind(s.Deployment), s.Host, s.Result, marks(s.Deployment))
	fmt.Fprintf(w, "  from      %s\n", s.Old)
	fmt.Fprintf(w, "  to        %s\n", s.New)
	if s.Commit != "" {
		fmt.Fprintf(w, "  commit    %s\n", s.Commit)
	}
	if len(s.Features) > 0 {
		fmt.Fprintf(w, "  features  %s\n", strings.Join(s.Features, ", "))
	}
	if s.Problem != "" {
		fmt.Fprintf(w, "  problem   %s\n", strings.ReplaceAll(s.Problem, "\n", "\n            "))
	}
	for _, step := range s.Steps {
		words.Line(w, width, "  %s  %s %s%s", moment(step.Time), step.Action, step.State, does(step))
	}
	if s.Log != "" {
		fmt.Fprintf(w, "  log       %s\n", s.Log)
	}
	if s.Difference != nil {
		Difference(w, *s.Difference)
	}
}

// does is what the action of a step does, where it begins or begins to be taken back.
func does(step event.Step) string {
	if step.Does == "" || step.State != "started" && step.State != "undoing" {
		return ""
	}
	return ": " + words.OneLine(step.Does)
}
