package backup

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
)

func inRapid(t *testing.T, check func(*rapid.T, *box)) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "case")
		if err != nil {
			rt.Fatal(err)
		}
		b := &box{t: t, root: filepath.Join(dir, "machine")}
		b.Store = &Store{Dir: filepath.Join(dir, "state", "backups"), Root: b.root}
		b.mkdir("/home/ada/tree")
		f := &forest{t: rt}
		f.grow(b.root+"/home/ada/tree", 3)
		f.made = append(f.made, b.root+"/home/ada/tree")
		f.dress()
		check(rt, b)
	})
}

// TestRoundTrip: whatever tree there was, it stands again after all of it was destroyed.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	inRapid(t, func(rt *rapid.T, b *box) {
		tree := b.root + "/home/ada/tree"
		before := walk(t, tree)
		m := b.create("/home/ada/tree")
		if len(m.Entries) != len(before) {
			rt.Fatalf("%d entries for %d names", len(m.Entries), len(before))
		}
		if diff := differences(before, walk(t, tree)); diff != "" {
			rt.Fatalf("making a backup changed the tree:\n%s", diff)
		}
		if state, err := b.Compare(context.Background(), m, "/home/ada/tree"); state != Same || err != nil {
			rt.Fatalf("the tree compares as %v (%v)", state, err)
		}
		if rapid.Bool().Draw(rt, "cleared by nqd") {
			if err := b.Clear(context.Background(), m, "/home/ada/tree"); err != nil {
				rt.Fatal(err)
			}
			if left, err := os.ReadDir(b.root + "/home/ada"); err != nil || len(left) > 0 {
				rt.Fatalf("left after Clear: %v (%v)", left, err)
			}
		} else if err := os.RemoveAll(b.root + "/home"); err != nil {
			rt.Fatal(err)
		}
		b.restore(m.ID, false)
		if diff := differences(before, walk(t, tree)); diff != "" {
			rt.Fatalf("not restored:\n%s", diff)
		}
		if got, err := b.Restore(context.Background(), m.ID, nil, false); err != nil || len(got.Restored) > 0 {
			rt.Fatalf("restored a second time: %q (%v)", got.Restored, err)
		}
	})
}

// TestDamagedTree: some of the tree is gone or was changed since. All of it is as it was after a restore, and what was
// changed is in the backup that was made first.
func TestDamagedTree(t *testing.T) {
	t.Parallel()
	inRapid(t, func(rt *rapid.T, b *box) {
		tree := b.root + "/home/ada/tree"
		before := walk(t, tree)
		m := b.create("/home/ada/tree")
		var harmed []string
		for _, e := range m.Entries[1:] {
			path := b.root + e.Path
			if _, err := os.Lstat(path); err != nil {
				continue
			}
			harm := rapid.IntRange(0, 5).Draw(rt, "harm")
			if harm <= 2 {
				os.RemoveAll(path)
			}
			switch harm {
			case 1:
				os.WriteFile(path, []byte("something else"), 0o600)
				harmed = append(harmed, e.Path)
			case 2:
				os.MkdirAll(path+"/deep", 0o700)
				os.WriteFile(path+"/deep/file", []byte("precious"), 0o600)
				if e.Kind != disk.Folder {
					harmed = append(harmed, e.Path)
				}
			}
		}
		spoilt := walk(t, b.root)
		if _, err := b.Restore(context.Background(), m.ID, nil, false); len(harmed) > 0 {
			var refused *OverwriteError
			if !errors.As(err, &refused) || differences(spoilt, walk(t, b.root)) != "" {
				rt.Fatalf("%q were changed, and nobody was asked: %v", harmed, err)
			}
		}
		got, err := b.Restore(context.Background(), m.ID, nil, true)
		if err != nil {
			rt.Fatal(err)
		}
		after := walk(t, tree)
		for path, line := range before {
			if after[path] != line {
				rt.Fatalf("%q\n was %s\n is  %s", path, line, after[path])
			}
		}
		if len(harmed) == 0 {
			return
		}
		os.RemoveAll(b.root + "/home")
		b.restore(got.Replaced, false)
		kept := walk(t, b.root)
		for _, path := range harmed {
			if kept[path] == "" || kept[path] != spoilt[path] {
				rt.Fatalf("%q was replaced and is not kept:\n was %s\n is  %s", path, spoilt[path], kept[path])
			}
		}
	})
}

// TestUnchangedShares: a second backup of the same tree stores nothing, and reads no file.
func TestUnchangedShares(t *testing.T) {
	t.Parallel()
	inRapid(t, func(rt *rapid.T, b *box) {
		b.calm(time.Hour)
		b.create("/home/ada/tree")
		objects := len(b.objects())
		b.hook = func(point, path string) error {
			if point == "read" || point == "stage" {
				rt.Fatalf("%s of %q, which did not change", point, path)
			}
			return nil
		}
		second := b.create("/home/ada/tree")
		if len(b.objects()) != objects {
			rt.Fatalf("%d contents became %d", objects, len(b.objects()))
		}
		before := walk(t, b.root+"/home/ada/tree")
		os.RemoveAll(b.root + "/home")
		b.hook = nil
		b.restore(second.ID, false)
		if diff := differences(before, walk(t, b.root+"/home/ada/tree")); diff != "" {
			rt.Fatalf("the second backup is not the tree:\n%s", diff)
		}
	})
}
