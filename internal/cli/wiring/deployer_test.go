package wiring

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// A unit of systemd has no HOME; the machine knows the user's home all the same.
func TestWorkspaceWithoutHome(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", "")
	t.Setenv("NQD_WORKSPACE", "")
	t.Setenv("XDG_STATE_HOME", "")
	space, err := new(App).Workspace(machine.Local())
	if want := filepath.Join(me.HomeDir, ".config/nixos"); err != nil || space.Dir != want {
		t.Errorf("workspace: got %s, %v; want %s", space.Dir, err, want)
	}
	dir, err := UserDir(machine.Local(), "XDG_STATE_HOME", ".local/state")
	if want := filepath.Join(me.HomeDir, ".local/state"); err != nil || dir != want {
		t.Errorf("state: got %s, %v; want %s", dir, err, want)
	}
}

func TestHostName(t *testing.T) {
	t.Parallel()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &deploy.Deployer{Machine: m, Workspace: workspace.Workspace{Dir: t.TempDir()}}
	add := func(host string) {
		t.Helper()
		file := d.Workspace.HostFile(host)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want := func(wanted, host, problem, hint string) {
		t.Helper()
		a := &App{Global: Options{Host: wanted}}
		got, err := a.HostName(d)
		if err == nil {
			err = exit.WithHint(errors.New(""), "")
		}
		var hinted interface{ Hint() string }
		if got != host || !strings.HasSuffix(err.Error(), problem) || !errors.As(err, &hinted) || hinted.Hint() != hint {
			t.Errorf("--host=%s: got %q, %v; want %q, %q", wanted, got, err, host, problem)
		}
	}
	want("", "", ": no workspace", "nqd init makes one")
	if err := os.WriteFile(filepath.Join(d.Workspace.Dir, "flake.nix"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	add("orion")
	want("", "orion", "", "")
	want("orion", "orion", "", "")
	const name = "name one with --host"
	want("vega", "", "host vega: the workspace has none of that name, only orion", name)
	add("sirius")
	want("vega", "", "host vega: the workspace has none of that name, only orion, sirius", name)
	want("sirius", "sirius", "", "")
	want("", "", "which host? the workspace has orion, sirius", name) // the machine is none of them
}
