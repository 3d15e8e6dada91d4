package activation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

const (
	currentSystem = "/run/current-system"
	bootedSystem  = "/run/booted-system"
)

// Reboot says what of the new system takes effect only after a reboot, or keeps the machine from switching to it without
// one (Required), and in sentences what is not known. What is needed from the start is compared with the system that was
// booted, the rest with the one that runs. It only reads.
func Reboot(m *machine.Machine, new Boot) (reasons []event.Reboot, unknown []string) {
	running := ReadBoot(m, currentSystem)
	booted := running
	if exists, err := m.Exists(bootedSystem); err == nil && exists {
		booted = ReadBoot(m, bootedSystem)
	}
	if running.DisplayManagerUnknown {
		unknown = append(unknown, "Which display manager the running system has is not known.")
	}
	return compareBoot(booted, running, new), unknown
}

// compareBoot lists the reasons for a reboot, those that need one before first.
func compareBoot(booted, running, new Boot) []event.Reboot {
	reasons := []event.Reboot{}
	// switch-to-configuration ends with 100 there.
	if differ(running.InitInterface, new.InitInterface) {
		before, after := running.Systemd, new.Systemd
		if before == "" || after == "" {
			before, after = running.InitInterface, new.InitInterface
		}
		reasons = append(reasons, event.Reboot{What: "systemd", Before: before, After: after, Required: true})
	}
	for _, name := range inhibited(running.Inhibitors, new.Inhibitors) {
		reasons = append(reasons, event.Reboot{
			What: inhibitorTitle(name), Before: running.Inhibitors[name], After: new.Inhibitors[name], Required: true,
		})
	}
	if _, told := new.Inhibitors[dbusInhibitor]; (!told || running.Inhibitors[dbusInhibitor] == "") && differ(running.DBus, new.DBus) {
		reasons = append(reasons, event.Reboot{What: "D-Bus", Before: running.DBus, After: new.DBus})
	}
	reasons = append(reasons, kernel(booted, new)...)
	if before, after := differing(booted.KernelParams, new.KernelParams); before != "" || after != "" {
		reasons = append(reasons, event.Reboot{What: "kernel parameters", Before: before, After: after})
	}
	if before, after := driver(booted), driver(new); before != after {
		reasons = append(reasons, event.Reboot{What: "graphics driver", Before: before, After: after})
	}
	// The first one too: graphical.target, which wants it, is not active before the machine booted to it. One that is
	// gone is stopped.
	before, after := running.DisplayManager, new.DisplayManager
	if !running.DisplayManagerUnknown && after != "" && before != after {
		reasons = append(reasons, event.Reboot{What: "display manager", Before: before, After: after})
	}
	return reasons
}

// differ reports whether two values differ; nothing is said where one is not known.
func differ(before, after string) bool { return before != "" && after != "" && before != after }

// kernel compares what the boot loader loads. Modules and initrd are made for a kernel: another one says it all.
func kernel(booted, new Boot) []event.Reboot {
	switch {
	case differ(booted.Kernel, new.Kernel):
		return []event.Reboot{{What: "kernel", Before: booted.Kernel, After: new.Kernel}}
	case differ(booted.KernelPath, new.KernelPath): // the same version, built otherwise
		return []event.Reboot{{What: "kernel", Before: booted.KernelPath, After: new.KernelPath}}
	}
	var reasons []event.Reboot
	if differ(booted.Modules, new.Modules) {
		reasons = append(reasons, event.Reboot{What: "kernel modules"})
	}
	if differ(booted.Initrd, new.Initrd) {
		reasons = append(reasons, event.Reboot{What: "initrd"})
	}
	return reasons
}

const dbusInhibitor = "dbus-implementation"

func inhibitorTitle(name string) string {
	if name == dbusInhibitor {
		return "D-Bus"
	}
	return name
}

// inhibited are the names that both systems have with different values: others do not count
// (nixos/modules/system/activation/switchable-system.nix).
func inhibited(running, new map[string]string) []string {
	var all []string
	for name, before := range running {
		if after, both := new[name]; both && before != after {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

// differing are the kernel parameters that only one of two lists has; where that is their order, all of them. Nothing is
// known of a list that is nil.
func differing(before, after []string) (gone, added string) {
	if before == nil || after == nil || slices.Equal(before, after) {
		return "", ""
	}
	only := func(list, other []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(param string) bool { return slices.Contains(other, param) })
	}
	left, right := only(before, after), only(after, before)
	if len(left)+len(right) == 0 {
		left, right = before, after
	}
	return strings.Join(left, " "), strings.Join(right, " ")
}

// driver names the graphics driver whose module has to be loaded anew; empty for those that come with the kernel.
func driver(b Boot) string {
	if !slices.Contains(b.GPU, nvidia) {
		return ""
	}
	if b.GPUVersion == "" {
		return nvidia
	}
	return fmt.Sprintf("%s %s", nvidia, b.GPUVersion)
}
