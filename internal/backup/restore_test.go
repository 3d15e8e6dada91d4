package backup

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// tried is a restore that ends with an error.
func (b *box) tried(id int, overwrite bool, paths ...string) (event.BackupRestored, error) {
	b.t.Helper()
	got, err := b.Restore(context.Background(), id, paths, overwrite)
	if err == nil {
		b.t.Fatalf("backup %d was restored: %q", id, got.Restored)
	}
	return got, err
}

func TestRestoreAsks(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	for _, name := range []string{"changed", "gone", "left", "dir/file", "mode/file"} {
		b.write("/home/ada/"+name, name)
	}
	m := b.create("/home/ada")
	was := walk(t, b.root)
	b.write("/home/ada/changed", "precious")
	b.write("/home/ada/more", "is not in the backup")
	os.Remove(b.root + "/home/ada/gone")
	os.RemoveAll(b.root + "/home/ada/dir")
	b.write("/home/ada/dir", "precious, too")
	os.Chmod(b.root+"/home/ada/mode", 0o700)
	now := walk(t, b.root)
	_, err := b.tried(m.ID, false)
	var refused *OverwriteError
	if !errors.As(err, &refused) {
		t.Fatal(err)
	}
	if want := []string{"/home/ada/changed", "/home/ada/dir", "/home/ada/mode"}; !slices.Equal(refused.Paths, want) || refused.Backup != m.ID {
		t.Errorf("asks about %q of backup %d", refused.Paths, refused.Backup)
	}
	if diff := differences(now, walk(t, b.root)); diff != "" {
		t.Errorf("changed before anybody agreed:\n%s", diff)
	}
	got, err := b.Restore(context.Background(), m.ID, nil, true)
	if err != nil || got.Replaced != m.ID+1 {
		t.Fatalf("%+v (%v)", got, err)
	}
	after := walk(t, b.root)
	delete(after, "/home/ada/more")
	if diff := differences(was, after); diff != "" {
		t.Errorf("not as it was:\n%s", diff)
	}
	if got := b.read("/home/ada/more"); got != "is not in the backup" {
		t.Errorf("what the backup does not have is %q", got)
	}
	before, err := b.Get(got.Replaced)
	if err != nil || before.Reason.Text != "before restoring backup 1" || len(before.Entries) != 3 {
		t.Errorf("%+v (%v)", before, err)
	}
	b.restore(got.Replaced, true, "/home/ada/changed", "/home/ada/dir")
	if b.read("/home/ada/changed") != "precious" || b.read("/home/ada/dir") != "precious, too" {
		t.Error("what was replaced cannot be brought back")
	}
}

func TestRestoreSome(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.write("/home/ada/a/one", "1")
	b.write("/home/ada/a/two", "2")
	b.write("/home/ada/ab", "3")
	os.Link(b.root+"/home/ada/a/one", b.root+"/home/ada/b")
	os.Link(b.root+"/home/ada/a/one", b.root+"/home/ada/c")
	os.Chmod(b.root+"/home/ada", 0o710)
	m := b.create("/home/ada")
	was := walk(t, b.root)
	os.RemoveAll(b.root + "/home")
	for _, path := range []string{"/home/ada/none", "/home", "home/ada/a", "/home/ada/a/"} {
		b.tried(m.ID, false, path)
	}
	b.restore(m.ID, false, "/home/ada/b", "/home/ada/c")
	got := walk(t, b.root)
	if len(got) != 5 || got["/home/ada/b"] != was["/home/ada/b"][:len(got["/home/ada/b"])-len(` = ["/home/ada/b" "/home/ada/c"]`)]+` = ["/home/ada/b" "/home/ada/c"]` {
		t.Errorf("restored two links: %q", got)
	}
	if got["/home/ada"] != was["/home/ada"] || got["/home"][:5] != was["/home"][:5] {
		t.Errorf("folders above: %q", got)
	}
	b.restore(m.ID, false, "/home/ada/a")
	b.restore(m.ID, false)
	after := walk(t, b.root)
	delete(was, "") // the root of the machine is in no backup
	delete(after, "")
	if diff := differences(was, after); diff != "" {
		t.Error(diff)
	}
}

// TestLinkPlacedMeanwhile: nothing is written through a link that somebody put on the way.
func TestLinkPlacedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"before", "build", "place"} {
		b := newBox(t)
		b.write("/home/ada/dir/file", "ada's")
		m := b.create("/home/ada/dir/file")
		os.RemoveAll(b.root + "/home/ada/dir/file")
		b.write("/etc/file.d/other", "root's")
		place := func() {
			os.RemoveAll(b.root + "/home/ada/dir")
			os.Symlink("../../etc/file.d", b.root+"/home/ada/dir")
		}
		if moment == "before" {
			place()
		}
		b.hook = func(point, path string) error {
			if point == moment {
				place()
			}
			return nil
		}
		before := walk(t, b.root+"/etc")
		_, err := b.Restore(context.Background(), m.ID, nil, true)
		if diff := differences(before, walk(t, b.root+"/etc")); diff != "" {
			t.Errorf("%s: written through the link (%v):\n%s", moment, err, diff)
		}
		var link *disk.LinkError
		if moment == "before" && !errors.As(err, &link) {
			t.Errorf("error %v", err)
		}
	}
}

// TestWrittenMeanwhile: what somebody writes after the look at it is theirs.
func TestWrittenMeanwhile(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"gone", "file", "folder"} {
		for _, moment := range []string{"build", "place", "compare"} {
			b := newBox(t)
			b.write("/home/ada/it", "kept")
			m := b.create("/home/ada/it")
			os.RemoveAll(b.root + "/home/ada/it")
			precious := "/home/ada/it"
			switch change {
			case "file":
				b.write("/home/ada/it", "else")
			case "folder":
				b.write("/home/ada/it/deep/file", "else")
				precious = "/home/ada/it/deep/more"
			}
			done := false
			b.hook = func(point, path string) error {
				if point != moment || done {
					return nil
				}
				done = true
				if moment == "compare" {
					b.write("/home/ada/"+string(disk.Aside.Of("it"))+"/deep/more", "precious")
				} else {
					b.write(precious, "precious")
				}
				return nil
			}
			_, err := b.Restore(context.Background(), m.ID, nil, true)
			if !done {
				continue
			}
			var changed *ChangedError
			if !errors.As(err, &changed) || b.read(precious) != "precious" {
				t.Errorf("%s, written at %s: %v", change, moment, err)
			}
			b.hook = nil
			if left, _ := os.ReadDir(b.root + "/home/ada"); len(left) != 1 {
				t.Errorf("%s, written at %s: left %v", change, moment, left)
			}
		}
	}
}

// TestGoesOn: one damaged content does not keep the others from coming back, and is never a file.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	for _, harm := range []string{"flipped", "missing", "longer", "shorter"} {
		b := newBox(t)
		for _, name := range []string{"a", "b", "c"} {
			b.write("/home/ada/"+name, "text of "+name)
		}
		m := b.create("/home/ada")
		object := b.contents().File(m.Entries[2].Hash)
		text, err := os.ReadFile(object)
		if err != nil {
			t.Fatal(err)
		}
		switch harm {
		case "flipped":
			text[3] ^= 1
		case "longer":
			text = append(text, 0)
		case "shorter":
			text = text[:3]
		}
		os.WriteFile(object, text, 0o600)
		if harm == "missing" {
			os.Remove(object)
		}
		os.Remove(b.root + "/home/ada/a")
		os.Remove(b.root + "/home/ada/b")
		got, err := b.tried(m.ID, false)
		var damage *DamageError
		if !errors.As(err, &damage) || damage.Path != "/home/ada/b" || damage.Backup != m.ID {
			t.Errorf("%s: %v", harm, err)
		}
		if left, _ := os.ReadDir(b.root + "/home/ada"); len(left) != 2 || b.read("/home/ada/a") != "text of a" {
			t.Errorf("%s: restored %q", harm, got.Restored)
		}
		verified, err := b.Verify(context.Background())
		if err != nil || len(verified.Damaged) != 1 || verified.Damaged[0].Path != "/home/ada/b" || verified.Files != 4 {
			t.Errorf("%s: %+v (%v)", harm, verified, err)
		}
	}
}

func TestSpecialInTheWay(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"/home/ada/it", "/home/ada/it/deep/socket"} {
		b := newBox(t)
		b.write("/home/ada/it", "text")
		m := b.create("/home/ada/it")
		os.Remove(b.root + "/home/ada/it")
		b.write("/home/ada/other", "")
		if at != "/home/ada/it" {
			b.mkdir("/home/ada/it/deep")
		}
		socket, err := net.Listen("unix", b.root+at)
		if err != nil {
			t.Fatal(err)
		}
		before := walk(t, b.root)
		_, err = b.tried(m.ID, true)
		var special *SpecialError
		if !errors.As(err, &special) || special.Path != at {
			t.Errorf("error %v", err)
		}
		if diff := differences(before, walk(t, b.root)); diff != "" {
			t.Errorf("changed:\n%s", diff)
		}
		socket.Close()
	}
}

func TestUnknown(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	var unknown *UnknownError
	if _, err := b.tried(1, true); !errors.As(err, &unknown) {
		t.Error(err)
	}
	if _, err := b.Verify(context.Background(), 7); !errors.As(err, &unknown) || unknown.ID != 7 {
		t.Error(err)
	}
	if all, err := b.List(); len(all) > 0 || err != nil {
		t.Error(all, err)
	}
	if got, err := b.Verify(context.Background()); err != nil || got.Backups != 0 {
		t.Error(got, err)
	}
	if _, err := os.Stat(b.Dir); !os.IsNotExist(err) {
		t.Error("looking at backups made their folder")
	}
}
