// Package plan says what a deployment would change, as data: what the evaluation of the workspace answers is held against
// what the machine has, and nix and the caches are asked what it costs.
package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// begin puts together what the evaluation and the records of deployments tell, without a look at the machine.
func begin(e evaluation.Answer, h *host.Host, old Old, files []event.FileChange) (event.Plan, error) {
	now, had := e.Manifest, old.Manifest
	p := empty()
	p.Host, p.Old, p.New = h.Host.Name, string(old.System), string(e.System)
	p.Files = append(p.Files, files...)
	p.Lost = append(p.Lost, now.Lost...)
	p.Overrides = append(p.Overrides, now.Overrides...)
	p.Skipped = append(p.Skipped, now.Skipped...)
	p.Adopted = append(p.Adopted, now.Adopted...)
	p.Secrets = append(p.Secrets, now.Secrets...)
	p.Took = append(p.Took, old.Took...)
	p.Unknown = append(p.Unknown, unknown(h)...)
	if err := json.Unmarshal(now.Checks, &p.Checks); err != nil {
		return event.Plan{}, fmt.Errorf("checks: %w", err)
	}
	if p.Checks == nil {
		return event.Plan{}, errors.New("checks: null where a list is expected")
	}
	if old.System == e.System { // whoever deployed it
		had = &now
		p.Ports = ports(now.Ports, now.Ports, nil)
	}
	if had == nil {
		p.Unknown = append(p.Unknown, "which features the running system has: nqd did not deploy it")
		had = &evaluation.Manifest{}
	}
	p.Features = change(had.Features, now.Features)
	p.Unknown = sentences(p.Unknown)
	return p, nil
}

// empty is a plan without anything, and without null in JSON.
func empty() event.Plan {
	none := func() event.Change { return change(nil, nil) }
	return event.Plan{
		Files: []event.FileChange{}, Features: none(),
		Packages: event.Packages{Added: []event.PackageChange{}, Removed: []event.PackageChange{}, Changed: []event.PackageChange{}},
		Units:    activation.Changes{}.Event(),
		Users:    none(), Accounts: none(), Groups: none(),
		Ports: []event.Port{}, Home: []event.HomeFile{}, Flatpaks: none(), Secrets: []event.Secret{}, State: []event.StateChange{},
		Checks: []event.PlannedCheck{}, Lost: []event.Lost{}, Overrides: []event.Override{}, Skipped: []event.Skipped{},
		Builds: event.Builds{Compiled: []event.PlannedBuild{}}, Fetches: event.Fetches{Caches: []event.Cache{}},
		Space: []event.Space{}, Reboot: []event.Reboot{}, Adopted: []event.Adopted{}, Preconditions: []event.Precondition{}, Took: []event.Effort{}, Unknown: []string{},
	}
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
		texts = append(texts, "build.compile: nqd says what would be compiled, and does not yet hold Nix back")
	}
	return texts
}

// sentences are sorted, each told once, and not null in JSON.
func sentences(texts []string) []string {
	texts = listed(texts)
	slices.Sort(texts)
	return slices.Compact(texts)
}

func change(before, after []string) event.Change {
	return compare(after, before, without(before, after))
}

// locked adds that inputs are locked anew where flake.nix changed, or their lock is gone.
func locked(changes []event.FileChange) []event.FileChange {
	const lock = "flake.lock"
	at := func(path string) int {
		return slices.IndexFunc(changes, func(c event.FileChange) bool { return c.Path == path })
	}
	if i := at(lock); i >= 0 && changes[i].Change == string(git.Removed) {
		changes[i].Change = string(git.Edited)
	} else if flake := at("flake.nix"); i < 0 && flake >= 0 && changes[flake].Change == string(git.Edited) {
		changes = slices.Insert(changes, flake+1, event.FileChange{Path: lock, Change: string(git.Edited)})
	}
	return changes
}

// Files lists what would be written and what the user changed, each file once.
func Files(pending []workspace.File, changed []git.Change) []event.FileChange {
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
	for _, one := range changed {
		if !slices.ContainsFunc(changes, func(c event.FileChange) bool { return c.Path == one.Path }) {
			changes = append(changes, event.FileChange{Path: one.Path, Change: string(one.Kind)})
		}
	}
	return locked(changes)
}

// downloading are the units that download once the deployment is committed, where they are new or changed.
func downloading(now, before *evaluation.Manifest, units event.Units) (list []string) {
	changed := slices.Concat(units.Start, units.Restart, units.Reload, units.Later)
	for _, unit := range now.LateUnits {
		if before == nil || !slices.Contains(before.LateUnits, unit) || slices.Contains(changed, unit) {
			list = append(list, unit)
		}
	}
	return list
}
