package cli

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// computer is a directory with the files of a machine.
func computer(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// initialize runs nqd init, and returns the host file of the named host and what was told.
func initialize(t *testing.T, files map[string]string, name string, args ...string) (hostFile, told string) {
	t.Helper()
	space := workspace.Workspace{Dir: t.TempDir()}
	args = append([]string{"--sandbox", computer(t, files), "--workspace", space.Dir, "init", "--non-interactive", "--adopt=no"}, args...)
	var out bytes.Buffer
	if code := Main("test", args, strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("%q: exit code %d\n%s", args, code, &out)
	}
	text, err := os.ReadFile(space.HostFile(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text), out.String()
}

// installed is what the installer of NixOS leaves, shortened.
var installed = map[string]string{
	"etc/hostname": "orion\n", "etc/passwd": "ada:x:1000:100:Ada:/home/ada:/bin/sh\n",
	"etc/os-release": "VERSION_ID=\"26.05\"\n", "etc/locale.conf": "LANG=de_DE.UTF-8\n",
	"etc/vconsole.conf": "KEYMAP=de-latin1\n", "etc/nixos/configuration.nix": "{\n  system.stateVersion = \"25.11\";\n}\n",
}

func TestInitWritesFacts(t *testing.T) {
	t.Parallel()
	files := maps.Clone(installed)
	files["proc/meminfo"], files["proc/cpuinfo"] = "MemTotal: 16384000 kB\n", "vendor_id\t: GenuineIntel\n"
	space := workspace.Workspace{Dir: t.TempDir()}
	args := []string{"--sandbox", computer(t, files), "--workspace", space.Dir, "init", "--non-interactive", "--adopt=no"}
	var out bytes.Buffer
	if code := Main("test", args, strings.NewReader(""), &out, &out); code != 0 {
		t.Fatalf("exit code %d\n%s", code, &out)
	}
	file := filepath.Join(filepath.Dir(space.HostFile("orion")), "facts.json")
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"cpu_vendor": "intel"`, `"memory_mb": 16000`, `"compute": "cpu"`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if !strings.Contains(out.String(), "wrote "+file) {
		t.Errorf("not told: %s", &out)
	}
}

func TestInitTakesWhatIsDetected(t *testing.T) {
	t.Parallel()
	text, told := initialize(t, installed, "orion")
	system := map[string]string{"amd64": "x86_64-linux", "arm64": "aarch64-linux"}[runtime.GOARCH]
	for _, want := range []string{
		`name = 'orion'`, `system = '` + system + `'`, `locale = 'de_DE.UTF-8'`, `keymap = 'de-latin1'`, `state_version = '25.11'`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(told, "warning") {
		t.Errorf("told %s", told)
	}

	text, _ = initialize(t, installed, "orion", "--locale=fr_FR.UTF-8", "--keymap=fr", "--system=aarch64-linux")
	for _, want := range []string{`system = 'aarch64-linux'`, `locale = 'fr_FR.UTF-8'`, `keymap = 'fr'`} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("options: no %s in\n%s", want, text)
		}
	}
}

// The release that a machine was installed with cannot be seen on the machine: a guess is
// told, as changing it later may cost data.
func TestInitTellsAssumedStateVersion(t *testing.T) {
	t.Parallel()
	files := map[string]string{"etc/os-release": "VERSION_ID=\"26.05\"\n"}
	text, told := initialize(t, files, "nixos")
	if !strings.Contains(text, "state_version = '26.05'") || !strings.Contains(told, "warning: state_version 26.05 is assumed") ||
		!strings.Contains(told, "--state-version") {
		t.Errorf("told %s; wrote\n%s", told, text)
	}
	if _, told := initialize(t, files, "nixos", "--state-version=24.11"); strings.Contains(told, "warning") {
		t.Errorf("with --state-version: %s", told)
	}
	if _, told := initialize(t, nil, "nixos"); !strings.Contains(told, "is assumed") {
		t.Errorf("nothing known: %s", told)
	}
}

func TestInitHostName(t *testing.T) {
	t.Parallel()
	initialize(t, installed, "vega", "--host=vega")
	initialize(t, installed, "lyra", "--host=vega", "--host-name=lyra")
}

// init waits for nobody: it has no exit code for that.
func TestInitHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	Main("test", []string{"init", "--help"}, strings.NewReader(""), &out, &out)
	if text := out.String(); strings.Contains(text, exit.Busy.Meaning()) || !strings.Contains(text, exit.Usage.Meaning()) {
		t.Error(text)
	}
}
