// Package journal is an append-only record of what a deployment did. Every record is on the
// disk before the work it announces begins, so that after a kill or a power cut the next
// nqd knows how far the last one came.
//
// A record is one line: the first 16 hexadecimal digits of the SHA-256 of the rest, a space,
// and a JSON object. A crash can tear the last line only; a torn last line is dropped. A
// line that does not fit its checksum anywhere else means that somebody changed the file.
package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
)

// Version is the format of the records written now. Every version ever released stays
// readable.
const Version = 1

// Record is one entry.
type Record struct {
	Version int       `json:"version"`
	Number  int       `json:"number"` // 1, 2, 3 … without gaps
	Time    time.Time `json:"time"`
	// Action is what the record is about, such as "try"; State is how far it is.
	Action string          `json:"action"`
	State  State           `json:"state"`
	Data   json.RawMessage `json:"data,omitempty"`
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
	last int
	now  func() time.Time
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

// Append writes a record and returns when it is on the disk. After an error the journal
// takes no more records: the file may end in half a line.
func (j *Journal) Append(action string, state State, data any) error {
	if j.file == nil {
		return errors.New("journal: closed after an earlier error")
	}
	line, err := j.encode(action, state, data)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if err := j.write(line); err != nil {
		j.Close()
		return fmt.Errorf("journal: %w", err)
	}
	j.last++
	return nil
}

func (j *Journal) encode(action string, state State, data any) ([]byte, error) {
	record := Record{Version: Version, Number: j.last + 1, Time: j.now().UTC(), Action: action, State: state}
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
	return j.file.Sync()
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
	return parse(path, data)
}

func parse(name string, data []byte) ([]Record, error) {
	var records []Record
	for number := 1; len(data) > 0; number++ {
		line, rest, whole := bytes.Cut(data, []byte("\n"))
		record, err := decode(line)
		last := !whole || len(rest) == 0
		switch {
		case errors.Is(err, errChecksum) && last:
			return records, nil
		case err != nil:
			return records, fmt.Errorf("%s:%d: %w", name, number, err)
		case record.Number != number:
			return records, fmt.Errorf("%s:%d: record %d stands where %d belongs", name, number, record.Number, number)
		}
		records = append(records, record)
		data = rest
	}
	return records, nil
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

func checksum(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8])
}
