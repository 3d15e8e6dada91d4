// Package journal is an append-only record of what a deployment did. Every record is on the
// disk before the work it announces begins, so that after a kill or a power cut the next
// nqd knows how far the last one came.
//
// A record is one line: the first 16 hexadecimal digits of the SHA-256 of the rest, a space,
// and a JSON object. A crash can tear the last line only; a torn last line is dropped. A
// line that does not fit its checksum anywhere else means that somebody changed the file.
// Nothing is read out of the times: a clock may jump.
package journal

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
)

// Version is the format of the records written now. Every version ever released stays
// readable. Since 2 a record says which step of the plan it is about, and the first one has
// the plan.
const Version = 2

// Record is one entry.
type Record struct {
	Version int       `json:"version"`
	Number  int       `json:"number"` // 1, 2, 3 … without gaps
	Time    time.Time `json:"time"`
	// Action is what the record is about, such as "try"; State is how far it is.
	Action string `json:"action"`
	State  State  `json:"state"`
	// Step is the action's place in the plan, from 1; 0 in format 1, and for the deployment
	// itself.
	Step int             `json:"step,omitempty"`
	Data json.RawMessage `json:"data,omitempty"`
}

// State is how far an action came.
type State string

// The states of an action. A deployment itself is recorded as one action around the others.
const (
	Started State = "started"
	Done    State = "done"
	Failed  State = "failed"
	Undoing State = "undoing"
	Undone  State = "undone"
)

// Journal is an open journal that takes records.
type Journal struct {
	file *os.File
	size int64 // of the whole records
	last int
	// broken is why no more records are taken; nil for a journal that was just closed.
	broken error
	now    func() time.Time
}

// Create makes a new journal at path, which must not exist, readable by its owner alone.
func Create(path string) (*Journal, error) { return create(path, atomicfile.SyncDir) }

func create(path string, syncDir func(string) error) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		file.Close()
		return nil, err
	}
	return &Journal{file: file, now: time.Now}, nil
}

// Open continues the journal at path behind its last whole record, and returns the records. A
// torn last line is cut off, on the disk too, before anything is written behind it.
func Open(path string) (*Journal, []Record, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, nil, err
	}
	j := &Journal{file: file, now: time.Now}
	records, err := j.resume(path)
	if err != nil {
		j.Close()
		return nil, records, err
	}
	return j, records, nil
}

// resume reads what there is and makes the file end behind a whole line.
func (j *Journal) resume(path string) ([]Record, error) {
	data, err := io.ReadAll(j.file)
	if err != nil {
		return nil, err
	}
	records, whole, err := parse(path, data)
	if err != nil {
		return records, err
	}
	j.last, j.size = len(records), int64(whole)
	if whole < len(data) {
		if err := j.file.Truncate(j.size); err != nil {
			return records, err
		}
	}
	if whole > 0 && data[whole-1] != '\n' { // all that was torn off is the line's end
		if _, err := j.file.WriteString("\n"); err != nil {
			return records, err
		}
		j.size++
	}
	if j.size != int64(len(data)) {
		return records, j.file.Sync()
	}
	return records, nil
}

// Append writes a record about an action, for step see Record, and returns when it is on the
// disk. After an error the journal is as it was, as far as the disk lets us, and takes no more
// records: what comes next could not be relied upon either.
func (j *Journal) Append(step int, action string, state State, data any) error {
	if j.file == nil {
		return cmp.Or(j.broken, errors.New("journal: closed"))
	}
	line, err := j.encode(step, action, state, data)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := j.write(line); err != nil {
		// The record must not be found later: the caller takes it that it is not there.
		if j.file.Truncate(j.size) == nil {
			_ = j.file.Sync()
		}
		j.Close()
		j.broken = fmt.Errorf("journal: closed after an earlier error: %w", err)
		return fmt.Errorf("journal: %w", err)
	}
	j.last++
	j.size += int64(len(line))
	return nil
}

func (j *Journal) encode(step int, action string, state State, data any) ([]byte, error) {
	record := Record{
		Version: Version, Number: j.last + 1, Time: j.now().UTC(), Action: action, State: state, Step: step,
	}
	if data != nil {
		raw, err := json.Marshal(data)
		if err != nil {
			return nil, err
		}
		record.Data = raw
	}
	body, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	return []byte(checksum(body) + " " + string(body) + "\n"), nil
}

func (j *Journal) write(line []byte) error {
	if _, err := j.file.Write(line); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	return j.named()
}

// named returns an error where the file has no name any more: after a crash nobody could read
// what is written to it.
func (j *Journal) named() error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Nlink == 0 {
		return &fs.PathError{Op: "write", Path: j.file.Name(), Err: errors.New("the file was removed meanwhile")}
	}
	return nil
}

// Close ends the journal. It may be called again.
func (j *Journal) Close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}

// Read returns the records of the journal at path. A torn last line is left out. Anything
// else that does not fit is an error with the line's number, and the records before it are
// returned with it.
func Read(path string) ([]Record, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	records, _, err := parse(path, data)
	return records, err
}

// parse returns the records and how many bytes of data they take.
func parse(name string, data []byte) (records []Record, whole int, err error) {
	for number := 1; whole < len(data); number++ {
		line, rest, ended := bytes.Cut(data[whole:], []byte("\n"))
		record, err := decode(line)
		last := !ended || len(rest) == 0
		switch {
		case errors.Is(err, errChecksum) && last && !joined(line):
			return records, whole, nil
		case err != nil:
			return records, whole, fmt.Errorf("%s:%d: %w", name, number, err)
		case record.Number != number:
			return records, whole, fmt.Errorf("%s:%d: record %d stands where %d belongs", name, number, record.Number, number)
		}
		records = append(records, record)
		whole = len(data) - len(rest)
	}
	return records, whole, nil
}

// errChecksum is a line that is not what was written. Only that can be a torn line: one that
// fits its checksum and still cannot be read is of another nqd.
var errChecksum = errors.New("record does not fit its checksum")

func decode(line []byte) (Record, error) {
	sum, body, found := bytes.Cut(line, []byte(" "))
	if !found || string(sum) != checksum(body) {
		return Record{}, errChecksum
	}
	var record Record
	if err := json.Unmarshal(body, &record); err != nil {
		return Record{}, err
	}
	if record.Version < 1 || record.Version > Version {
		return Record{}, fmt.Errorf("record of format %d; this nqd reads up to %d", record.Version, Version)
	}
	return record, nil
}

// joined reports whether a line is two whole records: no crash takes the line's end between
// them away, and what the second says must not be lost.
func joined(line []byte) bool {
	_, body, _ := bytes.Cut(line, []byte(" "))
	first := json.NewDecoder(bytes.NewReader(body))
	var object json.RawMessage
	if first.Decode(&object) != nil {
		return false
	}
	end := len(line) - len(body) + int(first.InputOffset())
	if end == len(line) || !intact(line[:end]) {
		return false
	}
	return intact(line[end+1:])
}

// intact reports whether a line fits its checksum.
func intact(line []byte) bool {
	_, err := decode(line)
	return !errors.Is(err, errChecksum)
}

func checksum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}
