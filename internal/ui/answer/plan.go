package answer

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// Plan writes a plan as rows: a word that says what the row is about, then what would happen. A row never depends
// on the one above it, so that it can be looked for, and read aloud.
func Plan(w io.Writer, p event.Plan, width int) {
	if p.Old == p.New && len(p.Files) == 0 {
		fmt.Fprintf(w, "Plan for %s: nothing to do.\n", words.OneLine(p.Host))
		return
	}
	fmt.Fprintf(w, "Plan for %s\n", words.OneLine(p.Host))
	r := rows{w, width}
	r.row("runs now", "%s", p.Old)
	r.row("wanted", "%s", p.New)
	r.files(p.Files)
	r.change("features", p.Features)
	r.packages(p.Packages)
	r.units(p.Units)
	r.change("users", withoutKept(p.Users))
	r.change("accounts", withoutKept(p.Accounts))
	r.change("groups", withoutKept(p.Groups))
	r.ports(p.Ports)
	r.home(p.Home)
	r.names("flatpaks", "not installed:", p.Flatpaks.Added)
	r.names("flatpaks", "keep", p.Flatpaks.Kept)
	r.secrets(p.Secrets)
	r.state(p.State)
	r.checks(p.Checks)
	r.values(p)
	r.adopted(p.Adopted)
	r.cost(p)
	r.preconditions(p.Preconditions)
	r.reboot(p.Reboot)
	r.took(p.Took)
	for _, text := range p.Unknown {
		r.row("unknown", "%s", text)
	}
}

// rows are lines of two columns, at most width wide where that is not 0. What others wrote, such as names of packages, may
// hold anything, and no part of a row can look like a row of its own.
type rows struct {
	w     io.Writer
	width int
}

// The width of the first column, and the least width of a terminal that has room for a second one of lines that go on.
const (
	labelWidth = 10
	roomy      = 60
)

func (r rows) row(label, format string, args ...any) {
	text := fmt.Sprintf("  %-*s%s", labelWidth, label, words.OneLine(fmt.Sprintf(format, args...)))
	indent := strings.Repeat(" ", labelWidth+2)
	if r.width < roomy {
		indent = "    "
	}
	for _, line := range words.Wrap(text, r.width, indent) {
		fmt.Fprintln(r.w, line)
	}
}

// files sums up the module library: its files come with nqd and are many.
func (r rows) files(files []event.FileChange) {
	library := 0
	for _, file := range files {
		if strings.HasPrefix(file.Path, "nixlib/") {
			library++
			continue
		}
		r.row("file", "%s (%s)", file.Path, file.Change)
	}
	if library > 0 {
		r.row("file", "nixlib/ (of nqd's library: %d)", library)
	}
}

func (r rows) change(label string, c event.Change) {
	for _, part := range []struct {
		word  string
		names []string
	}{{"add", c.Added}, {"remove", c.Removed}, {"keep", c.Kept}} {
		r.names(label, part.word, part.names)
	}
}

// names is one row of names, or none.
func (r rows) names(label, word string, names []string) {
	if len(names) > 0 {
		r.row(label, "%s %s", word, strings.Join(names, ", "))
	}
}

// withoutKept leaves out what stays: of accounts and groups that is no news.
func withoutKept(c event.Change) event.Change {
	c.Kept = nil
	return c
}

func (r rows) packages(p event.Packages) {
	for _, part := range []struct {
		word    string
		changes []event.PackageChange
	}{{"add", p.Added}, {"remove", p.Removed}, {"change", p.Changed}} {
		var texts []string
		for _, change := range part.changes {
			text := change.Name + versions(change)
			if change.Size != 0 {
				text += " (" + growth(change.Size) + ")"
			}
			texts = append(texts, text)
		}
		r.names("packages", part.word, texts)
	}
	if p.Exact {
		r.row("closure", "%s, was %s (%s)", words.Size(p.SizeAfter), words.Size(p.SizeBefore), growth(p.SizeAfter-p.SizeBefore))
	}
}

func (r rows) units(u event.Units) {
	r.names("services", "stop", u.Stop)
	r.names("services", "restart", u.Restart)
	r.names("services", "reload", u.Reload)
	r.names("services", "start", u.Start)
	r.names("services", "leave until the next boot, though changed:", u.Later)
}

// ports tells each that is not as it was, and how many are.
func (r rows) ports(ports []event.Port) {
	var kept []string
	for _, port := range ports {
		name := fmt.Sprintf("%s/%d %s.%s", port.Protocol, port.Number, port.Feature, port.Name)
		switch {
		case port.Change == "kept" && port.Taken == "":
			kept = append(kept, name)
			continue
		case port.Change == "removed":
			r.row("port", "%s, closed", name)
			continue
		case port.Change == "changed":
			name += ", changed"
		}
		name += ", " + reach(port)
		if port.Taken != "" {
			name += fmt.Sprintf(", TAKEN now by %s: it has to be free when the new service starts", port.Taken)
		}
		r.row("port", "%s", name)
	}
	r.names("ports", "keep", kept)
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

func (r rows) home(files []event.HomeFile) {
	for _, file := range files {
		if file.Kept != "" {
			r.row("home", "%s is in the way, and is kept in a %s", file.Path, file.Kept)
			continue
		}
		r.row("home", "%s is in the way: move it away first, or the home of %s cannot be put in place and the machine goes back (only a file with the content of the new one may stay)", file.Path, file.User)
	}
}

func (r rows) secrets(secrets []event.Secret) {
	for _, secret := range secrets {
		r.row("secret", "%s of %s, from %s", secret.Name, secret.Feature, secret.File)
	}
}

func (r rows) state(changes []event.StateChange) {
	for _, change := range changes {
		about := change.Path + " of " + change.Feature
		if change.Size != nil {
			about += ", " + words.Size(*change.Size)
		}
		r.row("data", "%s, with %s %s -> %s: %s", about, change.Package, change.Before, change.After, becomes(change))
	}
}

// becomes says what the new version does to data, and what is kept of it.
func becomes(change event.StateChange) string {
	kept := ", at " + change.Snapshot
	if len(change.Units) > 0 && change.Kind != "postgres" {
		kept += ", while " + strings.Join(change.Units, ", ") + " is stopped"
	}
	const changes = ": the new version may change the data so that the old one cannot read it"
	switch {
	// PostgreSQL has a folder for each format (nixpkgs, nixos/modules/services/databases/postgresql.nix, dataDir).
	case change.Kind == "postgres" && change.Snapshot != "":
		return "the new version begins with an empty database; what is there stays, and a dump of it is made first" + kept
	case change.Kind == "postgres":
		return "the new version begins with an empty database; what is there stays, and has to be brought over by hand"
	case change.Without == "cache":
		return "the new version makes it anew"
	case change.Snapshot != "" && change.Size != nil:
		return "a snapshot of " + words.Size(*change.Size) + " is taken first" + kept + changes
	case change.Snapshot != "":
		return "a snapshot is taken first" + kept + changes
	}
	why := "no snapshot can be taken"
	switch change.Without {
	case "units":
		why += ", as the feature names no unit that could be stopped meanwhile"
	case "room":
		why += ", as there is no room for it"
	}
	return why + changes + ", and its data does not come back"
}

func (r rows) checks(checks []event.PlannedCheck) {
	var names []string
	for _, check := range checks {
		names = append(names, fmt.Sprintf("%s.%s (%s)", check.Feature, check.ID, check.Kind))
	}
	if len(names) > 0 {
		r.row("checks", "%s", strings.Join(names, ", "))
	}
}

// values are those of host.toml that lose or win, and packages that are left out.
func (r rows) values(p event.Plan) {
	for _, lost := range p.Lost {
		r.row("loses", "%s: %s wants %s, but it is %s%s",
			lost.Option, lost.Feature, abridged(lost.Wanted), abridged(lost.Final), by(lost.Files))
	}
	for _, override := range p.Overrides {
		r.row("overrides", "%s: host.toml wants %s for %s and replaces %s",
			override.Option, abridged(override.Value), override.Feature, replaced(override))
	}
	for _, skipped := range p.Skipped {
		r.row("skipped", "%s of %s: %s", skipped.Package, skipped.Feature, skipped.Why)
	}
}

// abridged is a value of Nix as far as a line has room for it; --json has all of it.
func abridged(value json.RawMessage) string {
	const room = 60
	if runes := []rune(string(value)); len(runes) > room {
		return string(runes[:room]) + "…"
	}
	return string(value)
}

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

// cost is what has to be built, downloaded and have room.
func (r rows) cost(p event.Plan) {
	r.builds(p.Builds.Compiled)
	if p.Builds.Generated > 0 {
		r.row("generate", "%s of configuration", words.Count(p.Builds.Generated, "file or folder", "files and folders"))
	}
	if p.Builds.Sources > 0 {
		r.row("fetch", "%s from where they are published, of unknown size", words.Count(p.Builds.Sources, "source", "sources"))
	}
	if p.Fetches.Paths > 0 {
		r.row("fetch", "%s, %s to download, %s unpacked",
			words.Count(p.Fetches.Paths, "store path", "store paths"), words.Size(p.Fetches.Download), words.Size(p.Fetches.Unpacked))
	}
	for _, cache := range p.Fetches.Caches {
		if cache.Problem != "" {
			r.row("cache", "%s: %s", cache.URL, cache.Problem)
		}
	}
	for _, space := range p.Space {
		verdict := ""
		if space.Need > space.Free {
			verdict = "NOT ENOUGH ROOM: "
		}
		r.row("room", "%s: %sneeds %s and has %s free, for %s", space.Path, verdict, words.Size(space.Need), words.Size(space.Free), strings.Join(space.For, " and "))
	}
}

// builds tells what would be compiled, by the features that it is for, in the order in which nix would.
func (r rows) builds(builds []event.PlannedBuild) {
	var order []string
	of := map[string][]string{}
	for _, build := range builds {
		features := strings.Join(build.Features, ", ")
		if features == "" {
			features = "the system"
		}
		if len(of[features]) == 0 {
			order = append(order, features)
		}
		of[features] = append(of[features], build.Name)
	}
	for _, features := range order {
		r.row("compile", "for %s: %s", features, some(of[features]))
	}
}

// some are the first of many names: a machine without caches would compile everything.
func some(names []string) string {
	const shown = 20
	if len(names) <= shown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, and %d more", strings.Join(names[:shown], ", "), len(names)-shown)
}

func (r rows) reboot(reasons []event.Reboot) {
	for _, reason := range reasons {
		if reason.Required {
			r.row("reboot", "NEEDED: %s cannot change while the machine runs", rebootFor(reason))
			continue
		}
		r.row("reboot", "%s, from the next boot on", rebootFor(reason))
	}
}

// rebootFor is what takes effect only after a reboot.
func rebootFor(reason event.Reboot) string {
	switch {
	case reason.What == "kernel parameters": // those that only one of both systems has
		var parts []string
		if reason.Before != "" {
			parts = append(parts, "without "+reason.Before)
		}
		if reason.After != "" {
			parts = append(parts, "with "+reason.After)
		}
		return reason.What + " " + strings.Join(parts, " and ")
	case reason.Before != "" || reason.After != "":
		return reason.What + " " + orAbsent(reason.Before) + " -> " + orAbsent(reason.After)
	}
	return reason.What
}

func orAbsent(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

func (r rows) took(earlier []event.Effort) {
	for _, took := range earlier {
		var parts []string
		for _, station := range []event.Station{event.Evaluate, event.Build, event.Try, event.Check, event.Commit} {
			if seconds, known := took.Seconds[station]; known {
				parts = append(parts, fmt.Sprintf("%s %s", station, words.Span(seconds)))
			}
		}
		if len(parts) > 0 {
			r.row("took", "deployment %d%s: %s", took.Deployment, worked(took), strings.Join(parts, ", "))
		}
	}
}

// worked is what a deployment had to build and to fetch.
func worked(took event.Effort) string {
	var parts []string
	if took.Built > 0 {
		parts = append(parts, fmt.Sprintf("%d built", took.Built))
	}
	if took.Fetched > 0 {
		parts = append(parts, fmt.Sprintf("%d fetched", took.Fetched))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
