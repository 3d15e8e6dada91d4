package backup

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestCompare: each thing that can be another counts.
func TestCompare(t *testing.T) {
	t.Parallel()
	changes := map[string]func(path string){
		"content":      func(path string) { os.WriteFile(path+"/file", []byte("other"), 0o644) },
		"same size":    func(path string) { rewrite(path+"/file", "TEXT") },
		"mode":         func(path string) { os.Chmod(path+"/file", 0o600) },
		"setuid":       func(path string) { os.Chmod(path+"/file", 0o644|os.ModeSetuid) },
		"time":         func(path string) { os.Chtimes(path+"/file", time.Time{}, time.Unix(5, 0)) },
		"folder time":  func(path string) { os.Chtimes(path+"/dir", time.Time{}, time.Unix(5, 0)) },
		"gone":         func(path string) { os.Remove(path + "/file") },
		"more":         func(path string) { os.WriteFile(path+"/dir/more", nil, 0o644) },
		"another":      func(path string) { os.Rename(path+"/file", path+"/elif") },
		"target":       func(path string) { os.Remove(path + "/link"); os.Symlink("else", path+"/link") },
		"kind":         func(path string) { os.Remove(path + "/link"); os.WriteFile(path+"/link", nil, 0o644) },
		"attribute":    func(path string) { unix.Setxattr(path+"/file", "user.nqd", []byte("more"), 0) },
		"more, hidden": func(path string) { keepTime(path+"/dir", func() { os.WriteFile(path+"/dir/more", nil, 0o644) }) },
		"no hard link": func(path string) { keepTime(path, func() { unlink(path + "/hard") }) },
	}
	for name, change := range changes {
		for _, calm := range []time.Duration{0, time.Hour} {
			b := newBox(t)
			b.calm(calm)
			b.write("/home/ada/tree/file", "text")
			b.mkdir("/home/ada/tree/dir")
			os.Symlink("target", b.root+"/home/ada/tree/link")
			os.Link(b.root+"/home/ada/tree/file", b.root+"/home/ada/tree/hard")
			m := b.create("/home/ada/tree")
			if state, err := b.Compare(context.Background(), m, "/home/ada/tree"); state != Same || err != nil {
				t.Fatalf("%v (%v) without a change", state, err)
			}
			change(b.root + "/home/ada/tree")
			before := walk(t, b.root)
			if state, err := b.Compare(context.Background(), m, "/home/ada/tree"); state != Changed || err != nil {
				t.Errorf("%s: %v (%v)", name, state, err)
			}
			var changed *ChangedError
			if err := b.Clear(context.Background(), m, "/home/ada/tree"); !errors.As(err, &changed) {
				t.Errorf("%s: cleared (%v)", name, err)
			}
			if diff := differences(before, walk(t, b.root)); diff != "" {
				t.Errorf("%s: Clear changed\n%s", name, diff)
			}
			os.RemoveAll(b.root + "/home/ada/tree")
			if state, err := b.Compare(context.Background(), m, "/home/ada/tree"); state != Gone || err != nil {
				t.Errorf("removed, it is %v (%v)", state, err)
			}
		}
	}
}

// rewrite changes the content of a file and neither its size nor its time.
func rewrite(path, text string) {
	info, _ := os.Stat(path)
	f, _ := os.OpenFile(path, os.O_WRONLY, 0)
	f.WriteString(text)
	f.Close()
	os.Chtimes(path, time.Time{}, info.ModTime())
}

// keepTime does something, and sets the old time of the folder again.
func keepTime(folder string, do func()) {
	info, _ := os.Stat(folder)
	do()
	os.Chtimes(folder, time.Time{}, info.ModTime())
}

// unlink makes a file of its own of a hard link, like it in all else.
func unlink(path string) {
	info, _ := os.Stat(path)
	text, _ := os.ReadFile(path)
	os.Remove(path)
	os.WriteFile(path, text, info.Mode())
	os.Chtimes(path, time.Time{}, info.ModTime())
}

func TestCompareUnknown(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/file", "text")
	m := b.create("/home/ada/file")
	if _, err := b.Compare(context.Background(), m, "/home/ada"); err == nil {
		t.Error("a folder above was compared")
	}
	if m.Holds("/home/ada") || !m.Holds("/home/ada/file") || m.Holds("/home/ada/fil") {
		t.Error("Holds")
	}
}

// TestClearRace: a file that is written to until the last moment stays.
func TestClearRace(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"aside", "compare"} {
		b := newBox(t)
		b.write("/home/ada/it", "kept")
		m := b.create("/home/ada/it")
		open, err := os.OpenFile(b.root+"/home/ada/it", os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		b.hook = func(point, path string) error {
			if point == moment {
				open.WriteString(" and more")
			}
			return nil
		}
		var changed *ChangedError
		if err := b.Clear(context.Background(), m, "/home/ada/it"); !errors.As(err, &changed) {
			t.Error(err)
		}
		if got := b.read("/home/ada/it"); got != "kept and more" {
			t.Errorf("%s: %q", moment, got)
		}
		open.Close()
	}
}

// TestClearGone: nothing there, or no folder that it could be in, is as good as cleared.
func TestClearGone(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/dir/it", "kept")
	m := b.create("/home/ada/dir/it")
	for range 2 {
		if err := b.Clear(context.Background(), m, "/home/ada/dir/it"); err != nil {
			t.Error(err)
		}
	}
	os.RemoveAll(b.root + "/home/ada")
	if err := b.Clear(context.Background(), m, "/home/ada/dir/it"); err != nil {
		t.Error(err)
	}
}
