package facts

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/testing/hardware"
)

// fixture is one of the machines that nobody has here.
func fixture(t *testing.T, name string) *machine.Machine {
	t.Helper()
	root := t.TempDir()
	if err := hardware.Write(root, name); err != nil {
		t.Fatal(err)
	}
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMachines: of each machine is read what its file says of it.
func TestMachines(t *testing.T) {
	t.Parallel()
	for _, name := range hardware.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			described, err := hardware.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			m := fixture(t, name)
			found := Read(m)
			var got map[string]any
			if err := json.Unmarshal(found.JSON(nil), &got); err != nil {
				t.Fatal(err)
			}
			for key, want := range described.Facts {
				if number, ok := want.(int64); ok {
					want = float64(number)
				}
				if want == false {
					want = nil // what is not so is left out
				}
				if !reflect.DeepEqual(got[key], want) {
					t.Errorf("%s: got %v, want %v", key, got[key], want)
				}
			}
			if len(found.PCI) != len(described.PCI) {
				t.Fatalf("%d devices, want %d", len(found.PCI), len(described.PCI))
			}
			for _, want := range described.PCI {
				has := false
				for _, d := range found.PCI {
					has = has || d.Slot == want.Slot && d.Class == want.Class && d.Vendor == want.Vendor && d.ID == want.Device &&
						d.Driver == want.Driver && d.Boot == want.Boot && d.Gfx == want.Gfx
				}
				if !has {
					t.Errorf("%+v is not in %+v", want, found.PCI)
				}
			}
			if again := Read(m); string(again.JSON(nil)) != string(found.JSON(nil)) {
				t.Error("the second reading is another one")
			}
		})
	}
}

// TestDesktopComputer is one machine in all that is not compared by its file.
func TestDesktopComputer(t *testing.T) {
	t.Parallel()
	found := Read(fixture(t, "desktop-rtx3060"))
	disks := []Disk{{Name: "nvme0n1", SizeGB: 1000}, {Name: "sda", SizeGB: 4000, Rotational: true}}
	if !reflect.DeepEqual(found.Disks, disks) {
		t.Errorf("disks: got %+v", found.Disks)
	}
	for i, one := range found.FileSystems {
		if one.Free <= 0 {
			t.Errorf("%s: nothing free", one.Mount)
		}
		found.FileSystems[i].Free = 0
	}
	systems := []FileSystem{
		{Mount: "/", Type: "btrfs", Subvolume: "/@", SizeGB: 999},
		{Mount: "/boot", Type: "vfat", SizeGB: 1},
		{Mount: "/home", Type: "btrfs", Subvolume: "/@home", SizeGB: 999},
	}
	if !reflect.DeepEqual(found.FileSystems, systems) {
		t.Errorf("file systems: got %+v", found.FileSystems)
	}
	if found.SwapMB != 0 { // in memory
		t.Errorf("swap: got %d", found.SwapMB)
	}
	data := string(found.JSON(nil))
	for _, no := range []string{"nouveau", "luks-root", "3c8f5ddc", "free", "Micro-Star"} {
		if strings.Contains(data, no) {
			t.Errorf("%s is in %s", no, data)
		}
	}
	if strings.Contains(data, "0000:00:00.0") || !strings.Contains(data, "0000:2b:00.0") {
		t.Errorf("devices: %s", data)
	}
}
