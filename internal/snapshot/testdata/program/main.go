// Program is systemctl and pg_dumpall of the tests of package snapshot. It runs inside a sandbox root, notes each call
// that changes something in /calls, and does what the files there say:
//
//	/units/NAME     active, inactive or failed; a unit without a file is not there
//	/with/NAME      the units that require it, and are stopped together with it
//	/stubborn       stopping does nothing
//	/databases      what pg_dumpall prints; without it, it fails
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() { os.Exit(run()) }

func run() int {
	if filepath.Base(os.Args[0]) == "pg_dumpall" {
		note()
		text, err := os.ReadFile("/databases")
		must(err)
		os.Stdout.Write(text)
		return 0
	}
	verb, names := os.Args[1], os.Args[2:]
	if verb == "show" {
		for _, name := range names[1:] {
			show(name)
		}
		return 0
	}
	note()
	for _, name := range names {
		switch verb {
		case "stop":
			stop(name)
		case "start":
			set(name, "active")
		case "reset-failed":
			if read("/units/"+name) == "failed" {
				set(name, "inactive")
			}
		default:
			return 1
		}
	}
	return 0
}

func show(name string) {
	load, state := "loaded", read("/units/"+name)
	if state == "" {
		load, state = "not-found", "inactive"
	}
	fmt.Printf("Id=%s\nLoadState=%s\nActiveState=%s\nRequiredBy=%s\nConsistsOf=\n\n", name, load, state, read("/with/"+name))
}

func stop(name string) {
	if _, err := os.Stat("/stubborn"); err == nil {
		return
	}
	for _, other := range strings.Fields(read("/with/" + name)) {
		stop(other)
	}
	if read("/units/"+name) == "active" {
		set(name, "inactive")
	}
}

func set(name, state string) { must(os.WriteFile("/units/"+name, []byte(state), 0o644)) }

func read(path string) string {
	data, _ := os.ReadFile(path)
	return strings.TrimSpace(string(data))
}

func note() {
	file, err := os.OpenFile("/calls", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	must(err)
	_, err = fmt.Fprintln(file, filepath.Base(os.Args[0]), strings.Join(os.Args[1:], " "))
	must(err)
	must(file.Close())
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
