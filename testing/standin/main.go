// Command standin is the one program of the stand-in for NixOS that the tests run
// against: the builder of every derivation of testing/nixpkgs, and what these
// derivations hold as programs.
//
// It finds its role from the name it was called by: every program of the stand-in is a
// symbolic link to it. A role behaves as the program it stands for, as far as nqd or a
// user can tell; each file names the source of that behaviour. [R n] is finding n of the
// design review.
//
// It is meant to run below chroot in a sandbox, without /proc, /dev and a shell. Roles
// that change a machine refuse one that is not NixOS, as the real ones do, so that it
// does no harm where it is started by mistake.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// rootVariable names the folder that stands for "/". It is only set by tests, which run
// the roles without chroot; what they start inherits it.
const rootVariable = "STANDIN_ROOT"

// call is one invocation of the program.
type call struct {
	machine machine
	name    string // the name called by, which is the role
	self    string // the same as an absolute path on the machine
	args    []string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
}

func main() {
	os.Exit(run())
}

// run performs the role of this process and returns its exit code.
func run() int {
	c, err := newCall()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return c.role()
}

// newCall reads the invocation from the process.
func newCall() (call, error) {
	root := os.Getenv(rootVariable)
	if root == "" {
		root = "/"
	}
	name := filepath.Base(os.Args[0])
	self := os.Args[0]
	// The builder is called by its base name only, and needs no more.
	if !strings.Contains(self, "/") && !isProgram(name) {
		found, err := exec.LookPath(self)
		if err != nil {
			return call{}, fmt.Errorf("looking for the program behind %q: %w", name, err)
		}
		self = found
	}
	self, err := filepath.Abs(self)
	if err != nil {
		return call{}, err
	}
	m := machine{root: root}
	self = m.inside(self)
	m.program = m.follow(self)
	return call{
		machine: m,
		name:    name,
		self:    self,
		args:    os.Args[1:],
		stdin:   os.Stdin,
		stdout:  os.Stdout,
		stderr:  os.Stderr,
	}, nil
}

// isProgram reports whether NAME is the program's own, not that of a role.
func isProgram(name string) bool {
	return name == "standin" || name == "mk" || strings.HasSuffix(name, "-standin")
}

// role runs what the name stands for.
func (c call) role() int {
	switch c.name {
	case "switch-to-configuration":
		return c.switchToConfiguration()
	case "activate":
		return c.activate()
	case "systemctl":
		return c.systemctl()
	}
	if isProgram(c.name) {
		return c.subcommand()
	}
	return c.packaged()
}

// subcommand runs what has no name of its own.
func (c call) subcommand() int {
	verb := strings.Join(c.args, " ")
	switch verb {
	case "build":
		err := build(os.Getenv)
		var code failedBuild
		if errors.As(err, &code) {
			return int(code)
		}
		if err != nil {
			fmt.Fprintf(c.stderr, "error: %v\n", err)
			return 1
		}
		return 0
	case "supervise":
		return supervise(c.stdin)
	}
	fmt.Fprintf(c.stderr, "error: %q is not a role of the stand-in\n", verb)
	return 1
}

// activate tells the script of a system from that of a home generation, which has the
// files of the home beside it.
func (c call) activate() int {
	dir := filepath.Dir(c.self)
	if c.machine.exists(filepath.Join(dir, "home-files")) {
		return c.activateHome(dir)
	}
	return c.activateSystem(dir)
}
