package nixlog

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

const (
	// throttle is the time between two events of one kind about the same activity.
	throttle = 200 * time.Millisecond
	// lasting is how long an activity has to go on that is told late.
	lasting = time.Second
	// maxActive is how many activities are followed at once. Nix asks for thousands of paths at the same time; the bound
	// is there for logs that start what never stops.
	maxActive = 1 << 14
	// maxWord is how much is kept of a subject, a phase or a line, in bytes.
	maxWord = 4 << 10
)

// activity is one that nix started and did not stop yet.
type activity struct {
	id      uint64 // nix's
	kind    event.Activity
	subject string
	from    string
	phase   string
	started time.Duration
	heard   time.Duration // the last sign of life
	// owner is the activity that this one is a part of: only that is told, and it gets the bytes.
	owner *activity
	told  bool // as started
	late  bool // is told once it lasts
	group bool // is never told: it stands for many others

	transfer bool // its bytes are those of a transfer, not those unpacked
	done     int64
	expected int64
	numbers  [4]int64 // of its own last progress
	wanted   [groups]int64
	class    int // the index of its type in sums, or -1

	tail    *tail  // of a build
	lineEnd []byte // how nix's lines end that hold one of its own

	toldDone, toldExpected int64
	progressAt, lineAt     time.Duration
	lineHeld               bool
}

// eventID makes nix's ID an event's. Nix's has the process above and a counter below bit 32 (nix, src/libutil/logging.cc),
// so that two calls of nix never clash. Moved together it stays exact in programs that take all numbers for floating
// point: processes have 22 bits at most (proc(5), pid_max).
func eventID(id uint64) uint64 { return id>>32<<30 | id&(1<<30-1) }

// start takes an activity that begins.
func (r *Reader) start(rec record) {
	if before := r.active[rec.ID]; before != nil {
		r.stop(rec.ID)
	}
	if len(r.active) >= maxActive {
		return
	}
	if r.active == nil {
		r.active = map[uint64]*activity{}
	}
	a := &activity{id: rec.ID, started: r.now, heard: r.now, class: class(rec.Type), progressAt: -throttle, lineAt: -throttle}
	a.lineEnd = lineEnd(a.id)
	r.describe(a, rec)
	r.active[rec.ID] = a
	switch {
	case a.owner != nil || a.group:
	case a.late:
		r.due = min(r.due, r.now+lasting)
	default:
		r.begin(a)
	}
}

// describe says what an activity is to the user.
func (r *Reader) describe(a *activity, rec record) {
	path, from := word(rec.field(0)), word(rec.field(1))
	a.subject = cmp.Or(path, word(rec.Text))
	switch rec.Type {
	case typeCopyPath:
		a.kind, a.from = event.Copy, from
		a.owner = r.owner(rec.Parent, event.Download)
	case typeTransfer:
		a.kind = event.Download
		if a.owner = r.owner(rec.Parent, event.Download, event.Copy, event.Query, event.Fetch); a.owner == nil && isQuestion(path) {
			a.kind, a.late = event.Query, true
		}
	case typeSubstitute:
		a.kind, a.from = event.Download, from
	case typeBuild:
		a.kind, a.from = event.Building, from
	case typeQuery:
		a.kind, a.from, a.late = event.Query, from, true
	case typeFetch:
		a.kind, a.subject = event.Fetch, cmp.Or(path, quoted(rec.Text), word(rec.Text))
	case typeRealise, typeCopyPaths, typeBuilds, typeOptimise, typeVerify:
		a.group = true
	default:
		// What it is says its text: "querying info about missing paths", "waiting for lock on …".
		a.kind, a.late, a.subject = event.Other, true, cmp.Or(word(rec.Text), path)
		a.group = a.subject == ""
	}
	if a.owner != nil {
		a.owner.heard = r.now
		a.owner.transfer = a.owner.transfer || rec.Type == typeTransfer
	}
}

// owner is the activity that tells of those that it starts, if it is of one of the kinds.
func (r *Reader) owner(parent uint64, kinds ...event.Activity) *activity {
	p := r.active[parent]
	if p == nil {
		return nil
	}
	if p.owner != nil {
		p = p.owner
	}
	if !p.group && slices.Contains(kinds, p.kind) {
		return p
	}
	return nil
}

// isQuestion reports whether a URL of a binary cache is about paths, and holds none.
func isQuestion(url string) bool {
	return strings.HasSuffix(url, ".narinfo") || strings.HasSuffix(url, "/nix-cache-info")
}

// word is text as it is told: one line, and not without end.
func word(text string) string { return printable.Line(text, maxWord) }

// quoted is what stands between the first quotes of text.
func quoted(text string) string {
	_, text, _ = strings.Cut(printable.Text(text), "'")
	text, _, found := strings.Cut(text, "'")
	if !found {
		return ""
	}
	return word(text)
}

// begin tells that an activity began.
func (r *Reader) begin(a *activity) {
	a.told = true
	r.tell(event.ActivityStarted{ID: eventID(a.id), Activity: a.kind, Subject: a.subject, From: a.from})
	r.tellPhase(a)
}

func (r *Reader) tellPhase(a *activity) {
	if a.told && a.phase != "" {
		r.tell(event.ActivityPhase{ID: eventID(a.id), Phase: a.phase})
	}
}

// stop takes the end of an activity.
func (r *Reader) stop(id uint64) {
	a := r.active[id]
	if a == nil {
		return
	}
	delete(r.active, id)
	if r.last == a {
		r.last = nil
	}
	r.end(a)
	r.sums.end(a)
	r.tails.end(a)
	r.offerTotals()
}

// end tells that an activity is over, and before what was held back of it.
func (r *Reader) end(a *activity) {
	if !a.told {
		return
	}
	r.tellProgress(a)
	r.tellLine(a)
	r.tell(event.ActivityDone{
		ID: eventID(a.id), Activity: a.kind, Subject: a.subject, Seconds: (r.now - a.started).Seconds(), Bytes: a.done,
	})
}

// unfinished are the activities that were told of, the oldest first.
func (r *Reader) unfinished() (list []*activity) {
	for _, a := range r.active {
		if a.told {
			list = append(list, a)
		}
	}
	slices.SortFunc(list, byAge)
	return list
}

func byAge(a, b *activity) int {
	return cmp.Or(cmp.Compare(a.started, b.started), cmp.Compare(a.id, b.id))
}

// tellDue tells what was held back and is due now, and finds out when the next is.
func (r *Reader) tellDue() {
	r.due, r.looked = never, r.now
	var ready []*activity
	for _, a := range r.active {
		if at := a.dueAt(); at <= r.now {
			ready = append(ready, a)
		} else {
			r.due = min(r.due, at)
		}
	}
	slices.SortFunc(ready, byAge)
	for _, a := range ready {
		if !a.told {
			r.begin(a)
		}
		r.offerProgress(a)
		if a.lineHeld {
			r.offerLine(a)
		}
	}
	r.offerTotals()
}

// dueAt is when something of the activity is to be told; never, if there is nothing.
func (a *activity) dueAt() time.Duration {
	at := never
	switch {
	case a.owner != nil || a.group:
		return never
	case !a.told:
		return a.started + lasting
	}
	if a.done != a.toldDone || a.expected != a.toldExpected {
		at = a.progressAt + throttle
	}
	if a.lineHeld {
		at = min(at, a.lineAt+throttle)
	}
	return at
}
