// Package facts reads what a machine is: its name, user, time zone, language, keyboard, processor, memory, firmware, disks,
// cards and release, from files that every user may read. What those do not say is left empty, not guessed.
package facts

import (
	"bufio"
	"os/user"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
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

	// CPUFamily and CPUModel are the numbers of proc_cpuinfo(5); CPULevel is the microarchitecture level of x86-64 (1 to 4),
	// 0 on other processors. CPUs is how many the kernel uses.
	CPUFamily, CPUModel, CPULevel, CPUs int

	// Locales are the LC_ variables that are not as Locale, by name.
	Locales map[string]string
	// XkbLayout, XkbVariant and XkbOptions are of the keyboard in graphical sessions.
	XkbLayout, XkbVariant, XkbOptions string

	// Firmware is uefi or bios; empty where that is not known (boards without either).
	Firmware   string
	SecureBoot bool
	// BootLoader is systemd-boot, grub, limine, extlinux or empty.
	BootLoader string
	// Virtualisation is what the machine itself runs in, as systemd-detect-virt(1) names it, or none.
	Virtualisation string
	Battery        bool
	// Desktop is cosmic, gnome, plasma, xfce, … or empty for none.
	Desktop string

	PCI         []pci.Device
	Disks       []Disk
	FileSystems []FileSystem
	SwapMB      int
	// Encrypted says that there is a LUKS volume.
	Encrypted bool
}

// Disk is a disk by what it is, not by which one it is. One that can be taken away in no time is Removable.
type Disk struct {
	Name       string `json:"name"` // of the kernel, such as nvme0n1
	SizeGB     int    `json:"size_gb"`
	Rotational bool   `json:"rotational,omitempty"`
	Removable  bool   `json:"removable,omitempty"`
}

// FileSystem is one that is mounted from a disk.
type FileSystem struct {
	Mount string `json:"mount"`
	Type  string `json:"type"`
	// Subvolume is that of btrfs.
	Subvolume string `json:"subvolume,omitempty"`
	SizeGB    int    `json:"size_gb"`
	// Free is in bytes. It changes all the time, and is in no file.
	Free int64 `json:"-"`
}

// Read reads the facts of m. Files that are missing or not as expected leave a fact empty: the
// user is shown what was found, and can say otherwise.
func Read(m *machine.Machine) Facts {
	var f Facts
	f.HostName = HostName(m)
	f.System = systems[runtime.GOARCH]
	f.User, f.FullName = person(m, user.Current)
	f.Timezone = timezone(m)
	locale, vconsole := assignments(read(m, "/etc/locale.conf")), assignments(read(m, "/etc/vconsole.conf"))
	f.Locale, f.Keymap = locale["LANG"], vconsole["KEYMAP"]
	f.Locales = locales(locale)
	f.XkbLayout, f.XkbVariant, f.XkbOptions = xkb(m, vconsole)
	f.Release = assignments(read(m, "/etc/os-release"))["VERSION_ID"]
	f.StateVersion = stateVersion(read(m, "/etc/nixos/configuration.nix"))
	if f.StateVersion == "" {
		f.StateVersion, f.StateVersionAssumed = f.Release, true
	}
	f.MemoryMB = memory(read(m, "/proc/meminfo"))
	cpu := parseProcessor(read(m, "/proc/cpuinfo"))
	f.CPUVendor, f.CPUFamily, f.CPUModel = cpu.vendor(), cpu.number("cpu family"), cpu.number("model")
	f.CPULevel, f.CPUs = cpu.level(), cpu.count
	f.Firmware, f.SecureBoot, f.BootLoader = firmware(m), secureBoot(m), bootLoader(m)
	f.Virtualisation, f.Battery, f.Desktop = virtualisation(m, cpu), battery(m), desktop(m)
	f.PCI, f.Disks = pci.Read(m), disks(m)
	labels, encrypted := mapped(m)
	f.FileSystems, f.Encrypted = fileSystems(m, labels), encrypted
	f.SwapMB = swap(read(m, "/proc/swaps"))
	return f
}

// HostName is the name of the machine; empty where it has none.
func HostName(m *machine.Machine) string { return line(m, "/etc/hostname") }

// systems are the values of nixpkgs.hostPlatform by Go's name of the processor. A sandbox has
// that of this computer.
var systems = map[string]string{"amd64": "x86_64-linux", "arm64": "aarch64-linux"}

// read is a file's text; empty where it cannot be read, or is larger than any that tells facts.
func read(m *machine.Machine, path string) string {
	data, err := m.ReadShort(path, pci.LargestFile)
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

// stateVersionLine is how nixos-generate-config writes it. A value that is computed is not
// found, and the user is told to check.
var stateVersionLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\s*system\.stateVersion\s*=\s*"(\d\d\.\d\d)"\s*;`)
})

func stateVersion(configuration string) string {
	if found := stateVersionLine().FindStringSubmatch(configuration); found != nil {
		return found[1]
	}
	return ""
}
