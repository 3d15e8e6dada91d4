package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// box is a machine's file system below a directory, with a store of backups beside it.
type box struct {
	*Store
	t    testing.TB
	root string
}

func newBox(t testing.TB) *box {
	t.Helper()
	dir := t.TempDir()
	b := &box{t: t, root: filepath.Join(dir, "machine")}
	b.Store = &Store{Dir: filepath.Join(dir, "state", "backups"), Root: b.root}
	b.mkdir("/home/ada")
	return b
}

func (b *box) mkdir(path string) {
	b.t.Helper()
	if err := os.MkdirAll(b.root+path, 0o755); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) write(path, text string) {
	b.t.Helper()
	b.mkdir(filepath.Dir(path))
	if err := os.WriteFile(b.root+path, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) read(path string) string {
	b.t.Helper()
	text, err := os.ReadFile(b.root + path)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func (b *box) create(paths ...string) Manifest {
	b.t.Helper()
	m, err := b.Create(context.Background(), Reason{Text: "a test"}, paths)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *box) restore(id int, overwrite bool, paths ...string) {
	b.t.Helper()
	if _, err := b.Restore(context.Background(), id, paths, overwrite); err != nil {
		b.t.Fatal(err)
	}
}

// objects are the contents that are stored, as the file system has them.
func (b *box) objects() []string {
	b.t.Helper()
	var all []string
	err := filepath.WalkDir(filepath.Join(b.Dir, "objects"), func(path string, file fs.DirEntry, err error) error {
		if err == nil && !file.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// walk is what stands below a directory, one line for each name: all that the file system says, but inode numbers and
// ctime. It shares nothing with the code that it judges.
func walk(t testing.TB, root string) map[string]string {
	t.Helper()
	seen := map[string]string{}
	inodes := map[uint64][]string{}
	err := filepath.Walk(root, func(path string, info fs.FileInfo, err error) error {
		if err != nil {
			return err
		}
		rel, st := path[len(root):], info.Sys().(*syscall.Stat_t)
		line := fmt.Sprintf("%o %d:%d %d.%09d", st.Mode, st.Uid, st.Gid, st.Mtim.Sec, st.Mtim.Nsec)
		switch {
		case info.Mode().IsRegular():
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %x", sha256.Sum256(data))
		case info.Mode()&fs.ModeSymlink != 0:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" → %q", target)
		}
		seen[rel] = line + attributes(t, path)
		if !info.IsDir() {
			inodes[st.Ino] = append(inodes[st.Ino], rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, names := range inodes {
		if len(names) > 1 {
			slices.Sort(names)
			seen[names[0]] += fmt.Sprintf(" = %q", names)
		}
	}
	return seen
}

func attributes(t testing.TB, path string) (line string) {
	t.Helper()
	list := make([]byte, 1<<16)
	n, err := unix.Llistxattr(path, list)
	if err != nil {
		return ""
	}
	keys := bytes.Split(bytes.Trim(list[:n], "\x00"), []byte{0})
	slices.SortFunc(keys, bytes.Compare)
	for _, key := range keys {
		if len(key) == 0 {
			continue
		}
		value := make([]byte, 1<<16)
		n, err := unix.Lgetxattr(path, string(key), value)
		if err != nil {
			t.Fatal(err)
		}
		line += fmt.Sprintf(" %q=%x", key, value[:n])
	}
	return line
}

// differences are the names that two walks do not have alike.
func differences(want, got map[string]string) string {
	var b strings.Builder
	all := maps.Clone(want)
	maps.Copy(all, got)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if want[name] != got[name] {
			fmt.Fprintf(&b, "%q:\n  was %s\n  is  %s\n", name, want[name], got[name])
		}
	}
	return b.String()
}

// forest makes random trees. Times and modes are set at last, as making things changes them.
type forest struct {
	t     *rapid.T
	files []string
	made  []string
}

func (f *forest) must(err error) {
	if err != nil {
		f.t.Fatal(err)
	}
}

var oddNames = []string{
	"plain", "with space", "new\nline", "bad\xff\xfeutf8", "100%", "%41", "ümlaut", "-dash", "quote\"'", "\\", ".hidden",
	"a\tb", "\u2028", "*", strings.Repeat("x", 255), "%FF", "#",
}

func (f *forest) name(dir string) string {
	for {
		name := rapid.SampledFrom(oddNames).Draw(f.t, "name")
		if rapid.Bool().Draw(f.t, "numbered") && len(name) < 200 {
			name += fmt.Sprint(rapid.IntRange(0, 99).Draw(f.t, "number"))
		}
		if _, err := os.Lstat(filepath.Join(dir, name)); err != nil {
			return filepath.Join(dir, name)
		}
	}
}

func (f *forest) grow(dir string, depth int) {
	kinds := []string{"file", "file", "link", "fifo", "hard link", "folder"}
	if depth == 0 {
		kinds = kinds[:5]
	}
	for range rapid.IntRange(0, 4).Draw(f.t, "names") {
		path := f.name(dir)
		switch kind := rapid.SampledFrom(kinds).Draw(f.t, "kind"); {
		case kind == "file" || kind == "hard link" && len(f.files) == 0:
			f.must(os.WriteFile(path, rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(f.t, "content"), 0o600))
			f.files = append(f.files, path)
		case kind == "hard link":
			f.must(os.Link(rapid.SampledFrom(f.files).Draw(f.t, "first"), path))
		case kind == "link":
			f.must(os.Symlink(rapid.SampledFrom(append(oddNames, "/etc/passwd", "../..")).Draw(f.t, "target"), path))
		case kind == "fifo":
			f.must(unix.Mkfifo(path, 0o600))
			f.files = append(f.files, path)
		default:
			f.must(os.Mkdir(path, 0o700))
			f.grow(path, depth-1)
		}
		f.made = append(f.made, path)
	}
}

// dress gives all that was made modes, times, attributes and, where that is allowed, owners.
func (f *forest) dress() {
	for _, path := range f.made {
		info, err := os.Lstat(path)
		f.must(err)
		if os.Geteuid() == 0 {
			f.must(os.Lchown(path, rapid.IntRange(0, 3).Draw(f.t, "owner"), rapid.IntRange(0, 3).Draw(f.t, "group")))
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			if (info.IsDir() || info.Mode().IsRegular()) && rapid.IntRange(0, 3).Draw(f.t, "attributes") == 0 {
				value := rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(f.t, "value")
				if err := unix.Setxattr(path, "user.nqd."+rapid.SampledFrom(oddNames[:7]).Draw(f.t, "attribute"), value, 0); err != unix.ENOTSUP {
					f.must(err)
				}
			}
			f.must(unix.Chmod(path, f.mode(info.IsDir())))
		}
		stamp := unix.Timespec{Sec: rapid.Int64Range(-1<<31, 1<<33).Draw(f.t, "second"), Nsec: rapid.Int64Range(0, 999999999).Draw(f.t, "nanosecond")}
		f.must(unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{stamp, stamp}, unix.AT_SYMLINK_NOFOLLOW))
	}
}

// mode is one that lets the test itself go on: without root, a folder has to be readable.
func (f *forest) mode(folder bool) uint32 {
	mode := rapid.Uint32Range(0, 0o7777).Draw(f.t, "mode")
	if os.Geteuid() != 0 {
		mode |= 0o600
		if folder {
			mode |= 0o100
		}
	}
	return mode
}

// calm makes a store believe that it is later: what was just written was written long ago then, and is at rest.
func (b *box) calm(by time.Duration) { b.now = func() time.Time { return time.Now().Add(by) } }
