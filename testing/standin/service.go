package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// logFolder holds what services print.
const logFolder = "/var/log/standin"

// servicePath is $PATH of a service whose unit sets none.
const servicePath = "/run/current-system/sw/bin"

// start starts NAMES and what they pull in, each after those it is ordered after. A unit
// that requires one that is not active is not started.
func (m machine) start(units unitSet, names []string) {
	for _, name := range units.closure(names) {
		if state := m.state(name).State; state == stateActive || state == stateActivating {
			continue
		}
		u, ok := units.units[name]
		if !ok { // a target of systemd's own that only pulls others in
			u = unit{name: name}
		}
		if !m.conditionsHold(u) || !m.requirementsHold(u) {
			continue
		}
		if err := m.startUnit(u); err != nil {
			m.setState(name, unitState{State: stateFailed, ExitCode: exitExec, Description: err.Error(), Started: time.Now()})
		}
	}
}

// exitExec is systemd's code for a program that could not be started (systemd.exec(5)).
const exitExec = 203

// conditionsHold looks at ConditionPathExists=, the one condition the stand-in knows.
func (m machine) conditionsHold(u unit) bool {
	for _, path := range u.all("Unit", "ConditionPathExists") {
		path, unwanted := strings.CutPrefix(path, "!")
		if m.exists(path) == unwanted {
			return false
		}
	}
	return true
}

func (m machine) requirementsHold(u unit) bool {
	after := u.words("Unit", "After")
	return !slices.ContainsFunc(u.words("Unit", "Requires"), func(name string) bool {
		return slices.Contains(after, name) && strings.HasSuffix(name, ".service") && m.state(name).State != stateActive
	})
}

// startUnit starts one unit and returns once it settled: a oneshot that ended, a daemon
// that is ready, died, or ran for a while. Units that are no service have nothing to run.
func (m machine) startUnit(u unit) error {
	if !strings.HasSuffix(u.name, ".service") {
		return m.setState(u.name, unitState{State: stateActive, Started: time.Now(), Description: u.last("Unit", "Description")})
	}
	j, err := m.job(u)
	if err != nil {
		return err
	}
	first := unitState{State: stateActive, Started: time.Now(), Description: j.Description}
	if j.waitsForReady() || j.oneshot() {
		first.State = stateActivating
	}
	if err := m.setState(u.name, first); err != nil {
		return err
	}
	return m.spawn(j)
}

// job reads what a service runs, and in which environment (systemd.service(5), systemd.exec(5)).
func (m machine) job(u unit) (job, error) {
	if err := m.makeFolders(u); err != nil {
		return job{}, err
	}
	environment, err := m.environment(u)
	if err != nil {
		return job{}, err
	}
	j := job{
		Unit:        u.name,
		Description: u.last("Unit", "Description"),
		Type:        u.serviceType(),
		Remain:      u.flag("Service", "RemainAfterExit", false),
		State:       m.at(statePath(u.name)),
		Log:         m.at(filepath.Join(logFolder, strings.TrimSuffix(u.name, ".service")+".log")),
		Dir:         m.workingFolder(u),
		Env:         environment,
	}
	for _, key := range []string{"ExecStartPre", "ExecStart"} {
		for _, line := range u.all("Service", key) {
			c, err := m.command(line, u.name, environment)
			if err != nil {
				return job{}, fmt.Errorf("%s: %s: %w", u.name, key, err)
			}
			j.Commands = append(j.Commands, c)
		}
	}
	if len(j.Commands) == 0 {
		return job{}, fmt.Errorf("%s: Service has no ExecStart=", u.name)
	}
	return j, nil
}

// makeFolders makes StateDirectory= and RuntimeDirectory=. The state of a service with DynamicUser= is in a folder that
// only root may enter, and linked from where others have it (systemd.exec(5)).
func (m machine) makeFolders(u unit) error {
	for key, parent := range map[string]string{"StateDirectory": "/var/lib", "RuntimeDirectory": "/run"} {
		for _, name := range u.words("Service", key) {
			folder := filepath.Join(parent, name)
			if key == "StateDirectory" && u.flag("Service", "DynamicUser", false) && !m.exists(folder) {
				if err := m.makePrivate(name); err != nil {
					return err
				}
			}
			if err := os.MkdirAll(m.follow(folder), 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}

// makePrivate makes the folder of a service with DynamicUser=, and the link to it.
func (m machine) makePrivate(name string) error {
	private := m.at("/var/lib/private")
	if err := os.MkdirAll(filepath.Join(private, name), 0o755); err != nil {
		return err
	}
	if err := os.Chmod(private, 0o700); err != nil {
		return err
	}
	return os.Symlink("private/"+name, m.at("/var/lib/"+name))
}

// workingFolder is WorkingDirectory= where it exists, else the root of the machine. ("-" in
// front makes a missing folder no error, which it never is here.)
func (m machine) workingFolder(u unit) string {
	folder := strings.TrimPrefix(u.last("Service", "WorkingDirectory"), "-")
	if folder == "" || !m.exists(folder) {
		return m.root
	}
	return m.follow(folder)
}

// environment is Environment= on top of what systemd sets, with the variables of User=
// taken from /etc/passwd. The service runs as the caller all the same.
func (m machine) environment(u unit) ([]string, error) {
	environment := []string{"PATH=" + servicePath, "LANG=C.UTF-8"}
	if user, ok := m.user(u.last("Service", "User")); ok {
		environment = append(environment, "HOME="+user.home, "USER="+user.name, "LOGNAME="+user.name, "SHELL="+user.shell)
	}
	for _, line := range u.all("Service", "Environment") {
		words, err := splitWords(line)
		if err != nil {
			return nil, fmt.Errorf("%s: Environment: %w", u.name, err)
		}
		environment = append(environment, words...)
	}
	if m.root != "/" {
		environment = append(environment, rootVariable+"="+m.root)
	}
	return environment, nil
}

// stop stops NAMES and what of UNITS cannot stay without them, that first. What is not
// active is left as it is.
func (m machine) stop(units unitSet, names []string) {
	for _, name := range units.dependents(names) {
		s := m.state(name)
		if s.State != stateActive && s.State != stateActivating {
			continue
		}
		if s.Supervisor > 1 && running(s.Supervisor) {
			m.endSupervisor(name, s.Supervisor)
		}
		m.forget(name)
	}
}

// stopTimeout is how long a supervisor may take to end its service.
const stopTimeout = 10 * time.Second

// endSupervisor asks the supervisor PID to end its service, which removes the state file
// when done, and waits for that.
func (m machine) endSupervisor(name string, pid int) {
	syscall.Kill(pid, syscall.SIGTERM)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(stopTimeout)
	for {
		select {
		case <-tick.C:
			if !m.exists(statePath(name)) || !running(pid) {
				return
			}
		case <-deadline:
			syscall.Kill(pid, syscall.SIGKILL) // its service dies with it
			return
		}
	}
}

// sink is what takes the place of /dev/null, which is not there below chroot: the log of
// what no unit prints.
func (m machine) sink() (*os.File, error) {
	if err := os.MkdirAll(m.at(logFolder), 0o755); err != nil {
		return nil, err
	}
	return os.OpenFile(m.at(filepath.Join(logFolder, "systemctl.log")), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}
