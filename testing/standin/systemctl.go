package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
)

// Exit codes of systemctl(1), which follow LSB.
const (
	exitNotActive = 3
	exitNotFound  = 5
)

// control is one call of systemctl.
type control struct {
	call
	units   unitSet
	verb    string
	names   []string
	noBlock bool
	json    bool
	value   bool
	state   []string
	show    []string // properties
}

// systemctl is sw/bin/systemctl. Only the verbs and options that nqd, its tests and a
// curious user need are there; others are refused, not ignored.
func (c call) systemctl() int {
	s := control{call: c}
	if err := s.parse(); err != nil {
		fmt.Fprintln(c.stderr, err)
		return 1
	}
	units, err := c.machine.unitSet(unitFolder)
	if err != nil {
		fmt.Fprintln(c.stderr, err)
		return 1
	}
	s.units = units
	return s.run()
}

// parse reads options wherever they stand.
func (s *control) parse() error {
	args := s.args
	for len(args) > 0 {
		name, value, hasValue := strings.Cut(args[0], "=")
		args = args[1:]
		if takesValue(name) && !hasValue {
			if len(args) == 0 {
				return fmt.Errorf("systemctl: option %s requires an argument", name)
			}
			value, args = args[0], args[1:]
		}
		if err := s.option(name, value); err != nil {
			return err
		}
	}
	return nil
}

func takesValue(option string) bool {
	return slices.Contains([]string{"-p", "--property", "-o", "--output", "--state", "-t", "--type"}, option)
}

func (s *control) option(name, value string) error {
	switch name {
	case "--no-block":
		s.noBlock = true
	case "--value":
		s.value = true
	case "-o", "--output":
		s.json = strings.HasPrefix(value, "json")
	case "--state":
		s.state = strings.Split(value, ",")
	case "--failed":
		s.state = []string{stateFailed}
	case "-p", "--property":
		s.show = append(s.show, strings.Split(value, ",")...)
	case "-t", "--type", "--no-pager", "--plain", "--all", "-a", "--full", "-l", "--no-legend", "--quiet", "-q", "--system", "--no-ask-password":
	default:
		return s.word(name)
	}
	return nil
}

// word takes the verb and then the names of units.
func (s *control) word(word string) error {
	switch {
	case strings.HasPrefix(word, "-"):
		return fmt.Errorf("systemctl: unrecognized option '%s'", word)
	case s.verb == "":
		s.verb = word
	default:
		s.names = append(s.names, unitName(word))
	}
	return nil
}

// unitName completes a name without a type as systemctl does.
func unitName(word string) string {
	if strings.Contains(word, ".") {
		return word
	}
	return word + ".service"
}

func (s *control) run() int {
	switch s.verb {
	case "is-active":
		return s.is(stateActive, exitNotActive)
	case "is-failed":
		return s.is(stateFailed, 1)
	case "start":
		return s.start()
	case "restart":
		s.machine.stop(s.units, s.names)
		return s.start()
	case "try-restart":
		return s.tryRestart()
	case "stop":
		return s.stop()
	case "reset-failed":
		s.resetFailed()
		return 0
	case "daemon-reload":
		return 0
	case "list-units", "":
		return s.listUnits()
	case "show":
		s.showUnits()
		return 0
	case "status":
		return s.status()
	}
	fmt.Fprintf(s.stderr, "Unknown command verb '%s'.\n", s.verb)
	return 1
}

// is prints the state of each unit; the exit code is 0 where one of them is in STATE.
func (s *control) is(state string, otherwise int) int {
	code := otherwise
	for _, name := range s.names {
		found := s.stateOf(name).State
		fmt.Fprintln(s.stdout, found)
		if found == state {
			code = 0
		}
	}
	return code
}

// stateOf is the state of a unit; some targets are reached on every machine.
func (s *control) stateOf(name string) unitState {
	state := s.machine.state(name)
	if slices.Contains(reached, name) && state.State == stateInactive {
		state.State = stateActive
	}
	return state
}

func (s *control) known(name string) bool {
	s.units.load(name) // an instance of a template has no file of its own
	_, known := s.units.units[name]
	return known || slices.Contains(reached, name) || s.machine.state(name).State != stateInactive
}

// tryRestart restarts those of the units that run, and leaves the others alone.
func (s *control) tryRestart() int {
	s.names = slices.DeleteFunc(s.names, func(name string) bool {
		state := s.stateOf(name).State
		return state != stateActive && state != stateActivating
	})
	if len(s.names) == 0 {
		return 0
	}
	s.machine.stop(s.units, s.names)
	return s.start()
}

func (s *control) start() int {
	for _, name := range s.names {
		if !s.known(name) {
			fmt.Fprintf(s.stderr, "Failed to start %s: Unit %s not found.\n", name, name)
			return exitNotFound
		}
	}
	if s.noBlock {
		return s.startLater()
	}
	s.machine.start(s.units, s.names)
	code := 0
	for _, name := range s.names {
		// A simple service counts as started once it was forked; what comes after is seen by is-active.
		if kind := s.units.units[name].serviceType(); kind == "simple" || s.machine.state(name).State != stateFailed {
			continue
		}
		fmt.Fprintf(s.stderr, "Job for %s failed because the control process exited with error code.\n", name)
		fmt.Fprintf(s.stderr, "See \"systemctl status %s\" and \"journalctl -xeu %s\" for details.\n", name, name)
		code = 1
	}
	return code
}

// startLater lets another process start the units, as the job queue of systemd would.
func (s *control) startLater() int {
	input, end, err := os.Pipe()
	if err != nil {
		fmt.Fprintln(s.stderr, err)
		return 1
	}
	end.Close()
	defer input.Close()
	sink, err := s.machine.sink()
	if err != nil {
		fmt.Fprintln(s.stderr, err)
		return 1
	}
	defer sink.Close()
	cmd := &exec.Cmd{
		Path:        s.machine.program,
		Args:        append([]string{s.machine.outside(s.self), "start"}, s.names...),
		Env:         os.Environ(),
		Stdin:       input,
		Stdout:      sink,
		Stderr:      sink,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true},
	}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(s.stderr, err)
		return 1
	}
	go cmd.Wait()
	return 0
}

// stop stops the units; a failed one keeps its state.
func (s *control) stop() int {
	for _, name := range s.names {
		if !s.known(name) {
			fmt.Fprintf(s.stderr, "Failed to stop %s: Unit %s not loaded.\n", name, name)
			return exitNotFound
		}
	}
	s.machine.stop(s.units, s.names)
	return 0
}

func (s *control) resetFailed() {
	for _, name := range s.machine.failed() {
		if len(s.names) == 0 || slices.Contains(s.names, name) {
			s.machine.forget(name)
		}
	}
}

// listed is a row of list-units, with the keys of its JSON output.
type listed struct {
	Unit        string `json:"unit"`
	Load        string `json:"load"`
	Active      string `json:"active"`
	Sub         string `json:"sub"`
	Description string `json:"description"`
}

func (s *control) listUnits() int {
	states := s.state
	if len(states) == 0 {
		states = []string{stateActive, stateActivating, stateFailed}
	}
	names := append(s.machine.unitsIn(states...), slices.DeleteFunc(slices.Clone(reached), func(name string) bool {
		return s.machine.state(name).State != stateInactive || !slices.Contains(states, stateActive)
	})...)
	slices.Sort(names)
	rows := []listed{} // "[]", not "null", where there are none
	for _, name := range names {
		state := s.stateOf(name)
		rows = append(rows, listed{name, s.load(name), state.State, state.sub(name), state.Description})
	}
	if s.json {
		json.NewEncoder(s.stdout).Encode(rows)
		return 0
	}
	for _, row := range rows {
		fmt.Fprintf(s.stdout, "%s %s %s %s %s\n", row.Unit, row.Load, row.Active, row.Sub, row.Description)
	}
	return 0
}

func (s *control) load(name string) string {
	s.units.load(name)
	if _, ok := s.units.units[name]; ok || slices.Contains(reached, name) {
		return "loaded"
	}
	return "not-found"
}

// showUnits prints properties as KEY=VALUE; all that are known where none are named.
func (s *control) showUnits() {
	for i, name := range s.names {
		if i > 0 {
			fmt.Fprintln(s.stdout)
		}
		state := s.stateOf(name)
		result := "success"
		if state.State == stateFailed {
			result = "exit-code"
		}
		known := []struct{ key, value string }{
			{"Id", name},
			{"Description", s.units.units[name].last("Unit", "Description")},
			{"LoadState", s.load(name)},
			{"ActiveState", state.State},
			{"SubState", state.sub(name)},
			{"Result", result},
			{"MainPID", fmt.Sprint(state.PID)},
			{"ExecMainStatus", fmt.Sprint(state.ExitCode)},
			// The inverses of what other units say (systemd.unit(5)).
			{"RequiredBy", s.units.having("Requires", name)},
			{"BoundBy", s.units.having("BindsTo", name)},
			{"ConsistsOf", s.units.having("PartOf", name)},
		}
		for _, property := range known {
			if len(s.show) > 0 && !slices.Contains(s.show, property.key) {
				continue
			}
			if s.value {
				fmt.Fprintln(s.stdout, property.value)
			} else {
				fmt.Fprintf(s.stdout, "%s=%s\n", property.key, property.value)
			}
		}
	}
}
