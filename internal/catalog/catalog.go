// Package catalog is what can be switched on: the features and presets of the Nix library, and
// the features of the user, read from the same TOML files that Nix reads.
package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// DefaultPreset is the preset of a host file that names none, as nixlib/modules/features.nix
// has it; a test compares the two.
const DefaultPreset = "minimal"

// Catalog holds all features and presets by their names.
type Catalog struct {
	Features map[string]*Feature
	Presets  map[string]Preset
}

// Preset is a named set of features.
type Preset struct {
	Summary  string   `toml:"summary"`
	Features []string `toml:"features"`
}

// presetsFile is where the library has its presets, as a workspace names it.
const presetsFile = "nixlib/presets.toml"

// Load reads features/*/feature.toml and presets.toml from library, which is shaped like nixlib,
// and the user's features/*/feature.toml from workspace, which may be nil. Its errors are
// document.Errors, joined: all that is wrong, each with the file's path in a workspace.
func Load(library, workspace fs.FS) (*Catalog, error) {
	l := loader{
		catalog:   &Catalog{Features: map[string]*Feature{}, Presets: map[string]Preset{}},
		documents: map[string]*document.Document{},
	}
	if err := l.features(library, "nixlib"); err != nil {
		return nil, err
	}
	if workspace != nil {
		if err := l.features(workspace, ""); err != nil {
			return nil, err
		}
	}
	if err := l.decode(library, "presets.toml", presetsFile, &l.catalog.Presets); err != nil {
		return nil, err
	}
	l.checkRelations()
	l.checkSecrets()
	l.checkPresets()
	return l.catalog, l.err()
}

// loader is a Load under way.
type loader struct {
	catalog   *Catalog
	documents map[string]*document.Document // by the file's path in a workspace
}

func (l *loader) err() error {
	var errs []error
	for _, file := range slices.Sorted(maps.Keys(l.documents)) {
		errs = append(errs, l.documents[file].Err())
	}
	return errors.Join(errs...)
}

// features reads the feature folders of fsys, which is the folder of that name in a workspace.
// Like Nix it does not follow links to folders, and leaves other files there alone.
func (l *loader) features(fsys fs.FS, folder string) error {
	if found, err := find(fsys, folder, "features", fs.ModeDir); !found {
		return err
	}
	entries, err := fs.ReadDir(fsys, "features")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		id, name := entry.Name(), path.Join("features", entry.Name(), "feature.toml")
		if !entry.IsDir() || !fs.ValidPath(name) { // of a name that is no UTF-8, which no host file can say
			continue
		}
		found, err := find(fsys, folder, name, 0)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		feature := &Feature{File: path.Join(folder, name)}
		if err := l.decode(fsys, name, feature.File, feature); err != nil {
			return err
		}
		d := l.documents[feature.File]
		if taken := l.catalog.Features[id]; taken != nil {
			d.Complain("id", fmt.Sprintf("%s is a feature of nqd already, in %s", id, taken.File), "give the folder, and the id in it, another name")
			continue
		}
		l.catalog.Features[id] = feature
		if d.Err() == nil { // of a feature that is half read everything would be wrong
			feature.check(id, complaints{d})
		}
	}
	return nil
}

// find reports whether fsys, which is the folder of that name in a workspace, has the file (type 0)
// or the folder (fs.ModeDir). What is there in its place is an error.
func find(fsys fs.FS, folder, name string, kind fs.FileMode) (bool, error) {
	wrong := func(problem, cure string) (bool, error) {
		return false, &document.Error{File: path.Join(folder, name), Problem: problem, Cure: cure}
	}
	if _, err := fs.Lstat(fsys, name); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	info, err := fs.Stat(fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return wrong("a link that leads nowhere", "make what it leads to, or remove the link")
	case err != nil:
		return false, fmt.Errorf("%s: %w", path.Join(folder, name), err)
	case info.Mode().Type() == kind:
		return true, nil
	case kind == fs.ModeDir:
		return wrong("not a folder", "the folders of your own features stand in it: give the file another name")
	}
	return wrong("not a file", "the feature is described in a file of that name: give this another one")
}

func (l *loader) decode(fsys fs.FS, name, file string, v any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	d := document.Read(file, data)
	d.Decode(v)
	l.documents[file] = d
	return nil
}

// Enabled lists the features that are on, sorted: those that always are, and those of the preset
// ("" is DefaultPreset), unless the host file chose otherwise.
func (c *Catalog) Enabled(preset string, chosen map[string]bool) []string {
	if preset == "" {
		preset = DefaultPreset
	}
	var ids []string
	for id, feature := range c.Features {
		on, said := chosen[id]
		if !said {
			on = slices.Contains(c.Presets[preset].Features, id)
		}
		if on || feature.Always {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Conflict reports whether one of the two features says that they do not go together.
func (c *Catalog) Conflict(a, b string) bool {
	return slices.Contains(c.Features[a].Conflicts, b) || slices.Contains(c.Features[b].Conflicts, a)
}
