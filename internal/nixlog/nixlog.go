// Package nixlog reads what nix writes with --log-format internal-json and tells it as events.
//
// Each line of nix is "@nix " and a JSON object (nix, src/libutil/logging.cc and logging.hh): the start and the stop of an
// activity, a result of one (a line of a build, its phase, a number of bytes), or a message. The numbers of activities and
// results are nix's own; what this package does not know of it leaves out, and never takes for an error.
package nixlog

import (
	"bytes"
	"io"
	"sync"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Reader takes the standard error of one call of nix. It is an io.Writer; Close ends it. Its methods may be called from
// several goroutines. Its clock begins with the first call of Write, Tick or Beat, so that Tick is worth calling when nix
// is started.
//
// Activities that are over in a moment are told only once they have lasted for a second: questions to caches, and
// everything that is event.Other. A download from a cache is told as one activity, with the store path for its subject
// and the bytes that come over the network, or those unpacked where there is none.
type Reader struct {
	Sink event.Sink
	// Now is the clock; nil for time.Now.
	Now func() time.Time
	// Log gets nix's own messages, all of them; nil for nowhere. What builders write is not among them: nix keeps it (nix
	// log), and writing it once more costs too much. Of the CPU time of a build with a million lines reading takes 1.8 %;
	// with each line copied to a file as it is 2.9 %, and without its secrets, as a log has it, three times the build
	// (measured 2026-11-23, Nix 2.34).
	Log io.Writer
	// Verbose tells every line of every builder as an event.Output too, and messages of nix that are of use to its
	// developers.
	Verbose bool

	mu      sync.Mutex
	started time.Time
	now     time.Duration // since started, read once for each call
	due     time.Duration // when the next event that is held back may be told
	looked  time.Duration // when that was looked for last
	closed  bool

	rest     []byte // a line of which the end is not there yet
	dropping bool   // the rest of a line that is too long

	active map[uint64]*activity // by nix's ID
	last   *activity            // the one of the last line: most lines come in a row
	tails  tails
	sums   sums
	told   event.Totals
	toldAt time.Duration // of Totals
	errors errorList
	failed []Failure
}

// maxLine is how much of one line is held, in bytes. The longest that nix writes are errors with a trace, some hundred
// KiB at most.
const maxLine = 4 << 20

// looking is the time between two looks at all activities for what is due. There may be thousands.
const looking = 50 * time.Millisecond

// never is a time that does not come.
const never = time.Duration(1<<63 - 1)

// Write implements io.Writer; it takes everything and never fails.
func (r *Reader) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return len(p), nil
	}
	r.tick()
	for rest := p; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			r.hold(rest)
			break
		}
		line := rest[:end]
		rest = rest[end+1:]
		if len(r.rest) > 0 || r.dropping {
			r.hold(line)
			r.endOfLine()
			continue
		}
		r.line(line)
	}
	return len(p), nil
}

// hold keeps a piece of a line until its end comes.
func (r *Reader) hold(piece []byte) {
	if r.dropping || len(r.rest)+len(piece) > maxLine {
		r.dropping = true
		return
	}
	r.rest = append(r.rest, piece...)
}

// endOfLine takes the line that was held. Its memory is kept for the next one, unless it was unusually long.
func (r *Reader) endOfLine() {
	line := r.rest
	if r.rest = r.rest[:0]; cap(line) > maxLine/16 {
		r.rest = nil
	}
	if r.dropping {
		r.dropping = false
		r.text("(a line of more than 4 MiB was left out)")
		return
	}
	r.line(line)
}

// Tick tells what was held back so as not to tell too much at once. Whoever shows progress to people calls it a few times
// a second, for nix may be silent after the last line.
func (r *Reader) Tick() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.tick()
	}
}

// Beat tells an event.Heartbeat; its caller has the clock.
func (r *Reader) Beat() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.tick()
	r.tell(r.heartbeat())
}

// Close takes the last line and ends what is still under way.
func (r *Reader) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	r.tick()
	if len(r.rest) > 0 || r.dropping {
		r.endOfLine()
	}
	for _, a := range r.unfinished() {
		r.end(a)
	}
	r.tellTotals()
	r.closed = true
	r.active, r.last, r.rest, r.tails = nil, nil, nil, tails{}
}

// Errors are nix's messages of level error, without colours, in the order in which they came, and the errors that it
// writes as plain text, as before its arguments are read. Those that nix says to be ignored are left out. Of very many the
// first 50 and the last 50 are kept, each up to 64 KiB.
func (r *Reader) Errors() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.errors.all()
}

// Failed are the derivations that nix said it could not build, in the order in which they failed, without those that
// failed only because another one did.
func (r *Reader) Failed() []Failure {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Failure(nil), r.failed...)
}

// Failure is a derivation that did not build, with the last lines that its builder wrote, 20 at most.
type Failure struct {
	Derivation string
	Lines      []string
}

// tick reads the clock and tells what is due. A piece of a log has one time: it was written within milliseconds.
func (r *Reader) tick() {
	clock := time.Now
	if r.Now != nil {
		clock = r.Now
	}
	if r.started.IsZero() {
		r.started, r.due, r.looked = clock(), never, -looking
	}
	r.now = clock().Sub(r.started)
	if r.now >= r.due && r.now >= r.looked+looking {
		r.tellDue()
	}
}

func (r *Reader) tell(e event.Event) {
	if r.Sink != nil {
		r.Sink(e)
	}
}
