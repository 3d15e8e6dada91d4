// Package write brings a workspace to what can be evaluated: the library of this nqd, locked inputs, and a commit.
package write

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/step"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Writer writes one workspace.
type Writer struct {
	Workspace workspace.Workspace
	Git       *git.Repository
	Nix       *nixcli.Nix
	Sink      event.Sink
	// Before is asked before anything is written, where there is something to write; an error leaves the workspace as it is.
	Before func() error
}

// Write brings the workspace to the library of this nqd, locks its inputs where that is
// missing, and commits what belongs to the deployment.
func (w *Writer) Write(ctx context.Context, name string) (git.Commit, error) {
	pending, err := w.Workspace.Pending()
	if err != nil {
		return git.Commit{}, err
	}
	paths, err := w.Workspace.CommitPaths()
	if err != nil {
		return git.Commit{}, err
	}
	head, err := w.Git.Head(ctx)
	if err != nil && !errors.Is(err, git.ErrNoCommit) {
		return git.Commit{}, err
	}
	var changed []string
	if head.ID != "" {
		if changed, err = w.Git.Changed(ctx); err != nil {
			return git.Commit{}, err
		}
	}
	if head.ID != "" && len(pending) == 0 && len(changed) == 0 {
		return head, nil
	}
	if w.Before != nil {
		if err := w.Before(); err != nil {
			return git.Commit{}, err
		}
	}
	w.warnUncommitted(changed, paths)
	var made git.Commit
	err = step.Begin(w.Sink, event.Write, w.Workspace.Dir, func() (err error) {
		if err := w.Git.Ensure(ctx); err != nil {
			return err
		}
		if err := w.Workspace.Write(pending); err != nil {
			return err
		}
		if err := w.lock(ctx, changed); err != nil {
			return err
		}
		made, err = w.Git.Commit(ctx, "nqd: deploy "+name, paths...)
		return err
	})
	return made, err
}

// warnUncommitted names changes that this deployment does not contain: it is made of what
// is committed, and nqd commits its own part of the workspace only.
func (w *Writer) warnUncommitted(changed, paths []string) {
	for _, file := range changed {
		if !within(file, paths) {
			w.Sink(event.Note{
				Warning: true,
				Text:    file + ": has uncommitted changes, which this deployment does not contain",
				Hint:    "commit them, or keep such files below hosts/ or features/",
			})
		}
	}
}

func within(file string, paths []string) bool {
	return slices.ContainsFunc(paths, func(path string) bool { return file == path || strings.HasPrefix(file, path+"/") })
}

// lock writes flake.lock where it is missing or flake.nix changed. Nix does it in a copy, so
// that it neither sees nor touches the user's repository.
func (w *Writer) lock(ctx context.Context, changed []string) error {
	file := filepath.Join(w.Workspace.Dir, "flake.lock")
	if _, err := os.Stat(file); err == nil && !within("flake.nix", changed) {
		return nil
	}
	dir, err := os.MkdirTemp("", "nqd-lock-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := w.Workspace.CopyTo(dir, nil); err != nil {
		return err
	}
	if err := w.Nix.Lock(ctx, evaluation.Reference("path", dir, "")); err != nil {
		return err
	}
	locked, err := os.ReadFile(filepath.Join(dir, "flake.lock"))
	if err != nil {
		return err
	}
	return atomicfile.Write(file, locked, 0o644)
}
