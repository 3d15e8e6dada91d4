package answer

import (
	"fmt"
	"io"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// fields are lines of two columns, at most width wide where that is not 0.
type fields struct {
	w     io.Writer
	width int
}

// fieldWidth is that of the first column.
const fieldWidth = 14

// field is one line. On a narrow terminal what goes on stands below the first column.
func (f fields) field(label, format string, args ...any) {
	indent := strings.Repeat(" ", fieldWidth)
	if f.width < roomy {
		indent = "    "
	}
	text := fmt.Sprintf("%-*s%s", fieldWidth, label, fmt.Sprintf(format, args...))
	for _, line := range words.Wrap(text, f.width, indent) {
		fmt.Fprintln(f.w, line)
	}
}

// Status writes what the machine runs and boots.
func Status(w io.Writer, s event.Status, width int) {
	f := fields{w, width}
	f.field("running", "%s", s.Running)
	f.field("profile", "%s%s", s.Profile, differs(s.Profile, s.Running))
	if s.BootDefault == "" {
		f.field("boot default", "unknown: the boot loader could not be read")
	} else {
		f.field("boot default", "%s%s", s.BootDefault, differs(s.BootDefault, s.Running))
	}
	f.field("workspace", "%s (hosts: %s)", s.Workspace, orNone(s.Hosts))
	for _, reason := range s.Reboot {
		f.field("reboot", "pending, for %s", rebootFor(reason))
	}
	switch {
	case s.Busy:
		f.field("deployment", "one is under way")
	case s.Unfinished != nil:
		Underway(w, *s.Unfinished, width)
	case s.Deployment != nil:
		f.field("deployment", "%d, %s of %s at %s", s.Deployment.ID, kind(*s.Deployment), s.Deployment.Host, moment(s.Deployment.Started))
	default:
		f.field("deployment", "none of yours runs: what runs was there before, or somebody else deployed it")
	}
}

// Underway writes how far a deployment came that was cut off, and both ways out.
func Underway(w io.Writer, u event.Underway, width int) {
	f := fields{w, width}
	f.field("deployment", "%d was neither committed nor taken back (%s): %s of %s at %s",
		u.ID, u.Result, kind(u.Deployment), u.Host, moment(u.Started))
	for rest := u.Steps; len(rest) > 0; {
		alike := 1
		for alike < len(rest) && rest[alike].State == rest[0].State && rest[alike].Action == rest[0].Action {
			alike++
		}
		more := ""
		if alike > 1 {
			more = fmt.Sprintf(", and %d more such", alike-1)
		}
		f.field("  "+came(rest[0].State), "%s: %s%s", rest[0].Action, words.OneLine(rest[0].Does), more)
		rest = rest[alike:]
	}
	if u.Resumable {
		f.field("ways out", "nqd resume goes on, nqd abort takes it back")
	} else {
		f.field("way out", "nqd abort takes it back; it cannot go on any more")
	}
	f.field("", "nqd apply and nqd rollback take it back first; nqd show %d has all of it", u.ID)
}

// came says how far an action came.
func came(state string) string {
	switch state {
	case "":
		return "not begun"
	case "started":
		return "cut off in"
	case "undoing":
		return "half undone"
	}
	return state
}

func differs(path, running string) string {
	if path != running {
		return "  (differs from what runs)"
	}
	return ""
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
