package chips

import (
	"regexp"
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	t.Parallel()
	forms := map[string]*regexp.Regexp{
		Nvidia: regexp.MustCompile(`^[0-9a-f]{4}\t[0-9a-f]{4}\t[^\t]+\t(Curie or older|Tesla|Fermi|Kepler|Maxwell|Pascal|Volta|Turing|Ampere|Ada|Hopper|Blackwell)$`),
		AMD:    regexp.MustCompile(`^[0-9a-f]{4}\t[0-9a-f]{4}\t[^\t]+\t(TeraScale|GCN [1-5]|RDNA [1-4]|RDNA 3\.5|CDNA [1-4])\t(gfx[0-9a-f]{3,4})?\t(apu)?$`),
		Intel:  regexp.MustCompile(`^[0-9a-f]{4}\t[0-9a-f]{4}\t[^\t]+\t(Gen 3 or older|Gen [4-9]|Gen 7\.5|Gen 9\.5|Gen 11|Xe-LP|Xe-HPG|Xe-LPG|Xe-HPC|Xe[23])\t(card)?$`),
	}
	for vendor, form := range forms {
		if Source(vendor) == "" {
			t.Errorf("%s: no source", vendor)
		}
		for line := range strings.Lines(table(vendor)) {
			if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, "#") && !form.MatchString(line) {
				t.Errorf("%s: %q", vendor, line)
			}
		}
		before := -1
		for _, r := range rows(vendor) {
			if int(r.first) <= before || r.last < r.first {
				t.Errorf("%s: %04x to %04x overlaps, or is not where it belongs", vendor, r.first, r.last)
			}
			before = int(r.last)
			if vendor == AMD && (r.Gfx == "") != (r.Generation == "TeraScale") {
				t.Errorf("%s: %04x has the target %q", vendor, r.first, r.Gfx)
			}
		}
	}
}

// TestLandmarks: cards that everybody knows, each written down from the list of its maker or pci.ids, not from the tables.
func TestLandmarks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ card, vendor, id, generation, gfx string }{
		{"B200", Nvidia, "2901", "Blackwell", ""}, {"RTX 5090", Nvidia, "2b85", "Blackwell", ""}, {"RTX 5070 Ti", Nvidia, "2c05", "Blackwell", ""},
		{"RTX 4090", Nvidia, "2684", "Ada", ""}, {"RTX 4060 Laptop", Nvidia, "28e0", "Ada", ""}, {"H100 PCIe", Nvidia, "2331", "Hopper", ""},
		{"RTX 3060 Laptop", Nvidia, "2520", "Ampere", ""}, {"RTX 3060", Nvidia, "2504", "Ampere", ""}, {"A100 40GB", Nvidia, "20b0", "Ampere", ""},
		{"GTX 1650", Nvidia, "1f82", "Turing", ""}, {"RTX 2080 Ti", Nvidia, "1e07", "Turing", ""}, {"T4", Nvidia, "1eb8", "Turing", ""}, {"GTX 1660 Ti", Nvidia, "2182", "Turing", ""},
		{"V100", Nvidia, "1db4", "Volta", ""}, {"GTX 1080 Ti", Nvidia, "1b06", "Pascal", ""}, {"GTX 1050", Nvidia, "1c81", "Pascal", ""},
		{"GTX 970", Nvidia, "13c2", "Maxwell", ""}, {"GTX 750 Ti", Nvidia, "1380", "Maxwell", ""}, {"GTX 680", Nvidia, "1180", "Kepler", ""},
		{"GT 710", Nvidia, "128b", "Kepler", ""}, {"GTX 480", Nvidia, "06c0", "Fermi", ""}, {"8800 GTX", Nvidia, "0191", "Tesla", ""},
		{"GTX 295", Nvidia, "05e0", "Tesla", ""}, {"GTX 285", Nvidia, "05e3", "Tesla", ""}, {"GTX 275", Nvidia, "05e6", "Tesla", ""},
		{"HD 2400 PRO PCI", AMD, "94cc", "TeraScale", ""}, {"HD 3450 PCI", AMD, "95c9", "TeraScale", ""}, {"7900 GTX", Nvidia, "0290", "Curie or older", ""},
		{"RX 9070 XT", AMD, "7550", "RDNA 4", "gfx1201"}, {"RX 9060 XT", AMD, "7590", "RDNA 4", "gfx1200"}, {"RX 7900 XTX", AMD, "744c", "RDNA 3", "gfx1100"},
		{"RX 7800 XT", AMD, "747e", "RDNA 3", "gfx1101"}, {"RX 7600", AMD, "7480", "RDNA 3", "gfx1102"}, {"RX 6800", AMD, "73bf", "RDNA 2", "gfx1030"},
		{"RX 6700 XT", AMD, "73df", "RDNA 2", "gfx1031"}, {"RX 6600", AMD, "73ff", "RDNA 2", "gfx1032"}, {"RX 6400", AMD, "743f", "RDNA 2", "gfx1034"},
		{"RX 5700", AMD, "731f", "RDNA 1", "gfx1010"}, {"Radeon VII", AMD, "66af", "GCN 5", "gfx906"}, {"Vega 64", AMD, "687f", "GCN 5", "gfx900"},
		{"RX 580", AMD, "67df", "GCN 4", "gfx803"}, {"Fury X", AMD, "7300", "GCN 3", "gfx803"}, {"R9 290X", AMD, "67b0", "GCN 2", "gfx701"}, {"HD 7970", AMD, "6798", "GCN 1", "gfx600"},
		{"Radeon 780M", AMD, "15bf", "RDNA 3", "gfx1103"}, {"Radeon 890M", AMD, "150e", "RDNA 3.5", "gfx1150"}, {"Radeon 8060S", AMD, "1586", "RDNA 3.5", "gfx1151"},
		{"Cezanne", AMD, "1638", "GCN 5", "gfx90c"}, {"Steam Deck", AMD, "163f", "RDNA 2", "gfx1033"}, {"Raphael", AMD, "164e", "RDNA 2", "gfx1036"}, {"HD 6970", AMD, "6718", "TeraScale", ""},
		{"MI210", AMD, "740f", "CDNA 2", "gfx90a"}, {"MI300X", AMD, "74a1", "CDNA 3", "gfx942"}, {"MI350X", AMD, "75a0", "CDNA 4", "gfx950"},
		{"Arc A770", Intel, "56a0", "Xe-HPG", ""}, {"Arc B580", Intel, "e20b", "Xe2", ""}, {"UHD 620", Intel, "5917", "Gen 9.5", ""}, {"UHD 620 (Whiskey Lake)", Intel, "3ea0", "Gen 9.5", ""},
		{"Iris Xe", Intel, "9a49", "Xe-LP", ""}, {"Iris Xe (Alder Lake)", Intel, "46a6", "Xe-LP", ""}, {"HD 4000", Intel, "0166", "Gen 7", ""}, {"HD 3000", Intel, "0126", "Gen 6", ""},
		{"HD 530", Intel, "1912", "Gen 9", ""}, {"GMA 4500", Intel, "2e32", "Gen 4", ""}, {"Lunar Lake", Intel, "64a0", "Xe2", ""}, {"GMA 950", Intel, "27a2", "Gen 3 or older", ""},
	} {
		got, found := Find(c.vendor, c.id)
		if !found || got.Generation != c.generation || got.Gfx != c.gfx {
			t.Errorf("%s (%s:%s): %+v, %v; want %s %s", c.card, c.vendor, c.id, got, found, c.generation, c.gfx)
		}
	}
}

func TestIntegrated(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]bool{AMD + "15bf": true, AMD + "744c": false, Intel + "3ea0": true, Intel + "56a0": false, Intel + "e20b": false, Nvidia + "2520": false} {
		if got, _ := Find(id[:4], id[4:]); got.Integrated != want {
			t.Errorf("%s: %+v", id, got)
		}
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{{Nvidia, "ffff"}, {Nvidia, ""}, {Nvidia, "10000"}, {Nvidia, "0x2520"}, {AMD, "GeForce"}, {"1af4", "1050"}, {"", ""}, {Nvidia, "22ba"}} {
		if got, found := Find(c[0], c[1]); found {
			t.Errorf("%v is %+v", c, got)
		}
	}
	if got := Newest(Nvidia); got < 0x2f58 || got > 0x3fff {
		t.Errorf("newest: %04x", got)
	}
}
