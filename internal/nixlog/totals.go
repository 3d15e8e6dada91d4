package nixlog

import "github.com/masterofnull/nixos-quick-deploy/internal/event"

// The types of activities that nix sums up (nix, src/libmain/progress-bar.cc, getStatus), as indexes.
const (
	classCopy = iota
	classTransfer
	classPaths
	classBuilds
	groups
)

func class(kind int) int {
	switch kind {
	case typeCopyPath:
		return classCopy
	case typeTransfer:
		return classTransfer
	case typeCopyPaths:
		return classPaths
	case typeBuilds:
		return classBuilds
	}
	return -1
}

// sums adds up what activities say, as nix's own progress bar does.
type sums struct {
	by     [groups]event.Count
	wanted [groups]int64 // what is announced
	done   int64         // bytes
	// expected are the bytes of activities that began. What is announced, nix knows before.
	expected int64
	changed  bool
}

func (s *sums) progress(a *activity, numbers [4]int64) {
	if a.class < 0 || a.numbers == numbers {
		return
	}
	c, before := &s.by[a.class], a.numbers
	c.Done += numbers[0] - before[0]
	c.Expected += numbers[1] - before[1]
	c.Running += numbers[2] - before[2]
	c.Failed += numbers[3] - before[3]
	s.changed = true
}

func (s *sums) bytes(done, expected int64) {
	s.done += done
	s.expected += expected
	s.changed = s.changed || done != 0 || expected != 0
}

// expect takes that a number of a type is announced by an activity.
func (s *sums) expect(a *activity, kind int, number int64) {
	if i := class(kind); i >= 0 && a.wanted[i] != number {
		s.wanted[i] += number - a.wanted[i]
		a.wanted[i] = number
		s.changed = true
	}
}

// end takes back what an activity announced; what it did stays.
func (s *sums) end(a *activity) {
	for i, number := range a.wanted {
		s.wanted[i] -= number
	}
	if a.class >= 0 {
		c := &s.by[a.class]
		c.Expected += a.numbers[0] - a.numbers[1]
		c.Running -= a.numbers[2]
	}
	if a.owner == nil && (a.kind == event.Download || a.kind == event.Copy) {
		s.expected += a.done - a.expected
	}
	s.changed = true
}

// totals is the sum by now. Nothing done is taken back, whatever nix says.
func (s *sums) totals(before event.Totals) event.Totals {
	count := func(i int, before event.Count) event.Count {
		c := s.by[i]
		c.Expected = max(c.Expected, s.wanted[i], 0)
		c.Done = max(c.Done, before.Done)
		return c
	}
	t := event.Totals{Builds: count(classBuilds, before.Builds), Fetches: count(classPaths, before.Fetches)}
	// Downloads are announced as they come over the network, and once more as they are unpacked. From a cache that is a
	// directory nothing comes over the network.
	announced := s.wanted[classTransfer]
	if announced == 0 || s.by[classTransfer].Done == 0 && s.by[classCopy].Done > 0 {
		announced = s.wanted[classCopy]
	}
	t.Bytes = event.Count{Done: max(s.done, before.Bytes.Done), Expected: max(announced, s.expected, 0)}
	return t
}

// offerTotals tells the sums if they are others than those told last, and not too early.
func (r *Reader) offerTotals() {
	if !r.sums.changed {
		return
	}
	if at := r.toldAt + throttle; r.told != (event.Totals{}) && r.now < at {
		r.due = min(r.due, at)
		return
	}
	r.tellTotals()
}

func (r *Reader) tellTotals() {
	r.sums.changed = false
	if now := r.sums.totals(r.told); now != r.told {
		r.told, r.toldAt = now, r.now
		r.tell(now)
	}
}
