package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// profile is the profile of the machine's own system.
const profile = "nix/var/nix/profiles/system"

// ProfileTarget returns the store path of the current generation of the system profile.
func ProfileTarget(root string) (string, error) {
	link := filepath.Join(root, profile)
	generation, err := os.Readlink(link)
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(generation) {
		generation = filepath.Join(filepath.Dir(link), generation)
	} else if !within(root, generation) {
		generation = filepath.Join(root, generation)
	}
	return storeLink(root, generation)
}

// CurrentSystem returns the store path of the system that is running.
func CurrentSystem(root string) (string, error) {
	return storeLink(root, filepath.Join(root, "run/current-system"))
}

// storeLink reads a link into the store. Nix writes it as the machine sees it; a path of the
// host, with ROOT in front, is read the same.
func storeLink(root, link string) (string, error) {
	target, err := os.Readlink(link)
	if err != nil {
		return "", err
	}
	if within(root, target) {
		target = "/" + strings.TrimPrefix(strings.TrimPrefix(target, filepath.Clean(root)), "/")
	}
	if !strings.HasPrefix(target, "/nix/store/") {
		return "", fmt.Errorf("%s: leads to %s, not into the store", link, target)
	}
	return target, nil
}

func within(root, path string) bool {
	return strings.HasPrefix(path, filepath.Clean(root)+"/")
}

var (
	defaultEntry = regexp.MustCompile(`(?m)^default\s+(\S+)$`)
	initOption   = regexp.MustCompile(`\sinit=(/nix/store/[^/\s]+)/init(?:\s|$)`)
)

// BootDefault returns the store path of the system that the machine boots to, as the
// configuration of its boot loader says: systemd-boot's, or the first entry of GRUB's.
func BootDefault(root string) (string, error) {
	config, err := os.ReadFile(filepath.Join(root, "boot/loader/loader.conf"))
	if errors.Is(err, fs.ErrNotExist) {
		return initOf(filepath.Join(root, "boot/grub/grub.cfg"))
	}
	if err != nil {
		return "", err
	}
	name := defaultEntry.FindSubmatch(config)
	if name == nil {
		return "", errors.New("loader.conf: no default")
	}
	return initOf(filepath.Join(root, "boot/loader/entries", string(name[1])))
}

// initOf returns the store path of the first init= in a file.
func initOf(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	init := initOption.FindSubmatch(text)
	if init == nil {
		return "", fmt.Errorf("%s: no init= of a system", path)
	}
	return string(init[1]), nil
}
