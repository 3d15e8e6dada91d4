// Command sandbox makes and ends machines to try nqd on, for scripts. See package sandbox.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

const usage = `usage:
  sandbox prepare DIR                                   copy and compile the stand-in
  sandbox install ROOT --nix-bin DIR --standin DIR [--user NAME]
                                                        make a freshly installed machine
  sandbox stop ROOT                                     end the services of a machine
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

var errUsage = errors.New("wrong arguments")

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := errUsage
	if len(args) >= 2 {
		switch verb, folder, rest := args[0], args[1], args[2:]; verb {
		case "prepare":
			err = prepare(ctx, folder, rest, stdout)
		case "install":
			err = install(ctx, folder, rest, stderr)
		case "stop":
			err = sandbox.Stop(folder)
		}
	}
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprint(stderr, usage)
		return 2
	case err != nil:
		fmt.Fprintf(stderr, "sandbox: %v\n", err)
		return 1
	}
	return 0
}

// prepare prints the flake URLs, one a line: nixpkgs, then home-manager.
func prepare(ctx context.Context, dir string, rest []string, stdout io.Writer) error {
	if len(rest) > 0 {
		return errUsage
	}
	inputs, err := sandbox.Prepare(ctx, dir, sandbox.Release)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s\n%s\n", inputs.Nixpkgs, inputs.HomeManager)
	return nil
}

func install(ctx context.Context, root string, rest []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("install", flag.ContinueOnError)
	flags.SetOutput(stderr)
	nixBin := flags.String("nix-bin", "", "the folder of the nix programs")
	standin := flags.String("standin", "", "a folder that `sandbox prepare` made or is to make")
	user := flags.String("user", "ada", "the first user")
	if err := flags.Parse(rest); err != nil || flags.NArg() > 0 || *nixBin == "" || *standin == "" {
		return errUsage
	}
	inputs, err := sandbox.Prepare(ctx, *standin, sandbox.Release)
	if err != nil {
		return err
	}
	return sandbox.Install(ctx, sandbox.Options{Root: root, NixBin: *nixBin, Inputs: inputs, User: *user})
}
