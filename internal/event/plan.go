package event

import "encoding/json"

// Plan is everything that a deployment would change, as far as it is known before the build.
type Plan struct {
	Host string `json:"host"`
	// Old is the system that runs, New the one the workspace asks for.
	Old      string         `json:"old"`
	New      string         `json:"new"`
	Files    []FileChange   `json:"files"`
	Features Change         `json:"features"`
	Users    Change         `json:"users"`
	Ports    []Port         `json:"ports"`
	Checks   []PlannedCheck `json:"checks"`
	Lost     []Lost         `json:"lost"`
	// Overrides are values of the host file that replace those of other files.
	Overrides []Override `json:"overrides"`
	// Skipped are packages that features want and the system goes without.
	Skipped []Skipped `json:"skipped"`
	// Unknown says what this plan could not know, one sentence each.
	Unknown []string `json:"unknown"`
}

// FileChange is one file of the workspace and what would become of it.
type FileChange struct {
	Path   string `json:"path"`
	Change string `json:"change"` // new, changed or removed
}

// Change names what comes, goes and stays.
type Change struct {
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Kept    []string `json:"kept"`
}

// Port is one entry of the port map. Without Expose it is reachable on loopback only.
type Port struct {
	Feature  string   `json:"feature"`
	Name     string   `json:"name"`
	Protocol string   `json:"protocol"`
	Number   int      `json:"number"`
	Expose   []string `json:"expose"`
}

// PlannedCheck is a health check that a deployment has to pass before it is committed.
type PlannedCheck struct {
	Feature  string `json:"feature"`
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Target   string `json:"target"`
	Critical bool   `json:"critical"`
}

// Lost is a value a feature wanted that another definition replaced.
type Lost struct {
	Feature string          `json:"feature"`
	Option  string          `json:"option"`
	Wanted  json.RawMessage `json:"value"`
	Final   json.RawMessage `json:"final"`
	Files   []string        `json:"files"` // where the definition that won may stand
}

// Override is a value of the host file and what other files say instead.
type Override struct {
	Feature  string            `json:"feature"`
	Option   string            `json:"option"`
	Value    json.RawMessage   `json:"value"`
	Replaced []json.RawMessage `json:"replaced"`
	Files    []string          `json:"files"` // of the value at the same place in Replaced
}

// Skipped is a package that a feature would install and that is not there, or may not be.
type Skipped struct {
	Feature string `json:"feature"`
	Package string `json:"package"`
	Why     string `json:"why"`
}

// Difference compares the closures of two systems by package name and version.
type Difference struct {
	Old     string          `json:"old"`
	New     string          `json:"new"`
	Added   []PackageChange `json:"added"`
	Removed []PackageChange `json:"removed"`
	Changed []PackageChange `json:"changed"`
	// SizeBefore and SizeAfter are the sizes of the closures in bytes, unpacked.
	SizeBefore int64 `json:"size_before"`
	SizeAfter  int64 `json:"size_after"`
}

// PackageChange is one package name in both closures. The version lists are empty where the
// package has no version in its name; Size is the growth in bytes.
type PackageChange struct {
	Name   string   `json:"name"`
	Before []string `json:"before"`
	After  []string `json:"after"`
	Size   int64    `json:"size"`
}
