package plan

import (
	"context"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// ports compares the port map with that of the running system, as far as nqd deployed it; taken names the program that
// listens where a port will be, and nobody where none does.
func ports(now, before []event.Port, taken func(event.Port) string) []event.Port {
	planned := []event.Port{}
	for _, port := range now {
		old, had := samePort(before, port)
		switch {
		case !had:
			port.Change = "new"
		case old.Number != port.Number || old.Protocol != port.Protocol || !sameNames(old.Expose, port.Expose):
			port.Change = "changed"
		default:
			port.Change = "kept"
		}
		// What the running system has there by the same plan is no stranger.
		ours := slices.ContainsFunc(before, func(b event.Port) bool {
			return b.Number == port.Number && b.Protocol == port.Protocol
		})
		if !ours {
			port.Taken = taken(port)
		}
		planned = append(planned, port)
	}
	for _, port := range before {
		if _, stays := samePort(now, port); !stays {
			port.Change = "removed"
			planned = append(planned, port)
		}
	}
	return planned
}

// samePort finds the port of a feature: the one of its name, else the one of its number, which has another name then.
func samePort(all []event.Port, port event.Port) (event.Port, bool) {
	at := slices.IndexFunc(all, func(one event.Port) bool {
		return one.Feature == port.Feature && one.Name == port.Name
	})
	if at < 0 {
		at = slices.IndexFunc(all, func(one event.Port) bool {
			return one.Feature == port.Feature && one.Number == port.Number && one.Protocol == port.Protocol
		})
	}
	if at < 0 {
		return event.Port{}, false
	}
	return all[at], true
}

// sameNames compares lists whose order means nothing.
func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// moves are the data that another version of its program changes so that the other one may not read it any more, or
// does not find. Before is the old system's manifest where nqd deployed it; has are all packages of that system: a program
// that is not among them has no data yet.
func moves(now, before *evaluation.Manifest, has versions, sizeOf func(path string) *int64) []event.StateChange {
	changes := []event.StateChange{}
	for _, state := range now.State {
		if !state.Migrates {
			continue
		}
		program, known := programOf(state.Feature, now)
		if !known {
			continue
		}
		was := has[program.Name]
		// Of the many that a closure may have, the one that the service ran.
		ran, known := programOf(state.Feature, before)
		if known {
			was = []string{ran.Version}
		}
		if len(was) == 0 || slices.ContainsFunc(was, func(version string) bool { return sameFormat(state.Kind, version, program.Version) }) {
			continue
		}
		size := sizeOf(state.Path)
		if !known && size != nil && *size == 0 {
			continue // it is there for something else
		}
		changes = append(changes, event.StateChange{
			Feature: state.Feature, Path: state.Path, Kind: state.Kind,
			Package: program.Name, Before: strings.Join(was, ", "), After: program.Version, Size: size,
			Units: writers(state, before),
		})
	}
	return changes
}

// Moves says which data of the running system a deployed one would find in the format of another version, and what is
// kept of it. Before is the manifest of the running system; nil where nqd did not deploy it, and then nothing is known.
func (p *Planner) Moves(ctx context.Context, now, before *evaluation.Manifest) []event.StateChange {
	if now == nil || before == nil {
		return []event.StateChange{}
	}
	return snapshot.Decide(p.Machine, moves(now, before, versions{}, p.sizeOf(ctx)))
}

// writers are the units that write to data, by what the new system says and the old one, which runs them.
func writers(state evaluation.State, before *evaluation.Manifest) []string {
	units := append([]string{}, state.Units...)
	if before != nil {
		for _, was := range before.State {
			if was.Feature == state.Feature && was.Path == state.Path {
				units = append(units, was.Units...)
			}
		}
	}
	slices.Sort(units)
	return slices.Compact(units)
}

// programOf is the program that a feature is about, of the many that its units name: the one that is called as the
// feature is, or else begins so. Its name and version are parted as those of store paths are.
func programOf(feature string, m *evaluation.Manifest) (evaluation.Package, bool) {
	if m == nil {
		return evaluation.Package{}, false
	}
	var found evaluation.Package
	for _, program := range m.Programs[feature] {
		program.Name, program.Version = store.SplitName(program.Name + "-" + program.Version)
		switch {
		case program.Version == "":
		case program.Name == feature:
			return program, true
		case found.Name == "" && strings.HasPrefix(program.Name, feature):
			found = program
		}
	}
	return found, found.Name != ""
}

// sameFormat reports whether two versions read the same data. PostgreSQL's format is that of the first number of its
// version (PostgreSQL manual, "Upgrading a PostgreSQL Cluster").
func sameFormat(kind, before, after string) bool {
	if kind == "postgres" {
		before, _, _ = strings.Cut(before, ".")
		after, _, _ = strings.Cut(after, ".")
	}
	return before == after
}

// compareAccounts adds people, services and groups, compared with those that the machine has. Nothing is told where those are
// not known.
func (b before) compareAccounts(plan *event.Plan, now *evaluation.Manifest) {
	if b.accounts == nil {
		return
	}
	var all, people, services, groups []string
	for _, user := range b.accounts.Users {
		all = append(all, user.Name)
		if user.Person {
			people = append(people, user.Name)
		} else {
			services = append(services, user.Name)
		}
	}
	for _, group := range b.accounts.Groups {
		groups = append(groups, group.Name)
	}
	wanted := slices.Concat(now.Users, now.Accounts)
	declared := b.declaration()
	gone := func(there, wanted, declared []string) []string {
		return leave(there, wanted, declared, now.MutableUsers)
	}
	plan.Users = compare(now.Users, all, gone(people, wanted, declared.Users))
	plan.Accounts = compare(without(now.Accounts, now.Users), all, gone(services, wanted, declared.Users))
	plan.Groups = compare(now.Groups, groups, gone(groups, now.Groups, declared.Groups))
	if b.declared == nil && b.Manifest == nil && now.MutableUsers &&
		len(without(all, wanted))+len(without(groups, now.Groups)) > 0 {
		plan.Unknown = append(plan.Unknown, "which accounts and groups go: the running system does not say which of them it made")
	}
}

// declaration is what the running system declared, by what it says, or else by the manifest where nqd deployed it. That
// of an older nqd has people only.
func (b before) declaration() running.Declaration {
	switch {
	case b.declared != nil:
		return *b.declared
	case b.Manifest != nil:
		return running.Declaration{Users: slices.Concat(b.Manifest.Users, b.Manifest.Accounts), Groups: b.Manifest.Groups}
	}
	return running.Declaration{}
}

// leave are the accounts or groups that NixOS takes away: those that it declared before and does not any more, and
// others too where none may be made by hand (nixpkgs, nixos/modules/config/update-users-groups.pl).
func leave(there, wanted, declared []string, mutable bool) []string {
	return slices.DeleteFunc(without(there, wanted), func(name string) bool {
		return mutable && !slices.Contains(declared, name)
	})
}

// compare says which of those that are wanted are there.
func compare(wanted, there, gone []string) event.Change {
	c := event.Change{Added: []string{}, Removed: append([]string{}, gone...), Kept: []string{}}
	for _, name := range wanted {
		if slices.Contains(there, name) {
			c.Kept = append(c.Kept, name)
		} else {
			c.Added = append(c.Added, name)
		}
	}
	slices.Sort(c.Removed) // they come as the machine has them
	return c
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(some, name) })
}
