package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/testing/shelf"
)

// planned compares a plan for a host with every feature, of which nothing is remembered and for which something has to be
// built, with the one evaluation in it, by nix alone.
func (b *bench) planned(ctx context.Context) (a, n float64, err error) {
	b.edits++
	mine, others := filepath.Join(b.dir, "plan-nqd"), filepath.Join(b.dir, "plan-nix")
	for _, workspace := range []string{mine, others} {
		if err := b.edited(workspace); err != nil {
			return 0, 0, err
		}
	}
	cmd := exec.CommandContext(ctx, b.nqd, "--sandbox", b.machine, "--workspace", mine, "plan")
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+memory)
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("nqd plan: %w\n%s", err, out)
	}
	a = time.Since(start).Seconds()
	n, err = seconds(ctx, b.nix, "--extra-experimental-features", "nix-command flakes", "eval", "--json",
		"--store", "local?root="+b.machine, "path:"+others+"#nqd.nixos")
	return a, n, err
}

// memory is where nqd puts the tree that it evaluates: in memory, as a login on NixOS gives it a directory for.
const memory = "/dev/shm"

// edited writes a workspace with every feature on that was never there before. What belongs to git is nothing to Nix,
// which would copy it for a tree by its path.
func (b *bench) edited(workspace string) error {
	if err := b.host(workspace, shelf.IDs(b.catalog)); err != nil {
		return err
	}
	text := fmt.Sprintf("{ environment.etc.edit.text = \"%s %d\"; }\n", filepath.Base(workspace), b.edits)
	own := filepath.Join(workspace, "hosts/nixos/imported/configuration.nix")
	login, err := os.ReadFile(own)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(filepath.Dir(own), "login.nix"), login, 0o644),
		os.WriteFile(own, []byte("{ imports = [ ./login.nix ./edit.nix ]; }\n"), 0o644),
		os.WriteFile(filepath.Join(filepath.Dir(own), "edit.nix"), []byte(text), 0o644),
		os.RemoveAll(filepath.Join(workspace, ".git")))
}
