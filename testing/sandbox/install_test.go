package sandbox

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

func TestInstallRefuses(t *testing.T) {
	full := t.TempDir()
	write(t, full, map[string]string{"etc/passwd": ""})
	for name, o := range map[string]Options{
		"a folder in use": {Root: full, User: "ada"},
		"a wrong name":    {Root: filepath.Join(t.TempDir(), "new"), User: "Ada; {"},
		"no name":         {Root: filepath.Join(t.TempDir(), "new")},
	} {
		if err := Install(t.Context(), o); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// A machine is one of this computer's kind, whose processor runs its programs.
func TestPlatform(t *testing.T) {
	for arch, want := range map[string]string{"amd64": "x86_64-linux", "arm64": "aarch64-linux"} {
		root := filepath.Join(t.TempDir(), "machine")
		if err := (Options{Root: root, User: "ada"}).layOut(arch); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(root, "etc/nixos/hardware-configuration.nix"))
		if err != nil {
			t.Fatal(err)
		}
		if line := `nixpkgs.hostPlatform = lib.mkDefault "` + want + `";`; strings.Count(string(text), line) != 1 || strings.Contains(string(text), "first-") {
			t.Errorf("%s: no %s in\n%s", arch, line, text)
		}
	}
}

func TestInstall(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("installing a machine needs root, for chroot(2)")
	}
	inputs, err := Prepare(t.Context(), t.TempDir(), Release)
	if err != nil {
		t.Fatal(err)
	}
	for _, bin := range nixes.All() {
		t.Run(strings.ReplaceAll(bin, "/", "-"), func(t *testing.T) {
			root := filepath.Join(t.TempDir(), "machine")
			o := Options{Root: root, NixBin: bin, Inputs: inputs, User: "ada"}
			if err := Install(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { Stop(root) })
			installed := agree(t, root)
			wantMachine(t, root)

			second := buildSecond(t, o)
			if err := Chroot(t.Context(), root, filepath.Join(second, "bin/switch-to-configuration"), "test"); err != nil {
				t.Fatal(err)
			}
			if got, err := CurrentSystem(root); err != nil || got != second {
				t.Errorf("running %q, %v; want %q", got, err, second)
			}
			if got, err := BootDefault(root); err != nil || got != installed {
				t.Errorf("boots to %q, %v; want %q: test changes no default", got, err, installed)
			}
			wantStopped(t, root)
		})
	}
}

// agree checks that the three readers name one system, and returns it.
func agree(t *testing.T, root string) string {
	t.Helper()
	var systems []string
	for _, read := range []func(string) (string, error){CurrentSystem, ProfileTarget, BootDefault} {
		system, err := read(root)
		if err != nil {
			t.Fatal(err)
		}
		systems = append(systems, system)
	}
	if len(slices.Compact(systems)) != 1 {
		t.Fatalf("running, profile and boot default differ: %q", systems)
	}
	return systems[0]
}

// wantMachine looks for what the installer leaves besides.
func wantMachine(t *testing.T, root string) {
	t.Helper()
	for name, want := range map[string]string{
		"/etc/os-release":                       `VERSION_ID="26.05"`,
		"/etc/hostname":                         "nixos",
		"/etc/passwd":                           "\nada:x:1000:100:ada:/home/ada:",
		"/etc/group":                            "\nwheel:x:1:ada",
		"/etc/nixos/configuration.nix":          "users.users.ada = {",
		"/etc/nixos/hardware-configuration.nix": "fileSystems",
		"/run/booted-system/nixos-version":      "26.05",
	} {
		data, err := ReadFile(root, name)
		if err != nil {
			t.Error(err)
		} else if !strings.Contains(string(data), want) {
			t.Errorf("%s: no %q in:\n%s", name, want, data)
		}
	}
	if info, err := os.Stat(filepath.Join(root, "home/ada")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("home of ada: %v, %v", info, err)
	}
}

// wantStopped stops the machine and looks whether its server is gone.
func wantStopped(t *testing.T, root string) {
	t.Helper()
	data, err := ReadFile(root, filepath.Join(unitStates, "ollama.service.json"))
	if err != nil {
		t.Fatal(err)
	}
	var server struct{ PID int }
	if err := json.Unmarshal(data, &server); err != nil || server.PID <= 1 {
		t.Fatalf("no process in %s: %v", data, err)
	}
	if err := syscall.Kill(server.PID, 0); err != nil {
		t.Fatalf("the server does not run: %v", err)
	}
	if err := Stop(root); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(root, unitStates, "*")); len(left) > 0 {
		t.Errorf("states after Stop: %q", left)
	}
	if err := syscall.Kill(server.PID, 0); err != syscall.ESRCH {
		t.Errorf("the server after Stop: %v", err)
	}
}

// buildSecond builds another system of the machine, with a server.
func buildSecond(t *testing.T, o Options) string {
	t.Helper()
	path := filepath.Join(o.Root, "etc/nixos/configuration.nix")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	port, err := FreePort()
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.Replace(string(text), `networking.hostName = "nixos";`,
		`networking.hostName = "second"; services.ollama = { enable = true; port = `+port+`; };`, 1))
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	system, err := o.build(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return system
}
