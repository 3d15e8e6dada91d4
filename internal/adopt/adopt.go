// Package adopt takes over the configuration that a machine was built from: the files that it consists of, unless something
// in them would be published, or would not evaluate in a flake.
package adopt

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Folder is where the installer of NixOS writes to, and Configuration what nixos-rebuild builds.
const (
	Folder        = "/etc/nixos"
	Configuration = Folder + "/configuration.nix"
)

// hardware is what nixos-generate-config finds out about a machine; the library imports it where it is in imported/.
const hardware = "hardware-configuration.nix"

// Adoption is what can be taken over.
type Adoption struct {
	// From is the file at the root of it; empty where the machine has none.
	From  string
	Files []File
	// Findings are what stands in the way; with one of them nothing may be taken over.
	Findings []event.Finding
}

// File is one file that is taken over.
type File struct {
	Path string // relative to imported/, with slashes
	From string // absolute, on the machine
	Data []byte
	Mode fs.FileMode
}

// Evaluate evaluates a copy of the files alone and purely, as an operating system of the nixpkgs that is chosen. What Nix
// says against the files is *Refused; any other error says nothing about them.
type Evaluate func(ctx context.Context, files []File) error

// Refused is an evaluation of the files that failed.
type Refused struct {
	// Said is what Nix said, with the files by their paths below imported/.
	Said string
}

func (e *Refused) Error() string { return "evaluating the configuration alone: nix: " + e.Said }

// Look reads the configuration of a machine and all that it consists of, and tries it. Evaluate may be nil: then it is not
// tried. An error beside an Adoption with files is one of trying it, such as a network that is not there.
func Look(ctx context.Context, m *machine.Machine, evaluate Evaluate) (Adoption, error) {
	there, err := present(m, Configuration)
	if err != nil || !there {
		return Adoption{}, err
	}
	l := &look{machine: m, seen: map[string]bool{}}
	adoption := Adoption{From: Configuration}
	if found := l.foreign(); found != nil {
		adoption.Findings = found
		return adoption, nil
	}
	if err := l.closure(ctx); err != nil {
		return Adoption{}, err
	}
	adoption.Findings = ordered(l.findings)
	if len(adoption.Findings) > 0 {
		return adoption, nil // what may be a secret is not handed on
	}
	slices.SortFunc(l.files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	adoption.Files = l.files
	if evaluate == nil {
		return adoption, nil
	}
	err = evaluate(ctx, adoption.Files)
	if refused := (*Refused)(nil); errors.As(err, &refused) {
		adoption.Findings = []event.Finding{said(refused.Said, adoption.Files)}
		adoption.Files = nil
		return adoption, nil
	}
	return adoption, err
}

// ordered are findings by file and line, each once.
func ordered(findings []event.Finding) []event.Finding {
	slices.SortFunc(findings, func(a, b event.Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Text, b.Text))
	})
	return slices.CompactFunc(findings, func(a, b event.Finding) bool {
		return a.ID == b.ID && a.File == b.File && a.Line == b.Line
	})
}

// Possible reports whether there is a configuration, and nothing stands in the way of taking it over.
func (a Adoption) Possible() bool { return len(a.Files) > 0 && len(a.Findings) == 0 }

// Event is what is told of it.
func (a Adoption) Event() event.Adoption {
	told := event.Adoption{From: a.From, Files: []string{}, Findings: []event.Finding{}}
	for _, file := range a.Files {
		told.Files = append(told.Files, file.Path)
	}
	told.Findings = append(told.Findings, a.Findings...)
	return told
}
