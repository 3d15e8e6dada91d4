package git

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// two is a repository of its user's with two commits of nqd's paths, hosts and flake.nix, and the first of them.
func two(t *testing.T) (work, Commit) {
	t.Helper()
	w := users(t)
	w.write("hosts/a/host.toml", "first")
	w.write("hosts/a/gone later", "first")
	w.write("hosts/same", "same")
	w.write("flake.nix", "first")
	w.write("run", "#!")
	w.must(errors.Join(os.Chmod(filepath.Join(w.Dir, "run"), 0o755), os.Symlink("flake.nix", filepath.Join(w.Dir, "hosts/link"))))
	first := w.commit("hosts", "flake.nix", "run")
	w.write("hosts/a/host.toml", "second")
	w.write("hosts/b/new", "second")
	w.write("flake.nix", "second")
	w.remove("hosts/a/gone later")
	w.remove("hosts/link")
	w.write("hosts/link", "a file now")
	w.must(os.Chmod(filepath.Join(w.Dir, "run"), 0o644))
	w.commit("hosts", "flake.nix", "run")
	return w, first
}

var managed = []string{"hosts", "flake.nix", "run"}

// restore has to go well, and leaves what was asked for in the commit and in the work tree.
func (w work) restore(target Commit, paths ...string) Commit {
	w.t.Helper()
	made, err := w.Restore(w.t.Context(), target, paths, "back to the first")
	w.must(err)
	if head := w.git("rev-parse", "HEAD", "HEAD^{tree}"); head != made.ID+"\n"+made.Tree {
		w.t.Errorf("HEAD is %q, want %q", head, made)
	}
	return made
}

// disk is the work tree: names, modes, and contents or targets.
func (w work) disk() map[string]string {
	w.t.Helper()
	files := map[string]string{}
	w.must(filepath.WalkDir(w.Dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == ".git" {
			return fs.SkipDir
		}
		name, _ := filepath.Rel(w.Dir, path)
		info, err := entry.Info()
		switch {
		case err != nil || entry.IsDir():
			return err
		case info.Mode().Type() == fs.ModeSymlink:
			files[name], err = os.Readlink(path)
			files[name] = "-> " + files[name]
		default:
			var text []byte
			text, err = os.ReadFile(path)
			files[name] = string(text)
			if info.Mode()&0o100 != 0 {
				files[name] += " executable"
			}
		}
		return err
	}))
	return files
}

func (w work) wantDisk(want map[string]string) {
	w.t.Helper()
	if got := w.disk(); !maps.Equal(got, want) {
		w.t.Errorf("the work tree has %q\nwant %q", got, want)
	}
}

// asFirst is the work tree of two at its first commit.
func asFirst(more ...string) map[string]string {
	files := map[string]string{"tracked": "one", "hosts/a/host.toml": "first", "hosts/a/gone later": "first", "hosts/same": "same",
		"hosts/link": "-> flake.nix", "flake.nix": "first", "run": "#! executable"}
	for i := 0; i < len(more); i += 2 {
		files[more[i]] = more[i+1]
	}
	return files
}

func TestRestore(t *testing.T) {
	t.Parallel()
	w, first := two(t)
	second := w.git("rev-parse", "HEAD")
	same, err := os.Stat(filepath.Join(w.Dir, "hosts/same"))
	w.must(err)
	made := w.restore(first, managed...)
	if made.Tree != first.Tree || made.ID == first.ID {
		t.Errorf("made %v, want a new commit with the tree of %v", made, first)
	}
	if got := w.git("log", "-1", "--format=%P %s", "HEAD"); got != second+" back to the first" {
		t.Errorf("the commit is %q", got)
	}
	w.wantDisk(asFirst())
	w.same("status", w.status())
	if now, err := os.Stat(filepath.Join(w.Dir, "hosts/same")); err != nil || !os.SameFile(now, same) || now.ModTime() != same.ModTime() {
		t.Error("a file that is the same was written again")
	}
	if again := w.restore(first, managed...); again != made {
		t.Errorf("once more made %v, want %v", again, made)
	}
	w.wantDisk(asFirst())
}

// Only the paths that were named, and of the whole rest nothing.
func TestRestorePart(t *testing.T) {
	t.Parallel()
	w, first := two(t)
	w.restore(first, "hosts/a", "none")
	want := asFirst("flake.nix", "second", "hosts/b/new", "second", "hosts/link", "a file now", "run", "#!")
	w.wantDisk(want)
	w.same("status", w.status())
	before := w.git("rev-parse", "HEAD")
	if made := w.restore(first); made.ID != before {
		t.Error("no paths, and a commit")
	}
	for _, path := range []string{"/etc", "../x", ""} {
		if _, err := w.Restore(t.Context(), first, []string{path}, "x"); err == nil {
			t.Errorf("%q was taken", path)
		}
	}
}

// What the user has under way elsewhere stays: staged, half staged, not staged, not tracked, ignored.
func TestRestoreBesideTheUser(t *testing.T) {
	t.Parallel()
	w, first := two(t)
	for _, name := range []string{"half", "edited", "deleted"} {
		w.write(name, "one")
	}
	w.write(".gitignore", "*.log\n")
	w.git("add", ".")
	w.git("commit", "-q", "-m", "hers")
	w.write("half", "staged")
	w.write("staged", "x")
	w.git("add", "half", "staged")
	w.write("half", "unstaged")
	w.write("edited", "unstaged")
	w.remove("deleted")
	w.write("untracked", "x")
	w.write("hosts/a/untracked", "x")
	w.write("hosts/a/x.log", "ignored")
	w.write("hosts/b/x.log", "ignored")
	w.write("hosts/a/host.toml", "edited, and backed up by who asks")
	w.git("-C", "hosts/a", "init", "-q", "repository")
	w.write("hosts/a/repository/file", "x")
	before := w.status()
	w.restore(first, managed...)
	w.wantDisk(asFirst(".gitignore", "*.log\n", "half", "unstaged", "staged", "x", "edited", "unstaged", "untracked", "x", "hosts/a/untracked", "x",
		"hosts/a/x.log", "ignored", "hosts/b/x.log", "ignored", "hosts/a/repository/file", "x"))
	var want []string
	for _, line := range before {
		if !strings.HasSuffix(line, "hosts/a/host.toml") {
			want = append(want, line)
		}
	}
	w.same("status", w.status(), want...)
	if got := w.git("show", ":half"); got != "staged" {
		t.Errorf("half is staged as %q", got)
	}
}

// Settings of the user's that would stop a git that commits.
func TestRestoreWithout(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(w work){
		"an identity": func(w work) { w.git("config", "--unset", "user.name"); w.git("config", "--unset", "user.email") },
		"a signature": func(w work) { w.git("config", "commit.gpgsign", "true"); w.git("config", "gpg.program", "/bin/false") },
		"hooks": func(w work) {
			for _, hook := range []string{"pre-commit", "commit-msg", "post-commit", "post-checkout", "reference-transaction", "post-index-change"} {
				w.write(".git/hooks/"+hook, "#!/bin/sh\necho ran >>"+w.Dir+"/hooked; exit 1\n")
				w.must(os.Chmod(filepath.Join(w.Dir, ".git/hooks", hook), 0o755))
			}
		},
		"a branch": func(w work) { w.git("checkout", "-q", "--detach") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, first := two(t)
			branch := w.git("rev-parse", "refs/heads/main")
			prepare(w)
			w.restore(first, managed...)
			w.wantDisk(asFirst())
			if now := w.git("rev-parse", "refs/heads/main"); name == "a branch" && now != branch {
				t.Error("a branch moved that is not checked out")
			}
		})
	}
}

// A lock of the user's index is told, and nothing is changed before; that of an index of nqd's own is somewhere else.
func TestRestoreLocked(t *testing.T) {
	t.Parallel()
	w, first := two(t)
	w.write(".git/index.lock", "")
	head, disk := w.git("rev-parse", "HEAD"), w.disk()
	_, err := w.Restore(t.Context(), first, managed, "x")
	var locked *LockedError
	if !errors.As(err, &locked) || !strings.Contains(locked.Hint(), filepath.Join(w.Dir, ".git/index.lock")) {
		t.Fatalf("error %v", err)
	}
	if now := w.git("rev-parse", "HEAD"); now != head {
		t.Error("a commit was made")
	}
	w.wantDisk(disk)
	w.remove(".git/index.lock")
	w.restore(first, managed...)
	w.wantDisk(asFirst())
}

// cutOff is a call that was killed behind the commit: of the work tree only some files followed.
func TestRestoreCutOff(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(w work, index string){
		"nothing followed": func(w work, index string) {
			w.write(".git/index", index)
			w.write("hosts/a/host.toml", "second")
			w.write("hosts/b/new", "second")
			w.remove("hosts/link")
			w.write("hosts/link", "a file now")
		},
		"without the removal": func(w work, _ string) { w.write("hosts/b/new", "second") },
		"half a file":         func(w work, index string) { w.write(".git/index", index); w.write("flake.nix", "fi") },
		"without the index":   func(w work, index string) { w.write(".git/index", index) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, first := two(t)
			index := w.index()
			made := w.restore(first, managed...)
			damage(w, index)
			if again := w.restore(first, managed...); again != made {
				t.Errorf("made %v, want %v", again, made)
			}
			w.wantDisk(asFirst())
			w.same("status", w.status())
		})
	}
}

// The user commits while nqd does: her commit stays, and nqd's is not made.
func TestRestoreBranchMoved(t *testing.T) {
	t.Parallel()
	w, first := two(t)
	head, err := w.Head(t.Context())
	w.must(err)
	w.write("tracked", "hers")
	w.git("commit", "-q", "-a", "-m", "hers")
	hers := w.git("rev-parse", "HEAD")
	if _, err := w.commitTree(t.Context(), first.Tree, head, "x"); err == nil {
		t.Error("a commit beside hers")
	}
	if now := w.git("rev-parse", "HEAD"); now != hers {
		t.Error("her commit is gone")
	}
	w.restore(first, managed...)
	w.wantDisk(asFirst("tracked", "hers"))
	w.same("status", w.status())
}

// What git does not know is never run over.
func TestRestoreInTheWay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act  func(w work)
		want string
	}{
		"a directory for a file": {func(w work) { w.remove("flake.nix"); w.write("flake.nix/mine", "x") }, "flake.nix/mine"},
		"a link for a directory": {func(w work) {
			w.remove("hosts/a")
			w.must(os.Symlink("/tmp", filepath.Join(w.Dir, "hosts/a")))
			w.write(".gitignore", "a\n")
		}, "hosts/a"},
		"an ignored file": {func(w work) { w.write(".gitignore", "gone*\n"); w.write("hosts/a/gone later", "mine") }, "hosts/a/gone later"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, first := two(t)
			c.act(w)
			head, disk := w.git("rev-parse", "HEAD"), w.disk()
			_, err := w.Restore(t.Context(), first, managed, "x")
			var way *InTheWayError
			if !errors.As(err, &way) || way.Path != c.want {
				t.Errorf("error %v, want %s in the way", err, c.want)
			}
			if now := w.git("rev-parse", "HEAD"); now != head {
				t.Error("a commit was made")
			}
			w.wantDisk(disk)
		})
	}
}

// A repository within this one, which the commit names, is left alone, whether it is to come or to go.
func TestRestoreSubmodule(t *testing.T) {
	t.Parallel()
	w, first := two(t)
	w.git("-C", "hosts", "init", "-q", "inner")
	w.git("-C", "hosts/inner", "-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "--allow-empty", "-m", "x")
	w.write("hosts/inner/file", "x")
	w.git("-c", "advice.addEmbeddedRepo=false", "add", "hosts/inner")
	w.git("commit", "-q", "-m", "inner")
	with, err := w.Head(t.Context())
	w.must(err)
	w.restore(first, managed...)
	w.wantDisk(asFirst("hosts/inner/file", "x"))
	w.restore(with, managed...)
	if got := w.git("ls-tree", "HEAD", "hosts/inner"); !strings.HasPrefix(got, submodule) {
		t.Errorf("the commit has %q", got)
	}
	if got := w.disk()["hosts/inner/file"]; got != "x" {
		t.Errorf("its file is %q", got)
	}
}

func TestRestoreErrors(t *testing.T) {
	t.Parallel()
	w, first := two(t)
	if _, err := w.Restore(t.Context(), Commit{ID: strings.Repeat("1", 40)}, managed, "x"); err == nil {
		t.Error("a commit that is not there was restored")
	}
	fresh := repository(t)
	if _, err := fresh.Restore(t.Context(), first, managed, "x"); !errors.Is(err, ErrNoCommit) {
		t.Errorf("without a commit: %v", err)
	}
}

// A directory that the user moved away and put a link to in its place: what is behind the link is not git's.
func TestRestoreBehindLink(t *testing.T) {
	t.Parallel()
	w, first := two(t)
	elsewhere := t.TempDir()
	w.must(os.WriteFile(filepath.Join(elsewhere, "new"), []byte("hers"), 0o600))
	w.remove("hosts/b")
	w.must(os.Symlink(elsewhere, filepath.Join(w.Dir, "hosts/b")))
	w.restore(first, managed...)
	if text, err := os.ReadFile(filepath.Join(elsewhere, "new")); err != nil || string(text) != "hers" {
		t.Errorf("behind the link is %q, %v", text, err)
	}
	w.wantDisk(asFirst("hosts/b", "-> "+elsewhere))
}
