package step

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// space is a workspace with two commits, of which the first is returned to, and edits of the user's.
type space struct {
	dir    string
	action *Workspace
}

func newSpace(t *testing.T) space {
	t.Helper()
	root := t.TempDir()
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	s := space{dir: m.Path("/home/ada/space")}
	repository := &git.Repository{Machine: m, Dir: s.dir, Sink: func(event.Event) {}}
	s.write(t, "hosts/orion/host.toml", "old\n")
	s.write(t, "hosts/orion/dropped.nix", "{ }\n")
	s.write(t, "notes.txt", "mine\n")
	if err := repository.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	paths := []string{"hosts"}
	target, err := repository.Commit(t.Context(), "old", paths...)
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "hosts/orion/host.toml", "new\n")
	s.write(t, "hosts/orion/added.nix", "{ }\n")
	if err := os.Remove(filepath.Join(s.dir, "hosts/orion/dropped.nix")); err != nil {
		t.Fatal(err)
	}
	head, err := repository.Commit(t.Context(), "new", paths...)
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "hosts/orion/host.toml", "edited\n")
	if err := os.Remove(filepath.Join(s.dir, "hosts/orion/added.nix")); err != nil {
		t.Fatal(err)
	}
	backups := &backup.Store{Dir: filepath.Join(root, "backups"), Root: root}
	edit := "/home/ada/space/hosts/orion/host.toml"
	made, err := backups.Create(t.Context(), backup.Reason{Text: "test"}, []string{edit})
	if err != nil {
		t.Fatal(err)
	}
	s.action = &Workspace{
		Git: repository, Backups: backups, Target: target, Before: head, Paths: paths, Of: 1,
		Edits: []string{edit}, Gone: []string{"hosts/orion/added.nix"}, Backup: made.ID,
	}
	return s
}

func (s space) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// wants compares the files below hosts and notes.txt with text, one "name: content" a line.
func (s space) wants(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, name := range []string{"hosts/orion/added.nix", "hosts/orion/dropped.nix", "hosts/orion/host.toml", "notes.txt"} {
		if data, err := os.ReadFile(filepath.Join(s.dir, name)); err == nil {
			got = append(got, filepath.Base(name)+": "+strings.TrimSpace(string(data)))
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// tree is that of the commit that is checked out, as git says.
func (s space) tree(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("git", "-C", s.dir, "rev-parse", "HEAD^{tree}").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// A rollback has the old tree as a new commit; taken back, the workspace is what it was, edits that were not committed too.
func TestWorkspace(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	for range 2 { // it may be done again
		if err := s.action.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.wants(t, "dropped.nix: { }", "host.toml: old", "notes.txt: mine")
		if s.tree(t) != s.action.Target.Tree {
			t.Errorf("the tree is %s, want %s", s.tree(t), s.action.Target.Tree)
		}
	}
	for range 2 {
		if err := s.action.Undo(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.wants(t, "host.toml: edited", "notes.txt: mine")
		if s.tree(t) != s.action.Before.Tree {
			t.Errorf("the tree is %s, want %s", s.tree(t), s.action.Before.Tree)
		}
	}
}

// edit writes over what the workspace has, and says what a backup of it has to hold then.
func (s space) edit(t *testing.T, text string) (kept func(when string)) {
	t.Helper()
	s.write(t, "hosts/orion/host.toml", text+"\n")
	s.write(t, "hosts/orion/fresh.nix", text+"\n")
	before := len(s.ofEdits(t))
	return func(when string) {
		t.Helper()
		all := s.ofEdits(t)
		if len(all) != before+1 {
			t.Fatalf("%s: %d backups, were %d", when, len(all), before)
		}
		made := slices.MaxFunc(all, func(a, b backup.Manifest) int { return cmp.Compare(a.ID, b.ID) })
		for _, name := range []string{"hosts/orion/host.toml", "hosts/orion/fresh.nix"} {
			file := filepath.Join(s.dir, name)
			if err := os.RemoveAll(file); err != nil {
				t.Fatal(err)
			}
			abs, _ := s.action.Git.Machine.Within(file)
			if _, err := s.action.Backups.Restore(t.Context(), made.ID, []string{abs}, false); err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			if data, err := os.ReadFile(file); err != nil || string(data) != text+"\n" {
				t.Errorf("%s: the backup has %q of %s, %v", when, data, name, err)
			}
		}
	}
}

// ofEdits are the backups of what was edited meanwhile.
func (s space) ofEdits(t *testing.T) []backup.Manifest {
	t.Helper()
	all, err := s.action.Backups.List()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(one backup.Manifest) bool {
		return !strings.HasPrefix(one.Reason.Text, "edits of the workspace during")
	})
}

// What the user edits after the deployment began, while a check waits or after it was cut off, is not lost either way.
func TestWorkspaceEditedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	kept := s.edit(t, "edited while it waits")
	if err := s.action.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wants(t, "dropped.nix: { }", "host.toml: old", "notes.txt: mine")
	kept("done")
	kept = s.edit(t, "edited after it")
	if err := s.action.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wants(t, "host.toml: edited", "notes.txt: mine")
	kept("undone")
}

// Cut off between the commit and the files, there is nothing of the user's but what the first backup has.
func TestWorkspaceKeepsOnce(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	if err := s.action.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.write(t, "hosts/orion/host.toml", "new\n") // as the commit before has it
	for _, again := range []func(context.Context) error{s.action.Do, s.action.Undo, s.action.Undo, s.action.Do} {
		if err := again(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if all := s.ofEdits(t); len(all) != 0 {
		t.Errorf("%d backups", len(all))
	}
}

// The workspace is the one that the deployment was about.
func TestOpenWorkspace(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	s.action.Dir = "/home/ada/space"
	tools := Tools{Machine: s.action.Git.Machine, Git: &git.Repository{Dir: "/elsewhere"}, Sink: func(event.Event) {}}
	opened, err := tools.open(planned(t, []engine.Action{s.action})[0])
	if err != nil {
		t.Fatal(err)
	}
	if dir := opened.(*Workspace).Git.Dir; dir != s.dir {
		t.Errorf("is about %s, want %s", dir, s.dir)
	}
}

// What a rollback has to know of a workspace: where it is, what it was, and what of it is kept.
func TestWorkspaceBack(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	var told []event.Event
	tools := Tools{
		Machine: s.action.Git.Machine, Git: s.action.Git, Backups: s.action.Backups, Sink: func(e event.Event) { told = append(told, e) },
	}
	back := func(commit string) (*Workspace, error) {
		action, err := tools.WorkspaceBack(t.Context(), deployment.Header{Of: 1, Commit: commit}, 7, []string{"hosts"})
		workspace, _ := action.(*Workspace)
		return workspace, err
	}
	got, err := back(s.action.Target.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Dir != "/home/ada/space" || got.Target != s.action.Target || got.Before != s.action.Before || got.Of != 1 || got.Backup == 0 || len(told) != 1 {
		t.Errorf("got %+v, told %v", got, told)
	}
	if !slices.Equal(got.Edits, s.action.Edits) || !slices.Equal(got.Gone, s.action.Gone) {
		t.Errorf("edits %q, gone %q", got.Edits, got.Gone)
	}
	var gone *goneError
	if _, err := back(strings.Repeat("0", 40)); !errors.As(err, &gone) || !strings.Contains(gone.Hint(), "--keep-workspace") {
		t.Errorf("a commit that is gone: %v", err)
	}
	elsewhere, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tools.Machine = elsewhere
	var outside *outsideError
	if _, err := back(s.action.Target.ID); !errors.As(err, &outside) || outside.Hint() == "" {
		t.Errorf("edits outside of the machine: %v", err)
	}
	for _, file := range []string{"host.toml", "added.nix"} {
		s.write(t, "hosts/orion/"+file, map[string]string{"host.toml": "new\n", "added.nix": "{ }\n"}[file])
	}
	if got, err := back(s.action.Target.ID); err != nil || got.Dir != "" || got.Backup != 0 {
		t.Errorf("a workspace outside of the machine: %+v, %v", got, err)
	}
}

// Nothing was done: nothing is taken back.
func TestWorkspaceUndoAtOnce(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	if err := s.action.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.wants(t, "host.toml: edited", "notes.txt: mine")
}
