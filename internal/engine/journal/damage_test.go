package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// sample is the text of a journal with the given records.
func sample(t rapid.TB, states ...State) []byte {
	t.Helper()
	j := &Journal{now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
	var text []byte
	for _, state := range states {
		line, err := j.encode(1, "try", state, problem{"no\nanswer"})
		if err != nil {
			t.Fatal(err)
		}
		j.last++
		text = append(text, line...)
	}
	return text
}

type problem struct{ Problem string }

// line is a record with a checksum that fits, whatever body says.
func line(body string) string { return checksum([]byte(body)) + " " + body + "\n" }

func drawSample(t *rapid.T) []byte {
	state := rapid.SampledFrom([]State{Started, Done, Failed, Undoing, Undone})
	return sample(t, rapid.SliceOfN(state, 1, 6).Draw(t, "states")...)
}

// TestTornTail cuts a journal at every byte: what stood on whole lines is there, and no more.
func TestTornTail(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := drawSample(t)
		all, _, err := parse("j", text)
		if err != nil || len(all) != bytes.Count(text, []byte("\n")) {
			t.Fatalf("the whole journal: %d records, %v", len(all), err)
		}
		for end := range len(text) {
			whole := bytes.Count(text[:end], []byte("\n"))
			if text[end] == '\n' {
				whole++ // only the line's end is missing: the record is all there
			}
			got, _, err := parse("j", text[:end])
			if err != nil {
				t.Fatalf("cut at %d: %v", end, err)
			}
			if len(got) != whole || whole > 0 && !reflect.DeepEqual(got, all[:whole]) {
				t.Fatalf("cut at %d: %d records, want the first %d", end, len(got), whole)
			}
		}
	})
}

// TestTornTailOfGarbage: blocks of a file that were never written read as zeros or anything,
// the end of the line included.
func TestTornTailOfGarbage(t *testing.T) {
	t.Parallel()
	text := sample(t, Started, Done)
	for _, tail := range []string{"\x00\x00\x00", "\n", "\x00\x00\n", "half a line", "0123456789abcdef {}\n"} {
		got, _, err := parse("j", append(bytes.Clone(text), tail...))
		if err != nil || len(got) != 2 {
			t.Errorf("tail %q: %d records, %v", tail, len(got), err)
		}
	}
}

// TestFlippedByte changes one byte: on the last line it counts as torn, anywhere else it is
// an error that names the line.
func TestFlippedByte(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := drawSample(t)
		lines := bytes.Count(text, []byte("\n"))
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		number := bytes.Count(text[:at], []byte("\n")) + 1
		damaged := bytes.Clone(text)
		damaged[at] ^= rapid.ByteRange(1, 255).Draw(t, "flip")
		got, _, err := parse("dir/j", damaged)
		switch {
		case number < lines && (err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("dir/j:%d: ", number))):
			t.Fatalf("byte %d of line %d of %d: error %v", at, number, lines, err)
		case number == lines && err != nil && damaged[at] != '\n': // which would make two lines of it
			t.Fatalf("byte %d of the last line: error %v", at, err)
		}
		// Losing only the last line's end loses nothing.
		want := number - 1
		if text[at] == '\n' && number == lines && bytes.HasSuffix(text[:at], []byte("}")) && len(got) == number {
			want = number
		}
		if len(got) != want {
			t.Fatalf("byte %d of line %d of %d: %d records, want the %d before it", at, number, lines, len(got), want)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const head = `{"version":1,"number":1,"time":"2026-01-02T03:04:05Z","action":"deployment","state":"started"}`
	record := func(version, number int) string {
		return line(fmt.Sprintf(`{"version":%d,"number":%d,"time":"2026-01-02T03:04:05Z","action":"try","state":"done"}`, version, number))
	}
	for name, test := range map[string]struct {
		text    string
		records int
		problem string
	}{
		"gap":                   {line(head) + record(1, 3) + record(1, 4), 1, "j:2: record 3 stands where 2 belongs"},
		"gap at the end":        {line(head) + record(1, 3), 1, "j:2: record 3 stands where 2 belongs"},
		"twice":                 {line(head) + line(head), 1, "j:2: record 1 stands where 2 belongs"},
		"does not begin with 1": {record(1, 2), 0, "j:1: record 2 stands where 1 belongs"},
		"newer":                 {line(head) + record(3, 2) + record(1, 3), 1, "j:2: record of format 3; this nqd reads up to 2"},
		"newer at the end":      {line(head) + record(3, 2), 1, "j:2: record of format 3; this nqd reads up to 2"},
		"newer alone":           {record(3, 1), 0, "j:1: record of format 3; this nqd reads up to 2"},
		"no format":             {record(0, 1) + record(1, 2), 0, "j:1: record of format 0"},
		"no JSON":               {line("{") + record(1, 2), 0, "j:1: unexpected end of JSON input"},
		"no JSON at the end":    {line(head) + line("{"), 1, "j:2: unexpected end of JSON input"},
		"empty line":            {line(head) + "\n" + record(1, 2), 1, "j:2: record does not fit its checksum"},
		"no checksum":           {head + "\n" + record(1, 2), 0, "j:1: record does not fit its checksum"},
		"line taken out":        {line(head) + record(1, 3) + record(1, 4), 1, "j:2: record 3"},
	} {
		got, _, err := parse("j", []byte(test.text))
		if err == nil || !strings.HasPrefix(err.Error(), test.problem) {
			t.Errorf("%s: error %v, want %s", name, err, test.problem)
		}
		if len(got) != test.records {
			t.Errorf("%s: %d records with the error, want %d", name, len(got), test.records)
		}
	}
}

// TestReadNames: the error of Read begins with the file, as editors take it.
func TestReadNames(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	if _, err := Read(path); !os.IsNotExist(err) {
		t.Errorf("no journal: %v", err)
	}
	if err := os.WriteFile(path, []byte("x\ny\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil || !strings.HasPrefix(err.Error(), path+":1: ") {
		t.Errorf("error %v, want it to begin with %s:1:", err, path)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(sample(f, Started, Done, Undone))
	f.Add([]byte("0123456789abcdef {}\n"))
	f.Add([]byte(line("null") + line("{}")))
	f.Fuzz(func(t *testing.T, text []byte) {
		records, _, err := parse("j", text)
		for i, record := range records {
			if record.Number != i+1 || record.Version < 1 || record.Version > Version {
				t.Errorf("record %d: number %d, format %d", i+1, record.Number, record.Version)
			}
		}
		if lines := bytes.Count(text, []byte("\n")) + 1; len(records) > lines {
			t.Errorf("%d records from %d lines", len(records), lines)
		}
		if err == nil {
			return
		}
		if want := fmt.Sprintf("j:%d: ", len(records)+1); !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want it to begin with %s", err, want)
		}
	})
}
