// Package evaluation has Nix evaluate a host of the workspace, once for each tree, and reads what it answers
// (nixlib/manifest.nix).
package evaluation

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Answer is the answer of the one evaluation of a host (nixlib/manifest.nix).
type Answer struct {
	Host       json.RawMessage   `json:"host"` // the host file as Nix read it
	Derivation string            `json:"drvPath"`
	System     machine.StorePath `json:"toplevel"`
	Nix        string            `json:"nix"` // the version of the nix that evaluated
	Manifest   Manifest          `json:"manifest"`
	Detail     Detail            `json:"detail"`
}

// Manifest is what a deployment has to know about the system that it deploys.
type Manifest struct {
	Version  int      `json:"version"`
	Features []string `json:"features"`
	// Units are those whose failure counts; LateUnits run after the deployment.
	Units     []string        `json:"units"`
	LateUnits []string        `json:"late_units"`
	Ports     []event.Port    `json:"ports"`
	Checks    json.RawMessage `json:"checks"` // read by doctor
	Lost      []event.Lost    `json:"lost"`
	// The next three are not in the manifests of older deployments.
	Overrides []event.Override `json:"overrides,omitempty"`
	Skipped   []event.Skipped  `json:"skipped,omitempty"`
	State     []State          `json:"state,omitempty"`
	Users     []string         `json:"users"`
	User      string           `json:"user"` // whose home is deployed

	// What follows is not in the manifests of older deployments either.

	// Packages are those that somebody finds on PATH: of the system, of homes and of users.
	Packages []Package `json:"packages,omitempty"`
	// Programs are what the units of a feature run, by feature; those without a version are left out.
	Programs map[string][]Package `json:"programs,omitempty"`
	// Accounts are all users that the system declares, those of services too; Groups are all groups.
	Accounts []string `json:"accounts,omitempty"`
	Groups   []string `json:"groups,omitempty"`
	// MutableUsers says that accounts may also be made by hand (users.mutableUsers).
	MutableUsers bool           `json:"mutable_users,omitempty"`
	Home         []Home         `json:"home,omitempty"`
	Secrets      []event.Secret `json:"secrets,omitempty"`
	// Adopted is what files that were taken over from the machine's own configuration do by themselves.
	Adopted []event.Adopted `json:"adopted,omitempty"`
	// Boot is what a switch leaves to the next boot; activation reads it.
	Boot json.RawMessage `json:"boot,omitempty"`
}

// Package is a package by its name and version, with the feature that it is there for: none where the user's own files
// or the defaults of NixOS brought it.
type Package struct {
	Feature string `json:"feature,omitempty"`
	Name    string `json:"name"`
	Version string `json:"version"` // empty where it has none
}

// Home is what a user's home puts into the directory Home.
type Home struct {
	User string `json:"user"`
	Home string `json:"home"` // absolute
	// Generation is what is activated: what it links in the end stands in its home-files. Manifests of older deployments
	// do not have it.
	Generation machine.StorePath `json:"generation,omitempty"`
	// Files are links to files or folders, Folders those that are filled with links. Both are relative to Home, without
	// Forced, the files that replace whatever is there.
	Files   []string `json:"files"`
	Folders []string `json:"folders"`
	Forced  []string `json:"forced,omitempty"`
}

// Detail is what a plan has to know beyond the manifest. It is too much to be kept with each deployment.
type Detail struct {
	// Units are those of systemd that NixOS writes, by name, without those that packages bring.
	Units map[string]activation.Source `json:"units"`
	// UnitPackages are the store paths of packages that bring units.
	UnitPackages []string `json:"unit_packages"`
	// Fstab is the text of /etc/fstab, nil where there is none.
	Fstab *string `json:"fstab"`
	// Roots are the derivations that each feature asks for, without those that the system has anyway: what of their
	// inputs would be built is built for the feature.
	Roots map[string][]machine.StorePath `json:"roots"`
}

// State is data of a feature that outlives a deployment.
type State struct {
	Feature string `json:"feature"`
	Path    string `json:"path"`
	Kind    string `json:"kind"` // files, sqlite, postgres or cache
	// Migrates says that a newer version changes it so that an older one may not read it.
	Migrates bool `json:"migrates"`
	// Units write to it. They are not in the manifests of older deployments.
	Units []string `json:"units,omitempty"`
}

// manifestVersion is the format that this nqd reads. The library in the workspace is of the
// same nqd, so another version is somebody's edit.
const manifestVersion = 1

// Parse reads the JSON of the evaluation and checks the paths in it, from which
// programs will be run as root.
func Parse(data json.RawMessage) (Answer, error) {
	var e Answer
	if err := json.Unmarshal(data, &e); err != nil {
		return Answer{}, fmt.Errorf("reading the evaluation: %w", err)
	}
	if e.Manifest.Version != manifestVersion {
		return Answer{}, fmt.Errorf("manifest of format %d; this nqd reads %d", e.Manifest.Version, manifestVersion)
	}
	for _, path := range []string{e.Derivation, string(e.System)} {
		if _, err := machine.ParseStorePath(path); err != nil {
			return Answer{}, fmt.Errorf("reading the evaluation: %w", err)
		}
	}
	if err := e.check(); err != nil {
		return Answer{}, fmt.Errorf("reading the evaluation: %w", err)
	}
	return e, nil
}

// check looks at what becomes paths on the machine.
func (e *Answer) check() error {
	for _, home := range e.Manifest.Home {
		if !filepath.IsAbs(home.Home) {
			return fmt.Errorf("home of %s: %q: not an absolute path", home.User, home.Home)
		}
		if _, err := machine.ParseStorePath(string(home.Generation)); home.Generation != "" && err != nil {
			return fmt.Errorf("home of %s: %w", home.User, err)
		}
		for _, file := range slices.Concat(home.Files, home.Folders, home.Forced) {
			if !filepath.IsLocal(file) {
				return fmt.Errorf("home of %s: %q: not a path below it", home.User, file)
			}
		}
	}
	for _, secret := range e.Manifest.Secrets {
		if !filepath.IsLocal(secret.File) {
			return fmt.Errorf("secret %s of %s: %q: not a path in the workspace", secret.Name, secret.Feature, secret.File)
		}
	}
	for feature, roots := range e.Detail.Roots {
		for _, root := range roots {
			if _, err := machine.ParseStorePath(string(root)); err != nil {
				return fmt.Errorf("derivations of %s: %w", feature, err)
			}
		}
	}
	return nil
}
