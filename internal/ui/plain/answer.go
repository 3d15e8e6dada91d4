package plain

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Size is a number of bytes for a person, in the units that Nix uses.
func Size(bytes int64) string {
	amount, unit := float64(bytes), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if amount < 1024 && amount > -1024 {
			break
		}
		amount, unit = amount/1024, next
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f %s", amount, unit)
}

func writeHistory(w io.Writer, h event.History) {
	if len(h.Deployments) == 0 {
		fmt.Fprintln(w, "Nothing was deployed yet.")
	}
	for _, d := range h.Deployments {
		fmt.Fprintf(w, "%3d  %s  %-14s  %-11s  %s%s\n", d.ID, moment(d.Started), kind(d), d.Result, short(d.New), marks(d))
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

// short is a store path by the start of its hash and its name.
func short(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	hash, rest, found := strings.Cut(name, "-")
	if !found || len(hash) < 8 {
		return path
	}
	return hash[:8] + "-" + rest
}

func writeShown(w io.Writer, s event.Shown) {
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
		fmt.Fprintf(w, "  %s  %s %s\n", moment(step.Time), step.Action, step.State)
	}
	if s.Difference != nil {
		writeDifference(w, *s.Difference)
	}
}

func writeStatus(w io.Writer, s event.Status) {
	fmt.Fprintf(w, "running       %s\n", s.Running)
	fmt.Fprintf(w, "profile       %s%s\n", s.Profile, differs(s.Profile, s.Running))
	if s.BootDefault == "" {
		fmt.Fprintln(w, "boot default  unknown: the boot loader could not be read")
	} else {
		fmt.Fprintf(w, "boot default  %s%s\n", s.BootDefault, differs(s.BootDefault, s.Running))
	}
	fmt.Fprintf(w, "workspace     %s (hosts: %s)\n", s.Workspace, orNone(s.Hosts))
	for _, reason := range s.Reboot {
		fmt.Fprintf(w, "reboot        pending, for %s\n", rebootFor(reason))
	}
	switch {
	case s.Busy:
		fmt.Fprintln(w, "deployment    one is under way")
	case s.Unfinished != nil:
		fmt.Fprintf(w, "deployment    %d was neither committed nor taken back (%s)\n", s.Unfinished.ID, s.Unfinished.Result)
		fmt.Fprintf(w, "              nqd show %d says where; nqd apply or nqd rollback starts from what ran before it\n", s.Unfinished.ID)
	case s.Deployment != nil:
		fmt.Fprintf(w, "deployment    %d, %s of %s at %s\n", s.Deployment.ID, kind(*s.Deployment), s.Deployment.Host, moment(s.Deployment.Started))
	default:
		fmt.Fprintln(w, "deployment    none of this user: somebody else deployed what runs, or not nqd")
	}
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
