package event

import "encoding/json"

// Facts answers `nqd facts`: what the machine is, and what of it is other than the workspace has it.
type Facts struct {
	// Facts is the content that facts.json would have now.
	Facts json.RawMessage `json:"facts"`
	// Rows are the same for people, the personal ones that are in no file too.
	Rows []Fact `json:"rows"`
	// File is the facts.json that was compared; empty where there is none.
	File string `json:"file,omitempty"`
	// Deployment is the one whose facts were compared; 0 for those of the file as it is.
	Deployment int          `json:"deployment,omitempty"`
	Changes    []FactChange `json:"changes"`
	// Refreshed says that the file was written.
	Refreshed bool `json:"refreshed,omitempty"`
}

// Fact is one thing that a machine is or has.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// FactChange is a fact that is not what it was. Before is empty for what came, After for what went.
type FactChange struct {
	Name   string `json:"name"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// MessageType implements Event.
func (Facts) MessageType() string { return "facts" }

// GPU answers `nqd gpu`: the graphics cards of the machine, what nqd decides for them, and whether they work.
type GPU struct {
	Cards []GPUCard `json:"cards"`
	// Compute is what local models run on: cuda, rocm, vulkan or cpu.
	Compute  string   `json:"compute"`
	Features []string `json:"features"` // those that the cards ask for
	// Warnings are sentences about cards that nqd does not know, or that a driver no longer serves.
	Warnings []string `json:"warnings"`
	// Checks are the questions whether they work, by the features of the system that runs.
	Checks []Checked `json:"checks"`
}

// GPUCard is one graphics card.
type GPUCard struct {
	Slot       string `json:"slot"` // as the kernel has it, such as 0000:01:00.0
	ID         string `json:"id"`   // vendor:device, such as 10de:2520
	Vendor     string `json:"vendor"`
	Name       string `json:"name,omitempty"`       // of the chip; empty for one that is not known
	Generation string `json:"generation,omitempty"` // such as Ampere
	Driver     string `json:"driver,omitempty"`     // of the kernel, that drives it now
	Boot       bool   `json:"boot,omitempty"`       // the firmware's screen is on it
	// Decision is what nqd decides, in words; Source where that is from.
	Decision string `json:"decision"`
	Source   string `json:"source,omitempty"`
}

// MessageType implements Event.
func (GPU) MessageType() string { return "gpu" }

// Precondition is one thing that has to be right before a machine is deployed to.
type Precondition struct {
	// Name says what was looked at, such as room or clock.
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	// Found is what is so, Cure what to do unless that is ok.
	Found string `json:"found"`
	Cure  string `json:"cure,omitempty"`
}

// Verdict says how bad it is.
type Verdict string

// The verdicts: Fail keeps nqd from deploying, Warn does not.
const (
	OK   Verdict = "ok"
	Warn Verdict = "warn"
	Fail Verdict = "fail"
)

// Preconditions is the table of preflight.
type Preconditions struct {
	Rows []Precondition `json:"rows"`
}

// MessageType implements Event.
func (Preconditions) MessageType() string { return "preconditions" }
