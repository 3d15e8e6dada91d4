package facts

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	words := 0
	card := func(id string) map[string]any {
		words++ // another nqd may say the same in other words
		return map[string]any{
			"cards": []any{map[string]any{
				"slot": "0000:01:00.0", "id": id, "driver": words, "decision": words, "source": words, "generation": words, "boot": words,
			}},
			"compute": "cuda", "warnings": []any{words},
		}
	}
	before := Facts{
		CPUVendor: "amd", MemoryMB: 15900, Firmware: "uefi", Battery: true,
		Disks:       []Disk{{Name: "sda", SizeGB: 500}, {Name: "sdb", SizeGB: 16, Removable: true}},
		FileSystems: []FileSystem{{Mount: "/", Type: "ext4", SizeGB: 499, Free: 17}},
		PCI:         []pci.Device{{Slot: "0000:01:00.0", Class: "030000", Vendor: "10de", ID: "2504", Driver: "nouveau"}},
	}
	same := before
	same.Disks = before.Disks[:1]
	same.FileSystems = []FileSystem{{Mount: "/", Type: "ext4", SizeGB: 499, Free: 3}}
	same.PCI = []pci.Device{{Slot: "0000:01:00.0", Class: "030000", Vendor: "10de", ID: "2504", Driver: "nvidia", Boot: true, Gfx: "gfx1030"}}
	// The file itself is the same, byte for byte: it is in the commit of each deployment.
	if was, is := string(before.JSON(card("10de:2504"))), string(same.JSON(card("10de:2504"))); was != is {
		t.Errorf("got\n%s\nand then\n%s", was, is)
	}
	after := before
	after.MemoryMB, after.Battery, after.SecureBoot = 31900, false, true
	after.Disks = []Disk{{Name: "sda", SizeGB: 500}, {Name: "sdc", SizeGB: 4000, Rotational: true}}
	for name, c := range map[string]struct {
		before, after string
		want          []Change
	}{
		"nothing":                   {string(before.JSON(card("10de:2504"))), string(same.JSON(card("10de:2504"))), nil},
		"a stick, a driver, room":   {string(before.JSON(nil)), string(same.JSON(nil)), nil},
		"another card":              {string(before.JSON(card("10de:2504"))), string(before.JSON(card("10de:2684"))), []Change{{"graphics 0000:01:00.0", "(10de:2504)", "(10de:2684)"}}},
		"came, went, is other":      {string(before.JSON(nil)), string(after.JSON(nil)), []Change{{"memory", "15900 MiB", "31900 MiB"}, {"firmware", "uefi", "uefi, secure boot"}, {"disk sdc", "", "4000 GB, rotating"}, {"battery", "yes", ""}}},
		"format 1, the same":        {`{"cpu_vendor": "amd", "memory_mb": 15900, "version": 1}`, string(before.JSON(nil)), []Change{{"format", "1", "2"}}},
		"format 1, less memory":     {`{"cpu_vendor": "amd", "memory_mb": 7900, "version": 1}`, string(before.JSON(nil)), []Change{{"format", "1", "2"}, {"memory", "7900 MiB", "15900 MiB"}}},
		"format 1 without memory":   {`{"cpu_vendor": "amd", "version": 1}`, `{"cpu_vendor": "amd", "version": 1}`, nil},
		"controls do not come far":  {`{"version": 2, "desktop": "a\u001b[2Jb"}`, `{"version": 2, "desktop": "ab"}`, nil},
		"odd, but no reason to end": {`{"version": 2, "graphics": [1], "pci": [{"slot": "x"}]}`, `{"version": 2, "graphics": {"cards": [5, {}], "nvidia": null}}`, []Change{{"graphics", "", "()"}, {" x", ":", ""}}},
	} {
		got, err := Compare([]byte(c.before), []byte(c.after))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if name != "odd, but no reason to end" && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestKnown: what nqd did not write is not compared, and so never written over.
func TestKnown(t *testing.T) {
	t.Parallel()
	for data, hint := range map[string]string{
		`{"version": 1}`: "", `{"version": 2, "later": {}}`: "",
		`{"version": 3}`:                 "a newer nqd wrote it: use that one",
		`{}`:                             "move the file away, and run nqd facts --refresh",
		`{"version": 0}`:                 "move the file away, and run nqd facts --refresh",
		`[]`:                             "move the file away, and run nqd facts --refresh",
		``:                               "move the file away, and run nqd facts --refresh",
		`{"version":2} x`:                "move the file away, and run nqd facts --refresh",
		`{"version": 2, "cpus": "many"}`: "move the file away, and run nqd facts --refresh",
	} {
		err := Known([]byte(data))
		var format *FormatError
		if (err == nil) != (hint == "") || err != nil && (!errors.As(err, &format) || format.Hint() != hint) {
			t.Errorf("%s: %v", data, err)
		}
		if _, other := Compare([]byte(`{"version":2}`), []byte(data)); (other == nil) != (err == nil) {
			t.Errorf("%s: compared: %v", data, other)
		}
	}
}

// FuzzDescribe: whatever is in the file, it is words of one line each, or an error.
func FuzzDescribe(f *testing.F) {
	f.Add([]byte(`{"version": 2, "pci": [{"slot": "0000:01:00.0", "class": "0"}], "graphics": {"cards": [{"slot": 1}], "amd": {"gfx": "\u001b[2J"}}}`))
	f.Add([]byte(`{"version": 1, "memory_mb": -5}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := Describe(data)
		for _, row := range rows {
			if strings.ContainsAny(row.Name+row.Value, "\x1b\n\r\x00") || row.Value == "" || err != nil {
				t.Errorf("%q, %v", row, err)
			}
		}
	})
}
