package hardware

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWrite: each machine can be written, and its devices are found as on a real one.
func TestWrite(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		m, err := Load(name)
		if err != nil {
			t.Error(err)
			continue
		}
		root := t.TempDir()
		if err := Write(root, name); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := Write(root, name); err != nil {
			t.Errorf("%s, again: %v", name, err)
		}
		for _, d := range m.PCI {
			device := filepath.Join(root, "sys/bus/pci/devices", d.Slot)
			if text, err := os.ReadFile(filepath.Join(device, "vendor")); err != nil || string(text) != "0x"+d.Vendor+"\n" {
				t.Errorf("%s: %s: vendor %q, %v", name, d.Slot, text, err)
			}
			driver, err := filepath.EvalSymlinks(filepath.Join(device, "driver"))
			if d.Driver != "" && (err != nil || filepath.Base(driver) != d.Driver) {
				t.Errorf("%s: %s: driver %s, %v", name, d.Slot, driver, err)
			}
		}
	}
}

func TestTargetVersion(t *testing.T) {
	t.Parallel()
	for gfx, want := range map[string]int{"gfx1030": 100300, "gfx90a": 90010, "gfx803": 80003, "gfx1151": 110501, "gfx90c": 90012} {
		if got, err := targetVersion(gfx); err != nil || got != want {
			t.Errorf("%s: %d, %v; want %d", gfx, got, err, want)
		}
	}
}

// TestWriteLeavesTheSystem: what a machine has outside of /sys and /proc stays, and no link is followed out of it.
func TestWriteLeavesTheSystem(t *testing.T) {
	t.Parallel()
	root, outside := t.TempDir(), t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "run"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, "run/current-system")); err != nil {
		t.Fatal(err)
	}
	if err := Write(root, "desktop-rtx3060"); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("behind the link: %v, %v", entries, err)
	}
}
