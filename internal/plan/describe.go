package plan

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/plan/room"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// Planner says what a deployment of a host would change on one machine. It changes nothing there but what its Evaluator
// does.
type Planner struct {
	evaluation.Evaluator
	// Backups is the directory on the machine that keeps what is in the way of homes; empty leaves its room out.
	Backups string
}

// Plan evaluates a host and says what its deployment would change. The machine is read meanwhile.
func (p *Planner) Plan(ctx context.Context, h *host.Host, from evaluation.Source, old Old, files []event.FileChange) (event.Plan, evaluation.Answer, error) {
	looking, stop := context.WithCancel(ctx)
	defer stop()
	look := p.look(looking, old)
	answer, err := p.Evaluate(ctx, h, from)
	if err != nil {
		stop()
		look()
		return event.Plan{}, evaluation.Answer{}, err
	}
	go from.Release() // it was read, and whoever made it waits for that
	plan, err := p.describe(ctx, h, answer, look(), files)
	return plan, answer, err
}

// Describe says what the deployment of an evaluated host would change.
func (p *Planner) Describe(ctx context.Context, h *host.Host, e evaluation.Answer, old Old, files []event.FileChange) (event.Plan, error) {
	return p.describe(ctx, h, e, p.look(ctx, old)(), files)
}

func (p *Planner) describe(ctx context.Context, h *host.Host, e evaluation.Answer, b before, files []event.FileChange) (event.Plan, error) {
	plan, err := begin(e, h, b.Old, files)
	if err != nil || b.System == e.System {
		return plan, err
	}
	plan.Unknown = append(plan.Unknown, b.unknown...)
	now := &e.Manifest
	after, err := p.inStore(ctx, e.System)
	if err != nil { // not built yet
		after = nil
	}
	c := nothing()
	if after == nil {
		if c, err = p.cost(ctx, e, b.caches); err != nil {
			return event.Plan{}, err
		}
	}
	plan.Builds, plan.Fetches = c.builds, c.fetches
	plan.Unknown = append(plan.Unknown, c.unknown...)
	if after != nil && b.closure != nil {
		plan.Packages = exactly(store.Difference(b.System, e.System, b.closure, after))
	} else {
		plan.Packages = packages(now, b.Manifest, b.closure, c.sizes)
	}
	plan.Ports = ports(now.Ports, b.ports(), b.taken)
	plan.State = snapshot.Decide(p.Machine, moves(now, b.Manifest, inClosure(b.closure), p.sizeOf(ctx)))
	b.compareAccounts(&plan, now)
	p.homes(&plan, now, b.Manifest)
	p.flatpaks(&plan, h, b.home(now.User, now.Home))
	if err := p.activation(&plan, e, b); err != nil {
		return event.Plan{}, err
	}
	if len(plan.Builds.Compiled) > 0 {
		if plan.Builds.Dir, err = p.Nix.BuildDir(ctx, e.Nix); err != nil {
			plan.Unknown = append(plan.Unknown, "where nix builds: "+err.Error())
		}
	}
	look := room.Look{Machine: p.Machine, Backups: p.Backups, SizeOf: p.sizeOf(ctx), Late: downloading(now, b.Manifest, plan.Units)}
	look.Spaces(&plan, look.Kernel(e.Manifest.Boot, c.sizes))
	plan.Unknown = sentences(plan.Unknown)
	return plan, context.Cause(ctx) // sizes that nobody waited for are not unknown
}

// inStore is the closure of a system that may not be built yet. What is in the store needs no derivation, which may have
// been collected.
func (p *Planner) inStore(ctx context.Context, system machine.StorePath) (store.Closure, error) {
	closure, err := p.inDatabase(ctx, system)
	if err == nil || errors.Is(err, store.ErrAbsent) {
		return closure, err
	}
	if _, absent := os.Lstat(p.Machine.Path(string(system))); absent != nil {
		return nil, absent
	}
	return p.Nix.Closure(ctx, system)
}

func (p *Planner) inDatabase(ctx context.Context, system machine.StorePath) (store.Closure, error) {
	db, err := store.Open(p.Machine)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return db.Closure(ctx, system)
}

// homes finds the files that are in the way of the new homes'. Before is the old system's manifest, where nqd deployed it:
// what it put in place is not in the way, and a home that stays as it is takes no place again.
func (p *Planner) homes(plan *event.Plan, now, before *evaluation.Manifest) {
	for _, home := range now.Home {
		if home.Generation != "" && homeBefore(home, before).Generation == home.Generation {
			continue
		}
		files, err := p.inTheWay(home, os.Geteuid())
		if err != nil {
			plan.Unknown = append(plan.Unknown, fmt.Sprintf("what is in the way in the home of %s: %v", home.User, err))
		}
		plan.Home = append(plan.Home, files...)
		for _, folder := range without(home.Folders, homeBefore(home, before).Folders) {
			if there, err := p.Machine.Exists(filepath.Join(home.Home, folder)); there || err != nil {
				plan.Unknown = append(plan.Unknown,
					fmt.Sprintf("what is in the way below %s: the build tells which files come there", filepath.Join(home.Home, folder)))
			}
		}
	}
}

// inTheWay are the files that a deployment by the user with that id moves into a backup. In the home of somebody else it
// moves none, and those on which Home Manager gives up stay.
func (p *Planner) inTheWay(home evaluation.Home, uid int) ([]event.HomeFile, error) {
	mine, err := running.IsMine(p.Machine, home.Home, uid)
	if err != nil {
		return nil, err
	}
	kept, found := "", []string(nil)
	if mine {
		kept = event.HomeBackup
		found, err = running.Foreign(p.Machine, home.Home, slices.Concat(home.Files, home.Forced))
	} else {
		found, err = running.InTheWay(p.Machine, home.Home, home.Files)
	}
	var files []event.HomeFile
	for _, file := range found {
		files = append(files, event.HomeFile{User: home.User, Path: filepath.Join(home.Home, file), Kept: kept})
	}
	return files, err
}

// homeBefore is what the old system had in the place of a home; empty where that is not known.
func homeBefore(home evaluation.Home, before *evaluation.Manifest) evaluation.Home {
	if before != nil {
		for _, was := range before.Home {
			if was.Home == home.Home {
				return was
			}
		}
	}
	return evaluation.Home{}
}

// flatpaks compares those of the host file with those that are installed for everybody, or in the home of its user.
func (p *Planner) flatpaks(plan *event.Plan, h *host.Host, home string) {
	if len(h.Flatpak.Apps) == 0 {
		return
	}
	installed, err := running.Flatpaks(p.Machine, home)
	if err != nil {
		plan.Unknown = append(plan.Unknown, "which Flatpaks are installed: "+err.Error())
		return
	}
	plan.Flatpaks = compare(h.Flatpak.Apps, installed, nil)
}

// activation says what a switch would do to units, and what it leaves to a reboot.
func (p *Planner) activation(plan *event.Plan, e evaluation.Answer, b before) error {
	changes := activation.Compare(b.units, activation.FromTexts(e.Detail.Units, e.Detail.UnitPackages, e.Detail.Fstab), b.active)
	plan.Units = changes.Event()
	switch n := len(changes.Unknown); n {
	case 0:
	case 1:
		plan.Unknown = append(plan.Unknown, fmt.Sprintf("whether %s changes, which a package brings along: the build tells", changes.Unknown[0]))
	default:
		plan.Unknown = append(plan.Unknown, fmt.Sprintf("whether %d services and other units change that packages bring along: the build tells", n))
	}
	var boot activation.Boot
	if err := json.Unmarshal(e.Manifest.Boot, &boot); err != nil {
		return fmt.Errorf("reading the evaluation: boot: %w", err)
	}
	reasons, unknown := activation.Reboot(p.Machine, boot)
	plan.Reboot = append(plan.Reboot, reasons...)
	plan.Unknown = append(plan.Unknown, unknown...)
	return nil
}

// sizeOf is the size of data of the machine, nil where that may not be known.
func (p *Planner) sizeOf(ctx context.Context) func(path string) *int64 {
	return func(path string) *int64 {
		size, known := running.DirSize(ctx, p.Machine, path)
		if !known {
			return nil
		}
		return &size
	}
}
