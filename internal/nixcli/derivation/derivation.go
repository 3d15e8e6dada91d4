// Package derivation reads what `nix derivation show` says of derivations, in every shape that it has had.
package derivation

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Derivation is what a derivation says of itself.
type Derivation struct {
	Name string
	// Pname and Version are attributes that packages of nixpkgs have; empty where it has none.
	Pname, Version string
	// PreferLocalBuild marks what is not worth a download, such as configuration and links.
	PreferLocalBuild bool
	// Outputs are the paths of its outputs by name. One whose path is known only after the build
	// is not among them.
	Outputs map[string]machine.StorePath
	// Inputs are the derivations that it is made of, sorted.
	Inputs []machine.StorePath
}

// shownDerivation has the members of every version of the format: up to Nix 2.32 the inputs are in
// inputDrvs, from 2.33 on below inputs. Attributes are strings in env or, for
// __structuredAttrs, any JSON in structuredAttrs, in Nix 2.26 as text in env.__json.
type shownDerivation struct {
	Name    string            `json:"name"`
	Env     map[string]string `json:"env"`
	Outputs map[string]struct {
		Path string `json:"path"`
	} `json:"outputs"`
	InputDrvs map[string]json.RawMessage `json:"inputDrvs"`
	Inputs    struct {
		Drvs map[string]json.RawMessage `json:"drvs"`
	} `json:"inputs"`
	StructuredAttrs map[string]json.RawMessage `json:"structuredAttrs"`
}

// Parse reads the two shapes of `nix derivation show`: a map from derivation to what it
// is, and (from Nix 2.33 on) such a map below "derivations". From Nix 2.32 on the derivations and
// all other paths are without the store's directory.
func Parse(data []byte) (map[machine.StorePath]Derivation, error) {
	var wrapped struct {
		Derivations map[string]shownDerivation `json:"derivations"`
	}
	shown := map[string]shownDerivation{}
	err := json.Unmarshal(data, &wrapped)
	if err == nil && wrapped.Derivations != nil {
		shown = wrapped.Derivations
	} else if err = json.Unmarshal(data, &shown); err != nil {
		return nil, fmt.Errorf("nix derivation show: unknown answer: %w", err)
	}
	found := make(map[machine.StorePath]Derivation, len(shown))
	for name, one := range shown {
		path, err := inStore(name)
		if err != nil {
			return nil, fmt.Errorf("nix derivation show: %w", err)
		}
		if found[path], err = one.derivation(); err != nil {
			return nil, fmt.Errorf("nix derivation show: %s: %w", path, err)
		}
	}
	return found, nil
}

// inStore is a store path that may be written without its directory.
func inStore(name string) (machine.StorePath, error) {
	if !strings.Contains(name, "/") {
		name = "/nix/store/" + name
	}
	return machine.ParseStorePath(name)
}

func (s shownDerivation) derivation() (Derivation, error) {
	attributes, err := s.attributes()
	if err != nil {
		return Derivation{}, err
	}
	d := Derivation{
		Name: s.Name, Pname: text(attributes["pname"]), Version: text(attributes["version"]),
		PreferLocalBuild: slices.Contains([]string{"true", `"1"`, "1"}, string(attributes["preferLocalBuild"])),
		Outputs:          map[string]machine.StorePath{},
	}
	for name, output := range s.Outputs {
		// Of an output whose content is known before, newer ones tell the hash alone; its path is
		// in the environment.
		where := output.Path
		if where == "" {
			where = s.Env[name]
		}
		if path, err := inStore(where); err == nil {
			d.Outputs[name] = path
		} else if output.Path != "" {
			return Derivation{}, err
		}
	}
	for _, inputs := range []map[string]json.RawMessage{s.InputDrvs, s.Inputs.Drvs} {
		for _, name := range slices.Sorted(maps.Keys(inputs)) {
			path, err := inStore(name)
			if err != nil {
				return Derivation{}, err
			}
			d.Inputs = append(d.Inputs, path)
		}
	}
	return d, nil
}

func (s shownDerivation) attributes() (map[string]json.RawMessage, error) {
	if s.StructuredAttrs != nil {
		return s.StructuredAttrs, nil
	}
	attributes := make(map[string]json.RawMessage)
	if written, is := s.Env["__json"]; is {
		return attributes, json.Unmarshal([]byte(written), &attributes)
	}
	for _, name := range []string{"pname", "version", "preferLocalBuild"} {
		if value, is := s.Env[name]; is {
			attributes[name], _ = json.Marshal(value) // a string always has a form
		}
	}
	return attributes, nil
}

// text is a string in JSON; anything else has none.
func text(value json.RawMessage) (s string) {
	if json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}
