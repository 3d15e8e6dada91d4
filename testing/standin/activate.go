package main

import (
	"errors"
	"fmt"
	"io"
)

// activation is the activation script of a system: snippets in order. A snippet that fails
// does not stop the ones after it, and the system counts as current all the same
// (nixos/modules/system/activation/activation-script.nix).
type activation struct {
	machine machine
	new     system
	stderr  io.Writer
}

// activateSystem is TOPLEVEL/activate.
func (c call) activateSystem(toplevel string) int {
	if !c.machine.isNixOS() {
		fmt.Fprintln(c.stderr, "This is not a NixOS installation!")
		return 1
	}
	new, err := c.machine.system(toplevel)
	if err != nil {
		fmt.Fprintln(c.stderr, err)
		return 1
	}
	if err := (activation{machine: c.machine, new: new, stderr: c.stderr}).run(); err != nil {
		return 1
	}
	return 0
}

func (a activation) run() error {
	var failed []error
	snippet := func(name string, do func() error) {
		if err := do(); err != nil {
			fmt.Fprintf(a.stderr, "%v\nActivation script snippet '%s' failed (1)\n", err, name)
			failed = append(failed, err)
		}
	}
	snippet("users", a.users)
	snippet("etc", a.etc)
	snippet("standin", func() error {
		if a.machine.fails("activate", a.new) {
			return errors.New("mkdir: cannot create directory ‘/var/lib/standin’: Read-only file system")
		}
		return nil
	})
	snippet("current-system", func() error { return a.machine.link(a.new.path, currentSystem) })
	return errors.Join(failed...)
}
