package preflight

import (
	"fmt"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// margin is the part of a need that is wanted on top of it: files take whole blocks, and a full file system cannot be
// tidied any more.
const margin = 10 // a tenth

const roomCure = "make room (nqd gc removes what no deployment needs)"

// rooms holds what a plan needs against what there is. A need that is not known is never enough room.
func rooms(l Look, p event.Plan) []row {
	const name = "room"
	var rows []row
	for _, space := range p.Space {
		need := space.Need + space.Need/margin
		switch {
		case need > space.Free:
			rows = append(rows, l.risky(name, fmt.Sprintf("%s needs %s, a tenth to spare included, and has %s free", space.Path, words.Size(need), words.Size(space.Free)), roomCure, risk.Room))
		case space.Inodes > 0 && space.Inodes > space.FreeInodes:
			rows = append(rows, l.risky(name, fmt.Sprintf("%s needs about %d files and directories, and has room for %d", space.Path, space.Inodes, space.FreeInodes), roomCure, risk.Room))
		default:
			rows = append(rows, ok(name, fmt.Sprintf("%s needs %s and has %s free", space.Path, words.Size(need), words.Size(space.Free))))
		}
	}
	rows = append(rows, builds(l, p.Builds)...)
	if p.Fetches.Paths > 0 && p.Fetches.Unpacked == 0 {
		rows = append(rows, warn(name, fmt.Sprintf("/nix/store: how large the %d downloads are is not known", p.Fetches.Paths), "look at its free room"))
	}
	for _, one := range p.State {
		if one.Size == nil && one.Snapshot != "" {
			rows = append(rows, warn(name, "how large "+one.Path+" is, which is copied, is not known", "look at the free room of /var"))
		}
	}
	return rows
}

// builds tells what compiling takes: nobody knows before, so it is no reason to refuse.
func builds(l Look, b event.Builds) []row {
	if len(b.Compiled) == 0 || b.Dir == "" {
		return nil
	}
	const what = "what compiling takes is not known"
	free, err := running.Space(l.Machine, b.Dir)
	if err != nil {
		return []row{warn("room", what+", nor what is free in "+b.Dir+": "+err.Error(), "look at it")}
	}
	cure := "look whether that is enough"
	if free.Memory {
		cure += ": it is memory, of which the compilers take some too"
	}
	return []row{warn("room", what+"; where nix builds, "+words.Size(free.Free)+" are free", cure)}
}
