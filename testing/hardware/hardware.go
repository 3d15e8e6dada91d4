// Package hardware has machines to test against that nobody has here: what the kernel shows of them in /sys and /proc, made
// from published ids, and what is to be decided for them.
//
// Each machine is one file in machines/, which says in its sources where its ids are from. Write makes the tree of files
// that the kernel would show on it.
package hardware

import (
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Machine is a computer as its file describes it.
type Machine struct {
	// Name is that of its file, Title says what it is.
	Name  string `toml:"-"`
	Title string `toml:"title"`
	// Sources say where the ids are from: a file of a public project, or "synthetic" for what nobody sells.
	Sources []string `toml:"sources"`

	CPU      CPU `toml:"cpu"`
	MemoryKB int `toml:"memory_kb"` // MemTotal, as the kernel counts it
	// Firmware is uefi or bios; empty for a board that has a device tree instead.
	Firmware   string `toml:"firmware"`
	SecureBoot bool   `toml:"secure_boot"`
	// Loader is how the boot loader names itself in the variable LoaderInfo, such as "systemd-boot 257.10".
	Loader string `toml:"loader"`
	// DMI has the files of /sys/class/dmi/id by name, such as sys_vendor.
	DMI map[string]string `toml:"dmi"`
	// Container is what systemd writes to /run/systemd/container.
	Container string `toml:"container"`

	PCI     []Device `toml:"pci"`
	Disks   []Disk   `toml:"disk"`
	Mappers []Mapper `toml:"mapper"`
	Mounts  []Mount  `toml:"mount"`
	Swaps   []Swap   `toml:"swap"`
	Power   []Power  `toml:"power"`

	// Files have any other file by its path, with its text; Links have links, with where they lead.
	Files map[string]string `toml:"files"`
	Links map[string]string `toml:"links"`

	// Facts are what facts.json has to say, by its keys, as far as the machine is to test it.
	Facts map[string]any `toml:"facts"`
	// Expected is what has to be decided for its graphics cards.
	Expected Expected `toml:"expected"`
}

// CPU is what /proc/cpuinfo shows of the processor.
type CPU struct {
	Vendor string `toml:"vendor"` // such as GenuineIntel; empty for ARM
	Name   string `toml:"name"`
	Family int    `toml:"family"`
	Model  int    `toml:"model"`
	Count  int    `toml:"count"`
	Flags  string `toml:"flags"` // features, divided by spaces, as the kernel names them
	// Implementer and Part are how an ARM processor tells what it is, such as 0x41 and 0xd0b.
	Implementer string `toml:"implementer"`
	Part        string `toml:"part"`
}

// Device is a PCI device. Hexadecimal digits are written without 0x.
type Device struct {
	Slot   string `toml:"slot"`  // such as 0000:01:00.0
	Class  string `toml:"class"` // six digits, such as 030000
	Vendor string `toml:"vendor"`
	Device string `toml:"device"`
	Name   string `toml:"name"` // for the reader of the file
	Driver string `toml:"driver"`
	Boot   bool   `toml:"boot"` // boot_vga
	// Gfx is the target that KFD has for it while amdgpu drives it, such as gfx1030; empty for none.
	Gfx string `toml:"gfx"`
}

// Disk is a whole disk.
type Disk struct {
	Name       string      `toml:"name"`    // such as nvme0n1
	SizeGB     int         `toml:"size_gb"` // 1000 x 1000 x 1000 bytes, as disks are sold
	Rotational bool        `toml:"rotational"`
	Removable  bool        `toml:"removable"`
	Partitions []Partition `toml:"partition"`
}

// Partition is a part of a disk.
type Partition struct {
	Name   string `toml:"name"` // such as nvme0n1p2
	SizeGB int    `toml:"size_gb"`
}

// Mapper is a device of the device mapper, such as an opened LUKS volume.
type Mapper struct {
	Name   string `toml:"name"`  // such as dm-0
	Label  string `toml:"label"` // its name in /dev/mapper
	UUID   string `toml:"uuid"`  // such as CRYPT-LUKS2-<32 digits>-<label>
	SizeGB int    `toml:"size_gb"`
}

// Mount is a file system and where it is.
type Mount struct {
	At        string `toml:"at"`
	Type      string `toml:"type"`
	Source    string `toml:"source"`    // such as /dev/nvme0n1p2
	Subvolume string `toml:"subvolume"` // of btrfs, such as /@home
	Device    string `toml:"device"`    // major:minor; made up where it is empty
}

// Swap is a line of /proc/swaps.
type Swap struct {
	Name   string `toml:"name"` // such as /dev/nvme0n1p3
	SizeKB int    `toml:"size_kb"`
	UsedKB int    `toml:"used_kb"`
}

// Power is a power supply.
type Power struct {
	Name  string `toml:"name"`  // such as BAT0
	Type  string `toml:"type"`  // such as Battery or Mains
	Scope string `toml:"scope"` // System or Device; no file where it is empty
}

// Expected is what has to be decided for the graphics cards of a machine. What the table does not say is expected not to
// be decided.
type Expected struct {
	// Sources say for each part why that is right.
	Sources  []string `toml:"sources"`
	Features []string `toml:"features"`
	Compute  string   `toml:"compute"` // cuda, rocm, vulkan or cpu
	// Names and Generations are those of the cards, in the order of their slots.
	Names       []string `toml:"names"`
	Generations []string `toml:"generations"`
	Nvidia      *Nvidia  `toml:"nvidia"`
	AMD         *AMD     `toml:"amd"`
	Intel       *Intel   `toml:"intel"`
	Prime       *Prime   `toml:"prime"`
	// Warnings are words, each of which the warning of the same place in the list has to have.
	Warnings []string `toml:"warnings"`
}

// Nvidia is the driver that is expected for cards of NVIDIA.
type Nvidia struct {
	Branch string `toml:"branch"`
	Open   bool   `toml:"open"`
}

// AMD is what is expected for cards of AMD.
type AMD struct {
	Gfx      string `toml:"gfx"`
	ROCm     bool   `toml:"rocm"`
	Override string `toml:"override"`
	Legacy   bool   `toml:"legacy"`
}

// Intel is what is expected for cards of Intel.
type Intel struct {
	Media   string `toml:"media"`
	VPL     string `toml:"vpl"`
	Compute string `toml:"compute"`
	Kernel  string `toml:"kernel"`
}

// Prime is where the cards of a hybrid machine are expected to be.
type Prime struct {
	Nvidia string `toml:"nvidia"`
	Intel  string `toml:"intel"`
	AMD    string `toml:"amd"`
}

//go:embed machines/*.toml
var machines embed.FS

// Names are all machines, sorted.
func Names() []string {
	entries, err := machines.ReadDir("machines")
	if err != nil {
		panic(err) // embedded
	}
	var names []string
	for _, entry := range entries {
		names = append(names, strings.TrimSuffix(entry.Name(), ".toml"))
	}
	return names
}

// Load reads the file of a machine. A key that no machine has is an error.
func Load(name string) (Machine, error) {
	data, err := machines.ReadFile("machines/" + name + ".toml")
	if err != nil {
		return Machine{}, fmt.Errorf("%s: no such machine; there are %s", name, strings.Join(Names(), ", "))
	}
	m := Machine{Name: name}
	if err := toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(&m); err != nil {
		return Machine{}, fmt.Errorf("%s: %w", name, err)
	}
	if m.Title == "" || len(m.Sources) == 0 {
		return Machine{}, fmt.Errorf("%s: a machine has a title and sources", name)
	}
	if m.Firmware != "" && !slices.Contains([]string{"uefi", "bios"}, m.Firmware) {
		return Machine{}, fmt.Errorf("%s: firmware %q", name, m.Firmware)
	}
	return m, nil
}
