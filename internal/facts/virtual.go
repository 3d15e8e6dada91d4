package facts

import (
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// containers are the names that systemd-detect-virt(1) has for them.
var containers = []string{
	"openvz", "lxc", "lxc-libvirt", "systemd-nspawn", "docker", "podman", "rkt", "wsl", "proot", "pouch",
}

// vendors are how hypervisors name themselves in the tables of the firmware (systemd, src/basic/virt.c,
// detect_vm_dmi_vendor).
var vendors = []struct{ begin, name string }{
	{"KVM", "kvm"}, {"OpenStack", "kvm"}, {"KubeVirt", "kvm"}, {"Amazon EC2", "amazon"}, {"QEMU", "qemu"},
	{"VMware", "vmware"}, {"VMW", "vmware"}, {"innotek GmbH", "oracle"}, {"VirtualBox", "oracle"},
	{"Oracle Corporation", "oracle"}, {"Xen", "xen"}, {"Bochs", "bochs"}, {"Parallels", "parallels"}, {"BHYVE", "bhyve"},
	{"Hyper-V", "microsoft"}, {"Apple Virtualization", "apple"}, {"Google Compute Engine", "google"},
}

// virtualisation is what the machine runs in, by what every user may read: a container first, as
// systemd-detect-virt(1) does. Where the processor tells of a hypervisor that nothing names, it is vm-other.
func virtualisation(m *machine.Machine, p processor) string {
	if name := container(m); name != "" {
		return name
	}
	if p.count == 0 {
		return "" // nothing is known of the machine
	}
	name := hypervisor(m)
	x86 := p.fields["vendor_id"] != ""
	switch {
	case x86 && !p.hypervised():
		// Amazon and Google have machines of metal whose firmware has the same names.
		return "none"
	case name == "" && p.hypervised():
		return "vm-other"
	case name == "":
		return "none"
	}
	return name
}

func container(m *machine.Machine) string {
	// systemd writes it for those who may not read the environment of process 1.
	name := line(m, "/run/systemd/container")
	if name == "" {
		name = line(m, "/run/host/container-manager")
	}
	switch {
	case slices.Contains(containers, name):
		return name
	case name != "":
		return "container-other"
	case strings.Contains(line(m, "/proc/sys/kernel/osrelease"), "icrosoft"):
		return "wsl"
	case there(m, "/run/.containerenv"):
		return "podman"
	case there(m, "/.dockerenv"):
		return "docker"
	}
	return ""
}

func hypervisor(m *machine.Machine) string {
	name := byFirmware(m)
	// The clock that a hypervisor offers tells what it is where the firmware does not, and KVM from an emulation.
	clocks := strings.Fields(line(m, "/sys/devices/system/clocksource/clocksource0/available_clocksource"))
	switch {
	case (name == "" || name == "qemu") && slices.Contains(clocks, "kvm-clock"):
		return "kvm"
	case name == "" && slices.ContainsFunc(clocks, func(clock string) bool { return strings.HasPrefix(clock, "hyperv_") }):
		return "microsoft"
	case name == "" && line(m, "/sys/hypervisor/type") == "xen":
		return "xen"
	}
	return name
}

func byFirmware(m *machine.Machine) string {
	for _, file := range []string{"product_name", "sys_vendor", "board_vendor", "bios_vendor", "product_version"} {
		text := line(m, "/sys/class/dmi/id/"+file)
		for _, vendor := range vendors {
			if strings.HasPrefix(text, vendor.begin) {
				return vendor.name
			}
		}
	}
	return ""
}
