package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

const groupFile = "/etc/group"

// wellKnown are the groups whose ids NixOS fixes (nixos/modules/misc/ids.nix) and that the
// stand-in may meet.
var wellKnown = map[string]int{
	"root": 0, "wheel": 1, "audio": 17, "video": 26, "networkmanager": 57, "users": 100,
	"postgres": 71, "docker": 131, "nogroup": 65534,
}

// group is one line of /etc/group (group(5)).
type group struct {
	name    string
	gid     int
	members []string
}

// groups is /etc/group.
type groups []group

// groups reads /etc/group; lines it does not understand are left out.
func (m machine) groups() (groups, error) {
	data, err := m.readFile(groupFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all groups
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 4 {
			continue
		}
		gid, err := strconv.Atoi(f[2])
		if err != nil {
			continue
		}
		members := strings.FieldsFunc(f[3], func(r rune) bool { return r == ',' })
		all = append(all, group{name: f[0], gid: gid, members: members})
	}
	return all, nil
}

// add returns the id of the group NAME, which is made where it is not there: with its
// well-known id, else GID.
func (g *groups) add(name string, gid int) int {
	if i := g.index(name); i >= 0 {
		return (*g)[i].gid
	}
	if known, ok := wellKnown[name]; ok {
		gid = known
	} else if g.taken(gid) {
		gid = g.free()
	}
	*g = append(*g, group{name: name, gid: gid})
	return gid
}

// join makes USER a member of NAME.
func (g *groups) join(name, user string) {
	g.add(name, g.free())
	i := g.index(name)
	if members := (*g)[i].members; !slices.Contains(members, user) {
		(*g)[i].members = append(members, user)
	}
}

// leave takes USERS out of every group.
func (g groups) leave(users []string) {
	for i := range g {
		g[i].members = slices.DeleteFunc(g[i].members, func(member string) bool { return slices.Contains(users, member) })
	}
}

func (g *groups) index(name string) int {
	return slices.IndexFunc(*g, func(there group) bool { return there.name == name })
}

// free returns an id that no group has.
func (g *groups) free() int {
	gid := lastSystem
	for g.taken(gid) {
		gid--
	}
	return gid
}

func (g *groups) taken(gid int) bool {
	return slices.ContainsFunc(*g, func(there group) bool { return there.gid == gid })
}

func (g groups) String() string {
	var lines strings.Builder
	sorted := slices.SortedStableFunc(slices.Values(g), func(a, b group) int { return cmp.Compare(a.gid, b.gid) })
	for _, there := range sorted {
		fmt.Fprintf(&lines, "%s:x:%d:%s\n", there.name, there.gid, strings.Join(there.members, ","))
	}
	return lines.String()
}
