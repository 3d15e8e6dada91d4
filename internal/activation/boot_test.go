package activation

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

const (
	kernelPath  = "/nix/store/5n4q3kbmvc3yhxfzqrhwkq7m4ygk8n3l-linux-6.18.9"
	modulesPath = "/nix/store/6ccb2cpd2dybyv4kxqh4w1nvd2lskcvv-linux-6.18.9-modules"
	initrdPath  = "/nix/store/7bv1gd4wbqfjy7nddqbl1xrsqvcgwmif-initrd-linux-6.18.9"
	driverPath  = "/nix/store/8fc2hk5mdqgn2l1gfzr5k0zqv6j7dxkp-nvidia-x11-580.126.09-6.18.9-bin"
	runningPath = "/nix/store/9ab5w3p1kd4c2ynmlr6zjfx0hqsvg7qi-nixos-system-running"
)

// system is one with a file for each part of Boot.
func (b box) system(t *testing.T, path string) {
	t.Helper()
	for name, text := range map[string]string{
		"kernel": "->" + kernelPath + "/bzImage", "initrd": "->" + initrdPath + "/initrd", "kernel-modules": "->" + modulesPath,
		"systemd": "->" + systemd, "init-interface-version": "systemd 2", "kernel-params": "loglevel=4 quiet",
		"switch-inhibitors": `{"dbus-implementation":"broker","zfs":"2.3"}`,
		"sw":                "->" + hash + "-system-path", "etc": "->" + etcPath + "/etc",
	} {
		b.write(t, path+"/"+name, text)
	}
	for name, text := range map[string]string{
		kernelPath + "/bzImage": "", initrdPath + "/initrd": "", modulesPath + "/lib": "", systemd + "/bin": "",
		hash + "-system-path/bin/nvidia-smi":         "->" + driverPath + "/bin/nvidia-smi",
		driverPath + "/bin/nvidia-smi":               "",
		etcPath + "/etc/systemd/system":              "->" + unitsPath,
		unitsPath + "/display-manager.service":       "->greetd.service",
		unitsPath + "/greetd.service":                "->" + hash + "-unit-greetd.service/greetd.service",
		hash + "-unit-greetd.service/greetd.service": one,
		unitsPath + "/dbus-broker.service":           one,
	} {
		b.write(t, name, text)
	}
}

// whole is what the system of that function is.
func whole() Boot {
	return Boot{
		Kernel: "linux-6.18.9", KernelPath: kernelPath, Modules: modulesPath, Initrd: initrdPath, KernelParams: []string{"loglevel=4", "quiet"},
		Systemd: "257.10", InitInterface: "systemd 2", DBus: "broker", DisplayManager: "greetd", GPU: []string{"nvidia"}, GPUVersion: "580.126.09",
		Inhibitors: map[string]string{"dbus-implementation": "broker", "zfs": "2.3"},
	}
}

func TestReadBoot(t *testing.T) {
	b := newBox(t)
	b.system(t, runningPath)
	b.write(t, currentSystem, "->"+runningPath)
	if got := ReadBoot(b.Machine, currentSystem); !reflect.DeepEqual(got, whole()) {
		t.Errorf("got  %+v\nwant %+v", got, whole())
	}
	for name, text := range map[string]string{"kernel": "no link", "init-interface-version": "x\n", "initrd": "->/nix/store/nowhere", "systemd": "->init-interface-version"} {
		b.write(t, hash+"-other/"+name, text)
	}
	b.write(t, "/other", "->"+hash+"-other")
	if got, want := ReadBoot(b.Machine, "/other"), (Boot{InitInterface: "x", DisplayManagerUnknown: true}); !reflect.DeepEqual(got, want) {
		t.Errorf("of little: %+v, want %+v", got, want)
	}
	if got := ReadBoot(b.Machine, "/nowhere"); !reflect.DeepEqual(got, Boot{DisplayManagerUnknown: true}) {
		t.Errorf("of nothing: %+v", got)
	}
}

// Who the display manager and the bus are is told by units alone.
func TestReadBootUnits(t *testing.T) {
	script := hash + "-unit-script-display-manager-start/bin/display-manager-start"
	for name, test := range map[string]struct {
		files   units
		display string
		unknown bool
		bus     string
	}{
		"none":         {files: units{"a.service": one}},
		"no units":     {files: units{"../../fstab": ""}, unknown: true},
		"alias":        {files: units{"display-manager.service": "->gdm.service", "gdm.service": one}, display: "gdm"},
		"program":      {files: units{"display-manager.service": "[Service]\nExecStart=-" + dbus + "/bin/sddm --x\n"}, display: "sddm"},
		"script":       {files: units{"display-manager.service": "[Service]\nExecStart=@" + script + " start \n"}, display: "lightdm"},
		"cosmic":       {files: units{"display-manager.service": "->greetd.service", "greetd.service": one, "cosmic-greeter-daemon.service": one}, display: "cosmic-greeter"},
		"unknown":      {files: units{"display-manager.service": "[Service]\nExecStart=/nix/store/x/bin/mine\n"}, unknown: true},
		"unreadable":   {files: units{"display-manager.service": "[Service]\nExecStart=\"\n"}, unknown: true},
		"dbus":         {files: units{"dbus.service": one}, bus: "dbus"},
		"inhibitor":    {files: units{"../../../switch-inhibitors": `{"dbus-implementation":"broker"}`, "a.service": one}, bus: "broker"},
		"broker":       {files: units{"dbus.service": "->dbus-broker.service", "dbus-broker.service": one}, bus: "broker"},
		"a list of it": {files: units{"../../../switch-inhibitors": "/nix/store/a\n/nix/store/b\n", "dbus.service": one}, bus: "dbus"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			for file, text := range test.files {
				b.write(t, runningPath+"/etc/systemd/system/"+file, text)
			}
			b.write(t, script, "#!/bin/sh\nset -e\n\nexec /nix/store/x-lightdm-1.32/bin/lightdm\n")
			got := ReadBoot(b.Machine, runningPath)
			if got.DisplayManager != test.display || got.DisplayManagerUnknown != test.unknown || got.DBus != test.bus {
				t.Errorf("%+v", got)
			}
		})
	}
}

// Each part of Boot alone.
func TestCompareBoot(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Boot)
		want   []event.Reboot
	}{
		"nothing":            {func(*Boot) {}, nil},
		"kernel":             {func(b *Boot) { b.Kernel, b.KernelPath, b.Modules, b.Initrd = "linux-7.0.4", "/k", "/m", "/i" }, []event.Reboot{{What: "kernel", Before: "linux-6.18.9", After: "linux-7.0.4"}}},
		"kernel rebuilt":     {func(b *Boot) { b.KernelPath, b.Initrd = "/k", "/i" }, []event.Reboot{{What: "kernel", Before: kernelPath, After: "/k"}}},
		"modules, initrd":    {func(b *Boot) { b.Modules, b.Initrd = "/m", "/i" }, []event.Reboot{{What: "kernel modules"}, {What: "initrd"}}},
		"not known":          {func(b *Boot) { *b = Boot{DisplayManager: b.DisplayManager, GPU: b.GPU, GPUVersion: b.GPUVersion} }, nil},
		"parameters":         {func(b *Boot) { b.KernelParams = []string{"quiet", "splash"} }, []event.Reboot{{What: "kernel parameters", Before: "loglevel=4", After: "splash"}}},
		"no parameters":      {func(b *Boot) { b.KernelParams = []string{} }, []event.Reboot{{What: "kernel parameters", Before: "loglevel=4 quiet"}}},
		"their order":        {func(b *Boot) { b.KernelParams = []string{"quiet", "loglevel=4"} }, []event.Reboot{{What: "kernel parameters", Before: "loglevel=4 quiet", After: "quiet loglevel=4"}}},
		"systemd":            {func(b *Boot) { b.Systemd = "258.1" }, nil}, // executed anew by the switch
		"init":               {func(b *Boot) { b.Systemd, b.InitInterface = "258.1", "systemd 3" }, []event.Reboot{{What: "systemd", Before: "257.10", After: "258.1", Required: true}}},
		"init alone":         {func(b *Boot) { b.Systemd, b.InitInterface = "", "systemd 3" }, []event.Reboot{{What: "systemd", Before: "systemd 2", After: "systemd 3", Required: true}}},
		"inhibitor":          {func(b *Boot) { b.Inhibitors = map[string]string{"zfs": "2.4", "new": "1"} }, []event.Reboot{{What: "zfs", Before: "2.3", After: "2.4", Required: true}}},
		"inhibitor is empty": {func(b *Boot) { b.Inhibitors = map[string]string{"zfs": ""} }, []event.Reboot{{What: "zfs", Before: "2.3", Required: true}}},
		"bus, inhibited": {func(b *Boot) { b.DBus = "dbus"; b.Inhibitors = map[string]string{"dbus-implementation": "dbus"} },
			[]event.Reboot{{What: "D-Bus", Before: "broker", After: "dbus", Required: true}}},
		"bus":                {func(b *Boot) { b.DBus = "dbus"; b.Inhibitors = nil }, []event.Reboot{{What: "D-Bus", Before: "broker", After: "dbus"}}},
		"driver":             {func(b *Boot) { b.GPUVersion = "590.48.01" }, []event.Reboot{{What: "graphics driver", Before: "nvidia 580.126.09", After: "nvidia 590.48.01"}}},
		"other driver":       {func(b *Boot) { b.GPU = []string{"amdgpu"} }, []event.Reboot{{What: "graphics driver", Before: "nvidia 580.126.09"}}},
		"display manager":    {func(b *Boot) { b.DisplayManager = "gdm" }, []event.Reboot{{What: "display manager", Before: "greetd", After: "gdm"}}},
		"no display manager": {func(b *Boot) { b.DisplayManager = "" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			new := whole()
			test.change(&new)
			if got := compareBoot(whole(), whole(), new); !slices.Equal(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
	if compareBoot(Boot{}, Boot{}, Boot{}) == nil {
		t.Error("null in JSON")
	}
	if got := compareBoot(Boot{}, Boot{}, Boot{DisplayManager: "gdm"}); !slices.Equal(got, []event.Reboot{{What: "display manager", After: "gdm"}}) {
		t.Errorf("the first display manager: %+v", got)
	}
	nothing := Boot{DisplayManagerUnknown: true, GPU: whole().GPU, GPUVersion: whole().GPUVersion}
	if got := compareBoot(nothing, nothing, whole()); len(got) > 0 {
		t.Errorf("where nothing is known: %+v", got)
	}
}

// What was loaded at the boot counts for what is loaded then.
func TestRebootSinceBoot(t *testing.T) {
	const bootedPath = "/nix/store/a1b5w3p1kd4c2ynmlr6zjfx0hqsvg7qi-nixos-system-booted"
	b := newBox(t)
	b.system(t, runningPath)
	b.write(t, currentSystem, "->"+runningPath)
	if got, unknown := Reboot(b.Machine, whole()); len(got)+len(unknown) > 0 {
		t.Errorf("before any boot: %+v, %q", got, unknown)
	}
	old := strings.Replace(kernelPath, "6.18.9", "6.12.71", 1)
	b.write(t, old+"/bzImage", "")
	b.write(t, bootedPath+"/kernel", "->"+old+"/bzImage")
	b.write(t, bootedPath+"/init-interface-version", "systemd 1")
	b.write(t, bootedSystem, "->"+bootedPath)
	want := []event.Reboot{{What: "kernel", Before: "linux-6.12.71", After: "linux-6.18.9"}, {What: "graphics driver", After: "nvidia 580.126.09"}}
	if got, _ := Reboot(b.Machine, whole()); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := os.Remove(filepath.Join(b.root, unitsPath, "display-manager.service")); err != nil {
		t.Fatal(err)
	}
	b.write(t, unitsPath+"/display-manager.service", "[Service]\n")
	if _, unknown := Reboot(b.Machine, whole()); len(unknown) != 1 {
		t.Errorf("unknown: %q", unknown)
	}
}

// The machine's own systemctl is asked.
func TestActive(t *testing.T) {
	program, err := standin()
	if err != nil {
		t.Fatal(err)
	}
	b := newBox(t)
	const inside = hash + "-standin"
	b.write(t, hash+"-other", "")
	// A link and no copy: a file that was just written may not be run while another test forks.
	if err := os.Link(program, filepath.Join(b.root, inside)); err != nil {
		t.Fatal(err)
	}
	b.write(t, systemctl, "->"+inside)
	for name, state := range map[string]string{"a.service": "active", "b.service": "activating", "c.service": "failed", "d.target": "active"} {
		b.write(t, "/run/standin/units/"+name+".json", `{"state":"`+state+`"}`)
	}
	got, err := Active(t.Context(), b.Machine)
	if want := []string{"a.service", "b.service", "d.target", "multi-user.target", "sockets.target", "timers.target"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if err := os.Remove(filepath.Join(b.root, inside)); err != nil {
		t.Fatal(err)
	}
	if _, err := Active(t.Context(), b.Machine); err == nil || !strings.Contains(err.Error(), "listing active units") {
		t.Errorf("without systemctl: %v", err)
	}
	if _, err := parseUnits([]byte("{}")); err == nil {
		t.Error("an answer of another shape was taken")
	}
}
