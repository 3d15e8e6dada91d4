package journal

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func write(t rapid.TB, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOpenContinues cuts a journal at every byte and goes on with it: what stood on whole lines is there, the next
// record stands behind it, and nothing is between the two.
func TestOpenContinues(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	text := sample(t, Started, Done, Undone)
	for end := range len(text) + 1 {
		for _, garbage := range []string{"", "\x00\x00\x00", "\x00\x00\n"} {
			torn := append(bytes.Clone(text[:end]), garbage...)
			if garbage != "" && end > 0 && text[end-1] == '}' {
				continue // a whole record with more behind it on its line is no record
			}
			write(t, path, torn)
			before, err := Read(path)
			if err != nil {
				t.Fatalf("cut at %d, then %q: %v", end, garbage, err)
			}
			j, records, err := Open(path)
			if err != nil {
				t.Fatalf("cut at %d, then %q: %v", end, garbage, err)
			}
			if !reflect.DeepEqual(records, before) {
				t.Fatalf("cut at %d: opened with %d records, it has %d", end, len(records), len(before))
			}
			if now, err := os.ReadFile(path); err != nil || len(now) > 0 && now[len(now)-1] != '\n' || !bytes.HasPrefix(text, now) {
				t.Fatalf("cut at %d, then %q: the file is %q after opening", end, garbage, now)
			}
			if err := errors.Join(j.Append(2, "check", Started, nil), j.Append(2, "check", Done, nil), j.Close()); err != nil {
				t.Fatal(err)
			}
			after, err := Read(path)
			if err != nil || len(after) != len(before)+2 {
				t.Fatalf("cut at %d, then %q: %d records and two more are %d: %v", end, garbage, len(before), len(after), err)
			}
			last := after[len(after)-1]
			if last.Action != "check" || last.Step != 2 || last.Number != len(after) || !reflect.DeepEqual(after[:len(before)], append([]Record{}, before...)) {
				t.Fatalf("cut at %d: the last record is %+v", end, last)
			}
		}
	}
}

// TestOpenDamaged: a journal that somebody changed is not written to.
func TestOpenDamaged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	text := sample(t, Started, Done, Undone)
	text[40] ^= 1
	write(t, path, text)
	if _, _, err := Open(path); err == nil || !strings.HasPrefix(err.Error(), path+":1: ") {
		t.Errorf("error %v, want it to begin with %s:1:", err, path)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, text) {
		t.Errorf("it was changed (%v)", err)
	}
	if _, _, err := Open(path + "2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no journal: %v", err)
	}
	if _, err := os.Stat(path + "2"); err == nil {
		t.Error("opening made a journal")
	}
}

// TestOpenFormat1 goes on with a journal of the first release: its records stay as they are.
func TestOpenFormat1(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "format-1.journal"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "journal")
	write(t, path, text)
	j, old, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(j.Append(1, "try", Undoing, nil), j.Close()); err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(now, text) {
		t.Errorf("the old records changed (%v)", err)
	}
	records, err := Read(path)
	if err != nil || len(records) != len(old)+1 || records[0].Version != 1 || records[len(old)].Version != Version {
		t.Errorf("%d records, then %d: %v", len(old), len(records), err)
	}
}

// TestJoinedLines: a line's end that was changed is damage, not a torn tail, also where the last two lines become one.
func TestJoinedLines(t *testing.T) {
	t.Parallel()
	text := sample(t, Started, Done, Undone)
	for _, number := range []int{1, 2} {
		at := -1
		for range number {
			at += 1 + bytes.IndexByte(text[at+1:], '\n')
		}
		for _, other := range []byte{' ', 0, '}', 'x'} {
			damaged := bytes.Clone(text)
			damaged[at] = other
			records, _, err := parse("j", damaged)
			if err == nil || !strings.HasPrefix(err.Error(), "j:"+string(rune('0'+number))+": ") || len(records) != number-1 {
				t.Errorf("the end of line %d is %q: %d records, %v", number, other, len(records), err)
			}
		}
	}
}

// TestAppendRemoved: what is written to a file that has no name any more is no record.
func TestAppendRemoved(t *testing.T) {
	t.Parallel()
	j, path := begin(t)
	if err := j.Append(0, "deployment", Started, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Dir(path)); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(1, "try", Started, nil); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want that %s was removed", err, path)
	}
	refused(t, j)
}

// TestClockJumps: times go back and forth, and mean nothing.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	j, path := begin(t)
	for _, year := range []int{2026, 1970, 2038, 1, 9999, 2000} {
		j.now = func() time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.Local) }
		if err := j.Append(1, "try", Started, nil); err != nil {
			t.Fatal(err)
		}
	}
	records, err := Read(path)
	if err != nil || len(records) != 6 || records[1].Time.Year() > 1970 || records[5].Number != 6 {
		t.Errorf("%d records, %v", len(records), err)
	}
}
