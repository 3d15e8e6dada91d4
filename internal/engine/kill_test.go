package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// childVariable makes this test binary a process that deploys, goes on with a deployment, or is killed in the middle of
// that: it has an errand as JSON.
const childVariable = "NQD_TEST_CHILD"

// errand is what such a process does.
type errand struct {
	Dir    string // of the lab
	Way    string // "do", "resume" or "take back"
	Points int    // after how many of its points it kills itself; 0: never
	Disk   uint64 // the largest size of a file in bytes; 0: any
	Plan   []*change
}

// from does the errand in text.
func (e errand) from(text string) error {
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return err
	}
	return e.run()
}

// run does the errand. The deployment is not ended, so that others can look at what is left.
func (e errand) run() error {
	if e.Disk > 0 {
		signal.Ignore(syscall.SIGXFSZ)
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: e.Disk, Max: e.Disk}); err != nil {
			return err
		}
	}
	k := &knife{left: e.Points, cut: func() {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}}
	h := History{Dir: filepath.Join(e.Dir, "history")}
	if e.Way == "do" {
		run, err := h.Next()
		if err != nil {
			return err
		}
		l := lab{plan: e.Plan}
		if err := run.Begin(header{"orion"}, l.actions(k)); err != nil {
			return errors.Join(err, run.Abandon())
		}
		return run.Do(context.Background())
	}
	run, err := h.Reopen(1, open(k))
	if err != nil {
		return err
	}
	if e.Way == "take back" {
		return run.TakeBack(context.Background(), nil)
	}
	return run.Resume(context.Background())
}

// start runs an errand in a process of its own; killed says that it was SIGKILL that ended it.
func (e errand) start(t *testing.T) (killed bool, said string) {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+string(text))
	out, err := child.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	status := child.ProcessState.Sys().(syscall.WaitStatus)
	return status.Signaled() && status.Signal() == syscall.SIGKILL, string(out)
}

// twelve is a plan with each kind of change, on the tree that fixedLab makes.
func twelve(root, keep string) (plan []*change) {
	stamp := time.Unix(1_234_567_890, 5).UTC()
	for i, c := range []change{
		{What: "put", Path: "new", Text: "new", Mode: 0o644},
		{What: "put", Path: "a/file", Text: "other", Mode: 0o600, Had: true},
		{What: "remove", Path: "a/second", Had: true},
		{What: "remove", Path: "gone", Had: true}, // a folder with things in it
		{What: "mkdir", Path: "dir"},
		{What: "put", Path: "dir/below", Text: "below", Mode: 0o755},
		{What: "mkdir", Path: "a/turned", Had: true}, // a file becomes a folder
		{What: "link", Path: "link", Target: "a", Had: true},
		{What: "hard", Path: "hard", Target: "kept"},
		{What: "chmod", Path: "mode", Mode: 0o711, OldMode: 0o640},
		{What: "touch", Path: "time", OldTime: time.Unix(77, 123_456_789).UTC()},
		{What: "put", Path: "dangling", Text: "no link", Mode: 0o644, Had: true},
	} {
		c.Root, c.Keep, c.Time = root, filepath.Join(keep, string(rune('a'+i))), stamp
		c.Folder = time.Unix(1_000_000_000, 123_456_789).UTC()
		if strings.HasPrefix(c.Path, "a/") {
			c.Folder = time.Unix(66, 123_456_789).UTC()
		}
		plan = append(plan, &c)
	}
	return plan
}

// fixedLab is a lab in a directory of its own with the plan of twelve; new is not known in it.
func fixedLab(t *testing.T) (*lab, string) {
	t.Helper()
	dir := t.TempDir()
	l := &lab{root: filepath.Join(dir, "tree"), keep: filepath.Join(dir, "keep"), history: History{Dir: filepath.Join(dir, "history")}}
	build(t, l.root, []entry{
		{path: "a", kind: "folder", mode: 0o750, time: 66},
		{path: "a/file", kind: "file", text: "text", mode: 0o640, time: 10, xattr: "kept", owner: 1234},
		{path: "a/second", kind: "hard", target: "a/file"},
		{path: "a/turned", kind: "file", mode: 0o600, time: 11},
		{path: "gone", kind: "folder", mode: 0o700, time: 12},
		{path: "gone/x", kind: "file", text: "x", mode: 0o400, time: 13},
		{path: "gone/link", kind: "link", target: "../a", time: 14},
		{path: "link", kind: "link", target: "nowhere", time: 15},
		{path: "kept", kind: "file", text: "kept", mode: 0o644, time: 16},
		{path: "mode", kind: "file", mode: 0o640, time: 17},
		{path: "time", kind: "file", mode: 0o644, time: 77},
		{path: "dangling", kind: "link", target: "/nix/store/gone", time: 18},
	})
	if err := os.Mkdir(l.keep, 0o700); err != nil {
		t.Fatal(err)
	}
	l.plan = twelve(l.root, l.keep)
	l.old = walk(t, l.root, true)
	return l, dir
}

// done is the walk of a tree that the plan was carried out on without anything in between, and how many points that had.
func done(t *testing.T) (new []string, points int) {
	t.Helper()
	l, _ := fixedLab(t)
	count := &knife{left: -1, cut: func() {}}
	run := begin(t, l.history.Dir, l.actions(count)...)
	if err := run.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	return walk(t, l.root, false), -1 - count.left
}

// TestKillAnywhere kills a process with SIGKILL at each point of a deployment of twelve actions: before and after each
// record and between the steps of each action. Another process then ends it in exactly the new, or exactly the old tree;
// and so it does where that one was killed as well.
func TestKillAnywhere(t *testing.T) {
	t.Parallel()
	new, points := done(t)
	if points < 60 {
		t.Fatalf("%d points: this test looks at less than it says", points)
	}
	for _, way := range []string{"resume", "take back"} {
		for point := 1; point <= points; point++ {
			t.Run(fmt.Sprintf("%s from %d", way, point), func(t *testing.T) {
				t.Parallel()
				killOnce(t, new, way, point)
			})
		}
	}
	l, dir := fixedLab(t)
	if killed, said := (errand{Dir: dir, Way: "do", Points: points + 1, Plan: l.plan}).start(t); killed || said != "" {
		t.Errorf("there are more points than %d: killed %v, said %q", points, killed, said)
	}
}

func killOnce(t *testing.T, new []string, way string, point int) {
	l, dir := fixedLab(t)
	l.new = new
	if killed, said := (errand{Dir: dir, Way: "do", Points: point, Plan: l.plan}).start(t); !killed {
		t.Fatalf("not killed; it said %q", said)
	}
	d, err := l.history.Get(1)
	if errors.Is(err, fs.ErrNotExist) {
		l.neverBegan(t, &Run{ID: 1, Dir: filepath.Join(l.history.Dir, "1")})
		return
	}
	if err != nil || d.Result != Interrupted || d.Closed || len(d.Actions) != len(l.plan) {
		t.Fatalf("recorded as %q with %d actions, %v", d.Result, len(d.Actions), err)
	}
	// Those that go on are killed too, each a little later than the one before.
	for again := len(l.plan) + 1 + point%11; ; again += 17 {
		killed, said := errand{Dir: dir, Way: way, Points: again}.start(t)
		if killed && again < 500 {
			continue
		}
		if killed || said != "" {
			t.Fatalf("going on: killed %v, said %q", killed, said)
		}
		break
	}
	if way == "resume" {
		l.wantNew(t, "after resuming")
	} else {
		l.wantOld(t, "after taking back")
	}
	// Once more there is nothing to do.
	if killed, said := (errand{Dir: dir, Way: way}).start(t); killed || said != "" {
		t.Errorf("once more: killed %v, said %q", killed, said)
	}
	if way == "resume" {
		l.wantNew(t, "after resuming again")
	} else {
		l.wantOld(t, "after taking back again")
	}
}

// TestFullDisk deploys on a disk that is full after so many bytes of a file, for many sizes. Nothing is begun that cannot
// be recorded, what was begun is taken back all the same, and the record can be read and gone on with.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	new, _ := done(t)
	l, dir := fixedLab(t)
	if _, said := (errand{Dir: dir, Way: "do", Plan: l.plan}).start(t); said != "" {
		t.Fatal(said)
	}
	whole, err := os.Stat(filepath.Join(dir, "history", "1", "journal"))
	if err != nil {
		t.Fatal(err)
	}
	for size := int64(64); size < whole.Size()+200; size += 173 {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			l, dir := fixedLab(t)
			l.new = new
			killed, said := errand{Dir: dir, Way: "do", Disk: uint64(size), Plan: l.plan}.start(t)
			if size >= whole.Size()+64 { // the times in the records differ in length
				if killed || said != "" {
					t.Fatalf("killed %v, said %q", killed, said)
				}
				l.wantNew(t, "on a disk that is large enough")
				return
			}
			if !killed && said == "" && size > whole.Size()-64 {
				return
			}
			if killed || !strings.Contains(said, "journal: ") || !strings.Contains(said, syscall.EFBIG.Error()) {
				t.Fatalf("killed %v, said %q", killed, said)
			}
			l.wantOld(t, "on a full disk")
			l.fullRecord(t)
		})
	}
}

// fullRecord checks what the full disk left of the record, and goes on with it on a larger one.
func (l *lab) fullRecord(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(l.history.Dir, "1", "journal"))
	if errors.Is(err, fs.ErrNotExist) {
		if all, err := l.history.List(); err != nil || len(all) > 0 || there(filepath.Join(l.history.Dir, "1")) {
			t.Errorf("what never began is listed, or left its folder: %v, %v", all, err)
		}
		return
	}
	if err != nil || !strings.HasSuffix(string(text), "}\n") {
		t.Errorf("the record ends in %q (%v): half a line was left", text[max(0, len(text)-40):], err)
	}
	d, err := l.history.Get(1)
	if err != nil || d.Result != Interrupted {
		t.Fatalf("recorded as %q, %v", d.Result, err)
	}
	run, err := l.history.Reopen(1, open(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(run.TakeBack(t.Context(), nil), run.End(Reverted, nil)); err != nil {
		t.Fatal(err)
	}
	l.wantOld(t, "after taking back again")
}
