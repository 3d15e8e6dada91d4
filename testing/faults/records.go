package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/testing/faults/oracle"
	"github.com/masterofnull/nixos-quick-deploy/testing/faults/trace"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// Where nqd keeps its records on the lab's machines.
const (
	stateFolder = "home/ada/.local/state"
	ownFolder   = stateFolder + "/nqd"
)

func journalOf(root string, deployment int) string {
	return filepath.Join(root, ownFolder, "deployments", fmt.Sprint(deployment), "journal")
}

// second is the number of the deployment that is broken: the first one made the machine what it is.
const second = 2

// behindRecord is the point right behind the writing of a record of the journal.
func (w watched) behindRecord(number int) (trace.Point, error) {
	for _, call := range w.calls {
		if call.Name == "write" && journalFile.MatchString(call.Path) && call.Nth == number {
			return trace.Point{Side: trace.Behind, Call: call}, nil
		}
	}
	return trace.Point{}, fmt.Errorf("record %d was never written", number)
}

// tornRecord cuts the last record at some of its bytes, as a power cut may: nothing was synced yet.
func tornRecord(ctx context.Context, l *lab) ([]fault, error) {
	const cuts = 6
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	var all []fault
	for number := 1; number <= w.decisive; number++ {
		point, err := w.behindRecord(number)
		if err != nil {
			return nil, err
		}
		for cut := range cuts {
			all = append(all, fault{fmt.Sprintf("record %d, cut %d", number, cut+1), func(ctx context.Context, t *trial) error {
				if err := t.cut(ctx, w, point); err != nil {
					return err
				}
				at, err := t.tear(w, number, cut)
				if err != nil {
					return err
				}
				return t.settle(ctx, w, at, t.verb())
			}})
		}
	}
	return all, nil
}

// tear cuts the last record: all of it, all but its last byte, which is the line's end and makes it no worse, or anywhere
// between. It returns how far the deployment is by what is left.
func (t *trial) tear(w watched, number, cut int) (stage, error) {
	file := journalOf(t.root, second)
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	start := bytes.LastIndexByte(text[:len(text)-1], '\n') + 1
	keep, left := start+1+t.IntN(len(text)-start-2), number-1
	switch cut {
	case 0:
		keep = start
	case 1:
		keep, left = len(text)-1, number
	}
	at := underWay
	switch {
	case left == 0:
		at = notBegun
	case left >= w.decisive:
		at = ended
	}
	return at, os.Truncate(file, int64(keep))
}

// flippedByte changes a byte of a record, of the deployment that was cut off or of an earlier one.
func flippedByte(ctx context.Context, l *lab) ([]fault, error) {
	const flips = 3
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	var all []fault
	for number := 2; number <= w.decisive; number++ {
		point, err := w.behindRecord(number)
		if err != nil {
			return nil, err
		}
		for flip := range flips {
			all = append(all, fault{fmt.Sprintf("of %d records, byte %d", number, flip+1), func(ctx context.Context, t *trial) error {
				if err := t.cut(ctx, w, point); err != nil {
					return err
				}
				if err := t.flip(journalOf(t.root, second)); err != nil {
					return err
				}
				return t.goOn(ctx, w)
			}})
		}
	}
	for flip := range 2 * flips {
		all = append(all, fault{fmt.Sprintf("of the first deployment, byte %d", flip+1), func(ctx context.Context, t *trial) error {
			if err := sandbox.Clone(w.from, t.root); err != nil {
				return err
			}
			if err := t.flip(journalOf(t.root, 1)); err != nil {
				return err
			}
			return t.goOn(ctx, w)
		}})
	}
	return all, nil
}

// flip changes one bit of a file, anywhere.
func (t *trial) flip(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text[t.IntN(len(text))] ^= 1 << t.IntN(8)
	return os.WriteFile(file, text, 0o600)
}

// goOn is what a user can do where a record may be beyond reading: status answers, resume and abort end what they can
// read or say why not, and whatever they said, apply ends in the new state.
func (t *trial) goOn(ctx context.Context, w watched) error {
	t.view = oracle.State.Forgotten
	if _, err := t.status(ctx, t.root); err != nil {
		return err
	}
	verb := t.verb()
	a, err := t.run(ctx, t.root, verb, "--yes")
	if err != nil {
		return err
	}
	if err := a.sane(verb); err != nil {
		return err
	}
	if _, err := t.must(ctx, t.root, 0, w.args...); err != nil {
		return fmt.Errorf("after %s, which said\n%s\n%w", verb, a.said, err)
	}
	return t.ended(ctx, w.new, &w.old)
}

// sane is an error where nqd ended in a way of which its help knows nothing.
func (a answer) sane(command string) error {
	if a.code < 0 || a.code > 8 || a.code == 2 || strings.Contains(a.said, "panic:") || strings.Contains(a.said, "goroutine ") {
		return fmt.Errorf("nqd %s: exit code %d; it said\n%s", command, a.code, a.said)
	}
	if a.code != 0 && !strings.Contains(a.said, "nqd: ") {
		return fmt.Errorf("nqd %s: exit code %d and no word why; it said\n%s", command, a.code, a.said)
	}
	return nil
}

// clockJump moves the times of records and files, as a clock does that was wrong meanwhile. The clock of
// this computer is left alone.
func clockJump(ctx context.Context, l *lab) ([]fault, error) {
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	var all []fault
	for i, point := range w.underWay() {
		years := []int{-20, 20, 200}[i%3]
		all = append(all, fault{fmt.Sprintf("%s, %d years", point, years), func(ctx context.Context, t *trial) error {
			if err := t.cut(ctx, w, point); err != nil {
				return err
			}
			if err := t.shift(years); err != nil {
				return err
			}
			return t.settle(ctx, w, underWay, t.verb())
		}})
	}
	return all, nil
}

// shift moves the times of nqd's own files, and those in some of its records: not all, so that they run backwards too.
func (t *trial) shift(years int) error {
	for deployment := 1; deployment <= second; deployment++ {
		err := rewriteRecords(journalOf(t.root, deployment), func(record map[string]json.RawMessage) error {
			var when time.Time
			if err := json.Unmarshal(record["time"], &when); err != nil || t.IntN(3) == 0 {
				return err
			}
			var err error
			record["time"], err = json.Marshal(when.AddDate(years, 0, 0))
			return err
		})
		if err != nil {
			return err
		}
	}
	when := time.Now().AddDate(years, 0, 0)
	return filepath.WalkDir(filepath.Join(t.root, ownFolder), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Type()&os.ModeSymlink != 0 || strings.Contains(path, "/backups/") {
			return err // a backup's files have the times of what they are of
		}
		return os.Chtimes(path, when, when)
	})
}

// rewriteRecords changes each record of a journal, with right checksums.
func rewriteRecords(file string, change func(map[string]json.RawMessage) error) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	for _, line := range bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n")) {
		_, body, found := bytes.Cut(line, []byte(" "))
		record := map[string]json.RawMessage{}
		if err := errors.Join(json.Unmarshal(body, &record)); err != nil || !found {
			return fmt.Errorf("%s: a line that is no record: %w", file, err)
		}
		if err := change(record); err != nil {
			return err
		}
		body, err := json.Marshal(record)
		if err != nil {
			return err
		}
		out.WriteString(signed(body))
	}
	return os.WriteFile(file, out.Bytes(), 0o600)
}

// signed is a record as a line: half of its SHA-256's first half in hexadecimal, a space, the record.
func signed(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:8]) + " " + string(body) + "\n"
}
