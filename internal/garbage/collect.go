package garbage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
)

// step is one part of a collection. It may be done again after it was cut off, or was done.
type step func(context.Context) error

// steps are the parts of a collection in order. What has to stay is rooted first, so that whatever comes between only
// leaves garbage behind.
func (c *Collector) steps(p plan) []step {
	steps := []step{func(ctx context.Context) error { return c.hold(ctx, p) }}
	steps = append(steps,
		func(ctx context.Context) error { return c.removeBelongings(ctx, p.old) },
		func(context.Context) error { return c.unlink(p) },
	)
	if p.menu != "" {
		// An entry of the menu must not outlive what it starts: the note goes when the menu is written.
		steps = append(steps, func(context.Context) error { return c.noteMenu() })
	}
	for _, number := range p.generations {
		steps = append(steps, func(ctx context.Context) error { return c.Guard.Profile.Delete(ctx, number) })
	}
	if p.menu != "" {
		steps = append(steps,
			func(ctx context.Context) error { return c.Guard.WriteMenu(ctx, p.menu) },
			func(context.Context) error { return remove(c.outdatedMenu()) },
		)
	}
	return append(steps, c.Nix.Collect, func(context.Context) error { return c.release() })
}

// release gives up what was held, and leaves the note about a menu that could not be written.
func (c *Collector) release() error {
	if err := os.RemoveAll(c.held()); err != nil {
		return err
	}
	if outdated, err := c.menuIsOutdated(); err != nil || outdated {
		return err
	}
	return remove(c.dir())
}

func (c *Collector) held() string { return filepath.Join(c.dir(), "held") }

// hold makes roots of what has to stay and has none, for the time of the collection. What an earlier run left is made
// anew, but for its note about the boot menu.
func (c *Collector) hold(ctx context.Context, p plan) error {
	if err := os.RemoveAll(c.held()); err != nil {
		return err
	}
	if len(p.hold) == 0 {
		return nil
	}
	if err := atomicfile.MkdirAll(c.held(), 0o700); err != nil {
		return err
	}
	for i, path := range p.hold {
		if err := c.Nix.Root(ctx, path, filepath.Join(c.held(), fmt.Sprint(i))); err != nil {
			return err
		}
	}
	return nil
}

// unlink removes roots of deployments. Their records stay.
func (c *Collector) unlink(p plan) error {
	for _, link := range p.links {
		if err := remove(link); err != nil {
			return err
		}
	}
	return nil
}

func remove(file string) error {
	err := os.Remove(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// outdatedMenu is a file that is there while the boot menu may have entries of generations that are gone.
func (c *Collector) outdatedMenu() string { return filepath.Join(c.dir(), "boot-menu") }

func (c *Collector) menuIsOutdated() (bool, error) {
	_, err := os.Stat(c.outdatedMenu())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (c *Collector) noteMenu() error {
	if err := atomicfile.MkdirAll(c.dir(), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(c.outdatedMenu(), nil, 0o600)
}
