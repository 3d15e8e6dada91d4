package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// inhibitorsFile of a system holds what nobody should switch over, a version or another value by name.
const inhibitorsFile = "switch-inhibitors"

// check runs the pre-switch checks and returns the name of the first that fails, in the order of their names
// (nixos/modules/system/activation/pre-switch-check.nix).
func (s switcher) check() (failed string) {
	switch {
	case os.Getenv("NIXOS_NO_CHECK") == "1":
		return ""
	case s.machine.fails("check", s.new):
		return "standin"
	case !s.mayLeave():
		return "switchInhibitors"
	}
	return ""
}

// mayLeave is the check switchInhibitors, with its words (nixos/modules/system/activation/switchable-system.nix, 26.05): a
// value that both systems have is the same in both. What is no set of texts counts as an empty one.
func (s switcher) mayLeave() bool {
	if s.action == "boot" {
		fmt.Fprintf(s.stdout, "Not checking switch inhibitors (action = %s)\n", s.action)
		return true
	}
	fmt.Fprint(s.stdout, "Checking switch inhibitors...")
	current := s.inhibitors(currentSystem)
	new := s.inhibitors(s.new.path)
	var changed string
	for _, name := range sortedKeys(current) { // as written: by builtins.toJSON
		if value, stays := new[name]; stays && value != current[name] {
			changed += fmt.Sprintf("%s : %s -> %s\n", name, current[name], value)
		}
	}
	if changed == "" {
		fmt.Fprintln(s.stdout, " done")
		return true
	}
	fmt.Fprintf(s.stdout, `
There are changes to critical components of the system:

%s
Switching into this system is not recommended.
You probably want to run 'nixos-rebuild boot' and reboot your system instead.

If you really want to switch into this configuration directly, then
you can set NIXOS_NO_CHECK=1 to ignore pre-switch checks.

WARNING: doing so might cause the switch to fail or your system to become unstable.

`, changed)
	return false
}

func (s switcher) inhibitors(system string) map[string]string {
	data, err := s.machine.readFile(filepath.Join(system, inhibitorsFile))
	if err != nil {
		return nil
	}
	var values map[string]string
	if json.Unmarshal(data, &values) != nil {
		return nil
	}
	return values
}
