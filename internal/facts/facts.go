// Package facts reads what a machine is: so far its name, user, time zone, language, keyboard,
// processor and release, from files that every NixOS has.
package facts

import (
	"bufio"
	"os/user"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Facts are what Read found. What the machine does not say is empty.
type Facts struct {
	HostName string
	System   string // the processor, as Nix calls it
	User     string // who runs nqd; in a sandbox the first account of a person
	FullName string
	Timezone string
	Locale   string
	Keymap   string // of the console; a store path where it was made from an X keyboard layout
	Release  string // the NixOS release that runs, such as 26.05
	// StateVersion is that of the installer's configuration, else the running release.
	StateVersion string
	// StateVersionAssumed says that the configuration does not tell it: the machine may have
	// been installed with an older release.
	StateVersionAssumed bool
}

// Read reads the facts of m. Files that are missing or not as expected leave a fact empty: the
// user is shown what was found, and can say otherwise.
func Read(m *machine.Machine) Facts {
	var f Facts
	f.HostName = strings.TrimSpace(read(m, "/etc/hostname"))
	f.System = systems[runtime.GOARCH]
	f.User, f.FullName = person(m, user.Current)
	f.Timezone = timezone(m)
	f.Locale = assignments(read(m, "/etc/locale.conf"))["LANG"]
	f.Keymap = assignments(read(m, "/etc/vconsole.conf"))["KEYMAP"]
	f.Release = assignments(read(m, "/etc/os-release"))["VERSION_ID"]
	f.StateVersion = stateVersion(read(m, "/etc/nixos/configuration.nix"))
	if f.StateVersion == "" {
		f.StateVersion, f.StateVersionAssumed = f.Release, true
	}
	return f
}

// systems are the values of nixpkgs.hostPlatform by Go's name of the processor. A sandbox has
// that of this computer.
var systems = map[string]string{"amd64": "x86_64-linux", "arm64": "aarch64-linux"}

func read(m *machine.Machine, path string) string {
	data, err := m.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(data)
}

// person is whose workstation it is: the account that nqd was started from, which need not be
// the first one of the machine. A sandbox has other accounts than this computer, so there it is
// the first one.
func person(m *machine.Machine, current func() (*user.User, error)) (name, fullName string) {
	if m.IsSandbox() {
		return firstPerson(read(m, "/etc/passwd"))
	}
	account, err := current()
	if err != nil {
		return "", ""
	}
	return account.Username, account.Name
}

// firstPerson is the account with the lowest uid that NixOS gives to normal users: 1000 to
// 29999 (nixpkgs, nixos/modules/config/update-users-groups.pl).
func firstPerson(passwd string) (name, fullName string) {
	lowest := 30000
	for line := range strings.Lines(passwd) {
		fields := strings.Split(strings.TrimRight(line, "\n"), ":")
		if len(fields) != 7 {
			continue
		}
		uid, err := strconv.Atoi(fields[2])
		if err == nil && uid >= 1000 && uid < lowest {
			lowest, name = uid, fields[0]
			fullName, _, _ = strings.Cut(fields[4], ",")
		}
	}
	return name, fullName
}

// timezone is the name below the first zoneinfo directory on the way of /etc/localtime
// (localtime(5)). On NixOS that link is direct, or leads through /etc/static.
func timezone(m *machine.Machine) string {
	passed, _ := m.Links("/etc/localtime") // the zone's own file need not be there
	for _, path := range passed {
		if _, zone, found := strings.Cut(path, "/zoneinfo/"); found {
			return zone
		}
	}
	return ""
}

// assignments reads the form of os-release(5), locale.conf(5) and vconsole.conf(5).
func assignments(text string) map[string]string {
	values := make(map[string]string)
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), "="); found {
			values[name] = strings.Trim(value, `"'`)
		}
	}
	return values
}

// stateVersionLine is how nixos-generate-config writes it. A value that is computed is not
// found, and the user is told to check.
var stateVersionLine = regexp.MustCompile(`(?m)^\s*system\.stateVersion\s*=\s*"(\d\d\.\d\d)"\s*;`)

func stateVersion(configuration string) string {
	if found := stateVersionLine.FindStringSubmatch(configuration); found != nil {
		return found[1]
	}
	return ""
}
