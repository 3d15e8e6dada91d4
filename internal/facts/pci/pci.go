// Package pci reads the PCI devices of a machine as the kernel shows them (sysfs-bus-pci in the kernel's ABI
// documentation), and never the words of a program made for people.
package pci

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Device is one PCI device.
type Device struct {
	// Slot is domain:bus:device.function in hexadecimal digits, such as 0000:01:00.0.
	Slot string `json:"slot"`
	// Class has six hexadecimal digits: class, subclass, programming interface, such as 030000.
	Class string `json:"class"`
	// Vendor and ID have four hexadecimal digits each, in small letters, such as 10de and 2520.
	Vendor string `json:"vendor"`
	ID     string `json:"device"`
	// Driver is the driver of the kernel that has the device now; empty for none.
	Driver string `json:"driver,omitempty"`
	// Boot says that the firmware's screen was on it (boot_vga).
	Boot bool `json:"boot,omitempty"`
	// Gfx is the target of ROCm that the kernel itself tells (gfx_target_version of KFD), such as gfx1030; empty where it does not.
	Gfx string `json:"gfx,omitempty"`
}

// Display reports whether it is a display controller (class 03 of the PCI Code and ID Assignment Specification).
func (d Device) Display() bool { return len(d.Class) == 6 && d.Class[:2] == "03" }

const (
	devices = "/sys/bus/pci/devices"
	// nodes are what the compute driver of amdgpu knows of each card (Linux, drivers/gpu/drm/amd/amdkfd/kfd_topology.c).
	nodes = "/sys/class/kfd/kfd/topology/nodes"
)

// LargestFile is how many bytes a file may have that facts are read from. The largest is /proc/cpuinfo, with one or two
// thousand for each processor.
const LargestFile = 8 << 20

// Read is all PCI devices of a machine, sorted by slot. One that does not say what it is, is left out.
func Read(m *machine.Machine) []Device {
	slots, _ := m.Names(devices) // a machine without PCI has none
	var all []Device
	var gfx map[place]string
	for _, slot := range slots {
		at, ok := ParseSlot(slot)
		if !ok {
			continue
		}
		d := Device{Slot: slot}
		for file, digits := range map[string]struct {
			into *string
			many int
		}{"class": {&d.Class, 6}, "vendor": {&d.Vendor, 4}, "device": {&d.ID, 4}} {
			*digits.into = hexadecimal(text(m, path.Join(devices, slot, file)), digits.many)
			ok = ok && *digits.into != ""
		}
		if !ok {
			continue
		}
		d.Driver = driver(m, slot)
		d.Boot = text(m, path.Join(devices, slot, "boot_vga")) == "1"
		if d.Driver == "amdgpu" {
			if gfx == nil {
				gfx = targets(m)
			}
			d.Gfx = gfx[at.place()]
		}
		all = append(all, d)
	}
	return all
}

// place is where a device is: its domain, and bus, device and function as 16 bits, as KFD has them (location_id).
type place struct{ domain, location uint64 }

// Slot is where a device is, in numbers.
type Slot struct{ Domain, Bus, Device, Function uint64 }

func (s Slot) place() place { return place{s.Domain, s.Bus<<8 | s.Device<<3 | s.Function} }

// ParseSlot reads the kernel's notation, domain:bus:device.function in hexadecimal digits; false for anything else.
func ParseSlot(slot string) (Slot, bool) {
	parts := strings.FieldsFunc(slot, func(r rune) bool { return r == ':' || r == '.' })
	if len(parts) != 4 || strings.Join(parts[:3], ":")+"."+parts[3] != slot {
		return Slot{}, false
	}
	var numbers [4]uint64
	for i, limits := range [4]struct{ least, most, bits int }{{4, 8, 32}, {2, 2, 8}, {2, 2, 5}, {1, 1, 3}} {
		n, err := strconv.ParseUint(parts[i], 16, limits.bits)
		if err != nil || len(parts[i]) < limits.least || len(parts[i]) > limits.most || parts[i] != strings.ToLower(parts[i]) {
			return Slot{}, false
		}
		numbers[i] = n
	}
	return Slot{numbers[0], numbers[1], numbers[2], numbers[3]}, true
}

// hexadecimal takes 0x from a number of so many digits; empty for anything else.
func hexadecimal(text string, digits int) string {
	number, found := strings.CutPrefix(strings.ToLower(text), "0x")
	if _, err := strconv.ParseUint(number, 16, 32); !found || err != nil || len(number) != digits {
		return ""
	}
	return number
}

// driver is the name of what the link driver leads to.
func driver(m *machine.Machine, slot string) string {
	passed, err := m.Links(path.Join(devices, slot, "driver"))
	if err != nil || len(passed) == 0 {
		return ""
	}
	dir, name := path.Split(passed[len(passed)-1])
	if !strings.HasSuffix(dir, "/drivers/") {
		return ""
	}
	return name
}

// targets are the targets of ROCm of the cards that the compute driver serves.
func targets(m *machine.Machine) map[place]string {
	found := make(map[place]string)
	names, _ := m.Names(nodes)
	for _, node := range names {
		if at, gfx, ok := parseNode(text(m, path.Join(nodes, node, "properties"))); ok {
			found[at] = gfx
		}
	}
	return found
}

// parseNode reads the properties of a node: lines of a name and a number. Processors have the version 0.
func parseNode(properties string) (at place, gfx string, ok bool) {
	numbers := make(map[string]uint64)
	for line := range strings.Lines(properties) {
		if fields := strings.Fields(line); len(fields) == 2 {
			if n, err := strconv.ParseUint(fields[1], 10, 64); err == nil {
				numbers[fields[0]] = n
			}
		}
	}
	// Major, minor and stepping have two decimal digits each; the name has one hexadecimal digit for the last two.
	version := numbers["gfx_target_version"]
	major, minor, stepping := version/10000, version/100%100, version%100
	if version == 0 || major > 99 || minor > 15 || stepping > 15 {
		return place{}, "", false
	}
	return place{numbers["domain"], numbers["location_id"]}, fmt.Sprintf("gfx%d%x%x", major, minor, stepping), true
}

func text(m *machine.Machine, file string) string {
	data, _ := m.ReadShort(file, LargestFile) // what cannot be read is not known
	return strings.TrimSpace(string(data))
}
