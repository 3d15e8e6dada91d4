package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// result is what a run of go test came to.
type result struct {
	failed string // the first test that failed, "" if none did
	passed int
}

// test runs go test in the tree. Failing tests are a result; code that does not compile is an error. Nothing is taken
// from the test cache, which does not know what the programs read that a test starts.
func (t *tree) test(ctx context.Context, args []string) (result, error) {
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-json", "-failfast", "-count=1"}, args...)...)
	cmd.Dir = t.dir
	cmd.WaitDelay = 10 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		return result{}, ctx.Err()
	}
	r, broken := summary(stdout.Bytes())
	switch {
	case broken != "":
		return result{}, fmt.Errorf("it does not compile: %s", broken)
	case err != nil && r.failed == "":
		return result{}, fmt.Errorf("go test: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return r, nil
}

// summary reads the events of `go test -json` (go doc test2json). A package that fails without a failed test, as on a
// panic in TestMain or a timeout, counts as failed under its own name. Of a failed subtest the innermost is told: it
// ends before its parent does.
func summary(events []byte) (r result, broken string) {
	var failedPackage string
	decoder := json.NewDecoder(bytes.NewReader(events))
	for {
		var event struct{ Action, Package, Test, Output, FailedBuild string }
		if decoder.Decode(&event) != nil {
			break
		}
		switch {
		case event.FailedBuild != "" && broken == "":
			broken = event.FailedBuild
		case event.Action == "fail" && event.Test != "" && r.failed == "":
			r.failed = event.Test
		case event.Action == "fail" && event.Test == "" && failedPackage == "":
			failedPackage = event.Package
		case event.Action == "pass" && event.Test != "":
			r.passed++
		}
	}
	if r.failed == "" {
		r.failed = failedPackage
	}
	return r, broken
}
