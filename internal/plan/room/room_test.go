package room

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

func TestRooms(t *testing.T) {
	t.Parallel()
	store, boot := need{"/nix/store", "downloads", 5}, need{"/boot", "a kernel", 2}
	small := running.Room{Free: 1, Device: 1}
	for name, c := range map[string]struct {
		needs   []need
		rooms   map[string]running.Room
		want    []event.Space
		unknown []string
	}{
		"nothing":       {nil, nil, []event.Space{}, nil},
		"nothing to do": {[]need{{"/nix/store", "downloads", 0}}, nil, []event.Space{}, nil},
		"apart": {
			[]need{store, boot}, map[string]running.Room{"/nix/store": {Free: 9, Device: 7}, "/boot": small},
			[]event.Space{
				{Path: "/nix/store", For: []string{"downloads"}, Need: 5, Free: 9}, {Path: "/boot", For: []string{"a kernel"}, Need: 2, Free: 1},
			}, nil,
		},
		"shared": {
			[]need{store, boot}, map[string]running.Room{"/nix/store": small, "/boot": small},
			[]event.Space{{Path: "/nix/store", For: []string{"downloads", "a kernel"}, Need: 7, Free: 1}}, nil,
		},
		"device 0": {
			[]need{store, boot}, map[string]running.Room{"/nix/store": {Free: 9}, "/boot": {Free: 9}},
			[]event.Space{{Path: "/nix/store", For: []string{"downloads", "a kernel"}, Need: 7, Free: 9}}, nil,
		},
		"one that cannot be read": {
			[]need{store, boot}, map[string]running.Room{"/boot": small},
			[]event.Space{{Path: "/boot", For: []string{"a kernel"}, Need: 2, Free: 1}}, []string{"the room at /nix/store: no such file system"},
		},
	} {
		got, unknown := rooms(c.needs, func(path string) (running.Room, error) {
			room, known := c.rooms[path]
			if !known {
				return running.Room{}, errors.New("no such file system")
			}
			return room, nil
		})
		if !reflect.DeepEqual(got, c.want) || !reflect.DeepEqual(unknown, c.unknown) {
			t.Errorf("%s: got %+v, %q; want %+v, %q", name, got, unknown, c.want, c.unknown)
		}
	}
}

func TestKernelSize(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	p := Look{Machine: m}
	wantSize := func(want int64) {
		t.Helper()
		if got := p.Kernel(nil, nil).bytes; got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	wantSize(0)
	link := func(to, at string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(m.Path(at)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, m.Path(at)); err != nil {
			t.Fatal(err)
		}
	}
	const oldSystem = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-nixos-system-orion-old"
	link(oldSystem, "/run/current-system")
	link("/nix/store/k/bzImage", oldSystem+"/kernel")
	link("/nix/store/i/initrd", oldSystem+"/initrd")
	wantSize(0)
	for file, size := range map[string]int{"/nix/store/k/bzImage": 1000, "/nix/store/i/initrd": 200} {
		if err := os.MkdirAll(filepath.Dir(m.Path(file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(m.Path(file), make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wantSize(1200)

	if err := os.MkdirAll(m.Path("/boot/loader/entries"), 0o755); err != nil {
		t.Fatal(err)
	}
	// Only where one of both changes is there anything to make room for.
	for what, want := range map[string]bool{"kernel": true, "initrd": true, "kernel parameters": false, "kernel modules": false} {
		plan := event.Plan{}
		plan.Reboot = []event.Reboot{{What: what}}
		p.Spaces(&plan, p.Kernel(nil, nil))
		if got := len(plan.Space) == 1 && plan.Space[0].Path == "/boot" && plan.Space[0].Need == 1200; got != want {
			t.Errorf("%s: %+v", what, plan.Space)
		}
	}
}

const newKernel = "/nix/store/5n4q3kbmvc3yhxfzqrhwkq7m4ygk8n3l-linux-6.18.9"

// put writes a file of that size to the machine.
func put(t *testing.T, m *machine.Machine, file string, size int) {
	t.Helper()
	at := m.Path(file)
	if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, make([]byte, size), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// What is in the store counts before what runs now. What a cache says is of the whole package: it is no more than that.
func TestKernelOfTheNewSystem(t *testing.T) {
	t.Parallel()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := Look{Machine: m}
	boot := json.RawMessage(`{"kernel_path":"` + newKernel + `","initrd":"/nix/store/i"}`)
	wants := func(name string, sizes map[machine.StorePath]int64, want Kernel) {
		t.Helper()
		if got := l.Kernel(boot, sizes); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	wants("nothing runs", nil, Kernel{guessed: true})
	wants("nothing runs, a cache has it", map[machine.StorePath]int64{newKernel: 3000}, Kernel{bytes: 3000, guessed: true})
	put(t, m, "/nix/store/old/Image", 1000)
	put(t, m, "/nix/store/oldinitrd/initrd", 200)
	for link, to := range map[string]string{"kernel": "/nix/store/old/Image", "initrd": "/nix/store/oldinitrd/initrd"} {
		at := m.Path("/run/current-system/" + link)
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.Symlink(to, at)); err != nil {
			t.Fatal(err)
		}
	}
	wants("nothing is known", nil, Kernel{bytes: 1200, guessed: true})
	wants("a cache has it, with its modules maybe", map[machine.StorePath]int64{newKernel: 3000}, Kernel{bytes: 1200, guessed: true})
	wants("a cache has a smaller one", map[machine.StorePath]int64{newKernel: 700}, Kernel{bytes: 900, guessed: true})
	put(t, m, newKernel+"/Image", 1500) // by the name that it has on this processor
	put(t, m, newKernel+"/System.map", 9000)
	wants("the kernel is there", nil, Kernel{bytes: 1700, guessed: true})
	put(t, m, "/nix/store/i/initrd", 300)
	wants("both are there", nil, Kernel{bytes: 1800})
	if got := l.Kernel(json.RawMessage("["), nil); got != (Kernel{bytes: 1200, guessed: true}) {
		t.Errorf("an unknown manifest: %+v", got)
	}
}

// GRUB reads kernels from the store, where that is on the file system of /boot.
func TestCopiesKernels(t *testing.T) {
	t.Parallel()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := Look{Machine: m}
	put(t, m, "/nix/store/x", 0)
	put(t, m, "/boot/grub/grub.cfg", 0)
	if l.copiesKernels() {
		t.Error("GRUB on one file system copies")
	}
	if err := os.MkdirAll(m.Path("/boot/loader/entries"), 0o755); err != nil {
		t.Fatal(err)
	}
	if !l.copiesKernels() {
		t.Error("systemd-boot does not copy")
	}
}

// What is not copied takes no room, and what nobody knows the size of is said.
func TestSpaces(t *testing.T) {
	t.Parallel()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	size := int64(7)
	plan := event.Plan{
		State: []event.StateChange{
			{Feature: "a", Size: &size, Snapshot: "/var/lib/nqd/a"}, {Feature: "b", Size: &size, Without: "room"},
			{Feature: "c", Size: &size, Without: "cache"}, {Feature: "d", Snapshot: "/var/lib/nqd/d"},
		},
		Home: []event.HomeFile{{Path: "/home/ada/a", Kept: event.HomeBackup}, {Path: "/home/ada/b", Kept: event.HomeBackup}, {Path: "/home/bob/c"}},
	}
	look := Look{Machine: m, Backups: "/home/ada/backups", Late: []string{"models.service"}, SizeOf: func(path string) *int64 {
		if path == "/home/ada/a" {
			return &size
		}
		return nil
	}}
	look.Spaces(&plan, Kernel{})
	if len(plan.Space) != 1 || plan.Space[0].Need != 14 || !reflect.DeepEqual(plan.Space[0].For, []string{"a backup of what is in the way in homes", "a snapshot of the data of a"}) {
		t.Errorf("got %+v", plan.Space)
	}
	want := []string{"how much room the backup of /home/ada/b takes", "how much room is taken by what models.service downloads once the deployment is committed"}
	if !reflect.DeepEqual(plan.Unknown, want) {
		t.Errorf("got %q, want %q", plan.Unknown, want)
	}
}
