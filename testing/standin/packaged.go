package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// packaged runs a program of a package: those that do something, and for every other one a
// line with its name and version.
func (c call) packaged() int {
	version := c.version()
	switch c.name {
	case "ollama":
		return c.ollama(version)
	case "postgres":
		return c.postgres(version)
	case "pg_dumpall":
		return c.pgDumpAll()
	case "git":
		return c.git(version)
	case "env":
		return c.env()
	case "sleep":
		return c.sleep()
	case "true":
		return 0
	case "false":
		return 1
	}
	if openings, ok := servers[c.name]; ok && !c.asksVersion() {
		return c.open(openings(c))
	}
	if c.isDaemon() {
		return c.stay()
	}
	fmt.Fprintf(c.stdout, "%s %s\n", c.name, version)
	return 0
}

// asksVersion reports whether the arguments only ask who is there.
func (c call) asksVersion() bool {
	return len(c.args) == 1 && slices.Contains([]string{"--version", "-version", "-v", "-V"}, c.args[0])
}

// version returns that of the package this program is called from. The last link to the
// stand-in is the one in the package itself; its version is in the one share/NAME/version.
func (c call) version() string {
	path := c.self
	for range maxLinks {
		path = c.machine.resolve(path, false)
		files, _ := filepath.Glob(c.machine.outside(filepath.Join(filepath.Dir(path), "../share/*/version")))
		target := c.machine.readLink(path)
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		if c.machine.readLink(target) == "" && len(files) == 1 {
			data, _ := os.ReadFile(files[0])
			return strings.TrimSpace(string(data))
		}
		path = target
	}
	return "0"
}

// env becomes the program that its arguments name, found on PATH. As env(1) it ends with 127
// where there is none.
func (c call) env() int {
	if len(c.args) == 0 {
		return 0
	}
	if path, err := exec.LookPath(c.args[0]); err == nil {
		_ = syscall.Exec(path, append([]string{path}, c.args[1:]...), os.Environ()) // returns on failure only
	}
	fmt.Fprintf(c.stderr, "env: '%s': No such file or directory\n", c.args[0])
	return 127
}

func (c call) git(version string) int {
	if len(c.args) == 1 && (c.args[0] == "--version" || c.args[0] == "version") {
		fmt.Fprintf(c.stdout, "git version %s\n", version)
		return 0
	}
	fmt.Fprintln(c.stderr, "fatal: the stand-in of git only tells its version")
	return 128
}

// longest is what sleep takes infinity for.
const longest = 365 * 24 * time.Hour

// sleep waits for a number of seconds or a signal.
func (c call) sleep() int {
	if len(c.args) != 1 {
		fmt.Fprintln(c.stderr, "sleep: missing operand")
		return 1
	}
	seconds, err := strconv.ParseFloat(c.args[0], 64) // takes "infinity" too
	if err != nil || seconds < 0 {
		fmt.Fprintf(c.stderr, "sleep: invalid time interval ‘%s’\n", c.args[0])
		return 1
	}
	seconds = min(seconds, longest.Seconds())
	sayReady() // a test that runs it as a service need not wait
	select {
	case <-time.After(time.Duration(seconds * float64(time.Second))):
	case <-ended():
	}
	return 0
}

// ended receives the signal that asks a process to end.
func ended() <-chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	return signals
}

// sayReady tells the supervisor, where there is one, that the service is ready, as
// sd_notify(3) does.
func sayReady() {
	if os.Getenv(readyVariable) == "" {
		return
	}
	ready := os.NewFile(readyFD, "ready")
	ready.WriteString("1")
	ready.Close()
}
