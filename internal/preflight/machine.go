package preflight

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

// elevation tells whether the user may become root, as far as that is known without a password: sudo -n -l would log a
// failure, and mail one where the user may not. On NixOS sudo, doas and polkit, which run0 asks, let in the group wheel
// (nixpkgs, nixos/modules/security/{sudo,doas,polkit}.nix). A sandbox needs no root.
func elevation(_ context.Context, l Look) []row {
	if l.Machine.IsSandbox() {
		return nil
	}
	return mayElevate(l, running.Me())
}

func mayElevate(l Look, user string) []row {
	const name = "root"
	if user == "root" {
		return []row{ok(name, "nqd is run by root")}
	}
	program := ""
	for _, file := range []string{"/run/wrappers/bin/sudo", "/run/wrappers/bin/doas", "/run/current-system/sw/bin/run0"} {
		if there, err := l.Machine.Exists(file); err == nil && there {
			program = path.Base(file)
			break
		}
	}
	if program == "" {
		return []row{fail(name, "neither sudo nor doas nor run0 is there", "enable security.sudo in the system that runs, as root")}
	}
	status, _ := l.Machine.ReadFile("/proc/self/status")
	if program != "run0" && strings.Contains(string(status), "\nNoNewPrivs:\t1\n") { // prctl(2), PR_SET_NO_NEW_PRIVS
		return []row{fail(name, "this shell may not become root: it was started without new privileges", "run nqd in a terminal of its own")}
	}
	groups, _ := l.Machine.ReadFile("/etc/group")
	for line := range strings.Lines(string(groups)) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) == 4 && fields[0] == "wheel" && slices.Contains(strings.Split(fields[3], ","), user) {
			return []row{ok(name, user+" is in the group wheel, and "+program+" is there")}
		}
	}
	return []row{warn(name, user+" is not in the group wheel", "look whether "+program+" lets you in, or add the user to wheel")}
}

// busy tells who else changes the machine. A run of nqd that deploys has its own lock by then.
func busy(_ context.Context, l Look) []row {
	const name, cure = "busy", "wait until it is done"
	if who, held := running.Holder(l.Machine, guard.SwitchLock); held {
		r := fail(name, fmt.Sprintf("another switch-to-configuration is running (%s)", who), cure)
		r.cause = guard.ErrSwitching
		return []row{r}
	}
	if who, held := running.HolderOf(l.OwnLock); held && !running.IsMyself(who) {
		return []row{warn(name, fmt.Sprintf("another nqd is working on this machine (%s)", who), cure+", which nqd status says")}
	}
	if others := running.Switchers(l.Machine); len(others) > 0 {
		return []row{warn(name, fmt.Sprintf("somebody else is about to change the system (%s)", others[0]), cure)}
	}
	return []row{ok(name, "nobody else changes the system")}
}

// lowBattery is below how many percent UPower warns by itself, where its file says nothing else (nixpkgs,
// services.upower.percentageLow).
const lowBattery = 20

const powerSupplies = "/sys/class/power_supply"

// battery warns of a machine that may go off in the middle of a deployment. One without a battery is not told of.
func battery(_ context.Context, l Look) []row {
	read := func(file string) string {
		data, _ := l.Machine.ReadFile(file)
		return strings.TrimSpace(string(data))
	}
	low := lowBattery
	for line := range strings.Lines(read("/etc/UPower/UPower.conf")) {
		if value, is := strings.CutPrefix(strings.TrimSpace(line), "PercentageLow="); is {
			if percent, err := strconv.ParseFloat(value, 64); err == nil {
				low = int(percent)
			}
		}
	}
	names, _ := l.Machine.Names(powerSupplies)
	var found []row
	for _, name := range names {
		at := path.Join(powerSupplies, name)
		// Of a mouse the scope is Device (linux, Documentation/ABI/testing/sysfs-class-power).
		if read(at+"/type") != "Battery" || read(at+"/scope") == "Device" {
			continue
		}
		percent, err := strconv.Atoi(read(at + "/capacity"))
		discharging := read(at+"/status") == "Discharging"
		switch {
		case err != nil:
		case discharging && percent < low:
			found = append(found, warn("battery", fmt.Sprintf("%d %%, and nothing charges it", percent), "plug the machine in"))
		default:
			found = append(found, ok("battery", fmt.Sprintf("%d %%", percent)))
		}
	}
	return found
}
