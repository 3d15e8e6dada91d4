package cli

import (
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/masterofnull/nixos-quick-deploy/testing/installer"
)

// installer NAME puts what one of testing/installer has in /etc/nixos into the script's machine.
func asInstalled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: installer NAME")
	}
	m, err := installer.Load(args[0])
	ts.Check(err)
	ts.Check(m.Write(ts.Getenv("M")))
}
