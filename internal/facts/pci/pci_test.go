package pci

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// bus is a machine with these files; "-> " makes a link.
func bus(t *testing.T, files map[string]string) *machine.Machine {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		err := os.WriteFile(file, []byte(text), 0o644)
		if len(text) > 3 && text[:3] == "-> " {
			os.Remove(file)
			err = os.Symlink(text[3:], file)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRead(t *testing.T) {
	t.Parallel()
	device := func(files map[string]string, slot, class, driver string) {
		dir := "/sys/bus/pci/devices/" + slot + "/"
		files[dir+"class"], files[dir+"vendor"], files[dir+"device"] = class, "0x1002\n", "0x744C\n"
		if driver != "" {
			files[dir+"driver"] = driver
		}
	}
	files := map[string]string{
		"/sys/bus/pci/drivers/amdgpu/new_id":                 "",
		"/sys/class/kfd/kfd/topology/nodes/0/properties":     "cpu_cores_count 16\ngfx_target_version 0\nlocation_id 0\ndomain 0\n",
		"/sys/class/kfd/kfd/topology/nodes/1/properties":     "gfx_target_version 110000\nlocation_id 768\ndomain 0\n",
		"/sys/class/kfd/kfd/topology/nodes/2/properties":     "gfx_target_version 90012\nlocation_id 51201\ndomain 65536\n",
		"/sys/class/kfd/kfd/topology/nodes/odd/properties":   "gfx_target_version\nlocation_id x\n\n",
		"/sys/bus/pci/devices/0000:03:00.0/boot_vga":         "1\n",
		"/sys/bus/pci/devices/0000:04:00.0/vendor":           "0x1002\n", // without a class
		"/sys/bus/pci/devices/0000:05:00.0/class":            "0x030000\n",
		"/sys/bus/pci/devices/..%2f/class":                   "0x030000\n",
		"/sys/bus/pci/devices/0000:04:00.0/device":           "0x1\n",
		"/sys/bus/pci/devices/10000:c8:00.1/boot_vga":        "0\n",
		"/sys/bus/pci/devices/0000:06:00.0/unrelated_folder": "",
	}
	device(files, "0000:03:00.0", "0x030000\n", "-> ../../drivers/amdgpu")
	device(files, "10000:c8:00.1", "0x038000\n", "-> ../../../../bus/pci/drivers/amdgpu")
	device(files, "0000:07:00.0", "0x020000\n", "-> ../../../../etc")
	device(files, "0000:08:00.0", "030000\n", "")
	device(files, "0000:09:00.9", "0x030000\n", "")
	want := []Device{
		{Slot: "0000:03:00.0", Class: "030000", Vendor: "1002", ID: "744c", Driver: "amdgpu", Boot: true, Gfx: "gfx1100"},
		{Slot: "0000:07:00.0", Class: "020000", Vendor: "1002", ID: "744c"},
		{Slot: "10000:c8:00.1", Class: "038000", Vendor: "1002", ID: "744c", Driver: "amdgpu", Gfx: "gfx90c"},
	}
	got := Read(bus(t, files))
	if len(got) != len(want) {
		t.Fatalf("got %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
	if got := Read(bus(t, nil)); got != nil {
		t.Errorf("without PCI: %+v", got)
	}
}

func FuzzParseNode(f *testing.F) {
	f.Add("gfx_target_version 90010\nlocation_id 768\ndomain 0\n", "0000:01:00.0")
	f.Fuzz(func(t *testing.T, properties, slot string) {
		if _, gfx, ok := parseNode(properties); ok && (len(gfx) < 6 || len(gfx) > 7) {
			t.Errorf("%q", gfx)
		}
		if at, ok := ParseSlot(slot); ok && at.place().location > 0xffff {
			t.Errorf("%q: %v", slot, at)
		}
		hexadecimal(slot, 4)
	})
}
