package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// clock is a time that goes on by a second with each record.
func clock() func() time.Time {
	now := time.Date(2026, 2, 3, 4, 5, 6, 789, time.FixedZone("", 3600))
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

func begin(t *testing.T) (*Journal, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal")
	j, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j, path
}

func TestAppendAndRead(t *testing.T) {
	t.Parallel()
	j, path := begin(t)
	j.now = clock()
	add := func(step int, action string, state State, data any) {
		t.Helper()
		if err := j.Append(step, action, state, data); err != nil {
			t.Fatal(err)
		}
	}
	add(0, "deployment", Started, map[string]any{"text": "line\nbreak <&> \"ü\" \x01"})
	// It is on the file without waiting for anything, Close included.
	if records, err := Read(path); err != nil || len(records) != 1 {
		t.Fatalf("after the first record: %d records, %v", len(records), err)
	}
	add(1, "try", Started, nil)
	add(1, "try", Done, nil)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	at := func(second int) time.Time { return time.Date(2026, 2, 3, 3, 5, second, 789, time.UTC) }
	want := []Record{
		{2, 1, at(7), "deployment", Started, 0, json.RawMessage(`{"text":"line\nbreak \u003c\u0026\u003e \"ü\" \u0001"}`)},
		{2, 2, at(8), "try", Started, 1, nil},
		{2, 3, at(9), "try", Done, 1, nil},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestFormat is the format byte for byte: whoever changes it raises Version and keeps the fixture below.
func TestFormat(t *testing.T) {
	t.Parallel()
	j, path := begin(t)
	j.now = clock()
	if err := j.Append(1, "try", Failed, map[string]string{"problem": "no"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = "1c9a1bc0402e4b5d " + `{"version":2,"number":1,"time":"2026-02-03T03:05:07.000000789Z","action":"try","state":"failed","step":1,"data":{"problem":"no"}}` + "\n"
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestFormat1 loads what the first release wrote. It must load for ever.
func TestFormat1(t *testing.T) {
	t.Parallel()
	got, err := Read(filepath.Join("testdata", "format-1.journal"))
	if err != nil {
		t.Fatal(err)
	}
	at := func(second int) time.Time { return time.Date(2026, 1, 2, 3, 4, second, 500_000_000, time.UTC) }
	want := []Record{
		{1, 1, at(1), "deployment", Started, 0, json.RawMessage(`{"host":"orion","number":3}`)},
		{1, 2, at(2), "try", Started, 0, nil},
		{1, 3, at(3), "try", Done, 0, nil},
		{1, 4, at(4), "check", Started, 0, nil},
		{1, 5, at(5), "check", Failed, 0, json.RawMessage(`{"problem":"ollama: api: no answer"}`)},
		{1, 6, at(6), "try", Undoing, 0, nil},
		{1, 7, at(7), "try", Undone, 0, nil},
		{1, 8, at(8), "deployment", Failed, 0, json.RawMessage(`{"result":"reverted","problem":"ollama: api: no answer"}`)},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestCreateMode runs alone: the umask belongs to the whole process.
func TestCreateMode(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		old := syscall.Umask(umask)
		_, path := begin(t)
		syscall.Umask(old)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("umask %03o: mode %v", umask, info.Mode())
		}
	}
}

func TestCreateNeverReplaces(t *testing.T) {
	t.Parallel()
	j, path := begin(t)
	if err := j.Append(0, "deployment", Started, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating a journal over another: %v", err)
	}
	link := filepath.Join(t.TempDir(), "link")
	target := filepath.Join(t.TempDir(), "target")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(link); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating a journal through a link: %v", err)
	}
	if records, err := Read(path); err != nil || len(records) != 1 {
		t.Errorf("the first journal has %d records, %v", len(records), err)
	}
}

func TestCreateSyncsDirectory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	var synced []string
	j, err := create(path, func(dir string) error {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the directory is synced before the file is in it: %v", err)
		}
		synced = append(synced, dir)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	j.Close()
	if want := []string{filepath.Dir(path)}; !reflect.DeepEqual(synced, want) {
		t.Errorf("synced %q, want %q", synced, want)
	}
	gone := errors.New("the disk is gone")
	if _, err := create(path+"2", func(string) error { return gone }); !errors.Is(err, gone) {
		t.Errorf("error %v, want %v", err, gone)
	}
}

// TestAppendSyncs: fsync(2) refuses a pipe, with EINVAL, so Append has to report it; and what
// went into the pipe was written before.
func TestAppendSyncs(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	j := &Journal{file: w, now: clock()}
	if err := j.Append(1, "try", Started, nil); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("error %v, want EINVAL of the sync", err)
	}
	w.Close() // as Append has done; or else reading would not end
	written, err := io.ReadAll(r)
	if err != nil || !bytes.HasSuffix(written, []byte("}\n")) {
		t.Errorf("written before the sync: %q (%v)", written, err)
	}
	refused(t, j)
}

// TestAppendFullDisk writes to the device that is always full.
func TestAppendFullDisk(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	j := &Journal{file: full, now: clock()}
	for range 2 { // whoever asks again hears why
		if err := j.Append(1, "try", Started, nil); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("error %v, want ENOSPC", err)
		}
	}
	refused(t, j)
	if _, err := full.Stat(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file is still open: %v", err)
	}
}

// refused checks that a journal after an error takes nothing more, and can be closed.
func refused(t *testing.T, j *Journal) {
	t.Helper()
	if err := j.Append(1, "try", Done, nil); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("a record after an error: %v, want that it is refused", err)
	}
	if err := j.Close(); err != nil {
		t.Errorf("closing after an error: %v", err)
	}
}

// TestAppendUnfit: data that cannot be written leaves no trace, and the journal goes on.
func TestAppendUnfit(t *testing.T) {
	t.Parallel()
	j, path := begin(t)
	if err := j.Append(1, "try", Started, func() {}); err == nil {
		t.Error("a function was recorded")
	}
	if err := j.Append(1, "try", Started, nil); err != nil {
		t.Fatal(err)
	}
	if records, err := Read(path); err != nil || len(records) != 1 || records[0].Number != 1 {
		t.Errorf("records %+v, %v", records, err)
	}
}
