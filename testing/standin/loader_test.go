package main

import (
	"strings"
	"testing"
)

// generation adds a link of a profile: FOLDER/NAME-N-link.
func (f fixture) generation(path, toplevel string) {
	f.Helper()
	if err := f.link(toplevel, path); err != nil {
		f.Fatal(err)
	}
}

func (f fixture) wantEntry(name, toplevel string) {
	f.Helper()
	entry := f.read("/boot/loader/entries/" + name + ".conf")
	if !strings.Contains(entry, "\noptions init="+toplevel+"/init ") {
		f.Errorf("entry %s is not of %s:\n%s", name, toplevel, entry)
	}
}

func TestLoaderEntries(t *testing.T) {
	f := newFixture(t)
	one, two, trial := f.toplevel("a", systemSpec{}), f.toplevel("bb", systemSpec{}), f.toplevel("ccc", systemSpec{})
	f.generation("/nix/var/nix/profiles/system-1-link", one)
	f.generation("/nix/var/nix/profiles/system-10-link", two)
	f.generation("/nix/var/nix/profiles/system-profiles/nqd-trial-1-link", trial)
	if err := f.link("nqd-trial-1-link", "/nix/var/nix/profiles/system-profiles/nqd-trial"); err != nil {
		t.Fatal(err)
	}
	f.write("/boot/loader/entries/nixos-generation-2.conf", "gone")
	f.write("/boot/loader/entries/nixos-old-generation-2.conf", "gone")
	f.write("/boot/loader/entries/windows.conf", "foreign")

	f.switchTo(two, "boot", 0)
	f.wantEntry("nixos-generation-1", one)
	f.wantEntry("nixos-generation-10", two)
	f.wantEntry("nixos-nqd-trial-generation-1", trial)
	f.wantFile("/boot/loader/entries/windows.conf", "foreign")
	for _, name := range []string{"nixos-generation-2", "nixos-old-generation-2"} {
		if f.exists("/boot/loader/entries/" + name + ".conf") {
			t.Errorf("entry %s of a generation that is gone is still there", name)
		}
	}
	wantLines(t, f.read("/boot/loader/loader.conf"), "default nixos-generation-10.conf")
	if f.exists("/run/current-system") {
		t.Error("boot activated the system")
	}

	// [R 1]: the running system writes the menu for both profiles and stays the default.
	f.switchTo(one, "boot", 0)
	wantLines(t, f.read("/boot/loader/loader.conf"), "default nixos-generation-1.conf")
}

// [R 10], experiment e9: a system that is in no profile becomes no default.
func TestLoaderWithoutGeneration(t *testing.T) {
	f := newFixture(t)
	one, two := f.toplevel("a", systemSpec{}), f.toplevel("bb", systemSpec{})
	f.generation("/nix/var/nix/profiles/system-1-link", one)
	f.switchTo(two, "boot", 0)
	if f.exists("/boot/loader/loader.conf") {
		t.Error("a default was written for a system in no profile")
	}
	f.switchTo(one, "boot", 0)
	f.switchTo(two, "boot", 0)
	wantLines(t, f.read("/boot/loader/loader.conf"), "default nixos-generation-1.conf")
}

func TestLoaderGRUB(t *testing.T) {
	f := newFixture(t)
	one, two := f.toplevel("a", systemSpec{loader: "grub"}), f.toplevel("bb", systemSpec{loader: "grub"})
	f.generation("/nix/var/nix/profiles/system-1-link", one)
	f.generation("/nix/var/nix/profiles/system-2-link", two)
	f.switchTo(one, "boot", 0)
	menu := f.read("/boot/grub/grub.cfg")
	first := strings.Index(menu, "init="+one+"/init")
	second := strings.Index(menu, "init="+two+"/init")
	if first < 0 || second < first {
		t.Errorf("the system is not the first entry:\n%s", menu)
	}
}

func TestLoaderNone(t *testing.T) {
	f := newFixture(t)
	r := f.switchTo(f.toplevel("a", systemSpec{loader: "none"}), "boot", 0)
	wantLines(t, r.stderr, "Warning: do not know how to make this configuration bootable; please enable a boot loader.")
}

func TestLoaderFails(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{})
	f.generation("/nix/var/nix/profiles/system-1-link", one)
	f.write("/standin/fail/bootloader", "")
	for _, action := range []string{"boot", "switch"} {
		r := f.switchTo(one, action, exitRefused)
		wantLines(t, r.stderr, "Failed to install bootloader")
	}
	if f.exists("/boot/loader") || f.exists("/run/current-system") {
		t.Error("something was changed all the same")
	}
	f.switchTo(one, "test", 0) // needs no boot loader
}
