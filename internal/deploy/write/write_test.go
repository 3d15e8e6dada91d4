package write

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// desk is a writer of a workspace whose inputs are locked: there is no nix.
type desk struct {
	*Writer
	told []event.Event
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d, dir := &desk{}, t.TempDir()
	d.Writer = &Writer{
		Workspace: workspace.Workspace{Dir: dir},
		Git:       &git.Repository{Machine: machine.Local(), Dir: dir, Sink: func(event.Event) {}},
		Sink:      func(e event.Event) { d.told = append(d.told, e) },
	}
	d.write(t, "flake.nix", "{ }\n")
	d.write(t, "flake.lock", "{}\n")
	d.write(t, "hosts/orion/host.toml", "version = 1\n")
	return d
}

func (d *desk) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(d.Workspace.Dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// git is what git says, past our code.
func (d *desk) git(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", d.Workspace.Dir, "-c", "user.name=Ada", "-c", "user.email=ada@example.org"}, args...)...).Output()
	if err != nil {
		t.Fatalf("git %q: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

func (d *desk) stations() (entered []event.Station) {
	for _, e := range d.told {
		if began, is := e.(event.StationStarted); is {
			entered = append(entered, began.Station)
		}
	}
	return entered
}

// The first write commits the library and what is the user's part; with nothing to write, nothing is told or made.
func TestWrite(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, "notes.txt", "mine\n")
	made, err := d.Write(t.Context(), "orion")
	if err != nil {
		t.Fatal(err)
	}
	if head := d.git(t, "rev-parse", "HEAD"); head != made.ID || d.git(t, "log", "-1", "--format=%s") != "nqd: deploy orion" {
		t.Errorf("made %s, git has %s", made.ID, head)
	}
	files := strings.Split(d.git(t, "ls-tree", "-r", "--name-only", "HEAD"), "\n")
	for _, want := range []string{"flake.nix", "flake.lock", "hosts/orion/host.toml", "nixlib/manifest.nix"} {
		if !slices.Contains(files, want) {
			t.Errorf("%s is not committed", want)
		}
	}
	if slices.Contains(files, "notes.txt") {
		t.Error("notes.txt is committed")
	}
	if !slices.Equal(d.stations(), []event.Station{event.Write}) {
		t.Errorf("told %v", d.told)
	}
	d.git(t, "add", "notes.txt")
	d.git(t, "commit", "--quiet", "-m", "hers")
	d.told = nil
	again, err := d.Write(t.Context(), "orion")
	if err != nil || again.ID != d.git(t, "rev-parse", "HEAD") || len(d.told) != 0 {
		t.Errorf("again: %s, %v, told %v", again.ID, err, d.told)
	}
}

// What is not part of the deployment is named, and stays as it is; what is, is committed.
func TestWriteBesideEdits(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.write(t, "notes.txt", "mine\n")
	if _, err := d.Write(t.Context(), "orion"); err != nil {
		t.Fatal(err)
	}
	d.told = nil
	d.write(t, "hosts/orion/local.nix", "{ }\n")
	if _, err := d.Write(t.Context(), "orion"); err != nil {
		t.Fatal(err)
	}
	var warned []string
	for _, e := range d.told {
		if note, is := e.(event.Note); is && note.Warning {
			warned = append(warned, note.Text)
		}
	}
	if len(warned) != 1 || !strings.HasPrefix(warned[0], "notes.txt: has uncommitted changes") {
		t.Errorf("warned of %q", warned)
	}
	if left := d.git(t, "status", "--porcelain"); left != "?? notes.txt" {
		t.Errorf("git status: %q", left)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	paths := []string{"flake.nix", "hosts"}
	for file, want := range map[string]bool{"flake.nix": true, "hosts/a": true, "hosts": true, "hosts-2/a": false, "flake.nix.old": false, "a/hosts/b": false} {
		if within(file, paths) != want {
			t.Errorf("%s: within %t, want %t", file, !want, want)
		}
	}
}

// Before is asked where there is something to write, and its no leaves everything as it is.
func TestWriteBefore(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	asked := 0
	no := errors.New("no")
	d.Before = func() error { asked++; return no }
	if _, err := d.Write(t.Context(), "orion"); !errors.Is(err, no) || asked != 1 {
		t.Errorf("%v, asked %d times", err, asked)
	}
	var there []string
	for _, name := range []string{"nixlib", ".git"} {
		if _, err := os.Lstat(filepath.Join(d.Workspace.Dir, name)); err == nil {
			there = append(there, name)
		}
	}
	if there != nil || len(d.stations()) > 0 {
		t.Errorf("written: %q, %q", there, d.stations())
	}
	d.Before = func() error { asked++; return nil }
	if _, err := d.Write(t.Context(), "orion"); err != nil || asked != 2 {
		t.Fatalf("%v, asked %d times", err, asked)
	}
	if _, err := d.Write(t.Context(), "orion"); err != nil || asked != 2 {
		t.Errorf("with nothing to write: %v, asked %d times", err, asked)
	}
}
