package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"
)

// maxLinks is how many links the kernel follows in one path (path_resolution(7)).
const maxLinks = 40

// ReadFile reads a file of the machine. In a sandbox every link on the way is followed within
// it, as the machine itself would: an absolute one starts again at the sandbox's root.
func (m *Machine) ReadFile(abs string) ([]byte, error) {
	file, err := m.resolve(abs)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// Exists reports whether the machine has a file there, or a link that leads to one; links are
// followed as ReadFile does. What cannot be looked at is an error.
func (m *Machine) Exists(abs string) (bool, error) {
	file, err := m.resolve(abs)
	if err == nil {
		_, err = os.Stat(file)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Links are the paths that abs stands for, one for each link that is followed on the way, and
// the last one without any. They are the machine's own paths. Where the way ends early, what
// was passed so far is returned with the error.
func (m *Machine) Links(abs string) ([]string, error) {
	var passed []string
	_, err := m.follow(abs, func(way string) { passed = append(passed, way) })
	return passed, err
}

// resolve is where the file abs of the machine is found from here, all links followed.
func (m *Machine) resolve(abs string) (string, error) {
	if !m.IsSandbox() {
		return m.Path(abs), nil // the kernel does it
	}
	end, err := m.follow(abs, func(string) {})
	if err != nil {
		return "", err
	}
	return m.Path(end), nil
}

// follow resolves a path step by step within the machine (path_resolution(7)), calls passed
// with the whole path after each link, and returns the path without links. The last name need
// not exist.
func (m *Machine) follow(abs string, passed func(way string)) (string, error) {
	done, rest := "/", names(abs)
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		switch name {
		case "..":
			done = path.Dir(done) // of / it is /
			continue
		case ".":
			continue
		}
		next := path.Join(done, name)
		info, err := os.Lstat(m.Path(next))
		switch {
		case errors.Is(err, fs.ErrNotExist) && len(rest) == 0:
			return next, nil
		case err != nil:
			return "", err
		case info.Mode().Type() != fs.ModeSymlink:
			if len(rest) > 0 && !info.IsDir() {
				return "", fmt.Errorf("%s: %w", abs, syscall.ENOTDIR)
			}
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", fmt.Errorf("%s: %w", abs, syscall.ELOOP)
		}
		target, err := os.Readlink(m.Path(next))
		if err != nil {
			return "", err
		}
		if path.IsAbs(target) {
			done = "/"
		}
		rest = append(names(target), rest...)
		passed(path.Join(done, path.Join(rest...)))
	}
	return done, nil
}

// names are the parts of a path. It is not path.Clean: a/.. is where the link a leads to, and up
// from there; a/ and a/. are a only if that is a directory.
func names(text string) []string {
	if strings.HasSuffix(text, "/") {
		text += "."
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == '/' })
}
