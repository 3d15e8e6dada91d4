package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	profiles       = "/nix/var/nix/profiles"
	systemProfiles = "/nix/var/nix/profiles/system-profiles"
	entryFolder    = "/boot/loader/entries"
	loaderConfig   = "/boot/loader/loader.conf"
	grubConfig     = "/boot/grub/grub.cfg"
)

// generation is one link PROFILE-NUMBER-link of a system profile.
type generation struct {
	profile string // "" for the machine's own
	number  int
	target  string // the toplevel
	date    string
}

// id is the name of the entry, as systemd-boot-builder.py writes it.
func (g generation) id() string {
	if g.profile == "" {
		return fmt.Sprintf("nixos-generation-%d", g.number)
	}
	return fmt.Sprintf("nixos-%s-generation-%d", g.profile, g.number)
}

func (g generation) title() string {
	if g.profile == "" {
		return "NixOS"
	}
	return fmt.Sprintf("NixOS [%s]", g.profile)
}

// ownEntry matches the names of entries that the builder made and may remove.
var ownEntry = regexp.MustCompile(`^nixos(-.+)?-generation-\d+\.conf$`)

// installLoader writes the boot menu with every generation of every system profile. The
// default is the one that is the new system; where none is, the default stays what it was
// [R 1, R 10].
func (s switcher) installLoader() error {
	if s.machine.fails("bootloader", s.new) {
		return errors.New("OSError: [Errno 28] No space left on device: '/boot/EFI/nixos/" +
			filepath.Base(s.new.path) + "-initrd.efi'")
	}
	generations, err := s.machine.generations()
	if err != nil {
		return err
	}
	switch s.new.info.Loader {
	case "systemd-boot":
		return s.machine.installSystemdBoot(generations, s.new)
	case "grub":
		return s.machine.installGRUB(generations, s.new)
	case "none", "":
		s.say("Warning: do not know how to make this configuration bootable; please enable a boot loader.")
		return nil
	}
	return fmt.Errorf("%s: unknown boot loader %q", s.new.path, s.new.info.Loader)
}

// installSystemdBoot follows systemd-boot-builder.py.
func (m machine) installSystemdBoot(generations []generation, new system) error {
	if err := m.removeEntries(generations); err != nil {
		return err
	}
	for _, g := range generations {
		entry := fmt.Sprintf("title %s\nversion Generation %d NixOS %s, built on %s\noptions init=%s/init loglevel=4\n",
			g.title(), g.number, m.line(filepath.Join(g.target, "nixos-version")), g.date, g.target)
		if err := m.writeFile(filepath.Join(entryFolder, g.id()+".conf"), []byte(entry), 0o644); err != nil {
			return err
		}
		if g.target != new.path {
			continue
		}
		config := fmt.Sprintf("%sdefault %s.conf\nconsole-mode keep\n", new.timeoutLine("timeout %d\n"), g.id())
		if err := m.writeFile(loaderConfig, []byte(config), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (s system) timeoutLine(format string) string {
	if s.info.Timeout == nil {
		return ""
	}
	return fmt.Sprintf(format, *s.info.Timeout)
}

// removeEntries removes the builder's entries of generations that are gone. Entries of
// other systems stay.
func (m machine) removeEntries(generations []generation) error {
	entries, err := os.ReadDir(m.follow(entryFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, entry := range entries {
		kept := slices.ContainsFunc(generations, func(g generation) bool { return g.id()+".conf" == entry.Name() })
		if kept || !ownEntry.MatchString(entry.Name()) {
			continue
		}
		if err := os.Remove(m.at(filepath.Join(entryFolder, entry.Name()))); err != nil {
			return err
		}
	}
	return nil
}

// installGRUB follows install-grub.pl: the first entry is the new system, whether it is in a
// profile or not, and is the default.
func (m machine) installGRUB(generations []generation, new system) error {
	var menu strings.Builder
	fmt.Fprintf(&menu, "set default=0\n%s", new.timeoutLine("set timeout=%d\n"))
	entry := func(title, toplevel string) {
		fmt.Fprintf(&menu, "menuentry %q {\n  linux ($drive1)//kernels/linux init=%s/init loglevel=4\n}\n", title, toplevel)
	}
	entry("NixOS", new.path)
	for _, g := range slices.Backward(generations) {
		entry(fmt.Sprintf("%s - Configuration %d (%s)", g.title(), g.number, g.date), g.target)
	}
	return m.writeFile(grubConfig, []byte(menu.String()), 0o644)
}

// generations returns those of the machine's own profile, then of the named ones, oldest first.
func (m machine) generations() ([]generation, error) {
	all, err := m.generationsOf(profiles, "system", "")
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(m.follow(systemProfiles))
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), "-link") {
			continue
		}
		more, err := m.generationsOf(systemProfiles, entry.Name(), entry.Name())
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	return all, nil
}

// generationsOf reads the links NAME-N-link in FOLDER.
func (m machine) generationsOf(folder, name, profile string) ([]generation, error) {
	entries, err := os.ReadDir(m.follow(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []generation
	for _, entry := range entries {
		middle, isLink := strings.CutSuffix(strings.TrimPrefix(entry.Name(), name+"-"), "-link")
		number, err := strconv.Atoi(middle)
		if err != nil || !isLink || !strings.HasPrefix(entry.Name(), name+"-") {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			return nil, err
		}
		found = append(found, generation{
			profile: profile,
			number:  number,
			target:  m.real(filepath.Join(folder, entry.Name())),
			date:    info.ModTime().UTC().Format("2006-01-02"),
		})
	}
	slices.SortFunc(found, func(a, b generation) int { return cmp.Compare(a.number, b.number) })
	return found, nil
}
