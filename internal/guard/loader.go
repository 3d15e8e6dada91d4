package guard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// ErrUnknownLoader is a machine without a boot loader that nqd can read.
var ErrUnknownLoader = errors.New("no boot loader configuration of a known kind")

// The files of the two loaders that NixOS installs most. systemd-boot: loader.conf names the
// default entry (systemd, "The Boot Loader Specification"). GRUB: nixpkgs' install-grub.pl
// writes the default system as the first menu entry.
const (
	systemdBootConfig  = "/boot/loader/loader.conf"
	systemdBootEntries = "/boot/loader/entries"
	grubConfig         = "/boot/grub/grub.cfg"
)

// BootDefault is the system that the boot loader starts next time, read from the loader's own
// files, not from the profile. Where only root may read those, it asks to be root.
func (g *Guard) BootDefault(ctx context.Context) (machine.StorePath, error) {
	return g.bootDefault(func(file string) (string, error) { return g.readRootFile(ctx, file) })
}

// VisibleBootDefault is BootDefault as far as the user of nqd may read it.
func (g *Guard) VisibleBootDefault() (machine.StorePath, error) { return g.bootDefault(g.readFile) }

func (g *Guard) bootDefault(read func(string) (string, error)) (machine.StorePath, error) {
	config, err := read(systemdBootConfig)
	if err == nil {
		return systemdBootDefault(read, config)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	config, err = read(grubConfig)
	if errors.Is(err, fs.ErrNotExist) {
		return "", ErrUnknownLoader
	}
	if err != nil {
		return "", err
	}
	return initSystem(grubConfig, config)
}

func systemdBootDefault(read func(string) (string, error), config string) (machine.StorePath, error) {
	entry := ""
	for line := range strings.Lines(config) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == "default" {
			entry = words[1]
		}
	}
	if entry == "" {
		return "", fmt.Errorf("%s: names no default", systemdBootConfig)
	}
	if entry != path.Base(entry) {
		return "", fmt.Errorf("%s: default %q is not the name of an entry", systemdBootConfig, entry)
	}
	file := path.Join(systemdBootEntries, entry)
	text, err := read(file)
	if err != nil {
		return "", err
	}
	return initSystem(file, text)
}

// initArgument is the kernel parameter by which NixOS's initrd finds the system to start.
var initArgument = regexp.MustCompile(`\binit=(/nix/store/[^/\s]+)/init\b`)

func initSystem(file, text string) (machine.StorePath, error) {
	found := initArgument.FindStringSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%s: no init=/nix/store/… in it", file)
	}
	return machine.ParseStorePath(found[1])
}

func (g *Guard) readFile(file string) (string, error) {
	data, err := os.ReadFile(g.Machine.Path(file))
	return string(data), err
}

// readRootFile reads a file that may be readable by root only, as a boot partition often is.
func (g *Guard) readRootFile(ctx context.Context, file string) (string, error) {
	text, err := g.readFile(file)
	if !errors.Is(err, fs.ErrPermission) {
		return text, err
	}
	out, err := g.Machine.Output(ctx, machine.Cmd{
		Doing:  "reading " + file,
		Path:   "/run/current-system/sw/bin/cat",
		Args:   []string{file},
		Env:    []string{"LC_ALL=C.UTF-8"},
		Inside: true,
		Root:   true,
	})
	if err != nil && strings.Contains(err.Error(), "No such file") {
		return "", fs.ErrNotExist
	}
	return string(out), err
}
