// Package catalog is what can be switched on: the features and presets of the Nix library,
// read from the same TOML files that Nix reads.
package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
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

// Feature is one folder of features/, as its feature.toml tells it.
type Feature struct {
	ID        string            `toml:"id"`
	Title     string            `toml:"title"`
	Summary   string            `toml:"summary"`
	Category  string            `toml:"category"`
	Always    bool              `toml:"always"` // on, whatever preset and host file say
	Units     []string          `toml:"units"`
	LateUnits []string          `toml:"late_units"` // started after COMMIT, never critical
	Options   map[string]Option `toml:"options"`
	Ports     map[string]Port   `toml:"ports"`
	Checks    []Check           `toml:"checks"`
}

// Option is one thing about a feature that the host file may set. Default, and each value of
// the option, is a bool, int64, string or []string, by Type.
type Option struct {
	Type    string   `toml:"type"`
	Default any      `toml:"default"`
	Doc     string   `toml:"doc"`
	Values  []string `toml:"values"` // of an enum
}

// Port is a port that the feature listens on: the option that holds its number, and tcp or udp.
type Port struct {
	Option   string `toml:"option"`
	Protocol string `toml:"protocol"`
}

// Check is one question about the feature's health. Kind says which of the other fields count:
// http has Port, Path and Status; tcp has Port; unit has Unit; command has Argv.
type Check struct {
	ID       string   `toml:"id"`
	Kind     string   `toml:"kind"`
	Port     string   `toml:"port"` // a name in Ports
	Path     string   `toml:"path"`
	Status   int      `toml:"status"`
	Unit     string   `toml:"unit"`
	Argv     []string `toml:"argv"`
	Critical bool     `toml:"critical"`
	Grace    int      `toml:"grace"` // seconds
}

// Load reads features/*/feature.toml and presets.toml from fsys, which is shaped like nixlib.
// Its error names all that is wrong, one problem a line.
func Load(fsys fs.FS) (*Catalog, error) {
	c := &Catalog{Features: map[string]*Feature{}, Presets: map[string]Preset{}}
	names, err := fs.Glob(fsys, "features/*/feature.toml")
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, name := range names {
		feature := new(Feature)
		if err := decode(fsys, name, feature); err != nil {
			errs = append(errs, err)
			continue
		}
		id := path.Base(path.Dir(name))
		c.Features[id] = feature
		for _, problem := range feature.problems(id) {
			errs = append(errs, fmt.Errorf("%s: %s", name, problem))
		}
	}
	if err := decode(fsys, "presets.toml", &c.Presets); err != nil {
		errs = append(errs, err)
	}
	for _, preset := range slices.Sorted(maps.Keys(c.Presets)) {
		for _, id := range c.Presets[preset].Features {
			if c.Features[id] == nil {
				errs = append(errs, fmt.Errorf("presets.toml: %s.features: no feature %q", preset, id))
			}
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return c, nil
}

// decode reads one TOML file into v and refuses keys that v has no place for.
func decode(fsys fs.FS, name string, v any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err // names the file already
	}
	err = toml.NewDecoder(bytes.NewReader(data)).DisallowUnknownFields().Decode(v)
	var unknown *toml.StrictMissingError
	var malformed *toml.DecodeError
	switch {
	case errors.As(err, &unknown):
		var errs []error
		for _, e := range unknown.Errors {
			line, column := e.Position()
			errs = append(errs, fmt.Errorf("%s:%d:%d: %s: unknown key", name, line, column, strings.Join(e.Key(), ".")))
		}
		return errors.Join(errs...)
	case errors.As(err, &malformed):
		line, column := malformed.Position()
		return fmt.Errorf("%s:%d:%d: %s", name, line, column, strings.TrimPrefix(malformed.Error(), "toml: "))
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	}
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
