// Package event is the vocabulary of progress: everything nqd tells while it works and when
// it is done. Packages that work emit events; internal/ui renders them as text or as JSON
// lines. An event is data and carries no wording that a renderer should decide.
package event

import "time"

// An Event is one thing worth telling. MessageType names its kind in JSON output and never
// changes once released.
type Event interface{ MessageType() string }

// A Sink takes events in the order in which they happened. It must not block for long and
// may be called from several goroutines.
type Sink func(Event)

// Station is one stage of a deployment, in the order of the design: read, write, evaluate,
// build, show, snapshot, home, try, check, workspace, commit, late, record.
type Station string

// The stations of a deployment. Only a deployment that has something to do there goes through Snapshot, Home and
// Workspace. Revert is where one goes that did not pass.
const (
	Read      Station = "read"
	Write     Station = "write"
	Evaluate  Station = "evaluate"
	Build     Station = "build"
	Show      Station = "show"
	Snapshot  Station = "snapshot" // of data that the new system may change for good
	Home      Station = "home"     // files in the way of new ones
	Try       Station = "try"
	Check     Station = "check"
	Workspace Station = "workspace" // back to the tree that a rollback returns to
	Commit    Station = "commit"
	Late      Station = "late"
	Record    Station = "record"
	Revert    Station = "revert"
)

// StationStarted says that a station was entered. Subject is what it works on: a host name,
// a store path, a number of checks.
type StationStarted struct {
	Station Station `json:"station"`
	Subject string  `json:"subject,omitempty"`
}

// StationDone says that a station was left without an error.
type StationDone struct {
	Station Station `json:"station"`
	Seconds float64 `json:"seconds"`
}

// Note is a sentence for the user. Warning marks one that asks for attention; Hint says what
// to do about it.
type Note struct {
	Text    string `json:"text"`
	Hint    string `json:"hint,omitempty"`
	Warning bool   `json:"warning,omitempty"`
}

// Program reports that an external program ended, and how long it took.
type Program struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Output is one line that an external program wrote while it worked.
type Output struct {
	Program string `json:"program"`
	Line    string `json:"line"`
}

// Checked is the result of one health check.
type Checked struct {
	Feature  string `json:"feature"`
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Target   string `json:"target"`
	OK       bool   `json:"ok"`
	Critical bool   `json:"critical"`
	Problem  string `json:"problem,omitempty"`
	// Remark says of what is ok why it could not be asked, or from when on it is as it should be.
	Remark string `json:"remark,omitempty"`
	// Cause and Cure are what is known about a problem of this kind.
	Cause   string  `json:"cause,omitempty"`
	Cure    string  `json:"cure,omitempty"`
	Seconds float64 `json:"seconds"`
}

// Failure is the last event of a run that did not do what was asked.
type Failure struct {
	Error    string `json:"error"`
	Hint     string `json:"hint,omitempty"`
	ExitCode int    `json:"exit_code"`
	// Explanation is what is known about a failure of this kind; nil where it is an unknown one.
	Explanation *Explanation `json:"explanation,omitempty"`
	// Features are those that the failure is about, as far as that is known.
	Features []string `json:"features,omitempty"`
	// Log says where all that was said is: a file, or the command that prints it.
	Log string `json:"log,omitempty"`
}

// Explanation is one known kind of failure, as `nqd explain` tells it.
type Explanation struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Cause string `json:"cause"`
	Cure  string `json:"cure"`
}

// Explanations answers `nqd explain`.
type Explanations struct {
	Known []Explanation `json:"known"`
}

// Outcome is the last event of a deployment that ended as it should.
type Outcome struct {
	// Deployment is the number of the deployment; 0 when nothing had to be deployed.
	Deployment int `json:"deployment,omitempty"`
	// Result is "committed" or "unchanged", and "reverted" for a deployment that was cut off and that nqd abort took back.
	Result string `json:"result"`
	System string `json:"system"`
	// Reboot says what of the system takes effect only after a reboot.
	Reboot []Reboot `json:"reboot,omitempty"`
}

// Version answers `nqd version`.
type Version struct {
	Version string `json:"version"`
}

// Initialized says which workspace `nqd init` wrote and for which host.
type Initialized struct {
	Workspace string   `json:"workspace"`
	Host      string   `json:"host"`
	Files     []string `json:"files"`
	// Adoption is what became of the machine's own configuration; nil where it has none.
	Adoption *Adoption `json:"adoption,omitempty"`
	// Unfree are the packages with a licence that is not free that the host file allows, by name.
	Unfree []string `json:"unfree,omitempty"`
	// DryRun says that nothing was written; HostFile is the text that host.toml would have then.
	DryRun   bool   `json:"dry_run,omitempty"`
	HostFile string `json:"host_file,omitempty"`
}

// Deployment is one recorded run, as `nqd history` and `nqd show` tell it.
type Deployment struct {
	ID   int    `json:"id"`
	Kind string `json:"kind"` // apply or rollback
	// Of is the deployment that a rollback returned to.
	Of   int    `json:"of,omitempty"`
	Host string `json:"host"`
	// Result is committed, reverted, refused, broken, unreadable, or interrupted for a run that left no outcome.
	Result   string     `json:"result"`
	Started  time.Time  `json:"started"`
	Ended    *time.Time `json:"ended,omitempty"`
	Old      string     `json:"old"`
	New      string     `json:"new"`
	Commit   string     `json:"commit,omitempty"`
	Features []string   `json:"features,omitempty"`
	Problem  string     `json:"problem,omitempty"`
	// Running and BootDefault mark what the machine uses now.
	Running     bool `json:"running,omitempty"`
	BootDefault bool `json:"boot_default,omitempty"`
}

// History is every recorded deployment, oldest first.
type History struct {
	Deployments []Deployment `json:"deployments"`
}

// Shown is one deployment with its steps and the difference it made.
type Shown struct {
	Deployment
	Steps      []Step      `json:"steps"`
	Difference *Difference `json:"difference,omitempty"`
	// Log is the file that has all that was said; empty where there is none, or none any more.
	Log string `json:"log,omitempty"`
}

// Step is one record of a deployment's journal.
type Step struct {
	Time   time.Time `json:"time"`
	Action string    `json:"action"`
	State  string    `json:"state"`
	// Does is what the action does, in words; empty where that is not known, and for the deployment's own records.
	Does string `json:"does,omitempty"`
}

// Status is what the machine runs now and what nqd knows about it.
type Status struct {
	Running     string      `json:"running"`
	Profile     string      `json:"profile"`
	BootDefault string      `json:"boot_default,omitempty"`
	Workspace   string      `json:"workspace"`
	Hosts       []string    `json:"hosts"`
	Deployment  *Deployment `json:"deployment,omitempty"`
	// Unfinished was neither committed nor taken back.
	Unfinished *Underway `json:"unfinished,omitempty"`
	// Reboot says what of the running system takes effect only after a reboot.
	Reboot []Reboot `json:"reboot,omitempty"`
	// Busy says that a run is under way.
	Busy bool `json:"busy,omitempty"`
}

// MessageType implements Event.
func (StationStarted) MessageType() string { return "station_started" }

// MessageType implements Event.
func (StationDone) MessageType() string { return "station_done" }

// MessageType implements Event.
func (Note) MessageType() string { return "note" }

// MessageType implements Event.
func (Program) MessageType() string { return "program" }

// MessageType implements Event.
func (Output) MessageType() string { return "output" }

// MessageType implements Event.
func (Checked) MessageType() string { return "check" }

// MessageType implements Event.
func (Failure) MessageType() string { return "failure" }

// MessageType implements Event.
func (Outcome) MessageType() string { return "outcome" }

// MessageType implements Event.
func (Explanations) MessageType() string { return "explanations" }

// MessageType implements Event.
func (Version) MessageType() string { return "version" }

// MessageType implements Event.
func (Initialized) MessageType() string { return "initialized" }

// MessageType implements Event.
func (History) MessageType() string { return "history" }

// MessageType implements Event.
func (Shown) MessageType() string { return "deployment" }

// MessageType implements Event.
func (Status) MessageType() string { return "status" }

// MessageType implements Event.
func (Plan) MessageType() string { return "plan" }

// MessageType implements Event.
func (Difference) MessageType() string { return "difference" }
