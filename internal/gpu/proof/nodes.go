package proof

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// node is a device node: who may open it.
type node struct {
	path  string
	there bool
	mode  fs.FileMode
	gid   uint32
	group string // the name of gid
	// refused says that this process may not open it for reading and writing (access(2), which knows about the lists of
	// logind too); false where that cannot be asked.
	refused bool
}

// person is who wants to compute: the account, and the groups that it is in by /etc/group.
type person struct {
	name   string
	groups []string
}

// nodes asks whether the nodes of all cards are there, and may be opened.
func (a *Asker) nodes(context.Context, string) (string, error) {
	if !a.has(nvidia, amd, intel) {
		return noCard, nil
	}
	wanted := a.wantedNodes()
	if len(wanted) == 0 {
		if a.switched() {
			return nextStart + ": until then no driver has the card", nil
		}
		return "not asked: no driver has the card", nil
	}
	names := groupNames(a.text("/etc/group"))
	var found []node
	for _, path := range wanted {
		found = append(found, a.lookAt(path, names))
	}
	return "", judgeNodes(found, a.who())
}

// wantedNodes are the nodes that the drivers of the cards make: those of NVIDIA by nvidia-modprobe or udev, a render node
// by the kernel for each card, and /dev/kfd for computing with cards of AMD.
func (a *Asker) wantedNodes() []string {
	var list []string
	count := func(vendor string, drivers ...string) (driven int) {
		for _, card := range a.cards(vendor) {
			if slices.Contains(drivers, card.Driver) {
				driven++
			}
		}
		return driven
	}
	if driven := count(nvidia, "nvidia"); driven > 0 {
		list = append(list, "/dev/nvidiactl", "/dev/nvidia-uvm")
		for i := range driven {
			list = append(list, "/dev/nvidia"+strconv.Itoa(i))
		}
	}
	if count(amd, "amdgpu") > 0 {
		if decided := a.decision().AMD; decided != nil && decided.ROCm {
			list = append(list, "/dev/kfd")
		}
	}
	if count(amd, "amdgpu", "radeon")+count(intel, "i915", "xe")+count(nvidia, "nvidia", "nouveau") > 0 {
		list = append(list, a.renderNodes()...)
	}
	return list
}

// renderNodes are those that there are, or the name of the first one: one is enough, as a card may be without.
func (a *Asker) renderNodes() []string {
	var list []string
	names, _ := a.Machine.Names("/dev/dri")
	for _, name := range names {
		if strings.HasPrefix(name, "renderD") {
			list = append(list, "/dev/dri/"+name)
		}
	}
	if list == nil {
		return []string{"/dev/dri/renderD128"}
	}
	return list
}

func (a *Asker) lookAt(path string, names map[uint32]string) node {
	n := node{path: path}
	info, err := os.Stat(a.Machine.Path(path))
	if err != nil {
		return n
	}
	n.there, n.mode = true, info.Mode().Perm()
	if stat, is := info.Sys().(*syscall.Stat_t); is {
		n.gid = stat.Gid
	}
	if n.group = names[n.gid]; n.group == "" {
		n.group = strconv.Itoa(int(n.gid))
	}
	if !a.Machine.IsSandbox() {
		n.refused = errors.Is(unix.Access(a.Machine.Path(path), unix.R_OK|unix.W_OK), fs.ErrPermission)
	} else {
		n.refused = n.closedTo(a.who())
	}
	return n
}

// closedTo judges by the mode alone.
func (n node) closedTo(p person) bool {
	const everybody, group = 0o006, 0o060
	return n.mode&everybody != everybody && (n.mode&group != group || !slices.Contains(p.groups, n.group))
}

// who is the user with the groups that /etc/group names (group(5)).
func (a *Asker) who() person {
	p := person{name: a.Found.User}
	for line := range strings.Lines(a.text("/etc/group")) {
		fields := strings.Split(strings.TrimRight(line, "\n"), ":")
		if len(fields) == 4 && p.name != "" && slices.Contains(strings.Split(fields[3], ","), p.name) {
			p.groups = append(p.groups, fields[0])
		}
	}
	return p
}

// groupNames are the groups of group(5) by their numbers.
func groupNames(text string) map[uint32]string {
	names := map[uint32]string{}
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimRight(line, "\n"), ":")
		if len(fields) != 4 {
			continue
		}
		if gid, err := strconv.ParseUint(fields[2], 10, 32); err == nil {
			names[uint32(gid)] = fields[0]
		}
	}
	return names
}

// judgeNodes tells of the first node that is missing, or else of the first that p may not open.
func judgeNodes(nodes []node, p person) error {
	for _, n := range nodes {
		if n.there {
			continue
		}
		problem := &Problem{Text: "there is no " + n.path, Why: "the driver did not take the card", Do: "journalctl -k -g 'NVRM|amdgpu|i915|xe' says why"}
		if strings.HasPrefix(n.path, "/dev/nvidia") {
			problem.Why = "nvidia-modprobe did not make it, as it does when the first program computes"
			problem.Do = "run nvidia-smi once, or set hardware.nvidia.nvidiaPersistenced"
		}
		return problem
	}
	for _, n := range nodes {
		if !n.refused {
			continue
		}
		problem := &Problem{
			Text: p.name + " may not open " + n.path,
			Why:  fmt.Sprintf("only the group %s may, and %s is not in it", n.group, p.name),
			Do:   fmt.Sprintf("users.users.%s.extraGroups = [ %q ], deploy, and log in again", p.name, n.group),
		}
		if slices.Contains(p.groups, n.group) {
			problem.Why, problem.Do = "a login has the groups that there were when it began", "log in again"
		}
		return problem
	}
	return nil
}
