package activation

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation/unitfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Boot is what of a system a switch cannot put in place of what runs. What is not known is empty.
type Boot struct {
	// Kernel is the name of the kernel's package with its version, KernelPath its store path.
	Kernel     string `json:"kernel"`
	KernelPath string `json:"kernel_path"`
	// Modules and Initrd are store paths: of the tree of kernel modules and of the initial RAM disk.
	Modules string `json:"modules"`
	Initrd  string `json:"initrd"`
	// KernelParams are nil where they are not known.
	KernelParams []string `json:"kernel_params"`
	Systemd      string   `json:"systemd"` // version
	// InitInterface is the text of the file init-interface-version.
	InitInterface string `json:"init_interface"`
	DBus          string `json:"dbus"` // broker or dbus
	// DisplayManager is such as gdm; empty where there is none, or where DisplayManagerUnknown says so.
	DisplayManager        string `json:"display_manager"`
	DisplayManagerUnknown bool   `json:"-"`
	// GPU are the drivers of services.xserver.videoDrivers. Of a running system only nvidia is seen, the one whose kernel
	// module is not the kernel's own; GPUVersion is its version.
	GPU        []string `json:"gpu"`
	GPUVersion string   `json:"gpu_version"`
	// Inhibitors are values by name; a switch is refused where one differs.
	Inhibitors map[string]string `json:"inhibitors"`
}

const nvidia = "nvidia"

// ReadBoot reads what it can of a system of the machine (nixpkgs, nixos/modules/system/activation/top-level.nix and
// nixos/modules/system/boot/kernel.nix say what is there). What is not there or not as expected stays empty.
func ReadBoot(m *machine.Machine, system string) Boot {
	s := reader{m, system}
	b := Boot{
		KernelPath:    s.object("kernel"),
		Modules:       s.object("kernel-modules"),
		Initrd:        s.object("initrd"),
		Systemd:       version(s.object("systemd")),
		InitInterface: s.text("init-interface-version"),
	}
	b.Kernel = machine.StorePath(b.KernelPath).Name()
	if params, err := m.ReadFile(path.Join(system, "kernel-params")); err == nil {
		b.KernelParams = append([]string{}, strings.Fields(string(params))...)
	}
	b.Inhibitors = s.inhibitors()
	b.DBus = s.dbus(b.Inhibitors)
	b.DisplayManager, b.DisplayManagerUnknown = s.displayManager()
	if driver := s.object("sw/bin/nvidia-smi"); driver != "" {
		b.GPU = []string{nvidia}
		// The package is nvidia-x11-VERSION-KERNEL (nixpkgs, pkgs/os-specific/linux/nvidia-x11/generic.nix).
		b.GPUVersion, _, _ = strings.Cut(version(driver), "-")
	}
	return b
}

// reader reads files of one system.
type reader struct {
	machine *machine.Machine
	system  string
}

func (r reader) text(name string) string {
	data, err := r.machine.ReadFile(path.Join(r.system, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// links are the paths that a name of the system stands for, as Machine.Links has them.
func (r reader) links(name string) []string {
	passed, err := r.machine.Links(path.Join(r.system, name))
	if err != nil {
		return nil
	}
	return passed
}

// object is the store path that a link of the system leads to; empty where there is no such link.
func (r reader) object(name string) string {
	passed := r.links(name)
	if len(passed) == 0 {
		return ""
	}
	end := passed[len(passed)-1]
	if exists, err := r.machine.Exists(end); err != nil || !exists || strings.HasPrefix(end, r.own()) {
		return ""
	}
	return storeObject(end)
}

// own is what every path below the system begins with.
func (r reader) own() string {
	end, err := target(r.machine, r.system)
	if err != nil {
		end = r.system
	}
	return end + "/"
}

// versioned matches the version in the name of a package: it begins with a digit behind a hyphen, as in
// builtins.parseDrvName.
var versioned = regexp.MustCompile(`-(\d.*)$`)

func version(object string) string {
	found := versioned.FindStringSubmatch(machine.StorePath(object).Name())
	if found == nil {
		return ""
	}
	return found[1]
}

// inhibitors reads the file of that name. What is no set of texts, as in its first form, a list, inhibits nothing
// (nixos/modules/system/activation/switchable-system.nix).
func (r reader) inhibitors() map[string]string {
	var values map[string]string
	if json.Unmarshal([]byte(r.text("switch-inhibitors")), &values) != nil {
		return nil
	}
	return values
}

// dbus is the implementation of the bus: the inhibitor of that name, else what dbus.service is an alias of
// (nixos/modules/services/system/dbus.nix).
func (r reader) dbus(inhibitors map[string]string) string {
	if value := inhibitors["dbus-implementation"]; value != "" {
		return value
	}
	unit := path.Join(folder, "dbus.service")
	if exists, err := r.machine.Exists(path.Join(r.system, unit)); err != nil || !exists {
		return ""
	}
	if r.alias(unit, "dbus-broker.service") {
		return "broker"
	}
	return "dbus"
}

// alias reports whether the unit file is a link, on the way or in the end, to one called name.
func (r reader) alias(unit, name string) bool {
	return slices.ContainsFunc(r.links(unit), func(way string) bool { return path.Base(way) == name })
}

// displayManagers are those with a module of their own in nixos/modules/services/display-managers and, of older
// releases, nixos/modules/services/x11/display-managers.
var displayManagers = regexp.MustCompile(`/s?bin/(cosmic-greeter|gdm|greetd|lemurs|lightdm|ly|plasmalogin|sddm|xpra)\b`)

// displayManager says which one starts as display-manager.service. It may be an alias of another unit, run the program
// itself, or a script that does.
func (r reader) displayManager() (name string, unknown bool) {
	unit := path.Join(folder, "display-manager.service")
	if exists, err := r.machine.Exists(path.Join(r.system, unit)); err != nil || !exists {
		units, err := r.machine.Exists(path.Join(r.system, folder))
		return "", err != nil || !units
	}
	// COSMIC's greeter is run by greetd, and has a daemon besides.
	if exists, err := r.machine.Exists(path.Join(r.system, folder, "cosmic-greeter-daemon.service")); err == nil && exists {
		return "cosmic-greeter", false
	}
	for _, way := range r.links(unit) {
		name, isService := strings.CutSuffix(path.Base(way), ".service")
		if isService && name != "display-manager" {
			return name, false
		}
	}
	return r.program(r.text(unit))
}

// program finds the display manager in the text of its unit, or in the script that the unit runs.
func (r reader) program(text string) (name string, unknown bool) {
	u, err := unitfile.Read([]string{text})
	if err != nil {
		return "", true
	}
	for _, command := range u["Service"]["ExecStart"] {
		if found := displayManagers.FindStringSubmatch(command); found != nil {
			return found[1], false
		}
		script, _, _ := strings.Cut(strings.TrimLeft(command, "@-:+!"), " ")
		data, err := r.machine.ReadFile(script)
		if err != nil || !strings.HasPrefix(string(data), "#!") {
			continue
		}
		if found := displayManagers.FindStringSubmatch(string(data)); found != nil {
			return found[1], false
		}
	}
	return "", true
}
