package backup

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
)

func (b *box) mustFail(paths ...string) error {
	b.t.Helper()
	_, err := b.Create(context.Background(), Reason{Text: "a test"}, paths)
	if err == nil {
		b.t.Fatalf("a backup of %q was made", paths)
	}
	return err
}

// empty holds the store to have nothing at all, not even something unfinished.
func (b *box) empty() {
	b.t.Helper()
	if all, err := b.List(); len(all) > 0 || err != nil {
		b.t.Errorf("backups: %v (%v)", all, err)
	}
	if left := b.objects(); len(left) > 0 {
		b.t.Errorf("contents are left: %q", left)
	}
	if _, err := os.Lstat(filepath.Join(b.Dir, "unfinished")); !errors.Is(err, fs.ErrNotExist) {
		b.t.Errorf("something is unfinished (%v)", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/file", "text")
	for _, path := range []string{"", "/", "home/ada/file", "/home/ada/", "/home/../home", "/home/ada/none", "/none/file", "/home/ada/file/below"} {
		b.mustFail(path)
		b.mustFail("/home/ada/file", path)
	}
	b.mustFail()
	b.empty()
}

// TestChangedWhileRead: what is stored was the file at one time.
func TestChangedWhileRead(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/other", "nobody touches it")
	b.write("/home/ada/file", "first")
	reads := 0
	b.hook = func(point, path string) error {
		if point == "read" && path == "/home/ada/file" {
			if reads++; reads < attempts {
				b.write(path, strings.Repeat("more", reads))
			}
		}
		return nil
	}
	m := b.create("/home/ada")
	b.hook = nil
	if reads != attempts {
		t.Errorf("read %d times", reads)
	}
	os.RemoveAll(b.root + "/home")
	b.restore(m.ID, false)
	if got := b.read("/home/ada/file"); got != "moremore" {
		t.Errorf("kept %q", got)
	}
}

func TestAlwaysChanging(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/a", "calm")
	b.write("/home/ada/log", "")
	reads := 0
	b.hook = func(point, path string) error {
		if point == "read" && path == "/home/ada/log" {
			reads++
			b.write(path, strings.Repeat("line\n", reads))
		}
		return nil
	}
	err := b.mustFail("/home/ada")
	var busy *BusyError
	if !errors.As(err, &busy) || busy.Path != "/home/ada/log" {
		t.Errorf("error %v", err)
	}
	b.hook = nil
	b.empty()
}

// TestVanishing: what goes while a backup is made is no reason to have none.
func TestVanishing(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for _, name := range []string{"a", "b", "c/d", "e"} {
		b.write("/home/ada/"+name, name)
	}
	b.hook = func(point, path string) error {
		if point == "read" && path == "/home/ada/a" {
			os.Remove(b.root + "/home/ada/b")
			os.RemoveAll(b.root + "/home/ada/c")
		}
		return nil
	}
	m := b.create("/home/ada")
	var skipped []string
	for _, one := range m.Skipped {
		skipped = append(skipped, one.Path)
	}
	if want := []string{"/home/ada/b", "/home/ada/c"}; !slices.Equal(skipped, want) || len(m.Entries) != 3 {
		t.Errorf("skipped %q, kept %d", skipped, len(m.Entries))
	}
}

func TestSkips(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/file", "text")
	socket, err := net.Listen("unix", b.root+"/home/ada/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	b.Dir = b.root + "/home/ada/state/backups"
	for range 2 {
		m := b.create("/home/ada")
		var skipped []string
		for _, one := range m.Skipped {
			skipped = append(skipped, one.Path)
		}
		if want := []string{"/home/ada/socket", "/home/ada/state/backups"}; !slices.Equal(skipped, want) {
			t.Errorf("skipped %q", skipped)
		}
		if !m.Holds("/home/ada/file") || m.Holds("/home/ada/state/backups/lock") {
			t.Errorf("kept %v", m.Entries)
		}
	}
}

// TestLinksAreNotFollowed: neither the links in a tree nor those on the way to it.
func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/secret/key", "secret")
	os.Symlink("../../secret", b.root+"/home/ada/link")
	m := b.create("/home/ada")
	if m.Holds("/home/ada/link/key") || len(b.objects()) > 0 {
		t.Errorf("followed: %v", m.Entries)
	}
	var link *disk.LinkError
	if err := b.mustFail("/home/ada/link/key"); !errors.As(err, &link) || link.At != "/home/ada/link" {
		t.Errorf("error %v", err)
	}
}

// TestTouched: a file of the same size, with its old time set again, is not the old one.
func TestTouched(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.calm(time.Hour)
	b.write("/home/ada/file", "old")
	before, err := os.Stat(b.root + "/home/ada/file")
	if err != nil {
		t.Fatal(err)
	}
	b.create("/home/ada")
	b.write("/home/ada/file", "new")
	if err := os.Chtimes(b.root+"/home/ada/file", before.ModTime(), before.ModTime()); err != nil {
		t.Fatal(err)
	}
	m := b.create("/home/ada")
	os.RemoveAll(b.root + "/home")
	b.restore(m.ID, false)
	if got := b.read("/home/ada/file"); got != "new" {
		t.Errorf("kept %q", got)
	}
}

// TestJustWritten: a file that was written in the moment of the backup may be written again without having another time,
// so the next backup reads it.
func TestJustWritten(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/file", "old")
	info, err := os.Stat(b.root + "/home/ada/file")
	if err != nil {
		t.Fatal(err)
	}
	changed := info.Sys().(*syscall.Stat_t).Ctim
	read := 0
	b.hook = func(point, path string) error {
		if point == "read" {
			read++
		}
		return nil
	}
	for _, one := range []struct {
		after time.Duration
		reads int
	}{{0, 1}, {time.Millisecond, 2}, {10 * time.Millisecond, 3}, {10 * time.Second, 4}, {20 * time.Second, 4}, {-time.Hour, 4}, {time.Hour, 5}} {
		b.now = func() time.Time { return time.Unix(changed.Sec, changed.Nsec).Add(one.after) }
		b.create("/home/ada/file")
		if read != one.reads {
			t.Errorf("%v after it was written: read %d times, want %d", one.after, read, one.reads)
		}
	}
}

// TestPermissions: what is nqd's own is for nobody else.
func TestPermissions(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/file", "text")
	b.create("/home/ada")
	err := filepath.Walk(filepath.Dir(b.Dir), func(path string, info fs.FileInfo, err error) error {
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSharedContent(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/a", "the same")
	b.write("/home/ada/b", "the same")
	b.write("/home/ada/c", "another")
	b.create("/home/ada/a", "/home/ada/b")
	b.create("/home/ada")
	if got := b.objects(); len(got) != 2 {
		t.Errorf("stored %q", got)
	}
	// A change in place must not reach the backup.
	f, err := os.OpenFile(b.root+"/home/ada/a", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString("XXX"); err != nil {
		t.Fatal(err)
	}
	if got, err := b.Verify(context.Background()); err != nil || len(got.Damaged) > 0 {
		t.Errorf("damaged by a change of the user: %v (%v)", got.Damaged, err)
	}
}

// TestBigFile: more than one buffer, and a hole.
func TestBigFile(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/disk.img", strings.Repeat("0123456789abcdef", 1<<16))
	if err := os.Truncate(b.root+"/home/ada/disk.img", 40<<20); err != nil {
		t.Fatal(err)
	}
	before := walk(t, b.root+"/home/ada/disk.img")
	m := b.create("/home/ada/disk.img")
	os.Remove(b.root + "/home/ada/disk.img")
	b.restore(m.ID, false)
	if diff := differences(before, walk(t, b.root+"/home/ada/disk.img")); diff != "" {
		t.Error(diff)
	}
}

// TestCancelled: an interrupt ends also the copy of a large file, and leaves nothing.
func TestCancelled(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"read", "stage"} {
		b := newBox(t)
		b.write("/home/ada/a", "text")
		ctx, cancel := context.WithCancelCause(context.Background())
		reason := errors.New("enough")
		b.hook = func(point, path string) error {
			if point == at {
				cancel(reason)
			}
			return nil
		}
		if _, err := b.Create(ctx, Reason{}, []string{"/home/ada"}); !errors.Is(err, reason) {
			t.Errorf("%s: %v", at, err)
		}
		b.hook = nil
		b.empty()
	}
}
