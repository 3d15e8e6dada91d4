package adopt

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixsource"
)

// look is one walk through the files that a configuration consists of.
type look struct {
	machine  *machine.Machine
	files    []File
	findings []event.Finding
	seen     map[string]bool // by path below the folder
	size     int64
	// filesystems says that a file of it declares some.
	filesystems bool
}

// present reports whether there is a file, a link that leads nowhere too. What cannot be looked at is there.
func present(m *machine.Machine, abs string) (bool, error) {
	there, err := m.Exists(abs)
	if there || errors.Is(err, fs.ErrPermission) {
		return true, nil
	}
	ways, broken := m.Links(abs)
	if len(ways) > 0 {
		return true, nil
	}
	if errors.Is(broken, fs.ErrNotExist) {
		broken = nil
	}
	return false, errors.Join(err, broken)
}

// foreign are the findings of a configuration that is kept elsewhere, or is a flake.
func (l *look) foreign() []event.Finding {
	for _, name := range []string{Folder, Configuration} {
		if ways, _ := l.machine.Links(name); len(ways) > 0 {
			return []event.Finding{foreignLink(name, ways[len(ways)-1])}
		}
	}
	if there, err := present(l.machine, Folder+"/flake.nix"); err == nil && there {
		return []event.Finding{flake(Folder + "/flake.nix")}
	}
	return nil
}

// wanted is a file or folder that a file of the configuration names.
type wanted struct {
	name string // below the folder
	// from is the file that names it, line where.
	from string
	line int
	// module says that it is imported as a module.
	module bool
	// imported says that of a folder only its default.nix is read.
	imported bool
	// optional says that it need not be there.
	optional bool
}

// closure reads the configuration and what it names, until nothing new is named.
func (l *look) closure(ctx context.Context) error {
	queue := []wanted{{name: path.Base(Configuration), from: Configuration, module: true}}
	for {
		for len(queue) > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			next := queue[0]
			queue = append(queue[1:], l.read(next)...)
			if len(l.findings) > mostFindings {
				return nil
			}
		}
		if l.filesystems || l.has(hardware) {
			return nil
		}
		// It was not named, and something has to say what the disks are.
		l.filesystems = true
		if there, err := present(l.machine, path.Join(Folder, hardware)); err != nil || !there {
			return err
		}
		queue = []wanted{{name: hardware, from: Configuration, module: true}}
	}
}

// mostFindings is how many are told; our own choice: who has so many does not adopt today.
const mostFindings = 50

// has reports whether a file of that name is taken over, wherever it lies.
func (l *look) has(base string) bool {
	return slices.ContainsFunc(l.files, func(f File) bool { return path.Base(f.Path) == base })
}

func (l *look) found(f event.Finding) { l.findings = append(l.findings, f) }

// read takes a file or folder in, and returns what it names.
func (l *look) read(w wanted) []wanted {
	if l.seen[w.name] && !w.imported {
		return nil
	}
	info, finding := l.inspect(w)
	switch {
	case finding != nil:
		l.found(*finding)
		return nil
	case info == nil:
		return nil
	case !info.IsDir():
		return l.file(w, info)
	}
	below, err := l.machine.Names(path.Join(Folder, w.name))
	if err != nil {
		l.found(unreadable(path.Join(Folder, w.name)))
		return nil
	}
	if w.imported && slices.Contains(below, "default.nix") {
		w.name, w.imported = path.Join(w.name, "default.nix"), false
		return []wanted{w}
	}
	if l.seen[w.name] {
		return nil
	}
	l.seen[w.name] = true
	var queue []wanted
	for _, one := range below {
		// The history of a repository is none of the configuration, and would be one within the workspace's.
		if one != ".git" {
			queue = append(queue, wanted{name: path.Join(w.name, one), from: w.from, line: w.line})
		}
	}
	return queue
}

// file takes one file in.
func (l *look) file(w wanted, info fs.FileInfo) []wanted {
	if l.seen[w.name] {
		return nil
	}
	l.seen[w.name] = true
	abs := path.Join(Folder, w.name)
	if finding := l.admit(w, info); finding != nil {
		l.found(*finding)
		return nil
	}
	data, err := l.machine.ReadFile(abs)
	if err != nil {
		l.found(unreadable(abs))
		return nil
	}
	l.files = append(l.files, File{Path: w.name, From: abs, Data: data, Mode: info.Mode().Perm()})
	if path.Ext(w.name) != ".nix" {
		for _, line := range plainSecrets(string(data), 1) {
			l.found(secret(abs, line))
		}
		return nil
	}
	tokens, err := nixsource.Tokens(string(data))
	if err != nil {
		l.found(syntax(abs, err))
		return nil
	}
	s := &source{file: abs, name: w.name, tokens: tokens, module: w.module}
	s.scan()
	l.filesystems = l.filesystems || s.filesystems
	l.findings = append(l.findings, s.findings...)
	return s.names
}

// below is the path below the folder of what FILE names as LITERAL; false where that leads out of the folder, on the way
// too: in imported/ there is something else above.
func below(file, literal string) (string, bool) {
	at := strings.Split(path.Dir(file), "/")
	if path.Dir(file) == "." {
		at = nil
	}
	for _, step := range strings.Split(literal, "/") {
		switch step {
		case "", ".":
		case "..":
			if len(at) == 0 {
				return "", false
			}
			at = at[:len(at)-1]
		default:
			at = append(at, step)
		}
	}
	return path.Join(append([]string{"."}, at...)...), true
}
