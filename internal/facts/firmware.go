package facts

import (
	"encoding/binary"
	"path"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Variables of EFI, as efivarfs shows them to everybody: SecureBoot is of the UEFI specification ("Globally Defined
// Variables"), LoaderInfo of the Boot Loader Interface of systemd, by which a boot loader names itself.
const (
	efi                = "/sys/firmware/efi"
	secureBootVariable = efi + "/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	loaderVariable     = efi + "/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
	attributes         = 4 // bytes before the value of a variable (docs.kernel.org, filesystems/efivarfs)
)

func firmware(m *machine.Machine) string {
	switch {
	case there(m, efi):
		return "uefi"
	case there(m, "/sys/class/dmi/id"), there(m, "/sys/firmware/acpi"):
		return "bios"
	}
	return ""
}

func secureBoot(m *machine.Machine) bool {
	data := read(m, secureBootVariable)
	return len(data) == attributes+1 && data[attributes] == 1
}

// bootLoader is what started the machine, else what is configured where this user may look.
func bootLoader(m *machine.Machine) string {
	name := strings.ToLower(loaderName([]byte(read(m, loaderVariable))))
	for _, known := range []string{"systemd-boot", "grub", "limine"} {
		if strings.HasPrefix(name, known) {
			return known
		}
	}
	for _, config := range []struct{ file, loader string }{
		{"/boot/loader/loader.conf", "systemd-boot"},
		{"/boot/limine/limine.conf", "limine"},
		{"/boot/grub/grub.cfg", "grub"},
		{"/boot/extlinux/extlinux.conf", "extlinux"},
	} {
		if there(m, config.file) {
			return config.loader
		}
	}
	return ""
}

// loaderName is the UTF-16 text of the variable.
func loaderName(variable []byte) string {
	if len(variable) < attributes {
		return ""
	}
	var name []uint16
	for pair := range slices.Chunk(variable[attributes:], 2) {
		if len(pair) == 2 {
			name = append(name, binary.LittleEndian.Uint16(pair))
		}
	}
	return string(utf16.Decode(name))
}

func there(m *machine.Machine, abs string) bool {
	found, err := m.Exists(abs)
	return err == nil && found
}

// battery reports whether the machine itself has one; those of mice and headsets have the scope Device
// (sysfs-class-power).
func battery(m *machine.Machine) bool {
	const dir = "/sys/class/power_supply"
	supplies, _ := m.Names(dir)
	return slices.ContainsFunc(supplies, func(name string) bool {
		return line(m, path.Join(dir, name, "type")) == "Battery" && line(m, path.Join(dir, name, "scope")) != "Device"
	})
}

// line is a file of one line; empty where it cannot be read.
func line(m *machine.Machine, file string) string { return strings.TrimSpace(read(m, file)) }
