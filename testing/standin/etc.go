package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// staticEtc leads to the etc of the system that is active.
const staticEtc = "/etc/static"

// etc makes /etc that of the new system, as setup-etc.pl of nixpkgs does: a link through
// /etc/static for each entry, real folders, and no link left that leads to nothing. What the
// system does not name stays as it is.
func (a activation) etc() error {
	if err := a.machine.link(a.machine.real(a.new.etc()), staticEtc); err != nil {
		return err
	}
	if err := a.linkEtc(""); err != nil {
		return err
	}
	return a.cleanEtc("")
}

// linkEtc links what is in the folder BELOW of the new etc.
func (a activation) linkEtc(below string) error {
	m := a.machine
	entries, err := os.ReadDir(m.follow(filepath.Join(staticEtc, below)))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := filepath.Join(below, entry.Name())
		if entry.IsDir() {
			if err := a.etcFolder(name); err != nil {
				return err
			}
			if err := a.linkEtc(name); err != nil {
				return err
			}
			continue
		}
		if strings.HasSuffix(name, modeSuffix) {
			continue
		}
		if err := a.etcLink(name); err != nil {
			return err
		}
	}
	return nil
}

// modeSuffix ends the name of a file that says how the entry beside it is put into /etc. Of
// the modes, the stand-in knows the one that links past /etc/static.
const (
	modeSuffix    = ".mode"
	directSymlink = "direct-symlink"
)

// etcFolder makes the folder /etc/NAME; a link that another system had there gives way.
func (a activation) etcFolder(name string) error {
	path := filepath.Join("/etc", name)
	if strings.HasPrefix(a.machine.readLink(path), staticEtc+"/") {
		if err := os.Remove(a.machine.at(path)); err != nil {
			return err
		}
	}
	return os.MkdirAll(a.machine.at(path), 0o755)
}

// etcLink makes /etc/NAME a link to /etc/static/NAME, or to where that leads.
func (a activation) etcLink(name string) error {
	m, path, target := a.machine, filepath.Join("/etc", name), filepath.Join(staticEtc, name)
	if mode, err := os.ReadFile(m.follow(target + modeSuffix)); err == nil && strings.TrimSpace(string(mode)) == directSymlink {
		target = m.readLink(target)
	}
	if m.readLink(path) == target {
		return nil
	}
	if info, err := os.Lstat(m.at(path)); err == nil && info.IsDir() {
		if !m.isStatic(path) {
			fmt.Fprintf(a.stderr, "%s directory contains user files. Symlinking may fail.\n", path)
			return fmt.Errorf("could not create symlink %s", path)
		}
		if err := os.RemoveAll(m.at(path)); err != nil {
			return err
		}
	}
	return m.link(target, path)
}

// isStatic reports whether the folder PATH holds nothing but links made by etcLink.
func (m machine) isStatic(path string) bool {
	static := true
	err := filepath.WalkDir(m.at(path), func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		target, _ := os.Readlink(file)
		static = static && strings.HasPrefix(target, staticEtc+"/")
		return nil
	})
	return err == nil && static
}

// cleanEtc removes the links below /etc/BELOW whose entry is gone.
func (a activation) cleanEtc(below string) error {
	m := a.machine
	entries, err := os.ReadDir(m.at(filepath.Join("/etc", below)))
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := filepath.Join(below, entry.Name())
		path := filepath.Join("/etc", name)
		if entry.IsDir() {
			if path == "/etc/nixos" {
				continue
			}
			if err := a.cleanEtc(name); err != nil {
				return err
			}
			continue
		}
		target := m.readLink(path)
		if !strings.HasPrefix(target, staticEtc+"/") {
			continue
		}
		if _, err := os.Lstat(m.at(target)); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		fmt.Fprintf(a.stderr, "removing obsolete symlink ‘%s’...\n", path)
		if err := os.Remove(m.at(path)); err != nil {
			return err
		}
	}
	return nil
}
