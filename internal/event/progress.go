package event

// Activity is a kind of work that nix does and that takes time.
type Activity string

// The kinds of activities. Other is what this nqd does not know, or has no name for.
const (
	Download Activity = "download" // of a URL or, from a cache, of a store path
	Copy     Activity = "copy"     // of a store path between stores
	Building Activity = "build"    // of a derivation
	Query    Activity = "query"    // of a cache, whether it has a path
	Fetch    Activity = "fetch"    // of a flake's input
	Other    Activity = "other"
)

// ActivityStarted says that nix began something that takes time. ID is unique within one run of nqd.
type ActivityStarted struct {
	ID       uint64   `json:"id"`
	Activity Activity `json:"activity"`
	// Subject is a store path, a derivation or a URL; nix's own words for Other.
	Subject string `json:"subject"`
	// From is the cache or the store that it comes from, or the machine that builds; empty for this one.
	From string `json:"from,omitempty"`
}

// ActivityProgress is how far a download or copy came, in bytes. It is told a few times a second at most.
type ActivityProgress struct {
	ID   uint64 `json:"id"`
	Done int64  `json:"done"`
	// Expected is 0 where it is not known.
	Expected int64 `json:"expected,omitempty"`
}

// ActivityPhase says that a build entered a phase, such as "unpackPhase".
type ActivityPhase struct {
	ID    uint64 `json:"id"`
	Phase string `json:"phase"`
}

// ActivityLine is the line that a builder wrote last. Of many lines in a moment only the last is told; the whole log
// is `nix log DERIVATION`.
type ActivityLine struct {
	ID   uint64 `json:"id"`
	Line string `json:"line"`
}

// ActivityDone says that an activity ended, well or not: nix tells a failure by a message of its own.
type ActivityDone struct {
	ID       uint64   `json:"id"`
	Activity Activity `json:"activity"`
	Subject  string   `json:"subject"`
	Seconds  float64  `json:"seconds"`
	Bytes    int64    `json:"bytes,omitempty"`
}

// Count is how many of something are done, under way and expected. Expected is what nix knows of now: it grows and
// falls (NixOS/nix#13935), so it is no measure of what is left.
type Count struct {
	Done     int64 `json:"done"`
	Running  int64 `json:"running"`
	Expected int64 `json:"expected"`
	Failed   int64 `json:"failed,omitempty"`
}

// Totals are sums over all activities of one call of nix; Bytes are those of downloads and copies.
type Totals struct {
	Builds  Count `json:"builds"`
	Fetches Count `json:"fetches"`
	Bytes   Count `json:"bytes"`
}

// Heartbeat says, every half a minute in which nix works, what is under way, so that silence is never a riddle.
type Heartbeat struct {
	// Seconds is how long this call of nix has worked.
	Seconds float64      `json:"seconds"`
	Totals  Totals       `json:"totals"`
	Active  []Unfinished `json:"active"`
}

// Unfinished is an activity that goes on. Silent is for how many seconds nothing was heard of it: no byte, no line, no
// phase. Stalled marks those that are silent for longer than is usual.
type Unfinished struct {
	ID       uint64   `json:"id"`
	Activity Activity `json:"activity"`
	Subject  string   `json:"subject"`
	From     string   `json:"from,omitempty"`
	Phase    string   `json:"phase,omitempty"`
	Line     string   `json:"line,omitempty"`
	Seconds  float64  `json:"seconds"`
	Silent   float64  `json:"silent"`
	Stalled  bool     `json:"stalled,omitempty"`
	Done     int64    `json:"done,omitempty"`
	Expected int64    `json:"expected,omitempty"`
}

// MessageType implements Event.
func (ActivityStarted) MessageType() string { return "activity_started" }

// MessageType implements Event.
func (ActivityProgress) MessageType() string { return "activity_progress" }

// MessageType implements Event.
func (ActivityPhase) MessageType() string { return "activity_phase" }

// MessageType implements Event.
func (ActivityLine) MessageType() string { return "activity_line" }

// MessageType implements Event.
func (ActivityDone) MessageType() string { return "activity_done" }

// MessageType implements Event.
func (Totals) MessageType() string { return "totals" }

// MessageType implements Event.
func (Heartbeat) MessageType() string { return "heartbeat" }
