// Package plan says what a deployment would change, as data: from what the evaluation of the
// workspace answers, and from the closures of the two systems.
package plan

import (
	"encoding/json"
	"fmt"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Evaluation is the answer of the one evaluation of a host (nixlib/manifest.nix).
type Evaluation struct {
	Host       json.RawMessage   `json:"host"` // the host file as Nix read it
	Derivation string            `json:"drvPath"`
	System     machine.StorePath `json:"toplevel"`
	Manifest   Manifest          `json:"manifest"`
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
}

// State is data of a feature that outlives a deployment.
type State struct {
	Feature string `json:"feature"`
	Path    string `json:"path"`
	Kind    string `json:"kind"` // files, sqlite, postgres or cache
	// Migrates says that a newer version changes it so that an older one may not read it.
	Migrates bool `json:"migrates"`
}

// manifestVersion is the format that this nqd reads. The library in the workspace is of the
// same nqd, so another version is somebody's edit.
const manifestVersion = 1

// ParseEvaluation reads the JSON of the evaluation and checks the paths in it, from which
// programs will be run as root.
func ParseEvaluation(data json.RawMessage) (Evaluation, error) {
	var e Evaluation
	if err := json.Unmarshal(data, &e); err != nil {
		return Evaluation{}, fmt.Errorf("reading the evaluation: %w", err)
	}
	if e.Manifest.Version != manifestVersion {
		return Evaluation{}, fmt.Errorf("manifest of format %d; this nqd reads %d", e.Manifest.Version, manifestVersion)
	}
	for _, path := range []string{e.Derivation, string(e.System)} {
		if _, err := machine.ParseStorePath(path); err != nil {
			return Evaluation{}, fmt.Errorf("reading the evaluation: %w", err)
		}
	}
	return e, nil
}
