// Package room says how much each file system has to have room for when a deployment is made.
package room

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
)

// need is what something writes below a path, in bytes.
type need struct {
	path, purpose string
	bytes         int64
}

// Look is where it is looked.
type Look struct {
	Machine *machine.Machine
	// Backups is the directory on the machine that keeps what is in the way of homes; empty leaves its room out.
	Backups string
	// SizeOf is the size of files of the machine in bytes, nil where that may not be known.
	SizeOf func(path string) *int64
	// Late are the new units that download once the deployment is committed: models, images. Nobody knows how much.
	Late []string
}

// Spaces puts into the plan what each file system has to have room for.
func (l Look) Spaces(plan *event.Plan, kernel Kernel) {
	needs := []need{{"/nix/store", "what is downloaded", plan.Fetches.Unpacked}}
	if kernelChanges(plan.Reboot) && l.copiesKernels() {
		if kernel.bytes == 0 {
			plan.Unknown = append(plan.Unknown, "whether /boot has room for another kernel: the size of the present one cannot be read")
		}
		purpose := "another kernel"
		if kernel.guessed {
			purpose += ", if it is as large as the present one"
		}
		needs = append(needs, need{"/boot", purpose, kernel.bytes})
	}
	needs = append(needs, l.homeNeeds(plan)...)
	for _, change := range plan.State {
		if change.Size != nil && change.Snapshot != "" { // what is not copied takes no room
			needs = append(needs, need{snapshot.Root, "a snapshot of the data of " + change.Feature, *change.Size})
		}
	}
	for _, unit := range l.Late {
		plan.Unknown = append(plan.Unknown, "how much room is taken by what "+unit+" downloads once the deployment is committed")
	}
	var unknown []string
	plan.Space, unknown = rooms(needs, func(path string) (running.Room, error) { return running.Space(l.Machine, path) })
	plan.Unknown = append(plan.Unknown, unknown...)
}

// rooms joins what is needed on the same file system. Unknown tells of file systems that could not be looked at.
func rooms(needs []need, at func(path string) (running.Room, error)) (spaces []event.Space, unknown []string) {
	spaces = []event.Space{}
	devices := map[uint64]int{} // indexes of spaces
	for _, n := range needs {
		if n.bytes == 0 {
			continue
		}
		room, err := at(n.path)
		if err != nil {
			unknown = append(unknown, fmt.Sprintf("the room at %s: %v", n.path, err))
			continue
		}
		i, shared := devices[room.Device]
		if !shared {
			i = len(spaces)
			devices[room.Device] = i
			spaces = append(spaces, event.Space{Path: n.path, Free: room.Free})
		}
		spaces[i].Need += n.bytes
		if room.Inodes > 0 {
			spaces[i].Inodes, spaces[i].FreeInodes = room.Files(spaces[i].Need), room.FreeInodes
		}
		spaces[i].For = append(spaces[i].For, n.purpose)
	}
	return spaces, unknown
}

// kernelChanges reports whether the boot partition gets another kernel or initial RAM disk: the boot loader copies both
// there, and keeps those of older generations.
func kernelChanges(reasons []event.Reboot) bool {
	return slices.ContainsFunc(reasons, func(reason event.Reboot) bool {
		return reason.What == "kernel" || reason.What == "initrd"
	})
}

// copiesKernels reports whether the boot loader has copies of its own: systemd-boot always, which its entries tell, GRUB where
// /boot is another file system than the store (nixpkgs, nixos/modules/system/boot/loader/grub/install-grub.pl).
func (l Look) copiesKernels() bool {
	if there, err := l.Machine.Exists("/boot/loader/entries"); err != nil || there {
		return true
	}
	boot, err := running.Space(l.Machine, "/boot")
	store, errStore := running.Space(l.Machine, "/nix/store")
	return err != nil || errStore != nil || boot.Device != store.Device
}

// homeNeeds is what the files that are in the way of homes take in the backup.
func (l Look) homeNeeds(plan *event.Plan) []need {
	if l.Backups == "" {
		return nil
	}
	var sum int64
	for _, file := range plan.Home {
		if file.Kept == "" {
			continue
		}
		size := l.SizeOf(file.Path)
		if size == nil {
			plan.Unknown = append(plan.Unknown, "how much room the backup of "+file.Path+" takes")
			continue
		}
		sum += *size
	}
	return []need{{l.Backups, "a backup of what is in the way in homes", sum}}
}

// Kernel is how much room a kernel and its initial RAM disk take, 0 where that is not known, and whether that is only
// what those of the running system take.
type Kernel struct {
	bytes   int64
	guessed bool
}

// Kernel is that of the new system: what is in the store says it. A cache tells the size of the whole package only, which in
// some releases has the modules with it (nixpkgs, pkgs/os-specific/linux/kernel/manual-config.nix), many times as much: it
// counts where it is less than what the running system takes, or where that is not known. The initial RAM disk is made here.
func (l Look) Kernel(boot json.RawMessage, sizes map[machine.StorePath]int64) (k Kernel) {
	var now activation.Boot
	_ = json.Unmarshal(boot, &now) // activation has complained
	for _, part := range []struct{ name, object string }{{"kernel", now.KernelPath}, {"initrd", now.Initrd}} {
		size := int64(0)
		// The kernel has another file name on each processor; the link in the running system tells which.
		old := l.target(path.Join("/run/current-system", part.name))
		if part.object != "" && old != "" {
			size = l.fileSize(path.Join(part.object, path.Base(old)))
		}
		if size == 0 {
			size, k.guessed = l.fileSize(old), true
			if whole := sizes[machine.StorePath(part.object)]; whole > 0 && (size == 0 || whole < size) {
				size = whole
			}
		}
		k.bytes += size
	}
	return k
}

// target is where a link of the machine leads to; empty where it leads nowhere.
func (l Look) target(link string) string {
	links, err := l.Machine.Links(link)
	if err != nil || len(links) == 0 {
		return ""
	}
	return links[len(links)-1]
}

func (l Look) fileSize(file string) int64 {
	if file == "" {
		return 0
	}
	info, err := os.Stat(l.Machine.Path(file))
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}
