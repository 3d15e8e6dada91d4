package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
)

// fixture is what testdata/format-1.json says. That file is never written again: backups of that format are to be read
// for ever.
func fixture() Manifest {
	hash := strings.Repeat("0123456789abcdef", 4)
	time1, time2 := disk.Stamp{1767225600, 123456789}, disk.Stamp{-5, 0}
	node := func(kind disk.Kind, mode uint32) disk.Node {
		return disk.Node{Kind: kind, Mode: mode, UID: 1000, GID: 100, ModTime: time1, Inode: 42, Changed: time2}
	}
	file, link := node(disk.File, 0o4755), node(disk.Link, 0o777)
	file.Size, file.Xattrs = 7, map[string][]byte{"user.\xff": {0, 1, 255}}
	link.Target = "../100%/bad\xff"
	return Manifest{
		Version: 1, ID: 3, Made: time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600)),
		Reason:  Reason{Text: "before deployment 7", Deployment: 7},
		Paths:   []string{"/home/ada/dir"},
		Skipped: []Skipped{{"/home/ada/dir/so\xffcket", "a socket"}},
		Parents: []Entry{{Path: "/home", Node: node(disk.Folder, 0o755)}, {Path: "/home/ada", Node: node(disk.Folder, 0o700)}},
		Entries: []Entry{
			{Path: "/home/ada/dir", Node: node(disk.Folder, 0o1777)},
			{Path: "/home/ada/dir/bad\xff\n%41", Node: file, Hash: hash},
			{Path: "/home/ada/dir/hard", Node: file, Hash: hash, Same: "/home/ada/dir/bad\xff\n%41"},
			{Path: "/home/ada/dir/link", Node: link},
			{Path: "/home/ada/dir/pipe", Node: node(disk.Fifo, 0o600)},
		},
	}
}

func TestFormat1(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/format-1.json")
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	want := fixture()
	if !got.Made.Equal(want.Made) {
		t.Errorf("made %v", got.Made)
	}
	got.Made = want.Made
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	again, err := encode(want)
	if err != nil || !bytes.Equal(again, data) {
		t.Errorf("it is written otherwise by now (%v): that needs another number\n%s", err, again)
	}
}

// TestEveryBit: no bit of a manifest can turn without anybody seeing it.
func TestEveryBit(t *testing.T) {
	t.Parallel()
	data, err := encode(fixture())
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for bit := range 8 {
			bad := bytes.Clone(data)
			bad[i] ^= 1 << bit
			if _, err := decode(bad); err == nil {
				t.Errorf("byte %d, bit %d", i, bit)
			}
		}
		if _, err := decode(data[:i]); err == nil {
			t.Errorf("cut off at %d", i)
		}
	}
	if _, err := decode(append(bytes.Clone(data), '\n')); err == nil {
		t.Error("a line more")
	}
}

func TestNewerFormat(t *testing.T) {
	t.Parallel()
	_, err := decode([]byte(`{"version":2,"what":"ever"}`))
	if err == nil || !strings.Contains(err.Error(), "newer nqd") {
		t.Error(err)
	}
}

// signed is a manifest with the right hash, whatever it says.
func signed(body []byte) []byte {
	sum := sha256.Sum256(body)
	return []byte(head + hex.EncodeToString(sum[:]) + neck + string(body) + tail)
}

// TestRefuses: a hash can be made by anybody who can write the file; what it says is looked at as well.
func TestRefuses(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*Manifest){
		"no number":           func(m *Manifest) { m.ID = 0 },
		"relative":            func(m *Manifest) { m.Entries[0].Path, m.Paths[0] = "home", "home" },
		"not clean":           func(m *Manifest) { m.Entries[1].Path = "/home/ada/dir/../../../etc/passwd" },
		"outside":             func(m *Manifest) { m.Entries[3].Path = "/etc/passwd" },
		"through a link":      func(m *Manifest) { m.Entries[4].Path = "/home/ada/dir/link/passwd" },
		"zero byte":           func(m *Manifest) { m.Entries[4].Path = "/home/ada/dir/a\x00" },
		"twice":               func(m *Manifest) { m.Entries[4].Path = m.Entries[3].Path },
		"before its folder":   func(m *Manifest) { m.Entries[0], m.Entries[4] = m.Entries[4], m.Entries[0] },
		"mode":                func(m *Manifest) { m.Entries[1].Mode = 0o10000 },
		"size":                func(m *Manifest) { m.Entries[1].Size = -1 },
		"time":                func(m *Manifest) { m.Entries[1].ModTime[1] = 1e9 },
		"hash is a path":      func(m *Manifest) { m.Entries[1].Hash = strings.Repeat("../", 21) + "x" },
		"no hash":             func(m *Manifest) { m.Entries[1].Hash = "" },
		"hash of a link":      func(m *Manifest) { m.Entries[3].Hash = m.Entries[1].Hash },
		"no target":           func(m *Manifest) { m.Entries[3].Target = "" },
		"kind":                func(m *Manifest) { m.Entries[4].Kind = "other" },
		"same as a later one": func(m *Manifest) { m.Entries[1].Same = m.Entries[2].Path },
		"same as a folder":    func(m *Manifest) { m.Entries[4].Same = m.Entries[0].Path },
		"parent is a link":    func(m *Manifest) { m.Parents[0].Kind = disk.Link },
		"parent is relative":  func(m *Manifest) { m.Parents[0].Path = "home" },
	} {
		m := fixture()
		spoil(&m)
		data, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decode(data); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for _, body := range []string{"", "null", "[]", "{}", `{"id":1,"unknown":2}`, `{"id":1} {"id":2}`, `{"id":"1"}`} {
		if _, err := decode(signed([]byte(body))); err == nil {
			t.Errorf("%s: accepted", body)
		}
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := string(rapid.SliceOf(rapid.SampledFrom([]byte("a%F4\xff\xe2\x80\xa8\n\x00é"))).Draw(t, "name"))
		if got := unescape(escape(name)); got != name {
			t.Fatalf("%q became %q by %q", name, got, escape(name))
		}
	})
}

func FuzzDecode(f *testing.F) {
	data, err := encode(fixture())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[len(head)+2*sha256.Size+len(neck) : len(data)-len(tail)])
	f.Add([]byte(`{"id":1,"made":"2026-01-01T00:00:00Z","reason":{"text":""},"paths":null,"parents":null,"entries":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = decode(data)
		m, err := decode(signed(data))
		if err != nil {
			return
		}
		again, err := encode(m)
		if err != nil {
			t.Fatal(err)
		}
		same, err := decode(again)
		if err != nil {
			t.Fatalf("accepted, written again and refused: %v\n%s", err, again)
		}
		if !same.Made.Equal(m.Made) || len(same.Entries) != len(m.Entries) {
			t.Fatalf("%+v\nbecame %+v", m, same)
		}
	})
}

func TestShelf(t *testing.T) {
	t.Parallel()
	s := Shelf{t.TempDir()}
	if all, err := s.List(); len(all) > 0 || err != nil {
		t.Fatal(all, err)
	}
	if err := os.Mkdir(s.Folder(), 0o700); err != nil {
		t.Fatal(err)
	}
	m := fixture()
	if err := s.Write(m); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"03.json", "+4.json", "0.json", "x.json", "5"} {
		if err := os.WriteFile(filepath.Join(s.Folder(), name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if next, err := s.Next(); next != 4 || err != nil {
		t.Error(next, err)
	}
	os.Rename(s.File(3), s.File(7))
	var damage *DamageError
	if _, err := s.Get(7); !errors.As(err, &damage) || damage.Backup != 7 {
		t.Errorf("another's manifest: %v", err)
	}
	if err := s.Retire(); err != nil {
		t.Fatal(err)
	}
	os.Remove(s.File(7))
	if next, err := s.Next(); next != 8 || err != nil {
		t.Error(next, err)
	}
	os.WriteFile(s.last(), []byte("seven"), 0o600)
	if next, err := s.Next(); err == nil {
		t.Errorf("the next is %d, though nobody knows the last", next)
	}
}
