package machine

import (
	"errors"
	"fmt"
	"io"
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

// ReadShort reads a file as ReadFile does, for who does not know what stands there: only an ordinary file, and one that is
// larger than most bytes is an error. A pipe or a device is neither waited for nor read.
func (m *Machine) ReadShort(abs string, most int64) ([]byte, error) {
	file, err := m.resolve(abs)
	if err != nil {
		return nil, err
	}
	opened, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0) // opening a pipe waits for its writer otherwise
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", abs, errOdd)
	}
	data, err := io.ReadAll(io.LimitReader(opened, most+1)) // files of the kernel do not say how large they are
	if err == nil && int64(len(data)) > most {
		data, err = nil, fmt.Errorf("%s: larger than %d bytes", abs, most)
	}
	return data, err
}

// errOdd is what a directory, a pipe or a device gives for its content.
var errOdd = errors.New("not an ordinary file")

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

// Names are the names in a directory of the machine, sorted; links on the way are followed as ReadFile does.
func (m *Machine) Names(abs string) ([]string, error) {
	dir, err := m.resolve(abs)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, err
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
