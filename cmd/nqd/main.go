// Command nqd turns a NixOS machine into a finished workstation and keeps it one.
package main

import (
	"os"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli"
)

// version is set by the linker.
var version = "dev"

func main() {
	os.Exit(cli.Main(version, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
