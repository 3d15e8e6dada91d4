package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/testing/faults/oracle"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// older are the records of a deployment as the first format of the journal has them
// (internal/engine/journal/testdata/format-1.journal): three actions, and nothing of homes.
var older = []struct{ action, state string }{
	{"deployment", "started"},
	{"try", "started"},
	{"try", "done"},
	{"check", "started"},
	{"check", "done"},
	{"commit", "started"},
	{"commit", "done"},
	{"deployment", "done"},
}

// olderFormat kills a deployment where the older nqd would have written each of its records, and puts its journal there.
// There is nothing in the home's way, as the older nqd moved nothing.
func olderFormat(ctx context.Context, l *lab) ([]fault, error) {
	w, records, err := l.plainDeployment(ctx)
	if err != nil {
		return nil, err
	}
	var all []fault
	for n, o := range older {
		number := 0
		for i, r := range records {
			if r.Action == o.action && r.State == o.state && number == 0 {
				number = i + 1
			}
		}
		point, err := w.behindRecord(number)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", o.action, o.state, err)
		}
		at := underWay
		if o.action == "commit" && o.state == "done" || n == len(older)-1 {
			at = ended
		}
		for _, verb := range []string{"resume", "abort"} {
			all = append(all, fault{fmt.Sprintf("%s %s, %s", o.action, o.state, verb), func(ctx context.Context, t *trial) error {
				if err := t.cut(ctx, w, point); err != nil {
					return err
				}
				if err := t.age(n + 1); err != nil {
					return err
				}
				return t.settle(ctx, w, at, verb)
			}})
		}
	}
	return all, nil
}

// written is what matters here of a record.
type written struct {
	Action, State string
	Data          json.RawMessage
}

// plainDeployment is a deployment onto a home in which nothing is in the way, and its records.
func (l *lab) plainDeployment(ctx context.Context) (watched, []written, error) {
	from, done := filepath.Join(l.dir, "plain"), filepath.Join(l.dir, "plain-done")
	if err := sandbox.Clone(l.fresh, from); err != nil {
		return watched{}, nil, err
	}
	if err := addToHost(from, moreFeatures); err != nil {
		return watched{}, nil, err
	}
	if _, err := l.must(ctx, from, 3, "apply"); err != nil {
		return watched{}, nil, err
	}
	old, err := oracle.Look(from)
	if err != nil {
		return watched{}, nil, err
	}
	new, err := l.lived(ctx, from, done, "apply", "--yes")
	if err != nil {
		return watched{}, nil, err
	}
	records, err := readRecords(journalOf(done, second))
	if err != nil {
		return watched{}, nil, err
	}
	w, err := l.watch(ctx, "plain", from, old, new, exitDone, "apply", "--yes")
	return w, records, err
}

func readRecords(file string) ([]written, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []written
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		var r written
		_, body, _ := strings.Cut(line, " ")
		if err := json.Unmarshal([]byte(body), &r); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, r)
	}
	return all, nil
}

// age replaces the journal of the deployment by the first records of the older format.
func (t *trial) age(count int) error {
	// Nor did it put anything into a home for the time that it was under way.
	if err := os.RemoveAll(filepath.Join(t.root, "home/ada/.config/systemd")); err != nil {
		return err
	}
	file := journalOf(t.root, second)
	records, err := readRecords(file)
	if err != nil {
		return err
	}
	var first struct{ Header json.RawMessage }
	if err := json.Unmarshal(records[0].Data, &first); err != nil {
		return err
	}
	text, when := "", time.Now().UTC()
	for i, o := range older[:count] {
		record := map[string]any{
			"version": 1, "number": i + 1, "time": when.Add(time.Duration(i) * time.Second), "action": o.action, "state": o.state,
		}
		switch {
		case i == 0:
			record["data"] = first.Header
		case o.action == "commit" && o.state == "done" || i == len(older)-1:
			record["data"] = map[string]string{"result": "committed"}
		}
		body, err := json.Marshal(record)
		if err != nil {
			return err
		}
		text += signed(body)
	}
	return os.WriteFile(file, []byte(text), 0o600)
}
