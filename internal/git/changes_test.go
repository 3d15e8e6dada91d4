package git

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// changes has to go well, and names each file once.
func (w work) changes(paths ...string) map[string]Kind {
	w.t.Helper()
	list, err := w.Changes(w.t.Context(), paths...)
	if err != nil {
		w.t.Fatal(err)
	}
	kinds := map[string]Kind{}
	for i, c := range list {
		kinds[c.Path] = c.Kind
		if i > 0 && list[i-1].Path >= c.Path {
			w.t.Errorf("not in order: %q", list)
		}
	}
	return kinds
}

func TestChanges(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act  func(w work)
		want map[string]Kind
	}{
		"nothing":             {func(work) {}, nil},
		"new":                 {func(w work) { w.write("new", "x") }, map[string]Kind{"new": New}},
		"new, staged":         {func(w work) { w.write("new", "x"); w.git("add", ".") }, map[string]Kind{"new": New}},
		"new, staged, edited": {func(w work) { w.write("new", "x"); w.git("add", "."); w.write("new", "y") }, map[string]Kind{"new": New}},
		"announced":           {func(w work) { w.write("new", "x"); w.git("add", "-N", ".") }, map[string]Kind{"new": New}},
		"announced and gone":  {func(w work) { w.write("new", "x"); w.git("add", "-N", "."); w.remove("new") }, nil},
		"staged and gone":     {func(w work) { w.write("new", "x"); w.git("add", "."); w.remove("new") }, nil},
		"edited":              {func(w work) { w.write("tracked", "two") }, map[string]Kind{"tracked": Edited}},
		"edited, staged":      {func(w work) { w.write("tracked", "two"); w.git("add", ".") }, map[string]Kind{"tracked": Edited}},
		"edited, staged, gone": {func(w work) { w.write("tracked", "two"); w.git("add", "."); w.remove("tracked") },
			map[string]Kind{"tracked": Removed}},
		"executable": {func(w work) { w.must(os.Chmod(filepath.Join(w.Dir, "tracked"), 0o755)) }, map[string]Kind{"tracked": Edited}},
		"a link now": {func(w work) { w.remove("tracked"); w.must(os.Symlink("none", filepath.Join(w.Dir, "tracked"))) },
			map[string]Kind{"tracked": Edited}},
		"removed":         {func(w work) { w.remove("tracked") }, map[string]Kind{"tracked": Removed}},
		"removed, staged": {func(w work) { w.git("rm", "-q", "tracked") }, map[string]Kind{"tracked": Removed}},
		"untracked now":   {func(w work) { w.git("rm", "-q", "--cached", "tracked") }, map[string]Kind{"tracked": Edited}},
		"renamed":         {func(w work) { w.git("mv", "tracked", "renamed") }, map[string]Kind{"tracked": Removed, "renamed": New}},
		"a directory now": {func(w work) { w.remove("tracked"); w.write("tracked/file", "x") },
			map[string]Kind{"tracked": Removed, "tracked/file": New}},
		"a file now": {func(w work) { w.remove("dir"); w.write("dir", "x") }, map[string]Kind{"dir/file": Removed, "dir": New}},
		"hidden":     {func(w work) { w.write(".gitignore", "*.log\n"); w.write("a.log", "x") }, map[string]Kind{".gitignore": New}},
		"odd names": {func(w work) {
			for _, name := range []string{"a b", "a\nb\n", "ü", "\"q\"", "-f", ":(top)x", "a\\b", " -> ", "\xff"} {
				w.write(name, "x")
			}
		}, map[string]Kind{"a b": New, "a\nb\n": New, "ü": New, "\"q\"": New, "-f": New, ":(top)x": New, "a\\b": New, " -> ": New, "\xff": New}},
		"another repository": {func(w work) { w.write("other/x", "x"); w.git("-C", "other", "init", "-q") }, map[string]Kind{"other/": New}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := users(t)
			w.write("dir/file", "one")
			w.git("add", ".")
			w.git("commit", "-q", "-m", "more")
			c.act(w)
			if got := w.changes(); !maps.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestNames: what stands at the top of a commit, and nothing of the work tree.
func TestNames(t *testing.T) {
	t.Parallel()
	w := users(t)
	w.write("a b\n", "x")
	w.write("deep/down/file", "x")
	made := w.commit("a b\n", "deep")
	w.write("uncommitted", "x")
	names, err := w.Names(t.Context(), made)
	w.must(err)
	w.same("names", names, "a b\n", "deep", "tracked")
	if _, err := w.Names(t.Context(), Commit{Tree: "none"}); err == nil {
		t.Error("no error without a tree")
	}
}

func (w work) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// A merge that is not done yet: ours is the last commit.
func TestChangesInMerge(t *testing.T) {
	t.Parallel()
	w := users(t)
	w.write("ours gone", "x")
	w.write("theirs gone", "x")
	w.git("add", ".")
	w.git("commit", "-q", "-m", "base")
	w.git("switch", "-q", "-c", "theirs")
	w.write("tracked", "theirs")
	w.write("both new", "theirs")
	w.write("ours gone", "y")
	w.remove("theirs gone")
	w.git("add", ".")
	w.git("commit", "-q", "-m", "theirs")
	w.git("switch", "-q", "-")
	w.write("tracked", "ours")
	w.write("both new", "ours")
	w.remove("ours gone")
	w.write("theirs gone", "y")
	w.git("add", ".")
	w.git("commit", "-q", "-m", "ours")
	w.git("-c", "alias.m=!git merge -q theirs >/dev/null 2>&1 || true", "m")
	want := map[string]Kind{"tracked": Edited, "both new": Edited, "ours gone": New, "theirs gone": Edited}
	if got := w.changes(); !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChangesBelow(t *testing.T) {
	t.Parallel()
	w := users(t)
	for _, name := range []string{"a/new", "a/deep/new", "ab", "b"} {
		w.write(name, "x")
	}
	w.remove("tracked")
	if got, want := w.changes("a", "tracked", "a*", "none"), (map[string]Kind{"a/new": New, "a/deep/new": New, "tracked": Removed}); !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Before the first commit everything is new.
func TestChangesFresh(t *testing.T) {
	t.Parallel()
	w := repository(t)
	w.write("a", "x")
	w.write("b", "x")
	w.git("add", "a")
	if got, want := w.changes(), (map[string]Kind{"a": New, "b": New}); !maps.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestChangesErrors(t *testing.T) {
	t.Parallel()
	w := empty(t)
	if got, err := w.Changes(t.Context()); err == nil || got != nil {
		t.Errorf("no repository: %q, %v", got, err)
	}
	w = users(t)
	w.write("tracked", "two")
	w.write(".git/HEAD", "nonsense")
	if got, err := w.Changes(t.Context()); err == nil || got != nil || errors.Is(err, ErrNoCommit) {
		t.Errorf("damaged: %q, %v", got, err)
	}
}
