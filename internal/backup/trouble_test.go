package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tmpfs puts the store on a file system of that size, which only root can make.
func (b *box) tmpfs(size string) {
	b.t.Helper()
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", b.Dir, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		b.t.Skipf("mounting is not permitted here: %v", err)
	}
	b.t.Cleanup(func() { _ = unix.Unmount(b.Dir, unix.MNT_DETACH) })
}

// TestFullDisk: the backup that does not fit is not there, its space is free again, and the older one is whole.
func TestFullDisk(t *testing.T) {
	b := newBox(t)
	b.tmpfs("1m")
	b.write("/home/ada/small", "small")
	b.create("/home/ada")
	first := walk(t, b.root+"/home")
	for i := range 40 {
		b.write(fmt.Sprint("/home/ada/file", i), strings.Repeat(fmt.Sprint(i), 30_000))
	}
	if err := b.mustFail("/home/ada"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v", err)
	}
	b.whole(1, first)
	b.tidy()
	// It is full when the manifest is written, the contents being there already.
	b.hook = func(point, path string) error {
		if point == "manifest" {
			fill := filepath.Join(b.Dir, "fill")
			f, err := os.Create(fill)
			if err != nil {
				return err
			}
			defer f.Close()
			for err == nil {
				_, err = f.Write(make([]byte, 4096))
			}
		}
		return nil
	}
	if err := b.mustFail("/home/ada/file1"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v", err)
	}
	b.hook = nil
	b.whole(1, first)
	b.tidy()
	os.Remove(filepath.Join(b.Dir, "fill"))
	b.create("/home/ada/file1")
	b.tidy()
}

// TestReadOnly: what is there can be looked at and restored.
func TestReadOnly(t *testing.T) {
	b := newBox(t)
	b.tmpfs("1m")
	b.write("/home/ada/file", "text")
	b.create("/home/ada")
	first := walk(t, b.root+"/home")
	if err := unix.Mount("", b.Dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Skipf("mounting is not permitted here: %v", err)
	}
	b.write("/home/ada/more", "more")
	if err := b.mustFail("/home/ada"); !errors.Is(err, syscall.EROFS) {
		t.Errorf("error %v", err)
	}
	if _, err := b.Prune(context.Background(), Retention{MaxAge: 1}, nil, false); !errors.Is(err, syscall.EROFS) {
		t.Errorf("error %v", err)
	}
	if got, err := b.Verify(context.Background()); err != nil || got.Backups != 1 || len(got.Damaged) > 0 {
		t.Errorf("%+v (%v)", got, err)
	}
	b.whole(1, first)
}

// TestTwoAtOnce: some make backups while others prune; each gets its own number, and what stays is whole.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for i := range 20 {
		b.write(fmt.Sprint("/home/ada/", i), fmt.Sprint("text ", i%7))
	}
	before := walk(t, b.root+"/home")
	var all sync.WaitGroup
	var lock sync.Mutex
	var made []int
	for i := range 12 {
		all.Go(func() {
			own := &Store{Dir: b.Dir, Root: b.root}
			if i%3 == 2 {
				if _, err := own.Prune(context.Background(), Retention{Keep: 2}, nil, false); err != nil {
					t.Error(err)
				}
				return
			}
			m, err := own.Create(context.Background(), Reason{Text: "at once"}, []string{"/home/ada"})
			if err != nil {
				t.Error(err)
				return
			}
			lock.Lock()
			defer lock.Unlock()
			made = append(made, m.ID)
		})
	}
	all.Wait()
	slices.Sort(made)
	if want := []int{1, 2, 3, 4, 5, 6, 7, 8}; !slices.Equal(made, want) {
		t.Errorf("numbers %v", made)
	}
	b.whole(8, before)
	if got, err := b.Verify(context.Background()); err != nil || len(got.Damaged) > 0 {
		t.Errorf("%+v (%v)", got, err)
	}
	b.tidy()
}

// TestWaiting: who waits for another nqd can be interrupted.
func TestWaiting(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	unlock, err := b.lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := (&Store{Dir: b.Dir, Root: b.root}).Create(ctx, Reason{}, []string{"/home/ada"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

// TestAsUser does what only a user without root sees: the test runs itself as nobody.
func TestAsUser(t *testing.T) {
	if os.Geteuid() == 0 {
		dir, err := os.MkdirTemp("", "nqd-as-user-")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/proc/self/exe", "-test.run=^TestAsUser$", "-test.v")
		cmd.Env = append(os.Environ(), "TMPDIR="+dir)
		cmd.Dir = dir
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: TestAsUser/") {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	t.Run("unreadable", func(t *testing.T) {
		b := newBox(t)
		b.write("/home/ada/a", "text")
		b.write("/home/ada/secret", "text")
		b.write("/home/ada/closed/file", "text")
		b.write("/home/ada/z", "text")
		os.Chmod(b.root+"/home/ada/secret", 0)
		os.Chmod(b.root+"/home/ada/closed", 0o300)
		defer os.Chmod(b.root+"/home/ada/closed", 0o700)
		err := b.mustFail("/home/ada")
		if !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), "/home/ada/secret") || !strings.Contains(err.Error(), "/home/ada/closed") {
			t.Errorf("error %v", err)
		}
		b.empty()
	})
	t.Run("owner", func(t *testing.T) {
		b := newBox(t)
		b.write("/home/ada/it", "text")
		os.Chmod(b.root+"/home/ada/it", 0o4755|os.ModeSetuid)
		m := b.create("/home/ada/it")
		m.ID, m.Entries[0].UID, m.Entries[0].GID = 2, 0, 0
		if err := b.shelf().Write(m); err != nil {
			t.Fatal(err)
		}
		os.Remove(b.root + "/home/ada/it")
		got, err := b.Restore(context.Background(), 2, nil, false)
		if err != nil || len(got.Lost) != 1 || got.Lost[0] != "/home/ada/it: owner 0:0" {
			t.Errorf("%+v (%v)", got, err)
		}
		info, err := os.Stat(b.root + "/home/ada/it")
		if err != nil || info.Mode() != 0o755 {
			t.Errorf("root's program runs as somebody else: %v (%v)", info.Mode(), err)
		}
		if again, err := b.Restore(context.Background(), 2, nil, false); err != nil || len(again.Restored) > 0 {
			t.Errorf("restored again: %+v (%v)", again, err)
		}
	})
	t.Run("closed folders", func(t *testing.T) {
		b := newBox(t)
		b.write("/home/ada/dir/deep/file", "text")
		os.Chmod(b.root+"/home/ada/dir/deep", 0o500)
		os.Chmod(b.root+"/home/ada/dir", 0o500)
		before := walk(t, b.root+"/home/ada/dir")
		m := b.create("/home/ada/dir")
		if err := b.Clear(context.Background(), m, "/home/ada/dir"); err != nil {
			t.Fatal(err)
		}
		b.restore(m.ID, false)
		if diff := differences(before, walk(t, b.root+"/home/ada/dir")); diff != "" {
			t.Error(diff)
		}
		os.Chmod(b.root+"/home/ada/dir", 0o700)
		os.Chmod(b.root+"/home/ada/dir/deep", 0o700)
	})
}
