package facts

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

const (
	blocks      = "/sys/block"
	everyBlock  = "/sys/class/block" // partitions too
	sectorBytes = 512                // what the file size counts in, whatever the disk has (sysfs-block)
	gigabyte    = 1_000_000_000      // as disks are sold
)

// disks are the whole disks, sorted by name. What hangs on no controller is none: loop devices, memory, the mapper.
func disks(m *machine.Machine) []Disk {
	var all []Disk
	names, _ := m.Names(blocks)
	for _, name := range names {
		dir := path.Join(blocks, name)
		size := sizeGB(m, name)
		optical := strings.HasPrefix(name, "sr")
		if size == 0 || optical || !there(m, path.Join(dir, "device")) || line(m, path.Join(dir, "hidden")) == "1" {
			continue
		}
		all = append(all, Disk{
			Name: name, SizeGB: size,
			Rotational: line(m, path.Join(dir, "queue/rotational")) == "1",
			Removable:  line(m, path.Join(dir, "removable")) == "1" || onUSB(m, dir),
		})
	}
	return all
}

// onUSB reports whether a disk hangs on USB. The kernel calls a medium removable only where it can leave the drive, which a
// whole drive in a box cannot.
func onUSB(m *machine.Machine, dir string) bool {
	passed, err := m.Links(dir)
	return err == nil && len(passed) > 0 && strings.Contains(passed[len(passed)-1], "/usb")
}

// sizeGB is the size of a block device to the nearest gigabyte; 0 where it is not known.
func sizeGB(m *machine.Machine, name string) int {
	count, err := strconv.ParseInt(line(m, path.Join(everyBlock, name, "size")), 10, 64)
	if err != nil || count < 0 || count > 1<<50 {
		return 0
	}
	return int((count*sectorBytes + gigabyte/2) / gigabyte)
}

// mapped are the devices of the mapper by their names in /dev/mapper; encrypted says that one of them is an opened LUKS
// volume (cryptsetup, lib/libdevmapper.c: DM_UUID_PREFIX and the type, LUKS1 or LUKS2, begin its UUID).
func mapped(m *machine.Machine) (names map[string]string, encrypted bool) {
	names = make(map[string]string)
	devices, _ := m.Names(blocks)
	for _, device := range devices {
		if !strings.HasPrefix(device, "dm-") {
			continue
		}
		if label := line(m, path.Join(blocks, device, "dm/name")); label != "" {
			names[label] = device
		}
		encrypted = encrypted || strings.HasPrefix(line(m, path.Join(blocks, device, "dm/uuid")), "CRYPT-LUKS")
	}
	return names, encrypted
}

// fileSystems are those that are mounted from disks, sorted by where. What udisks mounted for a user comes and goes, and
// is left out.
func fileSystems(m *machine.Machine, mapped map[string]string) []FileSystem {
	var all []FileSystem
	for _, one := range parseMounts(read(m, "/proc/self/mountinfo")) {
		if strings.HasPrefix(one.at, "/run/") || strings.HasPrefix(one.at, "/media/") {
			continue
		}
		found := FileSystem{Mount: one.at, Type: one.kind, Subvolume: one.subvolume}
		if device, ok := strings.CutPrefix(one.source, "/dev/"); ok {
			if label, of := strings.CutPrefix(device, "mapper/"); of {
				device = mapped[label]
			}
			if device != "" && path.Base(device) == device {
				found.SizeGB = sizeGB(m, device)
			}
		}
		found.Free = free(m, one)
		all = append(all, found)
	}
	return all
}

// free is how many bytes are free; 0 where it is not known. A program serves the file systems of FUSE, such as fuseblk of
// NTFS: where it hangs, so would who asks.
func free(m *machine.Machine, one mount) int64 {
	if strings.HasPrefix(one.kind, "fuse") {
		return 0
	}
	room, err := running.Space(m, one.at)
	if err != nil {
		return 0
	}
	return room.Free
}

// mount is a line of proc_pid_mountinfo(5).
type mount struct{ at, kind, source, subvolume string }

// onDisks are file systems whose source is no device.
var onDisks = []string{"zfs", "bcachefs"}

// parseMounts reads those that are on disks, and whole: what is mounted a second time elsewhere, as NixOS does with
// /nix/store, is no file system of its own.
func parseMounts(mountinfo string) []mount {
	last := make(map[string]mount) // what is mounted over it hides it
	for line := range strings.Lines(mountinfo) {
		before, after, found := strings.Cut(strings.TrimSuffix(line, "\n"), " - ")
		first, second := strings.Fields(before), strings.Fields(after)
		if !found || len(first) < 6 || len(second) < 3 {
			continue
		}
		one := mount{at: unescape(first[4]), kind: second[0], source: unescape(second[1])}
		root := unescape(first[3])
		if one.kind == "btrfs" {
			one.subvolume = subvolume(second[2])
		}
		whole := "/"
		if one.subvolume != "" {
			whole = one.subvolume
		}
		image := one.kind == "squashfs" || one.kind == "iso9660"
		disk := strings.HasPrefix(one.source, "/dev/") && !strings.HasPrefix(one.source, "/dev/loop") || slices.Contains(onDisks, one.kind)
		if root == whole && disk && !image && path.IsAbs(one.at) {
			last[one.at] = one
		}
	}
	var all []mount
	for _, one := range last {
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b mount) int { return strings.Compare(a.at, b.at) })
	return all
}

// subvolume is that of the options of a Btrfs.
func subvolume(options string) string {
	for option := range strings.SplitSeq(options, ",") {
		if name, found := strings.CutPrefix(option, "subvol="); found {
			return unescape(name)
		}
	}
	return ""
}

// unescape undoes how the kernel writes spaces, tabs, line ends and backslashes: as three octal digits.
func unescape(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+4 <= len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// swap adds up what proc_swaps(5) has on disks, in MiB. What is compressed in memory is no more room than there is.
func swap(swaps string) int {
	total := 0
	for line := range strings.Lines(swaps) {
		fields := strings.Fields(line)
		if len(fields) != 5 || strings.HasPrefix(fields[0], "/dev/zram") {
			continue
		}
		if kib, err := strconv.Atoi(fields[2]); err == nil && kib > 0 && kib < 1<<40 {
			total += kib / 1024
		}
	}
	return total
}
