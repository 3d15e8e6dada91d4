// Package runlog keeps what is said in one run of nqd, for when it is needed to see why something failed, and how long
// the stations of the run take.
package runlog

import (
	"cmp"
	"encoding/json"
	"sync"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
)

// Log is the log of one run: JSON lines with a time, a kind, and what was told or said. The zero value but for Dir works.
//
// What comes before Begin is held, and kept only if Begin or Keep is called: a run that changes nothing leaves nothing.
// Its methods may be called from several goroutines. A log that cannot be written is told once, and stops nothing.
type Log struct {
	Dir string // is made when it is needed
	// Secrets takes secrets out of what nix says; nil for those that look like one. Events come without them: see Without.
	Secrets *redact.Redactor

	now func() time.Time // nil for the clock's

	lock     sync.Mutex
	tell     event.Sink
	held     [][]byte
	heldSize int
	heard    bool // nix said something
	parts    parts
	opened   bool
	err      error
	said     redact.Stream
	rest     []byte // of a line of nix whose end is not there yet
}

// mostHeld is how much is held before the log begins, in bytes, and longestRest how much of a line of nix whose end is
// not there yet. Of more, the oldest lines go.
const (
	mostHeld    = 1 << 20
	longestRest = 1 << 20
)

// Begin makes the log, and writes first what the run is: the command, and nqd's version.
func (l *Log) Begin(command, version string) {
	l.lock.Lock()
	trouble := cmp.Or(l.add("run", map[string]string{"command": command, "nqd": version}, true), l.open())
	l.lock.Unlock()
	l.report(trouble)
}

// Keep makes the log where it is worth it, as nix said something, and returns where it is.
func (l *Log) Keep() string {
	l.lock.Lock()
	var trouble error
	if l.heard {
		trouble = l.open()
	}
	l.lock.Unlock()
	l.report(trouble)
	return l.Path()
}

// Path is where the log is, its first part; empty where there is none, or not yet.
func (l *Log) Path() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.parts.first()
}

// Close ends the log.
func (l *Log) Close() {
	l.lock.Lock()
	defer l.lock.Unlock()
	l.parts.close()
}

// Watch is a sink that hands on to sink. It leaves out what tells of progress many times a second, and lines of nix,
// which come by Write.
func (l *Log) Watch(sink event.Sink) event.Sink {
	l.lock.Lock()
	l.tell = sink
	l.lock.Unlock()
	return func(e event.Event) {
		if !chatter(e) {
			l.report(l.take(e.MessageType(), e))
		}
		sink(e)
	}
}

func chatter(e event.Event) bool {
	switch e := e.(type) {
	case event.ActivityProgress, event.Totals, event.Heartbeat:
		return true
	case event.Output:
		return e.Program == "nix"
	}
	return false
}

// Write takes what nix says, line by line. It implements io.Writer and never fails: nothing nix does depends on it.
func (l *Log) Write(p []byte) (int, error) {
	l.lock.Lock()
	l.heard = true
	l.rest = append(l.rest, p...)
	trouble := l.lines()
	l.lock.Unlock()
	l.report(trouble)
	return len(p), nil
}

// take adds one entry, and returns why that was not possible, the first time.
func (l *Log) take(kind string, members any) error {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.add(kind, members, false)
}

// report tells why there is no log.
func (l *Log) report(err error) {
	l.lock.Lock()
	tell := l.tell
	l.lock.Unlock()
	if err != nil && tell != nil {
		tell(event.Note{
			Warning: true, Text: "this run has no log, or not all of it: " + err.Error(),
			Hint: "what nqd does goes on without it",
		})
	}
}

// add writes an entry, or holds it. First puts it before those that are held.
func (l *Log) add(kind string, members any, first bool) error {
	line, err := l.encode(kind, members)
	if err != nil || l.err != nil {
		return nil // a log that is not written any more was told of, and an event that is no JSON is shown elsewhere
	}
	if l.opened {
		return l.write(line)
	}
	if first {
		l.held = append([][]byte{line}, l.held...)
	} else {
		l.held = append(l.held, line)
	}
	for l.heldSize += len(line); l.heldSize > mostHeld && len(l.held) > 1; {
		l.heldSize -= len(l.held[0])
		l.held = l.held[1:]
	}
	return nil
}

// timeFormat is RFC 3339 with milliseconds and the local offset: a log is read beside those of others.
const timeFormat = "2006-01-02T15:04:05.000-07:00"

func (l *Log) clock() time.Time {
	if l.now != nil {
		return l.now()
	}
	return time.Now()
}

// encode puts the time and the kind in front of the entry's own members.
func (l *Log) encode(kind string, members any) ([]byte, error) {
	own, err := json.Marshal(members)
	if err != nil {
		return nil, err
	}
	line, err := json.Marshal(struct {
		Time string `json:"time"`
		Kind string `json:"kind"`
	}{l.clock().Format(timeFormat), kind})
	if err != nil {
		return nil, err
	}
	line = line[:len(line)-1]
	if string(own) != "{}" {
		line = append(line, ',')
	}
	return append(append(line, own[1:]...), '\n'), nil
}

// open makes the file and writes what was held.
func (l *Log) open() error {
	if l.opened || l.err != nil {
		return nil
	}
	if l.parts, l.err = create(l.Dir, l.clock()); l.err != nil {
		return l.err
	}
	l.opened = true
	held := l.held
	l.held, l.heldSize = nil, 0
	for _, line := range held {
		if err := l.write(line); err != nil {
			return err
		}
	}
	return nil
}

func (l *Log) write(line []byte) error {
	l.err = l.parts.write(line)
	return l.err
}
