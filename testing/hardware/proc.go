package hardware

import (
	"cmp"
	"fmt"
	"strings"
)

// proc writes the files of /proc, in the forms of proc_cpuinfo(5), proc_meminfo(5), proc_swaps(5) and proc_pid_mountinfo(5).
func (w *writer) proc(m Machine) {
	w.file("/proc/cpuinfo", cpuinfo(m.CPU))
	w.file("/proc/meminfo", fmt.Sprintf("MemTotal:       %8d kB\nMemFree:        %8d kB\nMemAvailable:   %8d kB\n", m.MemoryKB, m.MemoryKB/3, m.MemoryKB/2))
	swaps := "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
	for _, swap := range m.Swaps {
		kind := "partition"
		if !strings.HasPrefix(swap.Name, "/dev/") {
			kind = "file\t"
		}
		swaps += fmt.Sprintf("%-40s%s\t%d\t\t%d\t\t-2\n", octal.Replace(swap.Name), kind, swap.SizeKB, swap.UsedKB)
	}
	w.file("/proc/swaps", swaps)
	w.file("/proc/self/mountinfo", mountinfo(m.Mounts))
}

func cpuinfo(cpu CPU) string {
	var b strings.Builder
	for i := range cpu.Count {
		fmt.Fprintf(&b, "processor\t: %d\n", i)
		if cpu.Vendor == "" { // as ARM has it
			fmt.Fprintf(&b, "BogoMIPS\t: 108.00\nFeatures\t: %s\nCPU implementer\t: %s\nCPU architecture: 8\nCPU variant\t: 0x4\nCPU part\t: %s\nCPU revision\t: 1\n\n",
				cpu.Flags, cpu.Implementer, cpu.Part)
			continue
		}
		fmt.Fprintf(&b, "vendor_id\t: %s\ncpu family\t: %d\nmodel\t\t: %d\nmodel name\t: %s\nstepping\t: 2\nflags\t\t: %s\n\n",
			cpu.Vendor, cpu.Family, cpu.Model, cpu.Name, cpu.Flags)
	}
	return b.String()
}

// octal writes what divides fields as the kernel does.
var octal = strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`)

// kernelMounts are on every machine, and on no disk.
const kernelMounts = `21 26 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw
22 26 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:6 - sysfs sysfs rw
23 26 0:22 / /run rw,nosuid,nodev shared:11 - tmpfs tmpfs rw,size=8147584k,mode=755
`

func mountinfo(mounts []Mount) string {
	text := kernelMounts
	for i, mount := range mounts {
		options := "rw"
		if mount.Subvolume != "" {
			options = "rw,ssd,subvolid=256,subvol=" + octal.Replace(mount.Subvolume)
		}
		text += fmt.Sprintf("%d 26 %s %s %s rw,relatime shared:%d - %s %s %s\n", 30+i,
			cmp.Or(mount.Device, fmt.Sprintf("259:%d", i+1)), octal.Replace(cmp.Or(mount.Subvolume, "/")), octal.Replace(mount.At),
			30+i, mount.Type, octal.Replace(mount.Source), options)
	}
	return text
}
