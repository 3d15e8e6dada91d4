package workspace

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

// put writes files below the workspace.
func put(t *testing.T, w Workspace, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(w.path(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(w.path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// tree is every file below the workspace.
func tree(t *testing.T, w Workspace) map[string]string {
	t.Helper()
	names, err := w.list(".")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, name := range names {
		data, err := os.ReadFile(w.path(name))
		if err != nil {
			t.Fatal(err)
		}
		found[name] = string(data)
	}
	return found
}

func pending(t *testing.T, w Workspace) []File {
	t.Helper()
	files, err := w.Pending()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// with is a workspace that holds the library of this nqd.
func with(t *testing.T) Workspace {
	t.Helper()
	w := Workspace{Dir: t.TempDir()}
	if err := w.Write(pending(t, w)); err != nil {
		t.Fatal(err)
	}
	return w
}

// names lists files as "path", "+path" where New, "-path" where Gone.
func names(files []File) []string {
	var list []string
	for _, file := range files {
		mark := ""
		if file.New {
			mark += "+"
		}
		if file.Gone {
			mark += "-"
		}
		list = append(list, mark+file.Path)
	}
	return list
}

func wantNames(t *testing.T, what string, files []File, want ...string) {
	t.Helper()
	if got := names(files); !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestLibraryIsWrittenOnce(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: filepath.Join(t.TempDir(), "not", "there")}
	first := pending(t, w)
	if last := first[len(first)-1].Path; last != "nixlib/SHA256SUMS" {
		t.Errorf("%s is written last, want the sums", last)
	}
	if _, err := os.Stat(w.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("Pending wrote something")
	}
	if err := w.Write(first); err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	err := fs.WalkDir(nixlib.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := nixlib.FS.ReadFile(path)
		want["nixlib/"+path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	got := tree(t, w)
	delete(got, "nixlib/SHA256SUMS")
	if !maps.Equal(got, want) || len(want) < 5 {
		t.Errorf("wrote %d files, the library has %d; or they differ", len(got), len(want))
	}
	for _, file := range first {
		if !file.New || file.Gone {
			t.Errorf("%s: new %t, gone %t", file.Path, file.New, file.Gone)
		}
	}
	wantNames(t, "written", pending(t, w))
}

// The three-way compare: as wanted, as last written, as it is.
func TestPending(t *testing.T) {
	t.Parallel()
	const file = "nixlib/default.nix"
	t.Run("removed by the user", func(t *testing.T) {
		t.Parallel()
		w := with(t)
		if err := os.Remove(w.path(file)); err != nil {
			t.Fatal(err)
		}
		wantNames(t, "pending", pending(t, w), "+"+file)
	})
	t.Run("from an older nqd", func(t *testing.T) {
		t.Parallel()
		w := with(t)
		older(t, w, map[string]string{file: "{ older = true; }\n"})
		files := pending(t, w)
		wantNames(t, "pending", files, file, sumsFile)
		if err := w.Write(files); err != nil {
			t.Fatal(err)
		}
		if text, _ := nixlib.FS.ReadFile("default.nix"); tree(t, w)[file] != string(text) {
			t.Error("not brought up to date")
		}
		wantNames(t, "written", pending(t, w))
	})
	t.Run("edited", func(t *testing.T) {
		t.Parallel()
		w := with(t)
		put(t, w, map[string]string{file: "# mine\n"})
		wantEdited(t, w, file)
		if tree(t, w)[file] != "# mine\n" {
			t.Error("the edit is gone")
		}
	})
	t.Run("edited, older", func(t *testing.T) {
		t.Parallel()
		w := with(t)
		older(t, w, map[string]string{file: "{ older = true; }\n"})
		put(t, w, map[string]string{file: "{ older = true; mine = true; }\n"})
		wantEdited(t, w, file)
	})
	t.Run("edited to what is wanted", func(t *testing.T) {
		t.Parallel()
		w := with(t)
		now := tree(t, w)[file]
		older(t, w, map[string]string{file: "{ older = true; }\n"})
		put(t, w, map[string]string{file: now})
		wantNames(t, "pending", pending(t, w), sumsFile)
	})
	t.Run("there before nqd", func(t *testing.T) {
		t.Parallel()
		w := Workspace{Dir: t.TempDir()}
		put(t, w, map[string]string{file: "# mine\n"})
		wantEdited(t, w, file)
	})
	t.Run("sums lost", func(t *testing.T) {
		t.Parallel()
		w := with(t)
		if err := os.Remove(w.path(sumsFile)); err != nil {
			t.Fatal(err)
		}
		wantNames(t, "pending", pending(t, w), "+"+sumsFile)
	})
	t.Run("sums spoiled", func(t *testing.T) {
		t.Parallel()
		w := with(t)
		put(t, w, map[string]string{sumsFile: sum(nil) + "  nixlib/x\nspoiled\n"})
		if _, err := w.Pending(); err == nil || err.Error() != w.path(sumsFile)+":2: not a line of sha256sum" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("sums unreadable", func(t *testing.T) {
		t.Parallel()
		w := Workspace{Dir: t.TempDir()}
		put(t, w, map[string]string{sumsFile + "/x": ""})
		if files, err := w.Pending(); err == nil || !strings.Contains(err.Error(), "is a directory") {
			t.Errorf("pending %q, %v", names(files), err)
		}
	})
	t.Run("a directory in the way", func(t *testing.T) {
		t.Parallel()
		w := Workspace{Dir: t.TempDir()}
		put(t, w, map[string]string{file + "/x": ""})
		if files, err := w.Pending(); err == nil {
			t.Errorf("pending %q", names(files))
		}
	})
}

// older makes the workspace one that an older nqd wrote: with these texts, and sums of them.
func older(t *testing.T, w Workspace, texts map[string]string) {
	t.Helper()
	put(t, w, texts)
	var files []File
	for name, text := range tree(t, w) {
		if name != sumsFile {
			files = append(files, File{Path: name, Data: []byte(text)})
		}
	}
	put(t, w, map[string]string{sumsFile: string(formatSums(files))})
}

func wantEdited(t *testing.T, w Workspace, file string) {
	t.Helper()
	files, err := w.Pending()
	var edited *EditedError
	if !errors.As(err, &edited) || edited.Path != w.path(file) || files != nil {
		t.Fatalf("pending %q, %v; want an EditedError", names(files), err)
	}
	if want := w.path(file) + ": was edited, but nixlib/ is written by nqd"; err.Error() != want || !strings.Contains(edited.Hint(), "local.nix") {
		t.Errorf("got %q, hint %q", err, edited.Hint())
	}
}

// Files of an older library go, as long as they are as nqd wrote them. The user's stay.
func TestPendingRemovesOldLibraryFiles(t *testing.T) {
	t.Parallel()
	w := with(t)
	older(t, w, map[string]string{"nixlib/features/gone/feature.toml": "id = \"gone\"\n"})
	put(t, w, map[string]string{"nixlib/mine.nix": "{ }\n"})
	files := pending(t, w)
	wantNames(t, "pending", files, "-nixlib/features/gone/feature.toml", sumsFile)
	if err := w.Write(files); err != nil {
		t.Fatal(err)
	}
	now := tree(t, w)
	if _, there := now["nixlib/features/gone/feature.toml"]; there {
		t.Error("the old file is still there")
	}
	if now["nixlib/mine.nix"] != "{ }\n" {
		t.Error("the user's file is gone")
	}
	wantNames(t, "written", pending(t, w))

	older(t, w, map[string]string{"nixlib/gone.nix": "{ }\n"})
	put(t, w, map[string]string{"nixlib/gone.nix": "{ mine = true; }\n"})
	wantEdited(t, w, "nixlib/gone.nix")
}

// Anybody can check the library without nqd.
func TestSumsAreThoseOfSha256sum(t *testing.T) {
	t.Parallel()
	if got, want := string(formatSums([]File{{Path: "a", Data: []byte("abc")}})),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	program, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Skip("sha256sum is not installed")
	}
	w := with(t)
	check := func() error {
		command := exec.Command(program, "--check", "--strict", "--quiet", sumsFile)
		command.Dir = w.Dir
		return command.Run()
	}
	if err := check(); err != nil {
		t.Errorf("sha256sum -c: %v", err)
	}
	put(t, w, map[string]string{"nixlib/default.nix": "changed"})
	if err := check(); err == nil {
		t.Error("sha256sum -c does not see a change")
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: filepath.Join(t.TempDir(), "a[b*")}
	if hosts, err := w.Hosts(); !errors.Is(err, ErrNone) || hosts != nil {
		t.Errorf("no flake: %q, %v", hosts, err)
	}
	put(t, w, map[string]string{"flake.nix": "", "hosts/empty/local.nix": ""})
	if hosts, err := w.Hosts(); err != nil || hosts != nil {
		t.Errorf("no hosts: %q, %v", hosts, err)
	}
	put(t, w, map[string]string{"hosts/vega/host.toml": "", "hosts/orion/host.toml": ""})
	if hosts, err := w.Hosts(); err != nil || !slices.Equal(hosts, []string{"orion", "vega"}) {
		t.Errorf("hosts: %q, %v", hosts, err)
	}
	if got, want := w.HostFile("orion"), filepath.Join(w.Dir, "hosts", "orion", "host.toml"); got != want {
		t.Errorf("host file %s, want %s", got, want)
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: t.TempDir()}
	file := File{Path: "a/b/c.nix", Data: []byte("c")}
	if err := w.Write([]File{file}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(w.path(file.Path))
	if err != nil || info.Mode() != 0o644 {
		t.Errorf("mode %v, %v; want 0644", info.Mode(), err)
	}
	// The first error ends it, and is told.
	after := File{Path: "after", Data: []byte("x")}
	for name, bad := range map[string]File{
		"a file in the way":      {Path: "a/b/c.nix/d"},
		"a directory in the way": {Path: "a/b"},
		"gone already":           {Path: "a/absent", Gone: true},
	} {
		if err := w.Write([]File{bad, after}); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	if got := tree(t, w); len(got) != 1 {
		t.Errorf("there is %q", got)
	}
}

// What a deployment is made of, and nothing else: no notes of the user's, no repository.
func TestCopyTo(t *testing.T) {
	t.Parallel()
	w := with(t)
	put(t, w, map[string]string{
		"flake.nix": "flake", "flake.lock": "lock", "hosts/orion/host.toml": "host", "hosts/orion/imported/a/b.nix": "b",
		"features/mine/feature.toml": "feature", "secrets/orion/key.age": "secret",
		"notes.txt": "mine", ".git/HEAD": "ref", "other/x.nix": "x", "nixlib/mine.nix": "mine",
	})
	to := Workspace{Dir: t.TempDir()}
	put(t, to, map[string]string{"hosts/old/host.toml": "old", "nixlib/old.nix": "old", "flake.nix": "old", "README": "stays"})
	want := tree(t, w)
	for _, name := range []string{"notes.txt", ".git/HEAD", "other/x.nix"} {
		delete(want, name)
	}
	want["README"], want["hosts/vega/host.toml"] = "stays", "new"
	delete(want, "nixlib/mine.nix")
	changes := []File{{Path: "hosts/vega/host.toml", Data: []byte("new"), New: true}, {Path: "nixlib/mine.nix", Gone: true}}
	before := tree(t, w)
	if err := w.CopyTo(to.Dir, changes); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, to); !maps.Equal(got, want) {
		t.Errorf("got %q\nwant %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	if !maps.Equal(tree(t, w), before) {
		t.Error("the workspace itself was changed")
	}
	if err := w.CopyTo(w.path("flake.nix"), nil); err == nil {
		t.Error("copied into a file")
	}
	if err := w.CopyTo(t.TempDir(), []File{{Path: "absent", Gone: true}}); err == nil {
		t.Error("a change that cannot be made is not told")
	}
}

// What nqd writes is named file by file.
func TestCommitPaths(t *testing.T) {
	t.Parallel()
	w := with(t)
	paths, err := w.CommitPaths()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(slices.Sorted(maps.Keys(tree(t, w))), "flake.nix", "flake.lock", "nixlib", "hosts", "features", "secrets") {
		if !slices.Contains(paths, name) {
			t.Errorf("%s is not committed", name)
		}
	}
	for _, path := range paths {
		if path != "flake.nix" && path != "flake.lock" && path != "nixlib" && !strings.HasPrefix(path, "nixlib/") && !slices.Contains(owned, path) {
			t.Errorf("%s is committed", path)
		}
	}
}
