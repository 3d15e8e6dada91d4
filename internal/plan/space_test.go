package plan

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
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
	p := Planner{evaluation.Evaluator{Machine: m}}
	wantSize := func(want int64) {
		t.Helper()
		if got := p.kernelSize(); got != want {
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

	// Only where one of both changes is there anything to make room for.
	for what, want := range map[string]bool{"kernel": true, "initrd": true, "kernel parameters": false, "kernel modules": false} {
		plan := empty()
		plan.Reboot = []event.Reboot{{What: what}}
		p.space(&plan)
		if got := len(plan.Space) == 1 && plan.Space[0].Path == "/boot" && plan.Space[0].Need == 1200; got != want {
			t.Errorf("%s: %+v", what, plan.Space)
		}
	}
}
