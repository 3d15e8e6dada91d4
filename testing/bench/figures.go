package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// version compares the start of nqd with that of a program that does nothing.
func (b *bench) version(ctx context.Context) (a, e float64, err error) {
	if a, err = seconds(ctx, b.nqd, "version"); err != nil {
		return 0, 0, err
	}
	e, err = seconds(ctx, b.empty)
	return a, e, err
}

// unchanged compares an apply that finds nothing to do with a nix build of the same clean
// flake.
func (b *bench) unchanged(ctx context.Context) (a, n float64, err error) {
	if a, err = seconds(ctx, b.nqd, "--sandbox", b.machine, "apply", "--yes"); err != nil {
		return 0, 0, err
	}
	n, err = b.nixBuild(ctx, b.machine, sandbox.Workspace(b.machine))
	return a, n, err
}

// first compares nqd's own part of a first up, without the nix programs that it ran, with a
// nix build of the same flake on a machine that is as fresh.
func (b *bench) first(ctx context.Context) (own, n float64, err error) {
	fresh, err := b.install(ctx)
	if err != nil {
		return 0, 0, err
	}
	if own, err = b.up(ctx, fresh); err != nil {
		return 0, 0, err
	}
	other, err := b.install(ctx)
	if err != nil {
		return 0, 0, err
	}
	n, err = b.nixBuild(ctx, other, sandbox.Workspace(fresh))
	for _, root := range []string{fresh, other} {
		if stopErr := sandbox.Stop(root); err == nil {
			err = stopErr
		}
		os.RemoveAll(root)
	}
	return own, n, err
}

// up deploys a machine for the first time and returns the time that passed outside of nix.
func (b *bench) up(ctx context.Context, root string) (own float64, err error) {
	port, err := sandbox.FreePort()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, b.nqd, "--sandbox", root, "--json", "up", "--yes",
		"--nixpkgs", b.inputs.Nixpkgs, "--home-manager", b.inputs.HomeManager,
		"--set", "ollama.port="+port)
	start := time.Now()
	out, err := cmd.Output()
	wall := time.Since(start).Seconds()
	if err != nil {
		return 0, fmt.Errorf("nqd up: %w\n%s", err, out)
	}
	return wall - nixSeconds(out), nil
}

// nixSeconds adds up the times of the nix programs among nqd's events.
func nixSeconds(events []byte) float64 {
	var sum float64
	for line := range bytes.Lines(events) {
		var event struct {
			Type    string  `json:"message_type"`
			Name    string  `json:"name"`
			Seconds float64 `json:"seconds"`
		}
		if json.Unmarshal(line, &event) == nil && event.Type == "program" && strings.HasPrefix(event.Name, "nix") {
			sum += event.Seconds
		}
	}
	return sum
}

// nixBuild builds the workspace's system into the machine's store, with nix alone.
func (b *bench) nixBuild(ctx context.Context, root, workspace string) (float64, error) {
	return seconds(ctx, b.nix, "--extra-experimental-features", "nix-command flakes", "build", "--no-link",
		"--store", "local?root="+root, "--option", "sandbox", "true", "--option", "sandbox-paths", "",
		"--option", "build-users-group", "", "--option", "substituters", "",
		"git+file://"+workspace+"#nixosConfigurations.nixos.config.system.build.toplevel")
}
