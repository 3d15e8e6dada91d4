package deploy

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/plan"
)

// source is a tree that can be evaluated.
type source struct {
	reference string // a flake reference
	key       string // names the tree, where it is one that will be evaluated again
}

// committed is the source of a commit. Nix caches nothing of a tree with changes, and the
// tree's id is a name for it.
func (d *Deployer) committed(c git.Commit) source {
	return source{reference: reference("git+file", d.Workspace.Dir, "rev="+c.ID), key: c.Tree}
}

// reference is a flake reference of a directory, whatever characters its name has.
func reference(scheme, dir, query string) string {
	return (&url.URL{Scheme: scheme, Path: dir, RawQuery: query}).String()
}

// write brings the workspace to the library of this nqd, locks its inputs where that is
// missing, and commits what belongs to the deployment.
func (d *Deployer) write(ctx context.Context, name string) (git.Commit, error) {
	pending, err := d.Workspace.Pending()
	if err != nil {
		return git.Commit{}, err
	}
	paths, err := d.Workspace.CommitPaths()
	if err != nil {
		return git.Commit{}, err
	}
	head, err := d.Git.Head(ctx)
	if err != nil && !errors.Is(err, git.ErrNoCommit) {
		return git.Commit{}, err
	}
	var changed []string
	if head.ID != "" {
		if changed, err = d.Git.Changed(ctx); err != nil {
			return git.Commit{}, err
		}
	}
	if head.ID != "" && len(pending) == 0 && len(changed) == 0 {
		return head, nil
	}
	d.warnUncommitted(changed, paths)
	var made git.Commit
	err = d.station(event.Write, d.Workspace.Dir, func() (err error) {
		if err := d.Git.Ensure(ctx); err != nil {
			return err
		}
		if err := d.Workspace.Write(pending); err != nil {
			return err
		}
		if err := d.lock(ctx, changed); err != nil {
			return err
		}
		made, err = d.Git.Commit(ctx, "nqd: deploy "+name, paths...)
		return err
	})
	return made, err
}

// warnUncommitted names changes that this deployment does not contain: it is made of what
// is committed, and nqd commits its own part of the workspace only.
func (d *Deployer) warnUncommitted(changed, paths []string) {
	for _, file := range changed {
		if !within(file, paths) {
			d.Sink(event.Note{
				Warning: true,
				Text:    file + ": has uncommitted changes, which this deployment does not contain",
				Hint:    "commit them, or keep such files below hosts/ or features/",
			})
		}
	}
}

func within(file string, paths []string) bool {
	for _, path := range paths {
		if file == path || strings.HasPrefix(file, path+"/") {
			return true
		}
	}
	return false
}

// lock writes flake.lock where it is missing or flake.nix changed. Nix does it in a copy, so
// that it neither sees nor touches the user's repository.
func (d *Deployer) lock(ctx context.Context, changed []string) error {
	file := filepath.Join(d.Workspace.Dir, "flake.lock")
	if _, err := os.Stat(file); err == nil && !within("flake.nix", changed) {
		return nil
	}
	dir, err := os.MkdirTemp("", "nqd-lock-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := d.Workspace.CopyTo(dir, nil); err != nil {
		return err
	}
	if err := d.Nix.Lock(ctx, reference("path", dir, "")); err != nil {
		return err
	}
	locked, err := os.ReadFile(filepath.Join(dir, "flake.lock"))
	if err != nil {
		return err
	}
	return atomicfile.Write(file, locked, 0o644)
}

// evaluate asks Nix for the host's derivation and manifest, once for each tree.
func (d *Deployer) evaluate(ctx context.Context, h *host.Host, from source) (plan.Evaluation, error) {
	kept := plan.Kept{Dir: d.Evaluations, Machine: d.Machine}
	file, err := d.keptFile(kept, h.Host.Name, from)
	if err != nil {
		return plan.Evaluation{}, err
	}
	if evaluation, usable := kept.Read(file); usable {
		return evaluation, nil
	}
	var evaluation plan.Evaluation
	err = d.station(event.Evaluate, h.Host.Name, func() error {
		if err := d.Nix.CheckVersion(ctx); err != nil {
			return err
		}
		data, err := d.Nix.Evaluate(ctx, from.reference, "nqd."+h.Host.Name)
		if err != nil {
			return nixcli.Explain(err, d.Workspace.Dir)
		}
		if evaluation, err = plan.ParseEvaluation(data); err != nil {
			return err
		}
		if err := document.Compare(h.Reading(), evaluation.Host); err != nil {
			return fmt.Errorf("nqd and Nix read the host file differently, which is a bug of nqd: %w", err)
		}
		return kept.Write(file, data)
	})
	return evaluation, err
}

// keptFile is where the answer for a tree is kept: a file named by all that it depends on.
func (d *Deployer) keptFile(kept plan.Kept, name string, from source) (string, error) {
	if from.key == "" {
		return "", nil
	}
	nix, err := d.Nix.Identity()
	if err != nil {
		return "", err
	}
	return kept.File(name, from.key, nix, d.Version)
}
