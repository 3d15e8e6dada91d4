package main

import (
	"maps"
	"slices"
	"strings"
)

// changes is what a switch does to units that are active.
type changes struct {
	remove  []string // gone from the new system: stopped
	start   []string // changed: stopped before activation, started after it
	restart []string // changed, X-StopIfChanged=false: restarted after activation
	reload  []string // changed, X-ReloadIfChanged=true
	skip    []string // changed, and asked to be left alone
}

// stopping returns the units that are stopped before activation.
func (c changes) stopping() []string {
	return slices.Sorted(slices.Values(slices.Concat(c.remove, c.start)))
}

// compare decides by the rules of switch-to-configuration-ng (collect_unit_changes and
// handle_modified_unit) about each unit of ACTIVE.
func compare(old, new unitSet, active []string) changes {
	var c changes
	for _, name := range slices.Sorted(slices.Values(active)) {
		before, had := old.units[name]
		after, has := new.units[name]
		switch {
		case !had: // not one of ours
		case !has:
			if before.flag("Unit", "X-StopOnRemoval", true) {
				c.remove = append(c.remove, name)
			}
		case before.sameAs(after):
		case strings.HasSuffix(name, ".service"):
			c.modified(after)
		case strings.HasSuffix(name, ".target"): // started again in any case
		default:
			c.start = append(c.start, name)
		}
	}
	return c
}

// modified sorts in a changed service. The X- keys are those of the new file; NixOS writes
// restartIfChanged and the like to [Service], and older releases to [Unit].
func (c *changes) modified(u unit) {
	flag := func(key string, missing bool) bool {
		return u.flag("Service", key, u.flag("Unit", key, missing))
	}
	switch {
	case flag("X-ReloadIfChanged", false):
		c.reload = append(c.reload, u.name)
	case !flag("X-RestartIfChanged", true), flag("RefuseManualStop", false), flag("X-OnlyManualStart", false):
		c.skip = append(c.skip, u.name)
	case !flag("X-StopIfChanged", true):
		c.restart = append(c.restart, u.name)
	default:
		c.start = append(c.start, u.name)
	}
}

// sortedKeys returns the keys of a set.
func sortedKeys[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }
