package activation

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation/unitfile"
)

// Compare says what a switch from the system of old to that of new does to the active units. old is what the machine has
// below /etc, made by Read. It is do_system_switch of main.rs; of a socket that failed, which main.rs takes for an
// active one, nothing is known here.
func Compare(old, new Files, active []string) Changes {
	whole, unknown := new.complete(old)
	s := switching{
		old: old, new: whole, unknown: unknown, active: set(active),
		stop: names{}, start: names{}, restart: names{}, reload: names{}, skip: names{},
		onDemand: names{}, again: names{}, unclear: names{},
	}
	for _, name := range sorted(active) {
		s.unit(name)
	}
	var swaps []string
	if old.hasFstab && new.hasFstab {
		swaps = s.fstab(parseFstab(old.fstab), parseFstab(new.fstab))
	}
	return Changes{
		Stop:     s.stop.without(s.start, s.onDemand, s.again),
		Start:    s.start.without(s.again),
		OnDemand: s.onDemand.without(),
		Restart:  s.restart.without(),
		Reload:   s.reload.without(s.restart),
		Skip:     s.skip.without(),
		New:      s.fresh(),
		Swaps:    sorted(swaps),
		Unknown:  s.unclear.without(),
	}
}

// names is a set of units.
type names map[string]bool

func set(list []string) names {
	all := names{}
	for _, name := range list {
		all[name] = true
	}
	return all
}

// without lists the names that are in none of others.
func (n names) without(others ...names) []string {
	left := maps.Clone(n)
	for _, other := range others {
		maps.DeleteFunc(left, func(name string, _ bool) bool { return other[name] })
	}
	return slices.Sorted(maps.Keys(left))
}

// switching decides unit after unit.
type switching struct {
	old, new Files
	unknown  map[string]bool
	active   names

	stop, start, restart, reload, skip names
	// onDemand are services that are stopped and that their sockets start again.
	onDemand names
	// again are active targets, which are started so that systemd starts what they want. main.rs shows neither that nor
	// that they are stopped (units_to_filter).
	again names
	// unclear are units whose new file is not known.
	unclear names
}

// instance matches an instance of a template (main.rs, template_unit_re).
var instance = regexp.MustCompile(`^(.*)@[^.]*\.(.*)$`)

// base is the unit whose file counts for name: itself, or the template where neither system has a file of its own for
// that instance.
func (s *switching) base(name string) string {
	parts := instance.FindStringSubmatch(name)
	if parts == nil || s.old.exists(name) || s.new.exists(name) {
		return name
	}
	return parts[1] + "@." + parts[2]
}

// unit decides about one active unit.
func (s *switching) unit(name string) {
	base := s.base(name)
	isTarget := strings.HasSuffix(name, ".target")
	if !s.old.exists(base) {
		// systemd's own, as a device or a scope. The targets that every machine reaches have files on NixOS; where they
		// have none, they still are what most units are wanted by.
		if isTarget && len(s.new.pulls[name]) > 0 {
			s.again[name] = true
		}
		return
	}
	if (s.unknown[base] || s.unknown[name]) && !isTarget {
		s.unclear[name] = true
		return
	}
	before, errBefore := unitfile.Read(s.old.texts(base, name))
	after, errAfter := unitfile.Read(s.new.texts(base, name))
	gone := !s.new.exists(base) || s.new.units[base].masked
	switch {
	case errBefore != nil || errAfter != nil && !gone: // the switch itself would end here
		s.unclear[name] = true
	case gone:
		if before.Flag("Unit", "X-StopOnRemoval", true) {
			s.stop[name] = true
		}
	case isTarget:
		s.target(name, after)
	default:
		switch compareUnits(before, after) {
		case needsRestart:
			s.modified(name, base, after)
		case needsReload:
			s.reload[name] = true
		}
	}
}

// target starts an active target again, and stops it before where it says so.
func (s *switching) target(name string, after unitfile.Unit) {
	switch name {
	case "suspend.target", "hibernate.target", "hybrid-sleep.target":
	default:
		if !after.Flag("Unit", "RefuseManualStart", false) && !after.Flag("Unit", "X-OnlyManualStart", false) {
			s.again[name] = true
		}
	}
	if after.Flag("Unit", "X-StopOnReconfiguration", false) {
		s.stop[name] = true
	}
}

// modified decides what becomes of a unit with another file (main.rs, handle_modified_unit).
func (s *switching) modified(name, base string, after unitfile.Unit) {
	switch {
	// ".unit" is what stands there, where paths seem to be meant: these are restarted.
	case strings.HasSuffix(name, ".unit"), strings.HasSuffix(name, ".slice"), strings.HasSuffix(name, ".socket"):
	case strings.HasSuffix(name, ".mount"):
		s.mount(name)
	case strings.HasPrefix(name, "systemd-nspawn@"):
	case after.Flag("Service", "X-ReloadIfChanged", false):
		s.reload[name] = true
	case !after.Flag("Service", "X-RestartIfChanged", true),
		after.Flag("Unit", "RefuseManualStop", false), after.Flag("Unit", "X-OnlyManualStart", false):
		s.skip[name] = true
	case !strings.HasSuffix(name, ".service"), !after.Flag("Service", "X-StopIfChanged", true):
		s.restart[name] = true
	default:
		s.stopAndStart(name, base, after)
	}
}

// mount restarts a mount unit. / and /nix can hardly be unmounted, so they are only remounted.
func (s *switching) mount(name string) {
	if name == "-.mount" || name == "nix.mount" {
		s.reload[name] = true
	} else {
		s.restart[name] = true
	}
}

// stopAndStart stops a service now and starts it later, or its active sockets in its place.
func (s *switching) stopAndStart(name, base string, after unitfile.Unit) {
	s.stop[name] = true
	sockets := after.Words("Service", "Sockets")
	if len(sockets) == 0 {
		sockets = []string{strings.TrimSuffix(base, path.Ext(base)) + ".socket"}
	}
	bySocket := false
	for _, socket := range sockets {
		if !s.active[socket] {
			continue
		}
		s.stop[socket] = true
		if s.new.exists(socket) {
			s.start[socket] = true
			bySocket = true
		}
	}
	if bySocket && !after.Flag("Service", "X-NotSocketActivated", false) {
		s.onDemand[name] = true
	} else {
		s.start[name] = true
	}
}

// fresh are the units that begin to run: those that systemd starts with the active targets and with what is started or
// restarted, for a reason that the old system did not have.
func (s *switching) fresh() []string {
	roots := sorted(s.again.without(), s.start.without(), s.restart.without())
	before := s.old.closure(roots)
	return s.new.closure(roots).without(before, s.active)
}

// closure is what starting the roots starts: what they want or require, and so on. Units without a file are left out,
// but not what they pull in.
func (f Files) closure(roots []string) names {
	reached, found := set(roots), names{}
	for todo := slices.Clone(roots); len(todo) > 0; todo = todo[1:] {
		name := todo[0]
		base := name
		if parts := instance.FindStringSubmatch(name); parts != nil && !f.exists(name) {
			base = parts[1] + "@." + parts[2]
		}
		if f.units[base].masked {
			continue
		}
		if f.exists(base) {
			found[name] = true
		}
		for _, next := range f.dependencies(base, name) {
			if !reached[next] {
				reached[next] = true
				todo = append(todo, next)
			}
		}
	}
	return found
}

// dependencies are the units that are started along with name (systemd.unit(5)).
func (f Files) dependencies(base, name string) []string {
	all := slices.Concat(f.pulls[base], f.pulls[name])
	u, err := unitfile.Read(f.texts(base, name))
	if err != nil {
		return all
	}
	for _, key := range []string{"Wants", "Requires", "BindsTo", "Upholds"} {
		all = append(all, u.Words("Unit", key)...)
	}
	return all
}
