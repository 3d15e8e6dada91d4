package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

var errDisk = errors.New("the disk is gone")

// names lists a directory, hidden files included.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, entry := range entries {
		list = append(list, entry.Name())
	}
	return list
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDurable holds the exported functions to fsync(2): procfs and pipes refuse it, with EINVAL.
func TestDurable(t *testing.T) {
	t.Parallel()
	if err := SyncDir("/proc/self"); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("SyncDir of a directory that cannot be synced: %v, want EINVAL", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if err := durable()(w); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("what Write and MkdirAll sync with: %v, want EINVAL", err)
	}
}

// TestWriteOrder looks at the directory at the moment of each sync.
func TestWriteOrder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	put(t, path, "old")
	var synced []string
	sync := syncer(func(f *os.File) error {
		if f.Name() == dir {
			synced = append(synced, "directory")
			if got := read(t, path); got != "new" {
				t.Errorf("the directory is synced while the file is %q: before the rename", got)
			}
			if got := names(t, dir); !slices.Equal(got, []string{"state"}) {
				t.Errorf("the directory is synced with %q in it", got)
			}
			return nil
		}
		synced = append(synced, "file")
		if filepath.Dir(f.Name()) != dir {
			t.Errorf("temporary file %s is in another directory: rename could not be atomic", f.Name())
		}
		if got := read(t, path); got != "old" {
			t.Errorf("the file is %q before the new content is on the disk", got)
		}
		if got := read(t, f.Name()); got != "new" {
			t.Errorf("what is synced is %q, want all of the content", got)
		}
		if info, err := f.Stat(); err != nil || info.Mode() != 0o640 {
			t.Errorf("mode at the sync is %v (%v): a later change of it may get lost", info.Mode(), err)
		}
		return nil
	})
	if err := sync.write(path, []byte("new"), 0o640); err != nil {
		t.Fatal(err)
	}
	if want := []string{"file", "directory"}; !slices.Equal(synced, want) {
		t.Errorf("synced %q, want %q", synced, want)
	}
}

// TestWriteReplaces: who has the old file open keeps reading the old content.
func TestWriteReplaces(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	put(t, path, "old content")
	old, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if err := Write(path, []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	text := make([]byte, 20)
	n, _ := old.Read(text)
	if string(text[:n]) != "old content" {
		t.Errorf("the open old file reads %q: it was written in place", text[:n])
	}
	if got := read(t, path); got != "new" {
		t.Errorf("got %q", got)
	}
}

// TestWriteMode runs alone: the umask belongs to the whole process.
func TestWriteMode(t *testing.T) {
	for _, umask := range []int{0o077, 0o022, 0} {
		old := syscall.Umask(umask)
		for _, mode := range []fs.FileMode{0o600, 0o644, 0o755, 0o666, 0o400} {
			dir := t.TempDir()
			fresh, there := filepath.Join(dir, "fresh"), filepath.Join(dir, "there")
			put(t, there, "old")
			for _, path := range []string{fresh, there} {
				if err := Write(path, []byte("x"), mode); err != nil {
					t.Fatal(err)
				}
				info, err := os.Stat(path)
				if err != nil {
					t.Fatal(err)
				}
				if info.Mode() != mode {
					t.Errorf("umask %03o, %s: mode %v, want %v", umask, filepath.Base(path), info.Mode(), mode)
				}
			}
		}
		syscall.Umask(old)
	}
}

func TestWriteError(t *testing.T) {
	t.Parallel()
	t.Run("sync of the file", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		path := filepath.Join(dir, "state")
		put(t, path, "old")
		broken := syncer(func(*os.File) error { return errDisk })
		if err := broken.write(path, []byte("new"), 0o600); !errors.Is(err, errDisk) {
			t.Errorf("error %v, want %v", err, errDisk)
		}
		if got := read(t, path); got != "old" {
			t.Errorf("the file is %q after an error", got)
		}
		if got := names(t, dir); !slices.Equal(got, []string{"state"}) {
			t.Errorf("left behind: %q", got)
		}
	})
	t.Run("sync of the directory", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		broken := syncer(func(f *os.File) error {
			if f.Name() == dir {
				return errDisk
			}
			return nil
		})
		if err := broken.write(filepath.Join(dir, "state"), nil, 0o600); !errors.Is(err, errDisk) {
			t.Errorf("error %v, want %v", err, errDisk)
		}
	})
	t.Run("rename", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		path := filepath.Join(dir, "state")
		if err := os.MkdirAll(filepath.Join(path, "full"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := Write(path, []byte("new"), 0o600); err == nil {
			t.Error("a directory was replaced by a file")
		}
		if got := names(t, dir); !slices.Equal(got, []string{"state"}) {
			t.Errorf("left behind: %q", got)
		}
	})
	t.Run("no directory", func(t *testing.T) {
		t.Parallel()
		err := Write(filepath.Join(t.TempDir(), "none", "state"), nil, 0o600)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("error %v, want that there is no such directory", err)
		}
	})
}

// TestWriteNoOpenFiles: a file left open for each error would end a long run.
func TestWriteNoOpenFiles(t *testing.T) {
	dir := t.TempDir()
	var seen *os.File
	broken := syncer(func(f *os.File) error { seen = f; return errDisk })
	_ = broken.write(filepath.Join(dir, "state"), nil, 0o600)
	if _, err := seen.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the temporary file is still open after an error: %v", err)
	}
	_ = broken.syncDir(dir)
	if _, err := seen.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the directory is still open: %v", err)
	}
}

func TestWriteAnyContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.StringMatching(`[-.* a-zä%]{1,40}`).Filter(func(s string) bool {
			return strings.Trim(s, ".") != ""
		}).Draw(t, "name")
		data := rapid.SliceOf(rapid.Byte()).Draw(t, "data")
		path := filepath.Join(dir, base)
		if err := Write(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != string(data) {
			t.Fatalf("wrote %q, read %q (%v)", data, got, err)
		}
		os.Remove(path)
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Fatalf("left behind: %v", left)
		}
	})
}

func TestMkdirAllSyncsEachParent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var synced []string
	sync := syncer(func(f *os.File) error {
		name, _ := filepath.Rel(dir, f.Name())
		synced = append(synced, name)
		return nil
	})
	if err := sync.mkdirAll(filepath.Join(dir, "a", "b", "c"), 0o700); err != nil {
		t.Fatal(err)
	}
	if want := []string{".", "a", "a/b"}; !reflect.DeepEqual(synced, want) {
		t.Errorf("synced %q, want %q", synced, want)
	}
	for _, made := range []string{"a", "a/b", "a/b/c"} {
		info, err := os.Stat(filepath.Join(dir, made))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != fs.ModeDir|0o700 {
			t.Errorf("%s: mode %v", made, info.Mode())
		}
	}
	if err := sync.mkdirAll(filepath.Join(dir, "a", "b"), 0o700); err != nil {
		t.Errorf("directory that is there: %v", err)
	}
	broken := syncer(func(*os.File) error { return errDisk })
	if err := broken.mkdirAll(filepath.Join(dir, "d"), 0o700); !errors.Is(err, errDisk) {
		t.Errorf("error %v, want %v", err, errDisk)
	}
}

func TestMkdirAllError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "")
	if err := os.Symlink("nowhere", filepath.Join(dir, "dangling")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"file", "file/below", "dangling", "dangling/below"} {
		if err := MkdirAll(filepath.Join(dir, path), 0o700); err == nil {
			t.Errorf("%s: no error, and no directory", path)
		}
	}
}

// TestSweep: of a directory it removes what a killed Write leaves, and nothing else.
func TestSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left := []string{".state.tmp-1", ".state.tmp-4294967295", "..hidden.tmp-7", ".a b.tmp-9.tmp-10"}
	for _, name := range append(left, "state", ".state", ".state.tmp-", ".state.tmp-x", "state.tmp-1", ".tmp-1", ".state.tmp-1~") {
		put(t, filepath.Join(dir, name), "text")
	}
	if err := os.Mkdir(filepath.Join(dir, ".folder.tmp-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("state", filepath.Join(dir, ".link.tmp-1")); err != nil {
		t.Fatal(err)
	}
	all := names(t, dir)
	for _, step := range []struct {
		of   []string // names given to Sweep
		gone []string
	}{
		{[]string{"other", "hidden"}, nil},
		{[]string{".hidden", "state"}, []string{".state.tmp-1", ".state.tmp-4294967295", "..hidden.tmp-7"}},
		{nil, left},
		{nil, left},
	} {
		if err := Sweep(dir, step.of...); err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(step.gone, name) })
		if got := names(t, dir); !slices.Equal(got, want) {
			t.Errorf("sweeping %q leaves %q, want %q", step.of, got, want)
		}
	}
	if err := Sweep(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no directory: %v", err)
	}
}

// TestSweepKilled takes the name from what Write makes.
func TestSweepKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	killed := syncer(func(f *os.File) error {
		put(t, f.Name()+"0", "as if it were another's") // this one's own is removed when it returns
		return errDisk
	})
	if err := killed.write(filepath.Join(dir, "state.toml"), []byte("new"), 0o600); !errors.Is(err, errDisk) {
		t.Fatal(err)
	}
	if left := names(t, dir); len(left) != 1 {
		t.Fatalf("left: %q", left)
	}
	if err := Sweep(dir, "state.toml"); err != nil {
		t.Fatal(err)
	}
	if left := names(t, dir); len(left) > 0 {
		t.Errorf("left after sweeping: %q", left)
	}
}
