package event

// Garbage says what a collection removes, or with DryRun would remove, and what it never does.
type Garbage struct {
	DryRun bool `json:"dry_run,omitempty"`
	// Collected says that it was done: Paths and Freed are what the store has less now.
	Collected bool          `json:"collected,omitempty"`
	Goes      []GarbageRoot `json:"goes"`
	Stays     []GarbageRoot `json:"stays"`
	// Paths and Freed are how many store paths go and their size in bytes, unpacked.
	Paths int   `json:"paths"`
	Freed int64 `json:"freed"`
}

// GarbageRoot is something that keeps a system in the store: a deployment or a generation of a profile.
type GarbageRoot struct {
	Kind   string `json:"kind"` // deployment, generation
	Name   string `json:"name"` // such as "deployment 3", "generation 12"
	System string `json:"system"`
	Why    string `json:"why"` // why it stays, or goes
}

// Uninstalled says what the machine runs after nqd took itself off it; with Planned, what it will.
type Uninstalled struct {
	Planned bool `json:"planned,omitempty"`
	// System is empty where nqd never changed which system runs, or somebody else did since: it stays as it is.
	System  string   `json:"system,omitempty"`
	Removed []string `json:"removed"`
	Left    []string `json:"left"` // what is the user's and stays
}

// Bundled names the archive that `nqd bundle` wrote and what is in it.
type Bundled struct {
	File     string   `json:"file"`
	Entries  []string `json:"entries"`
	Redacted int      `json:"redacted"` // how many secrets were taken out
}

// Underway is a deployment that was neither committed nor taken back: it was cut off, or could not be taken back.
type Underway struct {
	Deployment
	// Steps are its actions and how far each came.
	Steps []PlannedStep `json:"steps"`
	// Resumable says that nqd resume can go on; nqd abort always can take back.
	Resumable bool `json:"resumable"`
}

// PlannedStep is one action of a deployment: what it does, and how far it came.
type PlannedStep struct {
	Action string `json:"action"`
	Does   string `json:"does"`
	State  string `json:"state"` // empty where it was not begun; started, done, failed, undoing or undone
}

// MessageType implements Event.
func (Garbage) MessageType() string { return "garbage" }

// MessageType implements Event.
func (Uninstalled) MessageType() string { return "uninstalled" }

// MessageType implements Event.
func (Bundled) MessageType() string { return "bundled" }

// MessageType implements Event.
func (Underway) MessageType() string { return "underway" }
