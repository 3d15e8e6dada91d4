package plan

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Make puts together the plan for evaluation on a machine that runs old. Before is the
// manifest of old where nqd deployed it, nil where it is a foreign system.
func Make(h *host.Host, evaluation Evaluation, old machine.StorePath, before *Manifest, files []event.FileChange) (event.Plan, error) {
	now := evaluation.Manifest
	p := event.Plan{
		Host:  h.Host.Name,
		Old:   string(old),
		New:   string(evaluation.System),
		Files: files,
		Ports: now.Ports,
		Lost:  now.Lost,
		// Never nil: in JSON an empty list, not null.
		Overrides: append([]event.Override{}, now.Overrides...),
		Skipped:   append([]event.Skipped{}, now.Skipped...),
		Unknown:   unknown(h),
	}
	if err := json.Unmarshal(now.Checks, &p.Checks); err != nil {
		return event.Plan{}, fmt.Errorf("checks: %w", err)
	}
	if before == nil {
		p.Unknown = append(p.Unknown, "what the running system has: nqd did not deploy it")
		before = &Manifest{}
	}
	p.Features = change(before.Features, now.Features)
	p.Users = change(before.Users, now.Users)
	return p, nil
}

// unknown names what the host file asks for and this version of nqd does not do.
func unknown(h *host.Host) []string {
	texts := []string{}
	if n := len(h.Flatpak.Apps); n > 0 {
		texts = append(texts, fmt.Sprintf("flatpak.apps: nqd does not install Flatpaks yet; %d named", n))
	}
	if h.User.Editor != "" {
		texts = append(texts, "user.editor: nqd does not set up editors yet")
	}
	if h.Build.Compile == "never" {
		texts = append(texts, "build.compile: nqd does not yet know what no cache has; Nix may compile")
	}
	return texts
}

func change(before, after []string) event.Change {
	c := event.Change{Added: []string{}, Removed: []string{}, Kept: []string{}}
	for _, name := range after {
		if slices.Contains(before, name) {
			c.Kept = append(c.Kept, name)
		} else {
			c.Added = append(c.Added, name)
		}
	}
	for _, name := range before {
		if !slices.Contains(after, name) {
			c.Removed = append(c.Removed, name)
		}
	}
	return c
}

// Files lists what would be written and what the user changed, each file once.
func Files(pending []workspace.File, changed []string) []event.FileChange {
	changes := []event.FileChange{}
	for _, file := range pending {
		change := "changed"
		switch {
		case file.New:
			change = "new"
		case file.Gone:
			change = "removed"
		}
		changes = append(changes, event.FileChange{Path: file.Path, Change: change})
	}
	for _, path := range changed {
		if !slices.ContainsFunc(changes, func(c event.FileChange) bool { return c.Path == path }) {
			changes = append(changes, event.FileChange{Path: path, Change: "changed"})
		}
	}
	return changes
}
