// Package installer has machines as the installer of NixOS left them, and their users after it: what is in /etc/nixos.
package installer

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/rogpeppe/go-internal/txtar"
)

// Each is an archive of txtar. Its head has a line `# …` that says where it comes from, and a line `find ID FILE:LINE` for
// everything that stands in the way of adopting it. Files are below /etc/nixos or absolute. Behind a name may stand
// ` -> TARGET` (a link), ` (executable)`, ` (fifo)` or ` (size BYTES)`.
//
//go:embed machines
var machines embed.FS

// Machine is one of them.
type Machine struct {
	Name string
	// Finds are the findings, as `ID FILE:LINE`, in the order of files and lines.
	Finds []string
	files []txtar.File
}

// folder is where the installer writes to.
const folder = "/etc/nixos"

// All are the machines by name.
func All() ([]Machine, error) {
	names, err := fs.Glob(machines, "machines/*.txtar")
	if err != nil {
		return nil, err
	}
	var all []Machine
	for _, name := range names {
		one, err := Load(strings.TrimSuffix(path.Base(name), ".txtar"))
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// Load is the machine of that name.
func Load(name string) (Machine, error) {
	data, err := machines.ReadFile("machines/" + name + ".txtar")
	if err != nil {
		return Machine{}, err
	}
	archive := txtar.Parse(data)
	if !bytes.HasPrefix(archive.Comment, []byte("# synthetic: ")) {
		return Machine{}, fmt.Errorf("%s: does not say where it comes from", name)
	}
	m := Machine{Name: name, files: archive.Files}
	for line := range strings.Lines(string(archive.Comment)) {
		if find, is := strings.CutPrefix(strings.TrimSpace(line), "find "); is {
			m.Finds = append(m.Finds, find)
		}
	}
	return m, nil
}

// Write puts the files below root.
func (m Machine) Write(root string) error {
	for _, file := range m.files {
		if err := write(root, file.Name, file.Data); err != nil {
			return fmt.Errorf("%s: %s: %w", m.Name, file.Name, err)
		}
	}
	return nil
}

func write(root, name string, data []byte) error {
	name, target, link := strings.Cut(name, " -> ")
	name, kind, _ := strings.Cut(name, " (")
	if !path.IsAbs(name) {
		name = path.Join(folder, name)
	}
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	switch kind = strings.TrimSuffix(kind, ")"); {
	case link:
		return os.Symlink(target, file)
	case kind == "fifo":
		return syscall.Mkfifo(file, 0o644)
	case kind == "executable":
		mode = 0o755
	case strings.HasPrefix(kind, "size "):
		size, err := strconv.Atoi(strings.TrimPrefix(kind, "size "))
		if err != nil {
			return err
		}
		data = make([]byte, size)
	}
	return os.WriteFile(file, data, mode)
}

// Written is a machine with one file of another text.
func Written(name, text string) Machine {
	return Machine{Name: name, files: []txtar.File{{Name: name, Data: []byte(text)}}}
}
