package adopt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/explain"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/testing/installer"
)

// at is a machine with what the installer's machine of that name has.
func at(t *testing.T, name string) *machine.Machine {
	t.Helper()
	root := t.TempDir()
	one, err := installer.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Write(root); err != nil {
		t.Fatal(err)
	}
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func seen(t *testing.T, m *machine.Machine) Adoption {
	t.Helper()
	a, err := Look(t.Context(), m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func names(a Adoption) (list []string) {
	for _, file := range a.Files {
		list = append(list, file.Path)
	}
	return list
}

func TestMachines(t *testing.T) {
	t.Parallel()
	all, err := installer.All()
	if err != nil || len(all) < 15 {
		t.Fatal(len(all), err)
	}
	for _, one := range all {
		t.Run(one.Name, func(t *testing.T) {
			t.Parallel()
			a := seen(t, at(t, one.Name))
			var got []string
			for _, f := range a.Findings {
				got = append(got, fmt.Sprintf("%s %s:%d", f.ID, strings.TrimPrefix(f.File, Folder+"/"), f.Line))
				if _, err := explain.Find(f.ID); err != nil || f.Text == "" || f.Cure == "" {
					t.Errorf("%+v: %v", f, err)
				}
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(one.Finds))
			if !slices.Equal(got, want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if a.Possible() != (len(want) == 0) || !a.Possible() && len(a.Files) > 0 {
				t.Errorf("possible: %t, %d files", a.Possible(), len(a.Files))
			}
			told, err := json.Marshal(a.Event())
			if err != nil || strings.Contains(string(told), "SECRET") {
				t.Errorf("%v: a secret is told: %s", err, told)
			}
		})
	}
}

func TestClosure(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"cosmic-uefi": {"configuration.nix", "hardware-configuration.nix"},
		"no-hardware": {"configuration.nix", "hardware-configuration.nix"},
		"modules": {
			"configuration.nix", `files/a "name" with spaces`, "files/motd", "hardware-configuration.nix", "more/loop.nix",
			"services/default.nix", "services/extra.nix",
		},
	} {
		m := at(t, name)
		a := seen(t, m)
		if got := names(a); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		for _, file := range a.Files {
			data, err := os.ReadFile(m.Path(file.From))
			if err != nil || string(data) != string(file.Data) {
				t.Errorf("%s: not as on the machine: %v", file.Path, err)
			}
		}
	}
}

// write is a machine with these files in /etc/nixos.
func written(t *testing.T, files map[string]string) *machine.Machine {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, Folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFolders(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ configuration, want string }{
		{`{ environment.etc.x.source = ./app; }`, "app/default.nix app/run app/sub/x"},
		{`{ imports = [ ./app ]; }`, "app/default.nix"},
		{`{ x = import ./app { }; }`, "app/default.nix"},
		{`{ imports = map (n: ./app/${n}) [ "run" ]; }`, "app/default.nix app/run app/sub/x"},
		{`{ x = "${./app/sub}/x"; }`, "app/sub/x"},
		{`{ x = ./. + "/app/run"; }`, "app/run"},
		{`{ x = builtins.pathExists ./none; y = 1/1; }`, "!"},
		{`{ x = if builtins.pathExists ./none.nix then import ./none.nix else { }; }`, ""},
		{`{ } # ./none.nix`, ""},
	} {
		a := seen(t, written(t, map[string]string{
			"configuration.nix": one.configuration, "app/default.nix": "{ }", "app/run": "x", "app/sub/x": "x", "hardware.txt": "",
		}))
		got := strings.Join(slices.DeleteFunc(names(a), func(n string) bool { return n == "configuration.nix" }), " ")
		if len(a.Findings) > 0 {
			got = "!"
		}
		if got != one.want {
			t.Errorf("%s: %s, %+v", one.configuration, got, a.Findings)
		}
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	m := written(t, map[string]string{"configuration.nix": `{ x = ./run; }`, "run": "#!/bin/sh"})
	if err := os.Chmod(m.Path(Folder+"/run"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range seen(t, m).Files {
		if is := file.Mode&0o111 != 0; is != (file.Path == "run") {
			t.Errorf("%s: mode %v", file.Path, file.Mode)
		}
	}
}

func TestNothingThere(t *testing.T) {
	t.Parallel()
	a := seen(t, written(t, map[string]string{"hardware-configuration.nix": "{ }"}))
	if a.From != "" || a.Possible() || len(a.Files) > 0 {
		t.Errorf("%+v", a)
	}
	told, err := json.Marshal(a.Event())
	if err != nil || string(told) != `{"from":"","files":[],"findings":[]}` {
		t.Errorf("%s, %v", told, err)
	}
}

// Files that only root may read are named, and nothing else is said of them.
func TestUnreadable(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("being somebody else needs root")
	}
	m := written(t, map[string]string{"configuration.nix": `{ imports = [ ./a.nix ./b/c.nix ]; }`, "a.nix": "{ }", "b/c.nix": "{ }"})
	if err := errors.Join(os.Chmod(m.Path("/"), 0o755), os.Chmod(filepath.Dir(m.Path("/")), 0o755), os.Chmod(m.Path(Folder+"/a.nix"), 0o600),
		os.Chmod(m.Path(Folder+"/b"), 0o700)); err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread() // files are opened as that user by this thread alone
	defer runtime.UnlockOSThread()
	if err := syscall.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setfsuid(0); err != nil {
			t.Error(err)
		}
	}()
	a := seen(t, m)
	var got []string
	for _, f := range a.Findings {
		got = append(got, f.ID+" "+f.File)
	}
	if want := []string{"adopt-unreadable /etc/nixos/a.nix", "adopt-unreadable /etc/nixos/b/c.nix"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestTried(t *testing.T) {
	t.Parallel()
	m := written(t, map[string]string{"configuration.nix": "{ imports = [ ./a.nix ]; }", "a.nix": "{ }"})
	tried := func(answer error) (Adoption, error) {
		return Look(t.Context(), m, func(_ context.Context, files []File) error {
			if len(files) != 2 {
				t.Errorf("%d files", len(files))
			}
			return answer
		})
	}
	if a, err := tried(nil); err != nil || !a.Possible() {
		t.Errorf("%+v, %v", a, err)
	}
	away := errors.New("no network")
	if a, err := tried(away); err != away || !a.Possible() {
		t.Errorf("%+v, %v", a, err)
	}
	for text, want := range map[string]event.Finding{
		"undefined variable 'x'\nat imported/a.nix:3:7:": {ID: "adopt-evaluation", File: Folder + "/a.nix", Line: 3},
		"something": {ID: "adopt-evaluation", File: Configuration},
		"cannot look up '<x>' in pure evaluation mode (use '--impure')\nat imported/a.nix:2:1:":    {ID: "adopt-lookup-path", File: Folder + "/a.nix", Line: 2},
		"access to absolute path '/x' is forbidden in pure evaluation mode":                        {ID: "adopt-absolute-path", File: Configuration},
		"path 'imported/b.nix' does not exist":                                                     {ID: "adopt-missing-file", File: Configuration},
		"attribute 'inputs' missing\nat imported/a.nix:1:3:":                                       {ID: "adopt-flake", File: Folder + "/a.nix", Line: 1},
		"The option `home-manager' does not exist. Definition values:\n- In `imported/a.nix': { }": {ID: "adopt-channel-home-manager", File: Folder + "/a.nix"},
	} {
		a, err := tried(&Refused{Said: text})
		if err != nil || len(a.Findings) != 1 || a.Possible() {
			t.Fatalf("%+v, %v", a, err)
		}
		got := a.Findings[0]
		if got.Cure == "" || !strings.Contains(got.Text, text) {
			t.Errorf("%+v", got)
		}
		got.Text, got.Cure = "", ""
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

// With a finding nothing is tried: what may be a secret does not go into the store.
func TestSecretsAreNotTried(t *testing.T) {
	t.Parallel()
	_, err := Look(t.Context(), at(t, "secrets"), func(context.Context, []File) error {
		t.Error("tried")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
