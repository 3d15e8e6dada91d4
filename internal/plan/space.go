package plan

import (
	"fmt"
	"os"
	"path"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
)

// need is what something writes below a path, in bytes.
type need struct {
	path, purpose string
	bytes         int64
}

// space says what each file system has to have room for.
func (p *Planner) space(plan *event.Plan) {
	needs := []need{{"/nix/store", "what is downloaded", plan.Fetches.Unpacked}}
	if kernelChanges(plan.Reboot) {
		size := p.kernelSize()
		if size == 0 {
			plan.Unknown = append(plan.Unknown, "whether /boot has room for another kernel: the size of the present one cannot be read")
		}
		needs = append(needs, need{"/boot", "another kernel, if it is as large as the present one", size})
	}
	for _, change := range plan.State {
		if change.Size != nil && (change.Snapshot != "" || change.Without == "room") {
			needs = append(needs, need{snapshot.Root, "a snapshot of the data of " + change.Feature, *change.Size})
		}
	}
	var unknown []string
	plan.Space, unknown = rooms(needs, func(path string) (running.Room, error) { return running.Space(p.Machine, path) })
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

// kernelSize is how large the kernel and the initial RAM disk of the running system are; 0 where that is not known.
func (p *Planner) kernelSize() (sum int64) {
	for _, name := range []string{"kernel", "initrd"} {
		links, err := p.Machine.Links(path.Join("/run/current-system", name))
		if err != nil || len(links) == 0 {
			continue
		}
		if info, err := os.Stat(p.Machine.Path(links[len(links)-1])); err == nil && info.Mode().IsRegular() {
			sum += info.Size()
		}
	}
	return sum
}
