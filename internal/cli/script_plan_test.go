package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// What differs from run to run in a plan, and what stands for it.
var varying = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`/nix/store/[0-9a-z]{32}-`), "/nix/store/HASH-"},
	{regexp.MustCompile(`\+?-?\b[0-9.]+ ([KMGT]i)?B\b`), "SIZE"},
	// With its further lines: they begin elsewhere with other times.
	{regexp.MustCompile(`(?m)^  took      (deployment [0-9]+ .*?):.*\n(?:    .*\n)*`), "  took      $1: TIMES\n"},
}

// scrub writes what a program said last to a file, with words for what differs from run to run: scrub plan.txt.
func scrub(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: scrub FILE")
	}
	text := ts.ReadFile("stdout")
	for i := range ports {
		name := fmt.Sprintf("PORT%d", i+1)
		text = regexp.MustCompile(`\b`+ts.Getenv(name)+`\b`).ReplaceAllLiteralString(text, name)
	}
	for _, one := range varying {
		text = one.pattern.ReplaceAllString(text, one.instead)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// processes writes the command lines of all processes that live in the machine or name it to a file, sorted: two lists
// are equal when nothing was started, or left running.
func processes(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: processes FILE")
	}
	machine := ts.Getenv("M")
	folders, err := filepath.Glob("/proc/[0-9]*")
	ts.Check(err)
	var found []string
	for _, folder := range folders {
		// A process may end while it is looked at.
		line, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
		root, _ := os.Readlink(filepath.Join(folder, "root"))
		if root == machine || strings.Contains(string(line), machine) {
			found = append(found, filepath.Base(folder)+" "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	slices.Sort(found)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Join(found, "\n")+"\n"), 0o600))
}
