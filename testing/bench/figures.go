package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
	"github.com/masterofnull/nixos-quick-deploy/testing/shelf"
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
	// What other figures switch on with everything else could be what the installer's files say differently.
	cmd := exec.CommandContext(ctx, b.nqd, "--sandbox", root, "--json", "up", "--yes", "--adopt=no", "--preset=ai-workstation",
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

// evaluation compares what each feature adds to an evaluation with everything on, and with some
// ten on: features may cost, but must not make each other dearer.
func (b *bench) evaluation(ctx context.Context) (all, ten float64, err error) {
	ids := shelf.IDs(b.catalog)
	var few []string
	for i := 0; len(few) < 10; i++ {
		for _, id := range shelf.Closure(b.catalog, ids[i]) {
			if !slices.Contains(few, id) {
				few = append(few, id)
			}
		}
	}
	// Only what is always on: what an evaluation costs anyway.
	none, err := b.evaluate(ctx, nil)
	if err != nil {
		return 0, 0, err
	}
	if all, err = b.evaluate(ctx, ids); err != nil {
		return 0, 0, err
	}
	ten, err = b.evaluate(ctx, few)
	return (all - none) / float64(len(ids)), (ten - none) / float64(len(few)), err
}

// evaluate asks for the derivation of a host with these features, with nix alone and nothing
// remembered.
func (b *bench) evaluate(ctx context.Context, on []string) (float64, error) {
	workspace := filepath.Join(b.dir, "workspace-"+strconv.Itoa(len(on)))
	if err := b.host(workspace, on); err != nil {
		return 0, err
	}
	return seconds(ctx, b.nix, "--extra-experimental-features", "nix-command flakes", "eval", "--no-eval-cache",
		"--store", "local?root="+b.machine, "--json", "path:"+workspace+"#nqd.nixos")
}

// host writes the workspace of the deployed machine once more, with these features.
func (b *bench) host(workspace string, on []string) error {
	if err := os.RemoveAll(workspace); err != nil {
		return err
	}
	if err := os.CopyFS(workspace, os.DirFS(sandbox.Workspace(b.machine))); err != nil {
		return err
	}
	for _, name := range shelf.Secrets(b.catalog, "nixos", on) {
		file := filepath.Join(workspace, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o644)); err != nil {
			return err
		}
	}
	login := filepath.Join(workspace, "hosts/nixos/imported/configuration.nix")
	if err := os.WriteFile(login, []byte(shelf.Login("ada")), 0o644); err != nil {
		return err
	}
	file := filepath.Join(workspace, "hosts/nixos/host.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	// What init wrote about features and packages stands at the end.
	fixed, _, _ := strings.Cut(string(text), "\n[features")
	return os.WriteFile(file, []byte(fixed+"\n"+shelf.Tables(b.catalog, on)), 0o644)
}

// nixBuild builds the workspace's system into the machine's store, with nix alone.
func (b *bench) nixBuild(ctx context.Context, root, workspace string) (float64, error) {
	return seconds(ctx, b.nix, "--extra-experimental-features", "nix-command flakes", "build", "--no-link",
		"--store", "local?root="+root, "--option", "sandbox", "true", "--option", "sandbox-paths", "",
		"--option", "build-users-group", "", "--option", "substituters", "",
		"git+file://"+workspace+"#nixosConfigurations.nixos.config.system.build.toplevel")
}
