package main

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// changes is what a switch does to units that are active, as the sets of that name in do_system_switch of
// switch-to-configuration-ng (main.rs).
type changes struct {
	stop    []string // before activation
	skip    []string // changed, and asked to be left alone
	reload  []string
	restart []string
	start   []string // after activation; those of stop that are not there are gone, or started by a socket
	targets []string // active ones: started again, which is not told
	quiet   []string // of targets, those that are stopped before
	swapOff []string // devices
}

// plan is changes while they are made.
type plan struct {
	old, new                           unitSet
	active                             map[string]bool
	stop, skip, reload, restart, start map[string]bool
	filter                             map[string]bool // units_to_filter: not shown
}

// compare decides about each unit of ACTIVE. OLD are the files below /etc, NEW those of the system to switch to.
func compare(old, new unitSet, active []string) changes {
	p := plan{old: old, new: new, active: map[string]bool{}, stop: map[string]bool{}, skip: map[string]bool{},
		reload: map[string]bool{}, restart: map[string]bool{}, start: map[string]bool{}, filter: map[string]bool{}}
	for _, name := range active {
		p.active[name] = true
	}
	for _, name := range active {
		p.look(name)
	}
	mounts, swaps := parseFstab(old.fstab)
	newMounts, newSwaps := parseFstab(new.fstab)
	p.mounts(mounts, newMounts)
	goOn := map[string]bool{}
	for name := range p.filter {
		goOn[name] = !p.stop[name]
	}
	swapOff := without(swaps, newSwaps)
	return changes{
		stop: shown(p.stop, p.filter), skip: shown(p.skip, nil), reload: shown(p.reload, nil),
		restart: shown(p.restart, nil), start: shown(p.start, p.filter),
		targets: shown(p.filter, nil), quiet: shown(p.filter, goOn), swapOff: swapOff,
	}
}

// shown lists NAMES without those of FILTER as they are shown: sorted without regard to case.
func shown(names, filter map[string]bool) []string {
	var list []string
	for name := range names {
		if !filter[name] {
			list = append(list, name)
		}
	}
	slices.SortFunc(list, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return list
}

// templateUnit is template_unit_re of main.rs.
var templateUnit = regexp.MustCompile(`^(.*)@[^\.]*\.(.*)$`)

// look is the body of the loop over the active units.
func (p plan) look(name string) {
	base := name
	if m := templateUnit.FindStringSubmatch(name); m != nil && !p.old.has(name) && !p.new.has(name) {
		base = m[1] + "@." + m[2]
	}
	if !p.old.has(base) {
		return
	}
	if !p.new.has(base) || p.new.masked[base] {
		if iniFlag(p.old.ini(base, name), "Unit", "X-StopOnRemoval", true) {
			p.stop[name] = true
		}
		return
	}
	after := p.new.ini(base, name)
	if strings.HasSuffix(name, ".target") {
		p.target(name, after)
		return
	}
	switch compareUnits(p.old.ini(base, name), after) {
	case unequalRestart:
		p.modified(name, base, after)
	case unequalReload:
		p.reload[name] = true
	}
}

func (p plan) target(name string, after ini) {
	sleeps := slices.Contains([]string{"suspend.target", "hibernate.target", "hybrid-sleep.target"}, name)
	if !sleeps && !iniFlag(after, "Unit", "RefuseManualStart", false) && !iniFlag(after, "Unit", "X-OnlyManualStart", false) {
		p.start[name] = true
		p.filter[name] = true
	}
	if iniFlag(after, "Unit", "X-StopOnReconfiguration", false) {
		p.stop[name] = true
	}
}

// modified is handle_modified_unit.
func (p plan) modified(name, base string, after ini) {
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "unit", "slice", "socket":
		return
	case "mount":
		if name == "-.mount" || name == "nix.mount" {
			p.reload[name] = true
		} else {
			p.restart[name] = true
		}
		return
	}
	if strings.HasPrefix(name, "systemd-nspawn@") {
		return
	}
	if iniFlag(after, "Service", "X-ReloadIfChanged", false) {
		p.reload[name] = true
		return
	}
	if !iniFlag(after, "Service", "X-RestartIfChanged", true) || iniFlag(after, "Unit", "RefuseManualStop", false) ||
		iniFlag(after, "Unit", "X-OnlyManualStart", false) {
		p.skip[name] = true
		return
	}
	if !strings.HasSuffix(name, ".service") || !iniFlag(after, "Service", "X-StopIfChanged", true) {
		p.restart[name] = true
		return
	}
	activated := p.sockets(base, after)
	if iniFlag(after, "Service", "X-NotSocketActivated", false) {
		activated = false
	}
	if !activated {
		p.start[name] = true
	}
	p.stop[name] = true
}

// sockets stops the active sockets of a service, to start them in its place, and reports whether there are any.
func (p plan) sockets(base string, after ini) bool {
	sockets := strings.Fields(strings.Join(after["Service"]["Sockets"], " "))
	if len(sockets) == 0 {
		sockets = []string{base[:strings.LastIndexByte(base, '.')] + ".socket"}
	}
	activated := false
	for _, socket := range sockets {
		if p.active[socket] {
			p.stop[socket] = true
			if p.new.has(socket) {
				p.start[socket] = true
				activated = true
			}
		}
	}
	return activated
}

// mountEntry is a line of fstab(5) without its last two numbers.
type mountEntry struct{ device, fsType, options string }

// parseFstab returns file systems by mount point, and the devices of swaps.
func parseFstab(text string) (mounts map[string]mountEntry, swaps []string) {
	mounts = map[string]mountEntry{}
	for line := range strings.Lines(text) {
		if strings.Contains(line, "#") {
			continue
		}
		words := append(strings.Fields(line), "")
		switch {
		case len(words) < 4:
		case words[2] == "swap":
			swaps = append(without(swaps, words[:1]), words[0])
		default:
			mounts[words[1]] = mountEntry{device: words[0], fsType: words[2], options: words[3]}
		}
	}
	return mounts, swaps
}

// mounts compares two fstabs.
func (p plan) mounts(old, new map[string]mountEntry) {
	for point, current := range old {
		name := escapePath(point) + ".mount"
		next, stays := new[point]
		if !stays {
			p.stop[name] = true
			continue
		}
		if current.fsType != next.fsType || current.device != next.device {
			if point != "/" && point != "/nix" {
				p.restart[name] = true
			} else if current.options != next.options {
				p.reload[name] = true
			} else {
				p.skip[name] = true
			}
		} else if current.options != next.options {
			p.reload[name] = true
		}
	}
}

// escapePath is `systemd-escape -p` of a path of letters, digits, "-", "_" and ".".
func escapePath(path string) string {
	path = strings.Trim(path, "/")
	if path == "" {
		return "-"
	}
	escaped := strings.NewReplacer("-", `\x2d`, "/", "-").Replace(path)
	if after, hidden := strings.CutPrefix(escaped, "."); hidden {
		escaped = `\x2e` + after
	}
	return escaped
}

// sortedKeys returns the keys of a set.
func sortedKeys[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }
