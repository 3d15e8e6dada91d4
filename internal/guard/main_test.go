package guard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// The systems of the tests, and their names.
const (
	oldSystem   machine.StorePath = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-old"
	newSystem   machine.StorePath = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-new"
	thirdSystem machine.StorePath = "/nix/store/0f5z55vs9swzxwdmcms03qb2nakciwpa-third"
)

// program is testdata/program, compiled once: it runs where there is nothing but the sandbox.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "nqd-guard-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "program")
	build := exec.Command("go", "build", "-o", file, "testdata/program/main.go")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if file, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(code)
}

// box is a machine that runs oldSystem, with a guard of it.
type box struct {
	*Guard
	root string

	lock   sync.Mutex
	events []event.Event
}

func newBox(t *testing.T) *box {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	b := &box{root: t.TempDir()}
	for _, dir := range []string{"/run", "/exit", "/idle", "/boot"} {
		b.mkdir(t, dir)
	}
	// A link and no copy: a file that was just written may not be run while another test forks.
	if err := os.Link(file, b.path("/program")); err != nil {
		t.Fatal(err)
	}
	for _, system := range []machine.StorePath{oldSystem, newSystem, thirdSystem} {
		b.link(t, string(system)+"/bin/switch-to-configuration", "/program")
		b.link(t, string(system)+"/sw/bin/systemctl", "/program")
	}
	b.link(t, "/run/current-system", string(oldSystem))
	b.write(t, "/failed", "[]")
	m, err := machine.Sandbox(b.root)
	if err != nil {
		t.Fatal(err)
	}
	b.Guard = &Guard{Machine: m, Sink: b.take, Profile: &profile{box: b, t: t, now: machine.Generation{Number: 3, System: oldSystem}}}
	return b
}

func (b *box) path(abs string) string { return filepath.Join(b.root, abs) }

func (b *box) mkdir(t *testing.T, abs string) {
	t.Helper()
	if err := os.MkdirAll(b.path(abs), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (b *box) write(t *testing.T, abs, text string) {
	t.Helper()
	b.mkdir(t, filepath.Dir(abs))
	if err := os.WriteFile(b.path(abs), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (b *box) link(t *testing.T, abs, target string) {
	t.Helper()
	b.mkdir(t, filepath.Dir(abs))
	os.Remove(b.path(abs))
	if err := os.Symlink(target, b.path(abs)); err != nil {
		t.Fatal(err)
	}
}

// bootDefault makes systemd-boot start system.
func (b *box) bootDefault(t *testing.T, system machine.StorePath) {
	t.Helper()
	b.write(t, "/boot/loader/loader.conf", "default now.conf\n")
	b.write(t, "/boot/loader/entries/now.conf", "options init="+string(system)+"/init\n")
}

func (b *box) take(e event.Event) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.events = append(b.events, e)
}

// note adds to the calls that the program notes.
func (b *box) note(t *testing.T, line string) {
	t.Helper()
	calls, err := os.ReadFile(b.path("/calls"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	b.write(t, "/calls", string(calls)+line+"\n")
}

const listUnits = "systemctl list-units --state=failed --output=json --no-pager"

// wantCalls compares what was run since the last time.
func (b *box) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	data, _ := os.ReadFile(b.path("/calls"))
	os.Remove(b.path("/calls"))
	var got []string
	for line := range strings.Lines(string(data)) {
		got = append(got, strings.TrimSpace(line))
	}
	if !slices.Equal(got, want) {
		t.Errorf("ran %q, want %q", got, want)
	}
}

// wantRuns compares the running system.
func (b *box) wantRuns(t *testing.T, want machine.StorePath) {
	t.Helper()
	if got, err := b.Running(); err != nil || got != want {
		t.Errorf("runs %s, %v; want %s", got, err, want)
	}
}

// profile is a system profile in memory, which notes its calls beside those of the program.
type profile struct {
	box  *box
	t    *testing.T
	now  machine.Generation
	all  []machine.Generation
	fail error // of Current and Set
	stay error // of Switch
}

func (p *profile) Current() (machine.Generation, error) { return p.now, p.fail }

func (p *profile) Generations() ([]machine.Generation, error) { return p.all, p.fail }

func (p *profile) Set(_ context.Context, system machine.StorePath) error {
	p.box.note(p.t, "profile set "+system.Name())
	if p.fail == nil && p.now.System != system {
		p.now = machine.Generation{Number: p.now.Number + 1, System: system}
		p.all = append(p.all, p.now)
	}
	return p.fail
}

func (p *profile) Switch(_ context.Context, number int) error {
	p.box.note(p.t, fmt.Sprint("profile switch ", number))
	if p.stay == nil {
		p.now = machine.Generation{Number: number, System: oldSystem}
	}
	return p.stay
}

func (p *profile) Delete(_ context.Context, number int) error {
	p.box.note(p.t, fmt.Sprint("profile delete ", number))
	p.all = slices.DeleteFunc(p.all, func(g machine.Generation) bool { return g.Number == number })
	return nil
}

func (b *box) remove(t *testing.T, abs string) {
	t.Helper()
	if err := os.Remove(b.path(abs)); err != nil {
		t.Fatal(err)
	}
}
