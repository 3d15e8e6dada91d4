package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// stateFolder holds a file NAME.json per unit that is not inactive. Like /run of a real
// machine it does not survive a reboot; a service whose file is gone ends by itself.
const stateFolder = "/run/standin/units"

// The active states of a unit (systemctl(1)).
const (
	stateActive     = "active"
	stateActivating = "activating"
	stateFailed     = "failed"
	stateInactive   = "inactive"
)

// unitState is what is known of a unit that was started.
type unitState struct {
	State       string    `json:"state"`
	PID         int       `json:"pid"`        // main process, 0 where none runs
	Supervisor  int       `json:"supervisor"` // the process that watches it
	Started     time.Time `json:"started"`
	ExitCode    int       `json:"exit_code"`
	Description string    `json:"description"`
}

// sub is the state as the kind of unit names it.
func (s unitState) sub(name string) string {
	switch {
	case s.State == stateInactive:
		return "dead"
	case s.State == stateFailed:
		return "failed"
	case s.State == stateActivating:
		return "start"
	case !strings.HasSuffix(name, ".service"):
		return "active"
	case s.PID == 0:
		return "exited"
	}
	return "running"
}

func statePath(name string) string { return filepath.Join(stateFolder, name+".json") }

// state reads the state of the unit NAME.
func (m machine) state(name string) unitState {
	s, err := readState(m.at(statePath(name)))
	if err != nil {
		return unitState{State: stateInactive}
	}
	if s.Supervisor > 1 && !running(s.Supervisor) && (s.State == stateActivating || s.PID != 0) {
		s.State, s.PID = stateFailed, 0 // killed together with its supervisor
	}
	return s
}

func readState(file string) (unitState, error) {
	var s unitState
	data, err := os.ReadFile(file)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(data, &s)
}

// writeState replaces FILE. It makes no folder: one that is gone means that the machine is.
func writeState(file string, s unitState) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temp := file + ".tmp"
	if err := os.WriteFile(temp, data, 0o644); err != nil {
		return err
	}
	return os.Rename(temp, file)
}

// setState makes the folder too: it is for those who start a unit.
func (m machine) setState(name string, s unitState) error {
	file := m.at(statePath(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return writeState(file, s)
}

func (m machine) forget(name string) error {
	err := os.Remove(m.at(statePath(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// unitsIn returns the units in one of STATES, by name.
func (m machine) unitsIn(states ...string) []string {
	entries, err := os.ReadDir(m.at(stateFolder))
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		name, isState := strings.CutSuffix(entry.Name(), ".json")
		if isState && slices.Contains(states, m.state(name).State) {
			names = append(names, name)
		}
	}
	return names
}

func (m machine) active() []string { return m.unitsIn(stateActive, stateActivating) }
func (m machine) failed() []string { return m.unitsIn(stateFailed) }

// resetFailed is `systemctl reset-failed`.
func (m machine) resetFailed() {
	for _, name := range m.failed() {
		m.forget(name)
	}
}

// running reports whether the process PID exists; of one it may not signal, too.
func running(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}
