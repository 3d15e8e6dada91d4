// Package workspace is the flake directory that nqd writes and the user owns: flake.nix, the
// module library, and a folder for every host.
package workspace

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

// Workspace is a workspace directory, which need not exist yet.
type Workspace struct{ Dir string }

// File is a file that nqd wants to have in the workspace.
type File struct {
	Path string // relative, with slashes
	Data []byte
	// New says that there is no such file yet.
	New bool
	// Gone says that the file is to be removed.
	Gone bool
	// Executable says that it is a program: what is adopted stays one.
	Executable bool
}

// owned are the directories, beside the library, whose files belong to a deployment and are
// committed with it.
var owned = []string{"hosts", "features", "secrets"}

// copies is what CopyTo copies.
var copies = append([]string{"flake.nix", "flake.lock", "nixlib"}, owned...)

// Copies reports whether CopyTo copies all of these files and directories at the top of the workspace.
func Copies(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(copies, name) })
}

//go:embed template
var template embed.FS

// ErrNone is a directory that is no workspace.
var ErrNone = errors.New("no workspace")

// Hosts lists the hosts that have a host file. It returns ErrNone for a directory without a
// flake.
func (w Workspace) Hosts() ([]string, error) {
	if _, err := os.Stat(w.path("flake.nix")); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", w.Dir, ErrNone)
	}
	// Below the directory, whose own name may hold what Glob takes for a pattern.
	files, err := fs.Glob(os.DirFS(w.Dir), "hosts/*/host.toml")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range files {
		names = append(names, path.Base(path.Dir(file)))
	}
	return names, nil
}

// HostFile is the path of a host's host.toml.
func (w Workspace) HostFile(host string) string {
	return w.path(filepath.Join("hosts", host, "host.toml"))
}

func (w Workspace) path(name string) string { return filepath.Join(w.Dir, filepath.FromSlash(name)) }

// Pending lists what Write would change so that the workspace holds the library of this nqd.
// The library belongs to nqd: a file of it that somebody edited is *EditedError.
func (w Workspace) Pending() ([]File, error) {
	wanted, err := library()
	if err != nil {
		return nil, err
	}
	written, err := w.readSums()
	if err != nil {
		return nil, err
	}
	present, err := w.list("nixlib")
	if err != nil {
		return nil, err
	}
	// Old files go first and the sums come last: whatever of it is done when nqd is killed,
	// the sums still tell which files are nqd's.
	var pending []File
	for _, path := range present {
		digest, ours := written[path]
		if !ours || slices.ContainsFunc(wanted, func(f File) bool { return f.Path == path }) {
			continue
		}
		now, err := os.ReadFile(w.path(path))
		if err != nil {
			return nil, err
		}
		if digest != sum(now) {
			return nil, &EditedError{Path: w.path(path)}
		}
		pending = append(pending, File{Path: path, Gone: true})
	}
	for _, file := range wanted {
		change, err := w.compare(file, written[file.Path])
		if err != nil {
			return nil, err
		}
		pending = append(pending, change...)
	}
	return pending, nil
}

// compare looks at one file three ways: as it is wanted, as nqd last wrote it, as it is.
func (w Workspace) compare(wanted File, written string) ([]File, error) {
	now, err := os.ReadFile(w.path(wanted.Path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		wanted.New = true
		return []File{wanted}, nil
	case err != nil:
		return nil, err
	case bytes.Equal(now, wanted.Data):
		return nil, nil
	case written != sum(now) && wanted.Path != sumsFile:
		return nil, &EditedError{Path: w.path(wanted.Path)}
	}
	return []File{wanted}, nil
}

// EditedError is a file of the library that was changed by somebody else than nqd.
type EditedError struct{ Path string }

func (e *EditedError) Error() string {
	return e.Path + ": was edited, but nixlib/ is written by nqd"
}

// Hint says where edits belong.
func (e *EditedError) Hint() string {
	return "move the change to hosts/<name>/local.nix or home.nix, delete the file, and run nqd again"
}

// Write makes the changes that Pending or Init listed.
func (w Workspace) Write(files []File) error {
	for _, file := range files {
		if err := w.write(file); err != nil {
			return err
		}
	}
	return nil
}

func (w Workspace) write(file File) error {
	path := w.path(file.Path)
	if file.Gone {
		return os.Remove(path)
	}
	if err := atomicfile.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if file.Executable {
		mode = 0o755
	}
	return atomicfile.Write(path, file.Data, mode)
}

// CommitPaths are the paths that a deployment commits: what nqd writes, file by file, and the
// directories that hold the user's part of it.
func (w Workspace) CommitPaths() ([]string, error) {
	wanted, err := library()
	if err != nil {
		return nil, err
	}
	paths := []string{"flake.nix", "flake.lock", "nixlib"}
	for _, file := range wanted {
		paths = append(paths, file.Path)
	}
	return append(paths, owned...), nil
}

// HostPaths is CommitPaths without the hosts of other machines.
func (w Workspace) HostPaths(name string) ([]string, error) {
	paths, err := w.CommitPaths()
	for i, one := range paths {
		if one == "hosts" {
			paths[i] = filepath.Join(one, name)
		}
	}
	return paths, err
}

// CopyTo copies what a deployment would commit into dir, with pending changes made, and
// leaves out whatever of it dir held before.
func (w Workspace) CopyTo(dir string, pending []File) error {
	copied := Workspace{Dir: dir}
	for _, name := range copies {
		if err := os.RemoveAll(copied.path(name)); err != nil {
			return err
		}
		if err := copyTree(copied.path(name), w.path(name)); err != nil {
			return err
		}
	}
	return copied.Write(pending)
}

// copyTree copies a file or a directory with links and executable bits, which the evaluation
// sees. What is not there is not copied.
func copyTree(to, from string) error {
	info, err := os.Stat(from)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return os.CopyFS(to, os.DirFS(from))
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}

// list names the regular files at and below name, relative to the workspace.
func (w Workspace) list(name string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(w.path(name), func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		relative, err := filepath.Rel(w.Dir, path)
		files = append(files, filepath.ToSlash(relative))
		return err
	})
	return files, err
}

// library is the module library of this nqd as files of a workspace, with its sums.
func library() ([]File, error) {
	var files []File
	err := fs.WalkDir(nixlib.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := nixlib.FS.ReadFile(path)
		files = append(files, File{Path: "nixlib/" + path, Data: data})
		return err
	})
	if err != nil {
		return nil, err
	}
	return append(files, File{Path: sumsFile, Data: formatSums(files)}), nil
}
