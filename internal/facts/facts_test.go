package facts

import (
	"errors"
	"maps"
	"os"
	"os/user"
	"path"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// computer is a machine with the given files; "-> " makes a link.
func computer(t *testing.T, files map[string]string) *machine.Machine {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, link := strings.CutPrefix(text, "-> "); link {
			err = os.Symlink(target, file)
		} else {
			err = os.WriteFile(file, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	m, err := machine.Sandbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fresh is what the installer of NixOS 26.05 leaves, shortened (synthetic).
var fresh = map[string]string{
	"/etc/hostname":  "orion\n",
	"/etc/passwd":    "root:x:0:0:System administrator:/root:/bin/sh\nada:x:1000:100:Ada Lovelace,,,:/home/ada:/bin/sh\nnobody:x:65534:65534:Unprivileged:/var/empty:/bin/nologin\n",
	"/etc/localtime": "-> /etc/zoneinfo/Europe/Berlin",
	// As NixOS has its files: /etc leads to /etc/static, which leads into the store.
	"/etc/static":                        "-> /nix/store/x-etc/etc",
	"/etc/locale.conf":                   "-> /etc/static/locale.conf",
	"/etc/vconsole.conf":                 "-> /etc/static/vconsole.conf",
	"/etc/os-release":                    "-> /etc/static/os-release",
	"/nix/store/x-etc/etc/locale.conf":   "LANG=de_DE.UTF-8\nLC_TIME=C.UTF-8\n",
	"/nix/store/x-etc/etc/vconsole.conf": "KEYMAP=de-latin1\nFONT=lat2-16\n",
	"/nix/store/x-etc/etc/os-release": `ANSI_COLOR="0;38;2;126;186;228"
BUG_REPORT_URL="https://github.com/NixOS/nixpkgs/issues"
ID=nixos
VERSION="26.05 (Yarara)"
VERSION_ID="26.05"
`,
	"/proc/meminfo":                "MemTotal:       32717276 kB\nMemFree:        1234567 kB\n",
	"/proc/cpuinfo":                "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\n",
	"/etc/nixos/configuration.nix": "{ config, pkgs, ... }:\n{\n  # Before changing this value read the documentation.\n  system.stateVersion = \"25.11\"; # Did you read the comment?\n}\n",
}

func TestRead(t *testing.T) {
	t.Parallel()
	system := map[string]string{"amd64": "x86_64-linux", "arm64": "aarch64-linux"}[runtime.GOARCH]
	want := Facts{
		HostName: "orion", System: system, User: "ada", FullName: "Ada Lovelace", Timezone: "Europe/Berlin",
		Locale: "de_DE.UTF-8", Keymap: "de-latin1", Release: "26.05", StateVersion: "25.11",
		MemoryMB: 31900, CPUVendor: "amd", CPUFamily: 25, CPUs: 1, Virtualisation: "none",
		Locales: map[string]string{"LC_TIME": "C.UTF-8"},
	}
	if got := Read(computer(t, fresh)); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := Read(computer(t, nil)); !reflect.DeepEqual(got, Facts{System: system, StateVersionAssumed: true, CPUVendor: "other"}) {
		t.Errorf("an empty machine: %+v", got)
	}
	files := maps.Clone(fresh)
	delete(files, "/etc/nixos/configuration.nix")
	want.StateVersion, want.StateVersionAssumed = "26.05", true
	if got := Read(computer(t, files)); !reflect.DeepEqual(got, want) {
		t.Errorf("without configuration.nix: %+v, want %+v", got, want)
	}
}

// TestReadHostile: whatever stands in the place of a file, reading ends, and the fact is empty.
func TestReadHostile(t *testing.T) {
	t.Parallel()
	pipe := func(file string) error { return syscall.Mkfifo(file, 0o600) }
	huge := func(file string) error { // sparse: as large as no fact is
		if err := os.WriteFile(file, []byte("orion\n"), 0o600); err != nil {
			return err
		}
		return os.Truncate(file, 1<<40)
	}
	for name, make := range map[string]func(string) error{
		"a pipe": pipe, "a huge file": huge,
		"a directory":          func(file string) error { return os.Mkdir(file, 0o700) },
		"a link to itself":     func(file string) error { return os.Symlink(path.Base(file), file) },
		"a link out of itself": func(file string) error { return os.Symlink(strings.Repeat("../", 40)+"dev/zero", file) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, file := range []string{
				"/etc/hostname", "/etc/passwd", "/etc/locale.conf", "/proc/cpuinfo", "/proc/meminfo", "/proc/self/mountinfo", "/proc/swaps",
				"/sys/bus/pci/devices/0000:01:00.0/class", "/sys/class/kfd/kfd/topology/nodes", "/sys/block/sda/device", "/sys/class/block",
				"/sys/block/dm-0/dm/uuid", "/sys/class/power_supply", "/etc/set-environment", loaderVariable, secureBootVariable,
			} {
				if err := os.MkdirAll(filepath.Join(dir, path.Dir(file)), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := make(filepath.Join(dir, file)); err != nil {
					t.Fatal(err)
				}
			}
			m, err := machine.Sandbox(dir)
			if err != nil {
				t.Fatal(err)
			}
			got := Read(m)
			got.System, got.Firmware = "", "" // of this computer; by a directory that is there
			if want := (Facts{StateVersionAssumed: true, CPUVendor: "other"}); !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// The account that started nqd counts on a real machine, another one's in a sandbox.
func TestPerson(t *testing.T) {
	t.Parallel()
	current := func() (*user.User, error) {
		return &user.User{Uid: "1001", Username: "bob", Name: "Bob B"}, nil
	}
	if name, full := person(machine.Local(), current); name != "bob" || full != "Bob B" {
		t.Errorf("this machine: %q, %q", name, full)
	}
	if name, full := person(computer(t, fresh), current); name != "ada" || full != "Ada Lovelace" {
		t.Errorf("a sandbox: %q, %q", name, full)
	}
	unknown := func() (*user.User, error) { return nil, errors.New("no such account") }
	if name, full := person(machine.Local(), unknown); name != "" || full != "" {
		t.Errorf("an account that is not known: %q, %q", name, full)
	}
	account, err := user.Current()
	if err != nil {
		t.Skip("this account has no name")
	}
	if got := Read(machine.Local()).User; got != account.Username {
		t.Errorf("got %q, want %q", got, account.Username)
	}
}

func TestFirstPerson(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ passwd, user, full string }{
		"none":                {"root:x:0:0:root:/root:/bin/sh\n", "", ""},
		"lowest counts":       {"bob:x:1001:100:Bob:/:/\nada:x:1000:100:Ada:/:/\neve:x:1002:100:Eve:/:/\n", "ada", "Ada"},
		"below 1000":          {"nginx:x:999:60:Web:/:/\n", "", ""},
		"first and last":      {"ada:x:29999:100::/:/\n", "ada", ""},
		"builders":            {"nixbld1:x:30001:30000:Nix build user 1:/:/\nz:x:30000:1:Z:/:/\n", "", ""},
		"no gecos":            {"ada:x:1000:100::/:/\n", "ada", ""},
		"office and phone":    {"ada:x:1000:100:Ada L,12,34:/:/\n", "ada", "Ada L"},
		"not latin":           {"ada:x:1000:100:Ада Лавлейс:/:/\n", "ada", "Ада Лавлейс"},
		"no line end":         {"ada:x:1000:100:Ada:/:/", "ada", "Ada"},
		"too few, too many":   {"ada:x:1000:100:Ada:/\nbob:x:1000:100:Bob:/:/:more\n", "", ""},
		"uid is not a number": {"ada:x:1e3:100:Ada:/:/\n", "", ""},
		"negative":            {"ada:x:-1:100:Ada:/:/\n", "", ""},
	} {
		if user, full := firstPerson(c.passwd); user != c.user || full != c.full {
			t.Errorf("%s: got %q, %q; want %q, %q", name, user, full, c.user, c.full)
		}
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"MemTotal:       32717276 kB\n":                  31900,
		"MemFree: 7 kB\nMemTotal:        1048576 kB\n":   1000,
		"MemTotal:        1024000 kB":                    1000,
		"MemTotal:        1023999 kB\n":                  900,
		"MemTotal: 99 kB\n":                              0,
		"MemTotal: 1 GB\n":                               0,
		"MemTotal: much kB\n":                            0,
		"MemTotal:\n":                                    0,
		"SwapTotal: 1048576 kB\nMemTotals: 1048576 kB\n": 0,
		"": 0,
		"MemTotal: 134217728 kB\nMemTotal: 999999999999 kB\n": 131000,
	} {
		if got := memory(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestVendor(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"processor\t: 0\nvendor_id\t: GenuineIntel\n":            "intel",
		"vendor_id\t: AuthenticAMD":                              "amd",
		"vendor_id: AuthenticAMD\nvendor_id: GenuineIntel\n":     "amd",
		"vendor_id\t: HygonGenuine\nvendor_id\t: GenuineIntel\n": "other",
		"model name\t: GenuineIntel\n":                           "other",
		"CPU implementer\t: 0x41\n":                              "other",
		"":                                                       "other",
	} {
		if got := parseProcessor(text).vendor(); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]Facts{
		"{\n  \"cpu_vendor\": \"intel\",\n  \"memory_mb\": 31900,\n  \"version\": 2\n}\n": {CPUVendor: "intel", MemoryMB: 31900, HostName: "orion", User: "ada"},
		"{\n  \"cpu_vendor\": \"other\",\n  \"version\": 2\n}\n":                          {CPUVendor: "other"},
	} {
		if got := string(f.JSON(nil)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestTimezone(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"/etc/zoneinfo/Europe/Berlin":                                  "Europe/Berlin",
		"../usr/share/zoneinfo/UTC":                                    "UTC",
		"/nix/store/x-tzdata/share/zoneinfo/America/Argentina/Ushuaia": "America/Argentina/Ushuaia",
		"/etc/static/localtime":                                        "",
		"/etc/zoneinfo":                                                "",
	} {
		if got := timezone(computer(t, map[string]string{"/etc/localtime": "-> " + target})); got != want {
			t.Errorf("%s: got %q, want %q", target, got, want)
		}
	}
}

func TestTimezoneThroughLinks(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"through /etc/static": {
			"/etc/localtime": "-> /etc/static/localtime", "/etc/static": "-> /nix/store/x-etc/etc",
			"/nix/store/x-etc/etc/localtime": "-> /etc/zoneinfo/Europe/Berlin",
		},
		"the zone is a link itself": {
			"/etc/localtime": "-> ../share/zoneinfo/Europe/Berlin", "/share/zoneinfo/Europe/Berlin": "-> /share/zoneinfo/Europe/Bonn",
		},
	} {
		if got := timezone(computer(t, files)); got != "Europe/Berlin" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	for name, files := range map[string]map[string]string{
		"a circle": {"/etc/localtime": "-> /etc/other", "/etc/other": "-> localtime"},
		"a file":   {"/etc/localtime": "TZif2"},
	} {
		if got := timezone(computer(t, files)); got != "" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestAssignments(t *testing.T) {
	t.Parallel()
	got := assignments("# comment\nID=nixos\nVERSION_ID=\"26.05\"\nNAME='Nix OS'\nEMPTY=\nURL=\"https://x/?a=b\"\n\nnonsense\n")
	want := map[string]string{"ID": "nixos", "VERSION_ID": "26.05", "NAME": "Nix OS", "EMPTY": "", "URL": "https://x/?a=b"}
	if !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStateVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`system.stateVersion = "25.11";`:                                       "25.11",
		"{\n\tsystem.stateVersion=\"23.05\" ; # read\n}":                       "23.05",
		`# system.stateVersion = "25.11";`:                                     "",
		`home.system.stateVersion = "25.11";`:                                  "",
		`home.stateVersion = "25.11";`:                                         "",
		`system.stateVersion = lib.trivial.release;`:                           "",
		`system.stateVersion = "25.11`:                                         "",
		"system.stateVersion = \"25.11\"\n}":                                   "",
		`system.stateVersion = "5.11";`:                                        "",
		`system.stateVersion = "25.11pre";`:                                    "",
		"  system.stateVersion = \"25.11\";\nsystem.stateVersion = \"26.05\";": "25.11",
	} {
		if got := stateVersion(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
