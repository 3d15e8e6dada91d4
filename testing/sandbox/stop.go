package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// unitStates is where the stand-in keeps a file for each unit that is not inactive.
const unitStates = "run/standin/units"

// stopTimeout is how long a service may take to end before it is killed.
const stopTimeout = 10 * time.Second

// Stop ends every service of the machine ROOT, as switching it off would. It returns once
// they are gone.
func Stop(root string) error {
	files, err := filepath.Glob(filepath.Join(root, unitStates, "*.json"))
	if err != nil {
		return err
	}
	var failed []error
	for _, file := range files {
		if err := stopUnit(file); err != nil {
			failed = append(failed, fmt.Errorf("stopping %s: %w", filepath.Base(file), err))
		}
	}
	return errors.Join(failed...)
}

// stopUnit ends the processes of one state file, and removes it.
func stopUnit(file string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil // ended meanwhile
	}
	if err != nil {
		return err
	}
	var unit struct{ PID, Supervisor int }
	if err := json.Unmarshal(data, &unit); err != nil {
		return err
	}
	// The supervisor ends the service and removes the file. Without a main process there is
	// no supervisor any more, and its number may be another's.
	if unit.PID > 1 && unit.Supervisor > 1 {
		if err := endProcess(unit.Supervisor, file); err != nil {
			return err
		}
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// endProcess asks PID to end and waits until it, or its state file, is gone.
func endProcess(pid int, file string) error {
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		if errors.Is(err, syscall.ESRCH) {
			return nil
		}
		return err
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(stopTimeout)
	for {
		select {
		case <-tick.C:
			if _, err := os.Stat(file); err != nil || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
				return nil
			}
		case <-deadline:
			return syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
