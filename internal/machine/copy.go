package machine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/tree"
)

// What follows works on files that only root may read, such as the data of services. In a sandbox it is done here, by
// the rights of this process; on this computer by programs of coreutils, findutils and util-linux, as root.

// systemPrograms has what every NixOS has (nixpkgs, nixos/modules/config/system-path.nix, corePackages).
const systemPrograms = "/run/current-system/sw/bin/"

// asRoot is a program of the machine with the rights of its root.
func asRoot(doing, name string, args ...string) Cmd {
	return Cmd{Doing: doing, Path: systemPrograms + name, Args: args, Env: []string{"LC_ALL=C.UTF-8"}, Inside: true, Root: true}
}

// Tree lists a file, or a folder and all that is below it, the folder first, sorted by path. Links are not followed,
// not even the top. errors.Is(err, fs.ErrNotExist) where nothing is there.
func (m *Machine) Tree(ctx context.Context, abs string) ([]tree.Entry, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if m.IsSandbox() {
		return tree.Walk(m.Path(abs))
	}
	out, err := m.Output(ctx, treeCommand(abs))
	if err != nil {
		return nil, absence(err, abs, out)
	}
	return tree.Parse(out)
}

func treeCommand(abs string) Cmd { return asRoot("reading "+abs, "find", abs, "-printf", tree.Format) }

// absence is fs.ErrNotExist where a program said that of abs, and printed nothing of it.
func absence(err error, abs string, printed []byte) error {
	var exit *ExitError
	if len(printed) == 0 && errors.As(err, &exit) && strings.Contains(exit.Stderr, abs) &&
		strings.HasSuffix(strings.TrimSpace(exit.Stderr), "No such file or directory") {
		return &fs.PathError{Op: "read", Path: abs, Err: fs.ErrNotExist}
	}
	return err
}

// CopyTree copies a file, or a folder with all that is below it, to a place where nothing is, in a folder that is there:
// with owners, modes, times, extended attributes, links and hard links within it. Blocks are shared where the file system
// can; with ONLYSHARED a copy that would need room of its own is an error.
func (m *Machine) CopyTree(ctx context.Context, from, to string, onlyShared bool) error {
	if m.IsSandbox() {
		return tree.Clone(ctx, m.Path(from), m.Path(to), onlyShared)
	}
	return m.Run(ctx, copyCommand(from, to, onlyShared))
}

func copyCommand(from, to string, onlyShared bool) Cmd {
	share := "--reflink=auto"
	if onlyShared {
		share = "--reflink=always"
	}
	return asRoot("copying "+from+" to "+to, "cp", "--archive", share, "--no-target-directory", "--", from, to)
}

// MoveTree gives a file or folder another name on the same file system. What is not there is fs.ErrNotExist; TO must
// not be there.
func (m *Machine) MoveTree(ctx context.Context, from, to string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if m.IsSandbox() {
		if _, err := os.Lstat(m.Path(to)); err == nil {
			return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
		}
		return os.Rename(m.Path(from), m.Path(to))
	}
	err := m.Run(ctx, moveCommand(from, to))
	return absence(err, from, nil)
}

// moveCommand never copies: half of a copy would look like the whole.
func moveCommand(from, to string) Cmd {
	return asRoot("moving "+from+" to "+to, "mv", "--no-copy", "--update=none-fail", "--no-target-directory", "--", from, to)
}

// RemoveTree removes a file, or a folder with all that is below it on the same file system. Nothing there is no error.
func (m *Machine) RemoveTree(ctx context.Context, abs string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if m.IsSandbox() {
		return os.RemoveAll(m.Path(abs))
	}
	return m.Run(ctx, asRoot("removing "+abs, "rm", "--recursive", "--force", "--one-file-system", "--", abs))
}

// MakePrivate makes folders that only root may enter, each within the one before it or one that is there. Those that are
// there stay as they are.
func (m *Machine) MakePrivate(ctx context.Context, abs ...string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if !m.IsSandbox() {
		return m.Run(ctx, asRoot("making "+abs[len(abs)-1], "mkdir", append([]string{"--parents", "--mode=0700", "--"}, abs...)...))
	}
	for _, folder := range abs {
		if err := os.MkdirAll(m.Path(path.Dir(folder)), 0o755); err != nil {
			return err
		}
		if err := atomicfile.MkdirAll(m.Path(folder), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// ReadPrivate reads a file of root; errors.Is(err, fs.ErrNotExist) where there is none.
func (m *Machine) ReadPrivate(ctx context.Context, abs string) ([]byte, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	if m.IsSandbox() {
		return os.ReadFile(m.Path(abs))
	}
	out, err := m.Output(ctx, asRoot("reading "+abs, "cat", "--", abs))
	if err != nil {
		return nil, absence(err, abs, out)
	}
	return out, nil
}

// WritePrivate replaces a file that only root may read; after a crash it is the old or the new one.
func (m *Machine) WritePrivate(ctx context.Context, abs string, data []byte) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if m.IsSandbox() {
		return atomicfile.Write(m.Path(abs), data, 0o600)
	}
	write := writeCommand(abs + ".new")
	write.Stdin = bytes.NewReader(data)
	if err := m.Run(ctx, write); err != nil {
		return err
	}
	if err := m.Run(ctx, asRoot("writing "+abs, "mv", "--no-target-directory", "--", abs+".new", abs)); err != nil {
		return err
	}
	return m.Flush(ctx, path.Dir(abs))
}

// writeCommand writes its input to a file and brings it to the disk. The folder keeps others out.
func writeCommand(abs string) Cmd {
	return asRoot("writing "+abs, "dd", "of="+abs, "conv=fsync", "status=none")
}

// SavePrivate runs a program and keeps what it prints in a file of root, in a folder that only root may enter.
func (m *Machine) SavePrivate(ctx context.Context, c Cmd, abs string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if m.IsSandbox() {
		file, err := os.OpenFile(m.Path(abs), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		c.Stdout = file
		return errors.Join(m.Run(ctx, c), file.Sync(), file.Close())
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	keep := writeCommand(abs)
	keep.Stdin, c.Stdout = read, write
	kept := make(chan error, 1)
	go func() {
		kept <- m.Run(ctx, keep)
		read.Close() // the program must not wait for a reader that is gone
	}()
	err = m.Run(ctx, c)
	write.Close()
	return errors.Join(err, <-kept)
}

// Flush brings what was written on the file system of abs to the disk.
func (m *Machine) Flush(ctx context.Context, abs string) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if m.IsSandbox() {
		return tree.Flush(m.Path(abs))
	}
	return m.Run(ctx, asRoot("flushing "+abs, "sync", "--file-system", "--", abs))
}

// RealPath is where abs is, without links. Only those that root made are followed: a service could lead root anywhere.
// In a sandbox they may be of whom nqd runs as, too. What is not there yet stays as it is written.
func (m *Machine) RealPath(ctx context.Context, abs string) (string, error) {
	if err := context.Cause(ctx); err != nil {
		return "", err
	}
	if m.IsSandbox() {
		return m.realInSandbox(abs)
	}
	out, err := m.Output(ctx, asRoot("looking for "+abs, "readlink", "--canonicalize-missing", "--zero", "--", abs))
	if err != nil {
		return "", err
	}
	end := strings.TrimSuffix(string(out), "\x00")
	if end == path.Clean(abs) {
		return end, nil
	}
	// Some of them may not be there: what find says of the others counts all the same.
	ways, err := m.Output(ctx, foreignLinks(abs))
	if len(ways) > 0 {
		link, _, _ := strings.Cut(string(ways), "\x00")
		return "", &LinkError{Path: abs, Link: link}
	}
	if exit := (*ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return "", err
	}
	return end, nil
}

// foreignLinks prints the links on the way to abs that root did not make.
func foreignLinks(abs string) Cmd {
	return asRoot("looking for "+abs, "find", append(prefixes(abs), "-maxdepth", "0", "-type", "l", "-not", "-uid", "0", "-print0")...)
}

// LinkError is a link on the way to data that root did not make.
type LinkError struct{ Path, Link string }

func (e *LinkError) Error() string {
	return fmt.Sprintf("%s: %s is a link that root did not make", e.Path, e.Link)
}

// Hint says what to do.
func (e *LinkError) Hint() string {
	return "as root: look where " + e.Link + " leads, and make it root's with chown --no-dereference, if that is right"
}

// prefixes are the path and the folders above it, / left out.
func prefixes(abs string) (ways []string) {
	for way := path.Clean(abs); way != "/"; way = path.Dir(way) {
		ways = append([]string{way}, ways...)
	}
	return ways
}

// realInSandbox is RealPath of a sandbox.
func (m *Machine) realInSandbox(abs string) (string, error) {
	for _, way := range prefixes(abs) {
		var stat unix.Stat_t
		if unix.Lstat(m.Path(way), &stat) != nil || stat.Mode&unix.S_IFMT != unix.S_IFLNK {
			continue
		}
		if stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
			return "", &LinkError{Path: abs, Link: way}
		}
	}
	end, err := m.follow(abs, func(string) {})
	if errors.Is(err, fs.ErrNotExist) {
		return path.Clean(abs), nil
	}
	return end, err
}
