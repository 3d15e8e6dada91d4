package workspace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode/utf16"
)

// Machine is what Init takes over from the machine: files, by the machine's own names.
type Machine interface {
	ReadFile(abs string) ([]byte, error)
	Exists(abs string) (bool, error)
}

// Inputs are the flake references of the two inputs; empty ones come from the release.
type Inputs struct {
	Release     string // 26.05, 26.11 or unstable
	Nixpkgs     string
	HomeManager string
}

// ErrHostExists is a host that has its host file already.
var ErrHostExists = errors.New("exists already")

// Host is a host that the workspace does not have yet.
type Host struct {
	Name  string
	File  []byte // host.toml
	Facts []byte // facts.json, nil for none
	// Imported are the files that are taken over from the machine's own configuration, their paths relative to imported/.
	// Without any the machine's hardware-configuration.nix is, where it has one.
	Imported []File
}

// Init lists the files that make the workspace hold a new host: its host file and facts, what it
// takes over from the machine, and the flake and library where they are missing. Files that the
// user owns are never replaced.
func (w Workspace) Init(host Host, inputs Inputs, m Machine) ([]File, error) {
	// A link counts, also one that leads nowhere: writing would replace it.
	switch _, err := os.Lstat(w.HostFile(host.Name)); {
	case err == nil:
		return nil, fmt.Errorf("%s: %w", w.HostFile(host.Name), ErrHostExists)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	flake, err := flakeFor(inputs)
	if err != nil {
		return nil, err
	}
	folder := path.Join("hosts", host.Name)
	local, imported, err := takeOver(host, m)
	if err != nil {
		return nil, err
	}
	files := []File{
		{Path: "flake.nix", Data: flake, New: true},
		{Path: path.Join(folder, "local.nix"), Data: local, New: true},
	}
	for _, file := range imported {
		file.Path, file.New = path.Join(folder, "imported", file.Path), true
		files = append(files, file)
	}
	if host.Facts != nil {
		files = append(files, File{Path: path.Join(folder, "facts.json"), Data: host.Facts, New: true})
	}
	missing := files[:0]
	for _, file := range files {
		if _, err := os.Lstat(w.path(file.Path)); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, file)
		}
	}
	pending, err := w.Pending()
	if err != nil {
		return nil, err
	}
	// The host file comes last: what is there with it is complete.
	hostToml := File{Path: path.Join(folder, "host.toml"), Data: host.File, New: true}
	return append(append(missing, pending...), hostToml), nil
}

// takeOver is the first local.nix and the files of imported/. What was adopted says itself how the machine starts.
func takeOver(host Host, m Machine) (local []byte, imported []File, err error) {
	if len(host.Imported) > 0 {
		return plainLocal(), host.Imported, nil
	}
	hardware, err := m.ReadFile("/etc/nixos/hardware-configuration.nix")
	switch {
	case err == nil:
		imported = []File{{Path: "hardware-configuration.nix", Data: hardware}}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, nil, err
	}
	return localFor(m), imported, nil
}

// Create makes the changes that Init listed, all of them or none: after an error the files that it made are gone again, and
// the folders that it made for them.
func (w Workspace) Create(files []File) error {
	var made []string
	for _, file := range files {
		// The file, and the folders above it that are not there: that of the workspace, and above it, may be among them.
		for name := w.path(file.Path); ; name = filepath.Dir(name) {
			if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
				break
			}
			made = append(made, name)
		}
		if err := w.write(file); err != nil {
			return errors.Join(err, takeBack(made))
		}
	}
	return nil
}

// takeBack removes files, and folders with nothing in them: the deepest first.
func takeBack(made []string) error {
	slices.SortFunc(made, func(a, b string) int { return strings.Count(b, "/") - strings.Count(a, "/") })
	var errs []error
	for _, name := range made {
		err := os.Remove(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTEMPTY) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// plainLocal is a local.nix that says nothing yet.
func plainLocal() []byte {
	data, err := template.ReadFile("template/local.nix")
	if err != nil {
		panic(err) // embedded
	}
	return data
}

// localFor is the first local.nix: with the boot loader that the machine starts with, where
// that can be told without asking for its disks.
func localFor(m Machine) []byte {
	if !hasSystemdBoot(m) {
		return plainLocal()
	}
	data, err := template.ReadFile("template/local-systemd-boot.nix")
	if err != nil {
		panic(err) // embedded
	}
	return data
}

// Where systemd-boot is seen: in its configuration, and in the variable of the Boot Loader
// Interface (systemd.io/BOOT_LOADER_INTERFACE) by which a boot loader names itself.
const (
	loaderConfig   = "/boot/loader/loader.conf"
	loaderVariable = "/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
)

// hasSystemdBoot reports whether systemd-boot started the machine, or is configured to. NixOS's
// installer lets root alone look into /boot (fmask=0077, dmask=0077), so that a user who may
// not read the configuration has learned nothing; the variable is there for everybody.
func hasSystemdBoot(m Machine) bool {
	if there, err := m.Exists(loaderConfig); err == nil && there {
		return true
	}
	data, err := m.ReadFile(loaderVariable)
	return err == nil && isSystemdBoot(data)
}

// isSystemdBoot reads the variable as efivarfs shows it: four bytes of attributes before
// UTF-16 text (docs.kernel.org, filesystems/efivarfs). GRUB has it too, when its module bli is
// loaded (GRUB manual, "bli"), so that being there is not enough.
func isSystemdBoot(variable []byte) bool {
	const attributes = 4
	if len(variable) < attributes {
		return false
	}
	var name []uint16
	for pair := range slices.Chunk(variable[attributes:], 2) {
		if len(pair) == 2 {
			name = append(name, binary.LittleEndian.Uint16(pair))
		}
	}
	return strings.HasPrefix(string(utf16.Decode(name)), "systemd-boot")
}

// The literal URLs of the template, replaced by exact match. The text that comes in their
// place is a flake reference without any character that means something in a Nix string.
const (
	nixpkgsURL     = `"https://channels.nixos.org/nixos-26.05/nixexprs.tar.xz"`
	homeManagerURL = `"git+https://github.com/nix-community/home-manager?ref=release-26.05&shallow=1"`
)

var flakeReference = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:[A-Za-z0-9/._~?=&%+@:-]+$`)

// InputError is a flake reference that cannot stand in flake.nix.
type InputError struct{ Reference string }

func (e *InputError) Error() string { return fmt.Sprintf("%q: not a flake reference", e.Reference) }

// Hint shows one.
func (e *InputError) Hint() string {
	return "such as github:NixOS/nixpkgs/nixos-26.05 or path:/srv/nixpkgs"
}

// flakeFor is flake.nix with its inputs. Both of a release move, and can be locked all the same:
// channels.nixos.org answers with an address of the very tarball (nix.dev, "Lockable HTTP
// Tarball Protocol"), and Git has revisions. The tarball of a branch has neither: its hash in
// flake.lock is wrong as soon as the branch moves.
func flakeFor(inputs Inputs) ([]byte, error) {
	flake, err := template.ReadFile("template/flake.nix")
	if err != nil {
		return nil, err
	}
	filled := inputs.Filled()
	for _, replace := range []struct{ old, new string }{{nixpkgsURL, filled.Nixpkgs}, {homeManagerURL, filled.HomeManager}} {
		if !flakeReference.MatchString(replace.new) {
			return nil, &InputError{Reference: replace.new}
		}
		flake = bytes.Replace(flake, []byte(replace.old), []byte(`"`+replace.new+`"`), 1)
	}
	return flake, nil
}

// Filled is the same inputs, with those of the release in the place of empty ones.
func (i Inputs) Filled() Inputs {
	if i.Nixpkgs == "" {
		i.Nixpkgs = "https://channels.nixos.org/nixos-" + i.Release + "/nixexprs.tar.xz"
	}
	if i.HomeManager == "" {
		branch := "release-" + i.Release
		if i.Release == "unstable" {
			branch = "master"
		}
		i.HomeManager = "git+https://github.com/nix-community/home-manager?ref=" + branch + "&shallow=1"
	}
	return i
}
