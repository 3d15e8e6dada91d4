package plain

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

func writePlan(w io.Writer, p event.Plan) {
	if p.Old == p.New && len(p.Files) == 0 {
		fmt.Fprintf(w, "Plan for %s: nothing to do.\n", p.Host)
		return
	}
	fmt.Fprintf(w, "Plan for %s\n", p.Host)
	fmt.Fprintf(w, "  runs now  %s\n", p.Old)
	fmt.Fprintf(w, "  wanted    %s\n", p.New)
	writeFiles(w, p.Files)
	writeChange(w, "features", p.Features)
	writeChange(w, "users", p.Users)
	for _, port := range p.Ports {
		fmt.Fprintf(w, "  port      %s/%d %s.%s, %s\n", port.Protocol, port.Number, port.Feature, port.Name, reach(port))
	}
	for _, check := range p.Checks {
		fmt.Fprintf(w, "  check     %s.%s %s %s\n", check.Feature, check.ID, check.Kind, check.Target)
	}
	for _, lost := range p.Lost {
		fmt.Fprintf(w, "  loses     %s: %s wants %s, but it is %s%s\n",
			lost.Option, lost.Feature, abridged(lost.Wanted), abridged(lost.Final), by(lost.Files))
	}
	for _, override := range p.Overrides {
		fmt.Fprintf(w, "  overrides %s: host.toml wants %s for %s and replaces %s\n",
			override.Option, abridged(override.Value), override.Feature, replaced(override))
	}
	for _, skipped := range p.Skipped {
		fmt.Fprintf(w, "  skipped   %s of %s: %s\n", oneLine(skipped.Package), skipped.Feature, oneLine(skipped.Why))
	}
	for _, text := range p.Unknown {
		fmt.Fprintf(w, "  unknown   %s\n", text)
	}
}

func reach(port event.Port) string {
	switch {
	case len(port.Expose) == 0:
		return "loopback only"
	case slices.Contains(port.Expose, "*"):
		return "open on every interface"
	}
	return "open on " + strings.Join(port.Expose, ", ")
}

// abridged is a value of Nix as far as a line has room for it; --json has all of it.
func abridged(value json.RawMessage) string {
	const room = 60
	if runes := []rune(string(value)); len(runes) > room {
		return string(runes[:room]) + "…"
	}
	return string(value)
}

// oneLine is a text that somebody else wrote, which must not look like lines of the plan.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func by(files []string) string {
	if len(files) == 0 {
		return ""
	}
	return " by " + strings.Join(files, ", ")
}

// replaced is the values that are replaced, each with its file where that is known.
func replaced(o event.Override) string {
	var texts []string
	for i, value := range o.Replaced {
		text := abridged(value)
		if i < len(o.Files) {
			text += " of " + o.Files[i]
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, " and ")
}

// writeFiles sums up the module library: its files come with nqd and are many.
func writeFiles(w io.Writer, files []event.FileChange) {
	library := 0
	for _, file := range files {
		if strings.HasPrefix(file.Path, "nixlib/") {
			library++
			continue
		}
		fmt.Fprintf(w, "  file      %s (%s)\n", file.Path, file.Change)
	}
	if library > 0 {
		fmt.Fprintf(w, "  file      nixlib/ (of nqd's library: %d)\n", library)
	}
}

func writeChange(w io.Writer, what string, c event.Change) {
	for _, part := range []struct {
		word  string
		names []string
	}{{"add", c.Added}, {"remove", c.Removed}, {"keep", c.Kept}} {
		if len(part.names) > 0 {
			fmt.Fprintf(w, "  %-9s %s %s\n", what, part.word, strings.Join(part.names, ", "))
		}
	}
}

func writeDifference(w io.Writer, d event.Difference) {
	for _, part := range []struct {
		word    string
		changes []event.PackageChange
	}{{"added", d.Added}, {"removed", d.Removed}, {"changed", d.Changed}} {
		for _, change := range part.changes {
			fmt.Fprintf(w, "  %-9s %s%s  %s\n", part.word, change.Name, versions(change), growth(change.Size))
		}
	}
	fmt.Fprintf(w, "  closure   %s, was %s (%s)\n", size(d.SizeAfter), size(d.SizeBefore), growth(d.SizeAfter-d.SizeBefore))
}

func versions(c event.PackageChange) string {
	before, after := strings.Join(c.Before, ", "), strings.Join(c.After, ", ")
	switch {
	case before == after && before == "":
		return ""
	case before == after || after == "":
		return " " + before
	case before == "":
		return " " + after
	}
	return " " + before + " -> " + after
}

// size is a number of bytes for a person, in the units that Nix uses.
func size(bytes int64) string {
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

func growth(bytes int64) string {
	if bytes > 0 {
		return "+" + size(bytes)
	}
	return size(bytes)
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
	switch {
	case s.Busy:
		fmt.Fprintln(w, "deployment    one is under way")
	case s.Unfinished != nil:
		fmt.Fprintf(w, "deployment    %d was neither committed nor taken back (%s)\n", s.Unfinished.ID, s.Unfinished.Result)
		fmt.Fprintf(w, "              nqd show %d says where; nqd apply or nqd rollback starts from what ran before it\n", s.Unfinished.ID)
	case s.Deployment != nil:
		fmt.Fprintf(w, "deployment    %d, %s of %s at %s\n", s.Deployment.ID, kind(*s.Deployment), s.Deployment.Host, moment(s.Deployment.Started))
	default:
		fmt.Fprintln(w, "deployment    none: nqd did not deploy what runs")
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
