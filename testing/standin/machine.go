package main

import (
	"os"
	"path/filepath"
	"strings"
)

// machine is the computer a role works on. Paths are those that its programs see; the
// methods translate them to where the files are.
type machine struct {
	root    string // "/", or in tests a folder
	program string // where the file of the stand-in itself is, to start it again
}

// maxLinks is the number of symbolic links the kernel follows in one path (path_resolution(7)).
const maxLinks = 40

// real returns PATH with every symbolic link followed, as a path of the machine. What
// does not exist is kept as it is written.
func (m machine) real(path string) string { return m.resolve(path, true) }

// at returns where PATH itself is: its folders are followed, its last name is not.
func (m machine) at(path string) string { return m.outside(m.resolve(path, false)) }

// follow returns where the file is that PATH leads to.
func (m machine) follow(path string) string { return m.outside(m.resolve(path, true)) }

func (m machine) outside(path string) string { return filepath.Join(m.root, path) }

// inside is the inverse of outside; paths that are not below the root are returned as they are.
func (m machine) inside(path string) string {
	below, err := filepath.Rel(m.root, path)
	if err != nil || !filepath.IsLocal(below) {
		return path
	}
	return filepath.Join("/", below)
}

// resolve walks PATH name by name, as the kernel does below chroot: absolute targets start
// again at the root of the machine.
func (m machine) resolve(path string, last bool) string {
	done := "/"
	todo := names(path)
	for links := 0; len(todo) > 0; {
		next := filepath.Join(done, todo[0])
		target, err := os.Readlink(m.outside(next))
		if err != nil || (len(todo) == 1 && !last) || links == maxLinks {
			done, todo = next, todo[1:]
			continue
		}
		links++
		if filepath.IsAbs(target) {
			done = "/"
		}
		todo = append(names(target), todo[1:]...)
	}
	return done
}

// names splits PATH; "." and empty names are dropped, ".." is kept.
func names(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

func (m machine) exists(path string) bool {
	_, err := os.Stat(m.follow(path))
	return err == nil
}

func (m machine) readFile(path string) ([]byte, error) { return os.ReadFile(m.follow(path)) }

// line returns the text of a file of one line, or "" where there is none.
func (m machine) line(path string) string {
	data, err := m.readFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// readLink returns the target of the link PATH, or "" where PATH is no link.
func (m machine) readLink(path string) string {
	target, err := os.Readlink(m.at(path))
	if err != nil {
		return ""
	}
	return target
}

// writeFile replaces PATH by a rename, so that a reader sees the old or the new file.
func (m machine) writeFile(path string, data []byte, mode os.FileMode) error {
	return replace(m.at(path), func(temp string) error {
		if err := os.WriteFile(temp, data, mode); err != nil {
			return err
		}
		return os.Chmod(temp, mode) // the mode given is not subject to umask
	})
}

// link makes PATH a symbolic link to TARGET, replacing a file or link by a rename.
func (m machine) link(target, path string) error {
	return replace(m.at(path), func(temp string) error { return os.Symlink(target, temp) })
}

// replace lets MAKE write a file beside PATH and renames it there.
func replace(path string, make func(temp string) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp := path + ".standin-tmp"
	if err := os.Remove(temp); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := make(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		os.Remove(temp)
		return err
	}
	return nil
}

// fails reports whether a test asked for STEP of the system to fail, by a file of that name
// on the machine: an empty one means every system, else it holds the path of the one meant.
func (m machine) fails(step string, s system) bool {
	meant, err := os.ReadFile(m.outside(filepath.Join("/standin/fail", step)))
	return err == nil && (len(meant) == 0 || strings.TrimSpace(string(meant)) == s.path)
}
