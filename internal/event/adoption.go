package event

import "encoding/json"

// Adoption says which files of the machine's own configuration a workspace takes over, or why it does not.
type Adoption struct {
	// From is the file that the machine was built from, such as /etc/nixos/configuration.nix.
	From string `json:"from"`
	// Files are those that are taken over, below imported/.
	Files []string `json:"files"`
	// Findings are what stands in the way. With one of them nothing is taken over.
	Findings []Finding `json:"findings"`
}

// Finding is one place in the machine's own configuration that cannot be taken over as it is.
type Finding struct {
	// ID is that of `nqd explain`, such as adopt-secret.
	ID   string `json:"id"`
	File string `json:"file"`
	Line int    `json:"line,omitempty"` // from 1; 0 where it is about the whole file
	// Text says what is there, without any secret in it; Cure what to do.
	Text string `json:"text"`
	Cure string `json:"cure"`
}

// MessageType implements Event.
func (Adoption) MessageType() string { return "adoption" }

// Adopted is something that files taken over from the machine's own configuration do by themselves.
type Adopted struct {
	// Kind is opens (a port), upgrades, collects (garbage) or runs.
	Kind   string          `json:"kind"`
	Option string          `json:"option"`
	Value  json.RawMessage `json:"value"`
	Files  []string        `json:"files,omitempty"`
}
