package nixlog

import (
	"bytes"
	"fmt"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

var prefix = []byte("@nix ")

// lineStart is how a line begins that holds one of a builder's. A constant is compared without a call.
const lineStart = `@nix {"action":"result","fields":["`

// lineEnd is how such a line ends if it is the activity's; of the quote before it, too.
func lineEnd(id uint64) []byte {
	return fmt.Appendf(nil, `"],"id":%d,"type":%d}`, id, resultLine)
}

// line takes one line of nix, without its end. It is not kept: its memory is the caller's.
func (r *Reader) line(line []byte) {
	// Most lines are those of one build, one after the other.
	if a := r.last; a != nil && len(line) >= len(lineStart)+len(a.lineEnd) &&
		string(line[:len(lineStart)]) == lineStart && bytes.HasSuffix(line, a.lineEnd) {
		r.buildLine(a, line[len(lineStart):len(line)-len(a.lineEnd)])
		return
	}
	text, found := bytes.CutPrefix(line, prefix)
	if !found {
		r.plain(line)
		return
	}
	if res, ok := parseResult(text); ok {
		r.result(res)
		return
	}
	rec, ok := parseRecord(text)
	if !ok {
		r.plain(line)
		return
	}
	switch rec.Action {
	case "start":
		r.start(rec)
	case "stop":
		r.stop(rec.ID)
	case "result":
		r.result(rec.result())
	case "msg":
		r.message(rec)
	}
}

// result takes what nix says of an activity under way.
func (r *Reader) result(res result) {
	a := r.last
	if a == nil || a.id != res.id {
		if a = r.active[res.id]; a == nil {
			return
		}
		r.last = a
	}
	switch {
	case res.kind == resultLine && res.isText:
		r.buildLine(a, res.text)
	case res.kind == resultFetchLine && res.isText && a.owner == nil && !a.group:
		a.heard = r.now
		r.keepLine(a, res.text)
		r.offerLine(a)
	case res.kind == resultPhase && res.isText:
		a.heard, a.phase = r.now, word(decode(res.text))
		r.tellPhase(a)
	case res.kind == resultProgress && res.count == 4:
		r.progress(a, res.numbers)
	case res.kind == resultExpected && res.count == 2:
		r.sums.expect(a, int(min(res.numbers[0], 1<<20)), res.numbers[1])
		r.offerTotals()
	}
}

// buildLine is the path that a build takes millions of times: no memory is allocated on it.
func (r *Reader) buildLine(a *activity, raw []byte) {
	a.heard = r.now
	if a.kind != event.Building {
		return
	}
	r.keepLine(a, raw)
	r.offerLine(a)
	if r.Verbose {
		r.tell(event.Output{Program: "nix", Line: nameOf(a.subject) + "> " + plainLine(raw)})
	}
}

func (r *Reader) keepLine(a *activity, raw []byte) {
	if a.tail == nil {
		a.tail = r.tails.take()
	}
	a.tail.add(raw)
}

// offerLine tells the last line, unless it is too early; it is told then once it is due, or at the end.
func (r *Reader) offerLine(a *activity) {
	a.lineHeld = true
	if !a.told {
		return
	}
	if at := a.lineAt + throttle; r.now < at {
		r.due = min(r.due, at)
		return
	}
	r.tellLine(a)
}

func (r *Reader) tellLine(a *activity) {
	if a.lineHeld {
		a.lineAt, a.lineHeld = r.now, false
		r.tell(event.ActivityLine{ID: eventID(a.id), Line: a.tail.last()})
	}
}

// progress takes how far an activity came: numbers are done, expected, running and failed. Nix repeats them when nothing
// came, so only more is a sign of life.
func (r *Reader) progress(a *activity, numbers [4]int64) {
	owner := a
	if a.owner != nil {
		owner = a.owner
	}
	if numbers[0] > a.numbers[0] {
		a.heard, owner.heard = r.now, r.now
	}
	r.sums.progress(a, numbers)
	a.numbers = numbers
	// Once there is a transfer, what is unpacked of it does not count.
	if a.class == classTransfer || a.class == classCopy && !owner.transfer {
		r.bytes(owner, numbers[0], numbers[1])
	}
	r.offerTotals()
}

// bytes counts those of what is told. A download that nix tries once more begins anew; the user's does not fall.
func (r *Reader) bytes(a *activity, done, expected int64) {
	if a.kind != event.Download && a.kind != event.Copy {
		return // an answer of a cache is no download of the user's
	}
	done = max(done, a.done)
	if expected = max(expected, 0); expected > 0 {
		expected = max(expected, done)
	}
	r.sums.bytes(done-a.done, expected-a.expected)
	a.done, a.expected = done, expected
	r.offerProgress(a)
}

func (r *Reader) offerProgress(a *activity) {
	if !a.told {
		return
	}
	if at := a.progressAt + throttle; r.now < at {
		r.due = min(r.due, at)
		return
	}
	r.tellProgress(a)
}

func (r *Reader) tellProgress(a *activity) {
	if a.done == a.toldDone && a.expected == a.toldExpected {
		return
	}
	a.progressAt, a.toldDone, a.toldExpected = r.now, a.done, a.expected
	r.tell(event.ActivityProgress{ID: eventID(a.id), Done: a.done, Expected: a.expected})
}
