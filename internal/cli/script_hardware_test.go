package cli

import (
	"github.com/rogpeppe/go-internal/testscript"

	fixtures "github.com/masterofnull/nixos-quick-deploy/testing/hardware"
)

// hardware NAME makes the script's machine one of testing/hardware, as far as the kernel shows it.
func becomes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: hardware NAME")
	}
	ts.Check(fixtures.Write(ts.Getenv("M"), args[0]))
}
