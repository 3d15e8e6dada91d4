package plan

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Make puts together the plan for evaluation on a machine that runs old. Before is the
// manifest of old where nqd deployed it, nil where it is a foreign system.
func Make(h *host.Host, evaluation Evaluation, old machine.StorePath, before *Manifest, files []event.FileChange) (event.Plan, error) {
	now := evaluation.Manifest
	p := event.Plan{
		Host:    h.Host.Name,
		Old:     string(old),
		New:     string(evaluation.System),
		Files:   files,
		Ports:   now.Ports,
		Lost:    now.Lost,
		Unknown: unknown(h),
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
