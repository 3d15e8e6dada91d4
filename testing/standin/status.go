package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// journalLines is how many lines of its journal systemctl status shows of a unit (systemctl(1), --lines).
const journalLines = 10

// status shows units with the end of what they printed. Of what the real one tells only this is read by anybody here:
// the state, and the lines of the journal. Those have the time of the unit's start, as the log has none.
func (s *control) status() int {
	code := 0
	for i, name := range s.names {
		if i > 0 {
			fmt.Fprintln(s.stdout)
		}
		state := s.stateOf(name)
		if state.State != stateActive {
			code = exitNotActive
		}
		s.statusOf(name, state)
	}
	return code
}

func (s *control) statusOf(name string, state unitState) {
	sign, result := "●", "("+state.sub(name)+")"
	switch state.State {
	case stateFailed:
		sign, result = "×", "(Result: exit-code)"
	case stateInactive:
		sign = "○"
	}
	fmt.Fprintf(s.stdout, "%s %s - %s\n", sign, name, s.units.units[name].last("Unit", "Description"))
	fmt.Fprintf(s.stdout, "     Active: %s %s since %s\n", state.State, result, state.Started.Format("Mon 2006-01-02 15:04:05 MST"))
	lines := s.journal(name)
	if len(lines) > 0 {
		fmt.Fprintln(s.stdout)
	}
	for _, line := range lines {
		fmt.Fprintf(s.stdout, "%s %s %s[%d]: %s\n", state.Started.Format(time.Stamp), s.machine.line("/etc/hostname"), s.identifier(name), state.PID, line)
	}
}

// journal is the end of what a service printed.
func (s *control) journal(name string) []string {
	text, err := s.machine.readFile(filepath.Join(logFolder, strings.TrimSuffix(name, ".service")+".log"))
	if err != nil || len(text) == 0 {
		return nil
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return lines[max(0, len(lines)-journalLines):]
}

// identifier is what stands before the lines of a service.
func (s *control) identifier(name string) string {
	if word := s.units.units[name].last("Service", "SyslogIdentifier"); word != "" {
		return word
	}
	return strings.TrimSuffix(name, ".service")
}
