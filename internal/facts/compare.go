package facts

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
)

// Row is a fact for people.
type Row struct{ Name, Value string }

// Change is a fact that is not what it was. Before is empty for what came, After for what went.
type Change struct{ Name, Before, After string }

// Describe says a facts.json in words, in the order in which people read it.
func Describe(data []byte) ([]Row, error) {
	c, err := parse(data)
	if err != nil {
		return nil, err
	}
	return c.rows(), nil
}

// Compare says what is not the same in two files. A fact that an older format did not have is not told as one that came.
func Compare(before, after []byte) ([]Change, error) {
	old, err := parse(before)
	if err != nil {
		return nil, err
	}
	now, err := parse(after)
	if err != nil {
		return nil, err
	}
	was, is := old.rows(), now.rows()
	var changes []Change
	if old.Version != now.Version {
		changes = append(changes, Change{"format", strconv.Itoa(old.Version), strconv.Itoa(now.Version)})
	}
	if old.Version < 2 || now.Version < 2 {
		was, is = first(was), first(is)
	}
	for _, row := range is {
		if value, _ := find(was, row.Name); value != row.Value {
			changes = append(changes, Change{row.Name, value, row.Value})
		}
	}
	for _, row := range was {
		if _, found := find(is, row.Name); !found {
			changes = append(changes, Change{row.Name, row.Value, ""})
		}
	}
	return changes, nil
}

func find(rows []Row, name string) (string, bool) {
	for _, row := range rows {
		if row.Name == name {
			return row.Value, true
		}
	}
	return "", false
}

// first are the rows that format 1 has.
func first(rows []Row) []Row {
	return slices.DeleteFunc(slices.Clone(rows), func(row Row) bool { return row.Name != "processor made by" && row.Name != "memory" })
}

func (c content) rows() []Row {
	rows := []Row{
		{"processor made by", c.CPUVendor},
		{"processor", c.processor()},
		{"processors", number(c.CPUs, "")},
		{"memory", number(c.MemoryMB, " MiB")},
		{"swap", number(c.SwapMB, " MiB")},
		{"firmware", c.firmware()},
		{"boot loader", c.BootLoader},
		{"virtualisation", c.Virtualisation},
		{"battery", yes(c.Battery)},
		{"desktop", c.Desktop},
	}
	cards := c.graphics(&rows)
	for _, device := range c.PCI {
		if !device.Display() || !cards {
			rows = append(rows, Row{kinds[class(device)] + " " + device.Slot, device.Vendor + ":" + device.ID})
		}
	}
	for _, disk := range c.Disks {
		kind := "solid state"
		if disk.Rotational {
			kind = "rotating"
		}
		rows = append(rows, Row{"disk " + disk.Name, fmt.Sprintf("%d GB, %s", disk.SizeGB, kind)})
	}
	for _, one := range c.FileSystems {
		value := one.Type
		if one.Subvolume != "" {
			value += ", subvolume " + one.Subvolume
		}
		if one.SizeGB > 0 {
			value += fmt.Sprintf(", %d GB", one.SizeGB)
		}
		rows = append(rows, Row{"file system " + one.Mount, value})
	}
	rows = append(rows, Row{"encrypted", yes(c.Encrypted)})
	return shown(rows)
}

// class is the first part of the class of a device.
func class(d pci.Device) string { return d.Class[:min(2, len(d.Class))] }

// kinds are the written classes in words.
var kinds = map[string]string{"01": "storage", "02": "network", "03": "display", "04": "multimedia", "12": "accelerator"}

func (c content) processor() string {
	var parts []string
	for _, part := range []string{prefixed("family ", c.CPUFamily), prefixed("model ", c.CPUModel), prefixed("x86-64-v", c.CPULevel)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func (c content) firmware() string {
	if c.SecureBoot {
		return c.Firmware + ", secure boot"
	}
	return c.Firmware
}

// graphics adds a row for each card and for each thing that is decided for all of them. It reports whether there is one.
func (c content) graphics(rows *[]Row) bool {
	all, _ := c.Graphics.(map[string]any)
	cards, _ := all["cards"].([]any)
	for _, one := range cards {
		card, _ := one.(map[string]any)
		name := text(card["name"])
		if name != "" {
			name += " "
		}
		*rows = append(*rows, Row{"graphics " + text(card["slot"]), name + "(" + text(card["id"]) + ")"})
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if key != "cards" {
			flatten(rows, "graphics "+key, all[key])
		}
	}
	return len(cards) > 0
}

// flatten makes a row of each value of an object.
func flatten(rows *[]Row, name string, value any) {
	object, ok := value.(map[string]any)
	if !ok {
		*rows = append(*rows, Row{name, text(value)})
		return
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		flatten(rows, name+" "+key, object[key])
	}
}

func text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case bool:
		return yesNo(value)
	case nil:
		return ""
	}
	return fmt.Sprint(value)
}

func number(n int, unit string) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n) + unit
}

func prefixed(prefix string, n int) string {
	if n == 0 {
		return ""
	}
	return prefix + strconv.Itoa(n)
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
