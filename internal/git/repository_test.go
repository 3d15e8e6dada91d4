package git

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// TestMain gives all tests a home without a git configuration: a fresh machine.
func TestMain(m *testing.M) {
	home, err := os.MkdirTemp("", "nqd-home-")
	if err != nil {
		panic(err)
	}
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "GIT_") {
			os.Unsetenv(name) // we may be run from a hook
		}
	}
	os.Setenv("HOME", home)
	os.Unsetenv("XDG_CONFIG_HOME")
	code := m.Run()
	os.RemoveAll(home)
	os.Exit(code)
}

// work is a repository that a test looks at as its user does: with git, past our code.
type work struct {
	*Repository
	t *testing.T
}

// empty is a directory that is no repository yet.
func empty(t *testing.T) work {
	t.Helper()
	return work{&Repository{Machine: machine.Local(), Dir: t.TempDir(), Sink: func(event.Event) {}}, t}
}

// repository is a fresh one, without a commit and without an identity.
func repository(t *testing.T) work {
	t.Helper()
	w := empty(t)
	if err := w.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// users is a repository with a commit by its user, who has an identity: tracked holds "one".
func users(t *testing.T) work {
	t.Helper()
	w := repository(t)
	w.git("config", "user.name", "Ada")
	w.git("config", "user.email", "ada@example.org")
	w.write("tracked", "one")
	w.git("add", ".")
	w.git("commit", "-q", "-m", "hers")
	return w
}

// git runs git as the user.
func (w work) git(args ...string) string {
	w.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = w.Dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("git %q: %v\n%s", args, err, &stderr)
	}
	return strings.TrimRight(string(out), "\n")
}

func (w work) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.Dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		w.t.Fatal(err)
	}
}

func (w work) remove(name string) {
	w.t.Helper()
	if err := os.RemoveAll(filepath.Join(w.Dir, name)); err != nil {
		w.t.Fatal(err)
	}
}

// commit has to go well.
func (w work) commit(paths ...string) Commit {
	w.t.Helper()
	c, err := w.Repository.Commit(w.t.Context(), "message", paths...)
	if err != nil {
		w.t.Fatal(err)
	}
	if head := w.git("rev-parse", "HEAD", "HEAD^{tree}"); head != c.ID+"\n"+c.Tree {
		w.t.Errorf("HEAD is %q, want %q", head, c)
	}
	return c
}

// files lists what the commit holds, by name and content.
func (w work) files(commit string) map[string]string {
	w.t.Helper()
	files := map[string]string{}
	for _, entry := range nul(w.git("ls-tree", "-r", "-z", commit)) {
		about, name, _ := strings.Cut(entry, "\t")
		files[name] = w.git("cat-file", "-p", strings.Fields(about)[2])
	}
	return files
}

// status is what the user sees, a line each.
func (w work) status() []string {
	w.t.Helper()
	return nul(w.git("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"))
}

// index is the file that holds what the user staged.
func (w work) index() string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.Dir, ".git", "index"))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

// nul splits the output of git's -z.
func nul(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\x00"), func(s string) bool { return s == "" })
}

func (w work) same(what string, got []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("%s:\ngot  %q\nwant %q", what, got, want)
	}
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	w := empty(t)
	if _, err := w.Head(t.Context()); !errors.Is(err, ErrNoCommit) {
		t.Errorf("no repository: %v", err)
	}
	for range 2 {
		if err := w.Ensure(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.git("symbolic-ref", "HEAD"); got != "refs/heads/main" {
		t.Errorf("branch %s", got)
	}
	// A repository that is there stays as it is, whatever its branch.
	w.git("symbolic-ref", "HEAD", "refs/heads/mine")
	w.Sink = func(e event.Event) { t.Errorf("a program ran for nothing: %v", e) }
	if err := w.Ensure(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.git("symbolic-ref", "HEAD"); got != "refs/heads/mine" {
		t.Errorf("branch %s", got)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	w := repository(t)
	if _, err := w.Head(t.Context()); !errors.Is(err, ErrNoCommit) {
		t.Errorf("unborn branch: %v", err)
	}
	w = users(t)
	head, err := w.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := w.git("rev-parse", "HEAD", "HEAD^{tree}"); head.ID+"\n"+head.Tree != want {
		t.Errorf("got %q, want %q", head, want)
	}
}

// TestHeadTrouble: a repository that cannot be read is not an empty one, on top of which one
// might commit.
func TestHeadTrouble(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(w work){
		"broken repository": func(w work) { w.remove(".git/HEAD") },
		"lost commit":       func(w work) { w.remove(".git/objects"); w.write(".git/objects/info/x", "") },
		"broken settings":   func(w work) { w.write(".git/config", "[core\n") },
	} {
		w := users(t)
		damage(w)
		_, err := w.Head(t.Context())
		if err == nil || errors.Is(err, ErrNoCommit) || !strings.HasPrefix(err.Error(), "reading the last commit: git: ") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestChanged(t *testing.T) {
	t.Parallel()
	w := users(t)
	for _, name := range []string{"a/edited", "a/gone", "a/moved", "b/edited", "a*b", "aXb", ":(top)x"} {
		w.write(name, "one of "+name)
	}
	w.git("add", ".")
	w.git("commit", "-q", "-m", "more")
	if got, err := w.Changed(t.Context()); err != nil || len(got) > 0 {
		t.Errorf("nothing changed: %q, %v", got, err)
	}
	w.write("a/edited", "two")
	w.write("b/edited", "two")
	w.write("aXb", "two")
	w.remove("a/gone")
	w.git("mv", "a/moved", "a/new name")
	w.write("a/new/deep er", "x")
	w.write("a/-f", "x")
	w.write("a/ü\n\"q\"", "x")
	w.write(".gitignore", "*.log\n")
	w.write("a/x.log", "x")
	for name, test := range map[string]struct{ paths, want []string }{
		"all": {nil, []string{".gitignore", "a/-f", "a/edited", "a/gone", "a/moved", "a/new name", "a/new/deep er",
			"a/ü\n\"q\"", "aXb", "b/edited"}},
		"below":         {[]string{"a"}, []string{"a/-f", "a/edited", "a/gone", "a/moved", "a/new name", "a/new/deep er", "a/ü\n\"q\""}},
		"two files":     {[]string{"a/edited", "tracked", "b/edited"}, []string{"a/edited", "b/edited"}},
		"a file's name": {[]string{"a/-f"}, []string{"a/-f"}},
		"no pattern":    {[]string{"a*b", ":(top)x"}, nil},
		"not there":     {[]string{"none"}, nil},
	} {
		got, err := w.Changed(t.Context(), test.paths...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		slices.Sort(got)
		w.same(name, got, test.want...)
	}
}

// TestExport writes the commit, not what lies in the work tree or is staged.
func TestExport(t *testing.T) {
	t.Parallel()
	w := users(t)
	w.write("dir/a b\n-ü", "one")
	w.write("run", "#!")
	if err := errors.Join(os.Chmod(filepath.Join(w.Dir, "run"), 0o755), os.Symlink("run", filepath.Join(w.Dir, "link"))); err != nil {
		t.Fatal(err)
	}
	w.git("add", ".")
	w.git("commit", "-q", "-m", "more")
	head, err := w.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.write("tracked", "staged")
	w.git("add", "tracked")
	w.write("tracked", "edited")
	w.write("untracked", "")
	before, index := w.status(), w.index() // in this order: asking for the status may write the index

	dir := filepath.Join(t.TempDir(), "to a")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := w.Export(t.Context(), head, dir+"/"); err != nil {
		t.Fatal(err)
	}
	var got []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(dir, path)
			text, _ := os.ReadFile(path)
			info, _ := d.Info()
			got = append(got, name+"="+string(text)+" "+info.Mode().String()[:4])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.same("exported", got, "dir/a b\n-ü=one -rw-", "link=#! Lrwx", "run=#! -rwx", "tracked=one -rw-")
	if w.index() != index {
		t.Error("the user's index was written")
	}
	w.same("status", w.status(), before...)
	if err := w.Export(t.Context(), Commit{ID: strings.Repeat("1", 40)}, dir); err == nil {
		t.Error("a commit that is not there was exported")
	}
}

func TestRef(t *testing.T) {
	t.Parallel()
	w := users(t)
	first, err := w.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.write("tracked", "two")
	second := w.commit("tracked")
	for _, c := range []Commit{first, second} {
		if err := w.Ref(t.Context(), "refs/nqd/deployments/3", c); err != nil {
			t.Fatal(err)
		}
		if got := w.git("rev-parse", "refs/nqd/deployments/3"); got != c.ID {
			t.Errorf("got %s, want %s", got, c.ID)
		}
	}
	if got := w.git("rev-parse", "HEAD"); got != second.ID {
		t.Errorf("HEAD is %s, want %s", got, second.ID)
	}
	err = w.Ref(t.Context(), "refs/nqd/deployments/4", Commit{ID: strings.Repeat("1", 40)})
	if err == nil || !strings.HasPrefix(err.Error(), "writing refs/nqd/deployments/4: git: ") {
		t.Errorf("error %v", err)
	}
}

// TestCommandLine is how git is called, exactly.
func TestCommandLine(t *testing.T) {
	t.Setenv("HOME", "/home/ada")
	t.Setenv("PATH", "/bin")
	t.Setenv("XDG_CONFIG_HOME", "/home/ada/config")
	t.Setenv("TMPDIR", "/scratch")
	t.Setenv("GIT_DIR", "/elsewhere") // as within a hook of the user's
	t.Setenv("GIT_INDEX_FILE", "/elsewhere")
	w := &Repository{Dir: "/-work"}
	got := w.command("trying", []string{"A=b"}, "add", "--", "x")
	if got.Path != "git" || got.Doing != "trying" || got.Inside || got.Root || got.Dir != "" {
		t.Errorf("%+v", got)
	}
	want := []string{"-C", "/-work", "-c", "core.hooksPath=/dev/null", "-c", "core.fsync=all", "add", "--", "x"}
	if !slices.Equal(got.Args, want) {
		t.Errorf("arguments\ngot  %q\nwant %q", got.Args, want)
	}
	want = []string{"LC_ALL=C.UTF-8", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1",
		"HOME=/home/ada", "PATH=/bin", "XDG_CONFIG_HOME=/home/ada/config", "TMPDIR=/scratch", "A=b"}
	if !slices.Equal(got.Env, want) {
		t.Errorf("environment\ngot  %q\nwant %q", got.Env, want)
	}
}
