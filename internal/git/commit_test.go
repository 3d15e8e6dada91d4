package git

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

func (w work) holds(commit string, want map[string]string) {
	w.t.Helper()
	if got := w.files(commit); !maps.Equal(got, want) {
		w.t.Errorf("%s holds %q\nwant %q", commit, got, want)
	}
}

// TestCommitFresh: no identity, no commit, and no index.
func TestCommitFresh(t *testing.T) {
	t.Parallel()
	w := repository(t)
	var programs []event.Event
	w.Sink = func(e event.Event) { programs = append(programs, e) }
	w.write("hosts/orion/host.toml", "x")
	w.write("other", "x")
	c := w.commit("hosts")
	w.holds(c.ID, map[string]string{"hosts/orion/host.toml": "x"})
	got := w.git("log", "--format=%an <%ae> %cn <%ce> %s")
	if want := "nqd <nqd@localhost> nqd <nqd@localhost> message"; got != want {
		t.Errorf("log %q, want %q", got, want)
	}
	w.same("status", w.status(), "?? other")
	if got := w.git("reflog", "--format=%gs"); got != "nqd: message" {
		t.Errorf("reflog %q", got)
	}
	if len(programs) == 0 {
		t.Error("no event about the programs that ran")
	}
}

// TestCommitIdentity: nqd's own stands in for what the user did not say, and only that.
func TestCommitIdentity(t *testing.T) {
	t.Parallel()
	for want, settings := range map[string][]string{
		"Ada <ada@example.org>": {"user.name=Ada", "user.email=ada@example.org"},
		"nqd <ada@example.org>": {"user.email=ada@example.org"},
		"Ada <nqd@localhost>":   {"user.name=Ada", "user.email="},
		"nqd <nqd@localhost>":   {"user.useConfigOnly=true"},
	} {
		w := repository(t)
		for _, setting := range settings {
			key, value, _ := strings.Cut(setting, "=")
			w.git("config", key, value)
		}
		w.write("x", "x")
		w.commit("x")
		if got := w.git("log", "--format=%an <%ae>%n%cn <%ce>"); got != want+"\n"+want {
			t.Errorf("%q: %q, want %q", settings, got, want)
		}
	}
}

// TestCommitBesideTheUser: what the user staged and edited stays so, both versions of a file too.
func TestCommitBesideTheUser(t *testing.T) {
	t.Parallel()
	w := users(t)
	for _, name := range []string{"half", "dropped", "edited", "deleted", "ours"} {
		w.write(name, "one")
	}
	w.git("add", ".")
	w.git("commit", "-q", "-m", "more")

	w.write("half", "staged")
	w.write("new", "staged")
	w.git("add", "half", "new")
	w.write("half", "unstaged")
	w.write("new", "unstaged")
	w.git("rm", "-q", "--cached", "dropped")
	w.write("edited", "unstaged")
	w.remove("deleted")
	w.write("untracked", "x")
	w.git("add", "-N", "untracked")
	before := w.status()
	parent := w.git("rev-parse", "HEAD")

	w.write("ours", "two")
	w.write("dir/ours too", "x")
	c := w.commit("ours", "dir")
	w.holds(c.ID, map[string]string{"tracked": "one", "half": "one", "dropped": "one", "edited": "one", "deleted": "one",
		"ours": "two", "dir/ours too": "x"})
	w.same("status", w.status(), before...)
	for name, want := range map[string]string{"half": "staged", "new": "staged", "ours": "two", "edited": "one"} {
		if got := w.git("show", ":"+name); got != want {
			t.Errorf("staged of %s: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"half": "unstaged", "new": "unstaged", "edited": "unstaged", "dropped": "one"} {
		if got, err := os.ReadFile(filepath.Join(w.Dir, name)); err != nil || string(got) != want {
			t.Errorf("%s is %q (%v), want %q", name, got, err, want)
		}
	}
	if got := w.git("rev-parse", "HEAD^"); got != parent {
		t.Errorf("parent %s, want %s", got, parent)
	}
}

// TestCommitStagedByTheUser: of a file that nqd commits the user may have staged another
// version. The commit has what is on the disk; what was staged stays staged.
func TestCommitStagedByTheUser(t *testing.T) {
	t.Parallel()
	w := users(t)
	w.write("tracked", "staged")
	w.write("fresh", "staged")
	w.git("add", ".")
	w.write("tracked", "disk")
	w.write("fresh", "disk")
	c := w.commit("tracked", "fresh")
	w.holds(c.ID, map[string]string{"tracked": "disk", "fresh": "disk"})
	for _, name := range []string{"tracked", "fresh"} {
		if got := w.git("show", ":"+name); got != "staged" {
			t.Errorf("staged of %s: %q", name, got)
		}
	}
}

// TestCommitStagedUnborn is the same where nothing was committed yet.
func TestCommitStagedUnborn(t *testing.T) {
	t.Parallel()
	w := repository(t)
	w.write("hers", "staged")
	w.write("both", "staged")
	w.git("add", ".")
	w.write("both", "disk")
	w.write("ours", "x")
	c := w.commit("ours", "both")
	w.holds(c.ID, map[string]string{"ours": "x", "both": "disk"})
	w.same("status", w.status(), "MM both", "A  hers")
	if got := w.git("show", ":both"); got != "staged" {
		t.Errorf("staged %q", got)
	}
}

// TestCommitNothing: the same commit, and no new one, however the files are touched.
func TestCommitNothing(t *testing.T) {
	t.Parallel()
	w := users(t)
	w.write("dir/x", "x")
	first := w.commit("dir", "tracked")
	w.write("dir/x", "y")
	w.write("dir/x", "x")
	w.write("staged", "x")
	w.git("add", "staged")
	for _, paths := range [][]string{{"dir", "tracked"}, {"none"}, nil} {
		if again := w.commit(paths...); again != first {
			t.Errorf("%q: %v, want %v", paths, again, first)
		}
	}
}

func TestCommitRemoved(t *testing.T) {
	t.Parallel()
	w := users(t)
	for _, name := range []string{"file", "dir/a", "dir/sub/b", "part/kept", "part/gone", "becomes/file", "becomes.x", "link", "other"} {
		w.write(name, "one")
	}
	w.commit("file", "dir", "part", "becomes", "becomes.x", "link", "other")
	for _, name := range []string{"file", "dir", "part/gone", "becomes", "becomes.x", "link", "other"} {
		w.remove(name)
	}
	w.write("becomes", "a file")
	w.write("becomes.x/directory", "x")
	if err := os.Symlink("part", filepath.Join(w.Dir, "link")); err != nil {
		t.Fatal(err)
	}
	c := w.commit("file", "dir", "part", "becomes", "becomes.x", "link", "never/was")
	w.holds(c.ID, map[string]string{"tracked": "one", "part/kept": "one", "becomes": "a file", "becomes.x/directory": "x",
		"link": "part", "other": "one"})
	w.same("status", w.status(), " D other")
	// A path whose directory is a file now is gone, too.
	w.remove("part")
	w.write("part", "a file")
	c = w.commit("part/kept", "part")
	w.holds(c.ID, map[string]string{"tracked": "one", "part": "a file", "becomes": "a file", "becomes.x/directory": "x",
		"link": "part", "other": "one"})
	w.same("status", w.status(), " D other")
}

// TestCommitUnreadable: what cannot be looked at is not taken for removed.
func TestCommitUnreadable(t *testing.T) {
	t.Parallel()
	w := users(t)
	w.write("dir/x", "x")
	first := w.commit("dir/x")
	w.remove("dir")
	if err := os.Symlink("dir", filepath.Join(w.Dir, "dir")); err != nil { // to itself
		t.Fatal(err)
	}
	if _, err := w.Commit(t.Context(), "message", "dir/x"); err == nil {
		t.Error("no error")
	}
	if got := w.git("rev-parse", "HEAD"); got != first.ID {
		t.Error("a commit was made")
	}
}

// TestCommitIgnored: a named file is committed whatever the user ignores, below a directory
// the rules count.
func TestCommitIgnored(t *testing.T) {
	t.Parallel()
	w := users(t)
	w.write(".gitignore", "*.lock\n*.log\n")
	w.write("flake.lock", "x")
	w.write("hosts/images.lock", "x")
	w.write("hosts/notes.log", "x")
	w.write("hosts/host.toml", "x")
	c := w.commit("flake.lock", "hosts", "hosts/images.lock")
	w.holds(c.ID, map[string]string{"tracked": "one", "flake.lock": "x", "hosts/images.lock": "x", "hosts/host.toml": "x"})
	w.same("status", w.status(), "?? .gitignore")
}

// TestCommitNames: a path is a name, not an option, a pattern or a quoted string.
func TestCommitNames(t *testing.T) {
	t.Parallel()
	names := []string{"a b", "-f", "--all", "line\nbreak", " ", "ü.nix", "日本", "\"q\"", `back\slash`, "a*", "[x]", ":(top)y", "!z", "#c", "tab\t", "$(id)", "\xff"}
	w := users(t)
	want := map[string]string{"tracked": "one"}
	for _, name := range names {
		w.write(name, "of "+name)
		want[name] = "of " + name
		w.write("in "+name+"/x", "below "+name)
		want["in "+name+"/x"] = "below " + name
	}
	w.write("ab", "like a*")
	w.write("x", "like [x]")
	paths := slices.Clone(names)
	for _, name := range names {
		paths = append(paths, "in "+name)
	}
	c := w.commit(paths...)
	w.holds(c.ID, want)
	w.same("status", w.status(), "?? ab", "?? x")
	for _, name := range names {
		w.remove(name)
		w.remove("in " + name)
	}
	c = w.commit(paths...)
	w.holds(c.ID, map[string]string{"tracked": "one"})
	w.same("status after removing", w.status(), "?? ab", "?? x")
}

// TestCommitMessage: a message is text, as well.
func TestCommitMessage(t *testing.T) {
	t.Parallel()
	for _, message := range []string{"-F/etc/passwd", "--help", "nqd: deploy \"ü\"\n\nbody $(id)"} {
		w := repository(t)
		w.write("x", "x")
		if _, err := w.Commit(t.Context(), message, "x"); err != nil {
			t.Errorf("%q: %v", message, err)
			continue
		}
		if got := w.git("log", "--format=%B"); got != message {
			t.Errorf("got %q, want %q", got, message)
		}
	}
}

// TestCommitHooks: the user's hooks are the user's, wherever they are, and signing needs a
// person at a keyboard.
func TestCommitHooks(t *testing.T) {
	t.Parallel()
	for _, elsewhere := range []bool{false, true} {
		w := users(t)
		hooks := filepath.Join(w.Dir, ".git", "hooks")
		if elsewhere {
			hooks = t.TempDir()
			w.git("config", "core.hooksPath", hooks)
		}
		ran := filepath.Join(t.TempDir(), "ran")
		for _, hook := range strings.Fields("pre-commit prepare-commit-msg commit-msg post-commit reference-transaction post-index-change post-checkout pre-auto-gc") {
			script := "#!/bin/sh\necho " + hook + " >>'" + ran + "'\nexit 1\n"
			if err := errors.Join(os.MkdirAll(hooks, 0o755), os.WriteFile(filepath.Join(hooks, hook), []byte(script), 0o755)); err != nil {
				t.Fatal(err)
			}
		}
		w.git("config", "commit.gpgsign", "true")
		w.git("config", "gpg.program", "false")
		w.write("tracked", "two")
		c := w.commit("tracked")
		if err := w.Ref(t.Context(), "refs/nqd/deployments/1", c); err != nil {
			t.Error(err)
		}
		if err := w.Export(t.Context(), c, t.TempDir()); err != nil {
			t.Error(err)
		}
		if got := w.git("log", "-1", "--format=%G?"); got != "N" {
			t.Errorf("signature %q", got)
		}
		if text, err := os.ReadFile(ran); err == nil {
			t.Errorf("hooks ran: %s", text)
		}
	}
}

// TestCommitDetached: on no branch HEAD alone moves.
func TestCommitDetached(t *testing.T) {
	t.Parallel()
	w := users(t)
	main := w.git("rev-parse", "main")
	w.git("checkout", "-q", "--detach")
	w.write("tracked", "two")
	w.commit("tracked")
	if got := w.git("rev-parse", "main"); got != main {
		t.Errorf("main moved to %s", got)
	}
	if got := w.git("rev-parse", "HEAD^"); got != main {
		t.Errorf("parent %s, want %s", got, main)
	}
}

// TestCommitBranchMoved: the user committed after we read the branch, and keeps that commit.
func TestCommitBranchMoved(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]work{"born": users(t), "unborn": repository(t)} {
		head, err := w.Head(t.Context())
		if err != nil && !errors.Is(err, ErrNoCommit) {
			t.Fatal(err)
		}
		w.git("-c", "user.name=Ada", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "meanwhile")
		hers := w.git("rev-parse", "HEAD")
		tree := w.git("mktree") // an empty one, from no input
		_, err = w.commitTree(t.Context(), tree, head, "ours")
		if err == nil || !strings.HasPrefix(err.Error(), "moving the branch: git: ") {
			t.Errorf("%s: error %v", name, err)
		}
		if got := w.git("rev-parse", "HEAD"); got != hers {
			t.Errorf("%s: her commit %s was replaced by %s", name, hers, got)
		}
	}
}

// TestCommitWithoutRepository says what it was doing.
func TestCommitWithoutRepository(t *testing.T) {
	t.Parallel()
	w := empty(t)
	w.write("x", "x")
	if _, err := w.Commit(t.Context(), "message", "x"); err == nil || !strings.HasPrefix(err.Error(), "adding files: git: fatal: not a git repository") {
		t.Errorf("error %v", err)
	}
}

// TestCommitLeavesNothing: no index of ours stays behind. It is alone, for TMPDIR's sake.
func TestCommitLeavesNothing(t *testing.T) {
	w := users(t)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	w.write("tracked", "two")
	c := w.commit("tracked")
	w.commit("tracked")
	if err := w.Export(t.Context(), c, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
