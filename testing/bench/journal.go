package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
)

// journalActions is how many actions one measurement records. Each has two records, before and after it.
const journalActions = 16

// nothing is an action that does nothing: what it costs is its records.
type nothing struct {
	Path string // of the length that a file in a home has
}

func (nothing) Kind() string                        { return "home.clear" }
func (nothing) Describe() string                    { return "do nothing" }
func (nothing) Do(context.Context) error            { return nil }
func (nothing) Undo(context.Context) error          { return nil }
func (nothing) Holds(context.Context) (bool, error) { return true, nil }

// recorder measures what it costs to record actions against the same bytes written to an open file that is synced as
// often. Which of the two comes first changes from pair to pair.
type recorder struct {
	dir   string
	lines [][]byte // of the records of the last measurement
	swap  bool
}

// pair measures both sides, in seconds an action.
func (r *recorder) pair(ctx context.Context) (nqd, bare float64, err error) {
	if r.swap = !r.swap; r.swap || r.lines == nil {
		if nqd, err = r.journal(ctx); err == nil {
			bare, err = r.bare()
		}
		return nqd, bare, err
	}
	if bare, err = r.bare(); err == nil {
		nqd, err = r.journal(ctx)
	}
	return nqd, bare, err
}

// journal records a run of actions as a deployment does.
func (r *recorder) journal(ctx context.Context) (float64, error) {
	run, err := engine.History{Dir: filepath.Join(r.dir, "history")}.Next()
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(run.Dir)
	var actions []engine.Action
	for range journalActions {
		actions = append(actions, nothing{Path: "/home/ada/.config/alacritty/alacritty.toml"})
	}
	if err := run.Begin(nil, actions); err != nil {
		return 0, err
	}
	start := time.Now()
	if err := run.Do(ctx); err != nil {
		return 0, err
	}
	took := time.Since(start).Seconds()
	text, err := os.ReadFile(filepath.Join(run.Dir, "journal"))
	if err != nil {
		return 0, err
	}
	r.lines = bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))[1:] // without that of the deployment
	return took / journalActions, run.End(engine.Committed, nil)
}

// bare writes the same lines to a new file and syncs it behind each.
func (r *recorder) bare() (took float64, err error) {
	file, err := os.OpenFile(filepath.Join(r.dir, "bare"), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	// The file of the other side has a first record as well.
	if _, err := file.Write(bytes.Join(r.lines, nil)); err != nil {
		return 0, err
	}
	if err := file.Sync(); err != nil {
		return 0, err
	}
	start := time.Now()
	for _, line := range r.lines {
		if _, err := file.Write(line); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
	}
	return time.Since(start).Seconds() / journalActions, nil
}
