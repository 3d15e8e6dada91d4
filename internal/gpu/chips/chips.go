// Package chips knows graphics chips by their PCI ids: which generation they are of, by tables of what their makers and the
// kernel publish.
package chips

import (
	_ "embed"
	"strconv"
	"strings"
)

// Chip is what a table says of a range of ids.
type Chip struct {
	// Name is that of the chip, such as GA106; Generation that of its architecture, such as Ampere.
	Name, Generation string
	// Gfx is the target of ROCm (AMD alone), such as gfx1030; empty where there is none.
	Gfx string
	// Integrated says that it is a part of the processor.
	Integrated bool
}

// The vendors that have a table, by their PCI ids.
const (
	Nvidia = "10de"
	AMD    = "1002"
	Intel  = "8086"
)

//go:embed nvidia.tsv
var nvidia string

//go:embed amd.tsv
var amd string

//go:embed intel.tsv
var intel string

// Find looks an id of four hexadecimal digits up in the table of a vendor. What is in no row is not known.
func Find(vendor, id string) (Chip, bool) {
	number, err := strconv.ParseUint(id, 16, 16)
	if err != nil {
		return Chip{}, false
	}
	for _, r := range rows(vendor) {
		if uint64(r.first) <= number && number <= uint64(r.last) {
			return r.Chip, true
		}
	}
	return Chip{}, false
}

// All are the chips of a vendor's table, in the order of their ids; one may be there more than once.
func All(vendor string) []Chip {
	var list []Chip
	for _, r := range rows(vendor) {
		list = append(list, r.Chip)
	}
	return list
}

// Newest is the highest id of a vendor's table, 0 without a table. Makers count upwards, nearly always.
func Newest(vendor string) int {
	highest := 0
	for _, r := range rows(vendor) {
		highest = max(highest, int(r.last))
	}
	return highest
}

// Source says where the table of a vendor is from.
func Source(vendor string) string {
	for line := range strings.Lines(table(vendor)) {
		if text, found := strings.CutPrefix(line, "# Source: "); found {
			return strings.TrimSpace(text)
		}
	}
	return ""
}

// row is a line of a table.
type row struct {
	first, last uint16
	Chip
}

func table(vendor string) string {
	return map[string]string{Nvidia: nvidia, AMD: amd, Intel: intel}[vendor]
}

// rows reads a table. Its lines are held to their form by a test.
func rows(vendor string) []row {
	var list []row
	for line := range strings.Lines(table(vendor)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		first, _ := strconv.ParseUint(fields[0], 16, 16)
		last, _ := strconv.ParseUint(fields[1], 16, 16)
		r := row{uint16(first), uint16(last), Chip{Name: fields[2], Generation: fields[3]}}
		switch vendor {
		case AMD:
			r.Gfx, r.Integrated = fields[4], fields[5] == "apu"
		case Intel:
			r.Integrated = fields[4] != "card"
		}
		list = append(list, r)
	}
	return list
}
