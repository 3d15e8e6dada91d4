// Program is switch-to-configuration and systemctl of the tests of package guard. It runs
// inside a sandbox root, notes each call in /calls, and does what the files there say:
//
//	/exit/is-active    systemctl is-active ends with this code; with 3 without it
//	/exit/ACTION       switch-to-configuration ends with this code; below 0, by a signal
//	/idle/ACTION       … and changes nothing
//	/says              what switch-to-configuration says first
//	/failed            what `systemctl list-units` prints
//	/failed-after      replaces /failed once a system was activated
//	/environment       written: the environment of the last call
//	/tried             written: /run/nqd/trying was there while a system was activated
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func main() { os.Exit(run()) }

func run() int {
	note(strings.Join(append([]string{called()}, os.Args[1:]...), " "))
	must(os.WriteFile("/environment", []byte(strings.Join(os.Environ(), "\n")), 0o644))
	if filepath.Base(os.Args[0]) == "systemctl" {
		return systemctl()
	}
	action := os.Args[1]
	if said := read("/says"); said != "" {
		fmt.Fprintln(os.Stderr, said)
	}
	fmt.Fprintln(os.Stdout, "on stdout: "+action)
	fmt.Fprint(os.Stderr, "on stderr: "+action) // without a line end
	if !exists("/idle/" + action) {
		change(action)
	}
	code, _ := strconv.Atoi(read("/exit/" + action))
	if code < 0 {
		must(syscall.Kill(os.Getpid(), syscall.SIGKILL))
		select {}
	}
	return code
}

// called is systemctl, or the name of the system whose switch-to-configuration this is.
func called() string {
	if base := filepath.Base(os.Args[0]); base != "switch-to-configuration" {
		return base
	}
	_, name, _ := strings.Cut(filepath.Base(system()), "-")
	return name
}

func system() string { return filepath.Dir(filepath.Dir(os.Args[0])) }

func change(action string) {
	switch action {
	case "test":
		if exists("/run/nqd/trying") {
			must(os.WriteFile("/tried", nil, 0o644))
		}
		os.Remove("/run/current-system")
		must(os.Symlink(system(), "/run/current-system"))
		if exists("/failed-after") {
			must(os.Rename("/failed-after", "/failed"))
		}
	case "boot":
		must(os.MkdirAll("/boot/loader/entries", 0o755))
		must(os.WriteFile("/boot/loader/loader.conf", []byte("timeout 5\ndefault now.conf\n"), 0o644))
		must(os.WriteFile("/boot/loader/entries/now.conf", []byte("options init="+system()+"/init quiet\n"), 0o644))
	}
}

func systemctl() int {
	if os.Args[1] == "is-active" {
		if !exists("/exit/is-active") {
			return 3
		}
		code, _ := strconv.Atoi(read("/exit/is-active"))
		return code
	}
	if os.Args[1] != "list-units" {
		return 0
	}
	fmt.Fprintln(os.Stdout, read("/failed"))
	code, _ := strconv.Atoi(read("/exit/list-units"))
	return code
}

func note(line string) {
	file, err := os.OpenFile("/calls", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	must(err)
	_, err = file.WriteString(line + "\n")
	must(err)
	must(file.Close())
}

func read(path string) string {
	data, _ := os.ReadFile(path)
	return strings.TrimSpace(string(data))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(99)
	}
}
