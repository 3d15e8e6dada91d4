package evaluation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli/mistake"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// Evaluator evaluates the hosts of a workspace for one machine. It changes nothing there but the caches of nix and its own.
type Evaluator struct {
	Machine   *machine.Machine
	Nix       *nixcli.Nix
	Git       *git.Repository
	Workspace workspace.Workspace
	Sink      event.Sink
	// Evaluations is the directory that keeps answers of evaluations.
	Evaluations string
	// Version is nqd's own.
	Version string
}

// Source is a tree that can be evaluated.
type Source struct {
	reference string // a flake reference
	key       string // names the tree, where it is one that will be evaluated again
	remove    func() // takes a temporary tree away; nil where it is none
}

// Release takes away what was made for the source alone. It may be called more than once, and returns when it is gone.
func (s Source) Release() {
	if s.remove != nil {
		s.remove()
	}
}

// Committed is the source of a commit. Nix caches nothing of a tree with changes, and the
// tree's id is a name for it.
func (e *Evaluator) Committed(c git.Commit) Source {
	return Source{reference: Reference("git+file", e.Workspace.Dir, "rev="+c.ID), key: c.Tree}
}

// Reference is a flake reference of a directory, whatever characters its name has.
func Reference(scheme, dir, query string) string {
	return (&url.URL{Scheme: scheme, Path: dir, RawQuery: query}).String()
}

// Present is the workspace as it is now, with the changes that Workspace.Pending lists: the last commit where nothing
// differs from it, or else a temporary tree of what a deployment would commit, to be released. Changes are what the user
// changed since the last commit.
func (e *Evaluator) Present(ctx context.Context, pending []workspace.File) (Source, []git.Change, error) {
	head, err := e.Git.Head(ctx)
	if err != nil && !errors.Is(err, git.ErrNoCommit) {
		return Source{}, nil, err
	}
	var changes []git.Change
	if head.ID != "" {
		paths, err := e.Workspace.CommitPaths()
		if err != nil {
			return Source{}, nil, err
		}
		if changes, err = e.Git.Changes(ctx, paths...); err != nil {
			return Source{}, nil, err
		}
		if len(pending) == 0 && len(changes) == 0 {
			return e.Committed(head), nil, nil
		}
	}
	dir, err := temporaryTree()
	if err != nil {
		return Source{}, nil, err
	}
	temporary := Source{reference: Reference("path", dir, ""), remove: sync.OnceFunc(func() { os.RemoveAll(dir) })}
	if err := e.copy(ctx, head, dir, pending); err != nil {
		temporary.Release()
		return Source{}, nil, err
	}
	return temporary, changes, nil
}

// temporaryTree makes a directory where a tree of many small files that is read once is best: in memory, in the directory
// that a login gets for such things (XDG base directory specification), else where temporary files are.
func temporaryTree() (string, error) {
	const pattern = "nqd-plan-"
	if login := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(login) {
		// With su it is that of somebody else, who lets nobody in.
		if dir, err := os.MkdirTemp(login, pattern); err == nil {
			return dir, nil
		}
	}
	return os.MkdirTemp("", pattern)
}

// copy makes dir what a deployment would commit. What the commit has beside the files of a workspace is the user's, and
// stays as it is committed.
func (e *Evaluator) copy(ctx context.Context, head git.Commit, dir string, pending []workspace.File) error {
	if head.ID == "" {
		return e.Workspace.CopyTo(dir, pending)
	}
	names, err := e.Git.Names(ctx, head)
	if err != nil {
		return err
	}
	if !workspace.Copies(names...) {
		if err := e.Git.Export(ctx, head, dir); err != nil {
			return err
		}
	}
	return e.Workspace.CopyTo(dir, pending)
}

// Evaluate asks Nix for the host's derivation and manifest, once for each tree.
func (e *Evaluator) Evaluate(ctx context.Context, h *host.Host, from Source) (Answer, error) {
	kept := keeper{dir: e.Evaluations, machine: e.Machine}
	file, err := e.keptFile(kept, h.Host.Name, from)
	if err != nil {
		return Answer{}, err
	}
	if evaluation, usable := kept.read(file); usable {
		return evaluation, nil
	}
	e.Sink(event.StationStarted{Station: event.Evaluate, Subject: h.Host.Name})
	start := time.Now()
	evaluation, data, err := e.answer(ctx, h, from)
	if err != nil || nixcli.Supported(evaluation.Nix) != nil {
		// Whatever it says, it may be that the nix is too old.
		if err := e.Nix.CheckVersion(ctx); err != nil {
			return Answer{}, err
		}
	}
	if err != nil {
		return Answer{}, err
	}
	e.Sink(event.StationDone{Station: event.Evaluate, Seconds: time.Since(start).Seconds()})
	if err := kept.write(file, data); err != nil {
		e.Sink(event.Note{Warning: true, Text: "keeping the evaluation: " + err.Error(), Hint: "the next run evaluates again"})
	}
	return evaluation, nil
}

// answer is what nix says of a host.
func (e *Evaluator) answer(ctx context.Context, h *host.Host, from Source) (Answer, json.RawMessage, error) {
	data, err := e.Nix.Evaluate(ctx, from.reference, "nqd."+h.Host.Name)
	if err != nil {
		return Answer{}, nil, mistake.Explain(err, e.Workspace.Dir)
	}
	evaluation, err := Parse(data)
	if err != nil {
		return Answer{}, nil, err
	}
	if err := document.Compare(h.Reading(), evaluation.Host); err != nil {
		return Answer{}, nil, fmt.Errorf("nqd and Nix read the host file differently, which is a bug of nqd: %w", err)
	}
	return evaluation, data, nil
}

// keptFile is where the answer for a tree is kept: a file named by all that it depends on.
func (e *Evaluator) keptFile(kept keeper, name string, from Source) (string, error) {
	if from.key == "" {
		return "", nil
	}
	nix, err := e.Nix.Identity()
	if err != nil {
		return "", err
	}
	return kept.file(name, from.key, nix, e.Version)
}
