package hardware

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// Write makes the files of a machine below root, which becomes that machine's /: /sys and /proc as the kernel shows them,
// and what its file has of /etc and /run. What is there already stays outside of /sys and /proc: a machine that was
// installed keeps its system.
func Write(root, name string) error {
	m, err := Load(name)
	if err != nil {
		return err
	}
	w := &writer{root: root}
	w.devices(m.PCI)
	w.kfd(m.PCI)
	w.firmware(m)
	w.disks(m)
	w.proc(m)
	for _, supply := range m.Power {
		dir := "/sys/class/power_supply/" + supply.Name
		w.file(dir+"/type", supply.Type+"\n")
		if supply.Scope != "" {
			w.file(dir+"/scope", supply.Scope+"\n")
		}
	}
	if m.Container != "" {
		w.file("/run/systemd/container", m.Container+"\n")
	}
	for file, text := range m.Files {
		w.file(file, text)
	}
	for file, target := range m.Links {
		w.link(file, target)
	}
	return w.err
}

// writer makes files below root until one cannot be made.
type writer struct {
	root string
	err  error
}

// kernels reports whether a file is one that the kernel shows, which is replaced.
func kernels(abs string) bool {
	return strings.HasPrefix(abs, "/sys/") || strings.HasPrefix(abs, "/proc/")
}

// place is where a file is to be made; false where nothing is to be done.
func (w *writer) place(abs string) (string, bool) {
	file := filepath.Join(w.root, abs)
	if w.err != nil {
		return "", false
	}
	if behindLink(w.root, path.Dir(path.Clean(abs))) {
		return "", false // the machine has a system of its own, and an absolute link leads into this computer
	}
	if _, err := os.Lstat(file); err == nil {
		if !kernels(abs) {
			return "", false
		}
		w.err = os.Remove(file)
	} else if !errors.Is(err, fs.ErrNotExist) {
		w.err = err
	}
	if w.err == nil {
		w.err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	return file, w.err == nil
}

// behindLink reports whether one of the folders on the way is a link.
func behindLink(root, folder string) bool {
	for ; folder != "/"; folder = path.Dir(folder) {
		if info, err := os.Lstat(filepath.Join(root, folder)); err == nil && info.Mode().Type() == fs.ModeSymlink {
			return true
		}
	}
	return false
}

func (w *writer) file(abs, text string) {
	if file, yes := w.place(abs); yes {
		w.err = os.WriteFile(file, []byte(text), 0o644)
	}
}

func (w *writer) link(abs, target string) {
	if file, yes := w.place(abs); yes {
		w.err = os.Symlink(target, file)
	}
}

func (w *writer) folder(abs string) {
	if w.err == nil {
		w.err = os.MkdirAll(filepath.Join(w.root, abs), 0o755)
	}
}

// devices writes /sys/bus/pci: devices are links to where they hang, and so are their drivers (sysfs-bus-pci).
func (w *writer) devices(all []Device) {
	w.folder("/sys/bus/pci/devices") // every kernel with PCI has it, with a device or without
	for _, d := range all {
		home := "/sys/devices/pci" + d.Slot[:7] + "/" + d.Slot
		w.file(home+"/class", "0x"+d.Class+"\n")
		w.file(home+"/vendor", "0x"+d.Vendor+"\n")
		w.file(home+"/device", "0x"+d.Device+"\n")
		if strings.HasPrefix(d.Class, "0300") { // a controller without VGA has no such file
			w.file(home+"/boot_vga", digit(d.Boot)+"\n")
		}
		if d.Driver != "" {
			w.folder("/sys/bus/pci/drivers/" + d.Driver)
			w.link(home+"/driver", "../../../bus/pci/drivers/"+d.Driver)
		}
		w.link("/sys/bus/pci/devices/"+d.Slot, "../../.."+strings.TrimPrefix(home, "/sys"))
	}
}

// kfd writes the topology of the compute driver of amdgpu: one node for the processors, one for each card that it serves
// (Linux, drivers/gpu/drm/amd/amdkfd/kfd_topology.c).
func (w *writer) kfd(all []Device) {
	const nodes = "/sys/class/kfd/kfd/topology/nodes/"
	count := 1
	for _, d := range all {
		if d.Gfx == "" || w.err != nil {
			continue
		}
		target, err := targetVersion(d.Gfx)
		var domain, bus, device, function int
		if _, scan := fmt.Sscanf(d.Slot, "%x:%x:%x.%x", &domain, &bus, &device, &function); err != nil || scan != nil {
			w.err = errors.Join(err, scan)
			return
		}
		var vendor, id int
		if _, w.err = fmt.Sscanf(d.Vendor+" "+d.Device, "%x %x", &vendor, &id); w.err != nil {
			return
		}
		w.file(nodes+fmt.Sprint(count)+"/properties", fmt.Sprintf(
			"cpu_cores_count 0\nsimd_count 64\ngfx_target_version %d\nvendor_id %d\ndevice_id %d\nlocation_id %d\ndomain %d\n",
			target, vendor, id, bus<<8|device<<3|function, domain))
		count++
	}
	if count > 1 {
		w.file(nodes+"0/properties",
			"cpu_cores_count 16\nsimd_count 0\ngfx_target_version 0\nvendor_id 0\ndevice_id 0\nlocation_id 0\ndomain 0\n")
	}
}

// targetVersion is how the kernel has a target: gfx90a is version 9, 0, 10, each part of two decimal digits.
func targetVersion(gfx string) (int, error) {
	digits, found := strings.CutPrefix(gfx, "gfx")
	if !found || len(digits) < 3 {
		return 0, fmt.Errorf("gfx %q: such as gfx1030", gfx)
	}
	var major, minor, step int
	_, err := fmt.Sscanf(digits[:len(digits)-2]+" "+digits[len(digits)-2:len(digits)-1]+" "+digits[len(digits)-1:], "%d %x %x", &major, &minor, &step)
	return major*10000 + minor*100 + step, err
}

// The variables of EFI that facts read. Files of efivarfs have four bytes of attributes before the value
// (docs.kernel.org, filesystems/efivarfs).
const (
	secureBoot = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	loaderInfo = "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
)

func (w *writer) firmware(m Machine) {
	if len(m.DMI) > 0 {
		w.link("/sys/class/dmi/id", "../../devices/virtual/dmi/id")
	}
	for name, value := range m.DMI {
		w.file("/sys/devices/virtual/dmi/id/"+name, value+"\n")
	}
	switch m.Firmware {
	case "uefi":
		w.file("/sys/firmware/efi/fw_platform_size", "64\n")
		w.file(secureBoot, "\x06\x00\x00\x00"+string([]byte{digit(m.SecureBoot)[0] - '0'}))
		if m.Loader != "" {
			text := []byte{6, 0, 0, 0}
			for _, unit := range utf16.Encode([]rune(m.Loader + "\x00")) {
				text = binary.LittleEndian.AppendUint16(text, unit)
			}
			w.file(loaderInfo, string(text))
		}
	case "bios":
		w.folder("/sys/firmware/acpi")
	default:
		w.file("/sys/firmware/devicetree/base/model", m.Title+"\x00")
	}
}

// sectors is a size in units of 512 bytes, as the file size of a block device has it.
func sectors(gigabytes int) string { return fmt.Sprintf("%d\n", gigabytes*1_000_000_000/512) }

// disks writes /sys/class/block and /sys/block, where partitions are below their disks.
func (w *writer) disks(m Machine) {
	for _, disk := range m.Disks {
		home := "/sys/devices/virtual/block/" + disk.Name
		w.file(home+"/size", sectors(disk.SizeGB))
		w.file(home+"/removable", digit(disk.Removable)+"\n")
		w.file(home+"/queue/rotational", digit(disk.Rotational)+"\n")
		w.folder(home + "/device") // what hangs on a controller has one; loop devices and the mapper have none
		w.block(home)
		for _, part := range disk.Partitions {
			w.file(path.Join(home, part.Name, "size"), sectors(part.SizeGB))
			w.file(path.Join(home, part.Name, "partition"), "1\n")
			w.link("/sys/class/block/"+part.Name, "../.."+strings.TrimPrefix(path.Join(home, part.Name), "/sys"))
		}
	}
	for _, mapper := range m.Mappers {
		home := "/sys/devices/virtual/block/" + mapper.Name
		w.file(home+"/size", sectors(mapper.SizeGB))
		w.file(home+"/removable", "0\n")
		w.file(home+"/dm/name", mapper.Label+"\n")
		w.file(home+"/dm/uuid", mapper.UUID+"\n")
		w.block(home)
	}
}

func (w *writer) block(home string) {
	name := path.Base(home)
	w.link("/sys/block/"+name, ".."+strings.TrimPrefix(home, "/sys"))
	w.link("/sys/class/block/"+name, "../.."+strings.TrimPrefix(home, "/sys"))
}

func digit(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}
