// Package machine is a computer on which programs run and files are read: this one, or a
// sandbox below a directory. It is the only package that starts other programs.
package machine

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// StorePath is the absolute path of an object in the machine's Nix store, such as
// /nix/store/<hash>-<name>, without a path below it.
type StorePath string

// Hashes are 32 characters of Nix's base 32, which has no e, o, t, u
// (nix.dev, "Store path"); names are at most 211 of the characters listed there.
//
// It is compiled when it is asked for, which takes a millisecond: not each command needs it.
var storePathPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^/nix/store/[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+\-._?=]{1,211}$`)
})

// ParseStorePath checks that text is a store path. nqd runs programs from these paths as
// root, so nothing else may pass for one.
func ParseStorePath(text string) (StorePath, error) {
	if !storePathPattern().MatchString(text) {
		return "", fmt.Errorf("%q: not a store path", text)
	}
	return StorePath(text), nil
}

// Name is the part of the path behind the hash.
func (p StorePath) Name() string {
	_, name, _ := strings.Cut(filepath.Base(string(p)), "-")
	return name
}

// Generation is one generation of a profile: its number and the system it holds.
type Generation struct {
	Number int       `json:"number"`
	System StorePath `json:"system"`
}

// Machine is a computer. The zero value is not usable; make one with Local or Sandbox.
type Machine struct {
	// root is the directory that stands for / of the machine; empty for this computer.
	root string
	// Hurry, where it is not nil, is closed by whoever will wait no longer: programs that a
	// cancelled context asked to end are killed then, without the time to end by themselves.
	// Programs whose context is not cancelled are left alone.
	Hurry <-chan struct{}
	// patience and insistence replace the constants of those names in tests, which need not wait then.
	patience, insistence time.Duration
}

// Local is the computer that nqd runs on.
func Local() *Machine { return &Machine{} }

// Sandbox is a machine whose store, profiles, /etc, /run, /boot and homes lie below dir.
// Nothing outside of dir is written for it, and removing dir removes it whole.
func Sandbox(dir string) (*Machine, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(abs)
	if err != nil {
		return nil, fmt.Errorf("%s: no sandbox here: %w", dir, err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: a sandbox is a directory", dir)
	}
	if root, err := os.Stat("/"); err != nil || os.SameFile(info, root) {
		return nil, fmt.Errorf("%s: / is not a sandbox; leave --sandbox out to work on this machine", dir)
	}
	return &Machine{root: abs}, nil
}

// IsSandbox reports whether the machine is a sandbox.
func (m *Machine) IsSandbox() bool { return m.root != "" }

// Path is where the file that the machine knows as abs is found from here. As on any
// machine, /.. is /.
func (m *Machine) Path(abs string) string { return filepath.Join(m.root, filepath.Join("/", abs)) }

// Within is what the machine knows a file of this computer as; false where it does not have it.
func (m *Machine) Within(file string) (abs string, has bool) {
	if m.root == "" {
		return filepath.Clean(file), filepath.IsAbs(file)
	}
	below, err := filepath.Rel(m.root, file)
	return filepath.Join("/", below), err == nil && filepath.IsLocal(below)
}

// Store is the value of Nix's --store option for this machine; empty for the default one.
func (m *Machine) Store() string {
	if m.root == "" {
		return ""
	}
	return "local?root=" + queryValue.Replace(url.QueryEscape(m.root))
}

// queryValue turns what forms take for a value into what Nix does: it knows no + for a
// space, and a slash may stay. An unescaped & would end the value: another directory.
var queryValue = strings.NewReplacer("+", "%20", "%2F", "/")

// ReadLink reads a symbolic link of the machine that points at a store path.
func (m *Machine) ReadLink(abs string) (StorePath, error) {
	target, err := os.Readlink(m.Path(abs))
	if err != nil {
		return "", err
	}
	path, err := ParseStorePath(target)
	if err != nil {
		return "", fmt.Errorf("%s: points at %w", abs, err)
	}
	return path, nil
}

// guardTests keeps a test from changing the computer it runs on (design §8).
func (m *Machine) guardTests() error {
	if m.root == "" && testing.Testing() {
		return fmt.Errorf("tests act on a sandbox only")
	}
	return nil
}
