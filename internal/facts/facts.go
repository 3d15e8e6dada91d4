// Package facts reads what a machine is: so far its name, user, time zone, language, keyboard,
// processor, memory and release, from files that every NixOS has.
package facts

import (
	"bufio"
	"encoding/json"
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
	MemoryMB            int    // in units of 1024 x 1024 bytes, as services count; 0 where it is not known
	CPUVendor           string // intel, amd or other
}

// formatVersion is of the file that JSON makes.
const formatVersion = 1

// JSON is the part of the facts that features are tuned by: the file hosts/<name>/facts.json. It
// goes into the Nix store, which everybody on the machine may read, so nothing in it tells one
// machine from another of its kind. What is not known is left out.
func (f Facts) JSON() []byte {
	data, err := json.MarshalIndent(struct { // sorted, so that a later version changes few lines
		CPUVendor string `json:"cpu_vendor"`
		MemoryMB  int    `json:"memory_mb,omitempty"`
		Version   int    `json:"version"`
	}{f.CPUVendor, f.MemoryMB, formatVersion}, "", "  ")
	if err != nil {
		panic(err) // texts and numbers
	}
	return append(data, '\n')
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
	f.MemoryMB = memory(read(m, "/proc/meminfo"))
	f.CPUVendor = vendor(read(m, "/proc/cpuinfo"))
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

// memory is MemTotal of proc_meminfo(5), which is in KiB whatever it says, in MiB. It is what the
// kernel left over when it started, and differs by a few MiB from one kernel to the next: rounded
// down to hundreds, reading it again seldom changes what is tuned by it, and it is never more than
// there is.
func memory(meminfo string) int {
	for line := range strings.Lines(meminfo) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == "MemTotal:" && fields[2] == "kB" {
			kib, err := strconv.Atoi(fields[1])
			if err != nil {
				return 0
			}
			return kib / 1024 / 100 * 100
		}
	}
	return 0
}

// vendor is the first vendor_id of proc_cpuinfo(5), which only x86 processors have.
func vendor(cpuinfo string) string {
	for line := range strings.Lines(cpuinfo) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "vendor_id" {
			switch strings.TrimSpace(value) {
			case "GenuineIntel":
				return "intel"
			case "AuthenticAMD":
				return "amd"
			}
			break
		}
	}
	return "other"
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
