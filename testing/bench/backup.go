package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// keptFiles is how many files the figure backup-unchanged keeps, in folders of keptInFolder.
const (
	keptFiles    = 10_000
	keptInFolder = 100
)

// backups compares a backup of files that did not change since the last one with what rsync does for that: hard links to
// its last copy. Both sides are whole programs.
func (b *bench) backups(ctx context.Context) (a, r float64, err error) {
	if _, err := exec.LookPath("rsync"); err != nil {
		return 0, 0, errors.New("there is no rsync to compare with; scripts/prepare installs it for root on Debian (apt-get install rsync)")
	}
	tree := filepath.Join(b.machine, "srv/kept")
	copies := filepath.Join(b.dir, "copies")
	last := filepath.Join(copies, strconv.Itoa(b.copied))
	if b.copied == 0 {
		if err := plant(tree); err != nil {
			return 0, 0, err
		}
		if err := os.MkdirAll(last, 0o700); err != nil {
			return 0, 0, err
		}
	}
	b.copied++
	next := filepath.Join(copies, strconv.Itoa(b.copied))
	if r, err = seconds(ctx, "rsync", "-a", "--link-dest="+last, tree+"/", next); err != nil {
		return 0, 0, err
	}
	if a, err = seconds(ctx, b.nqd, "--sandbox", b.machine, "backup", "create", tree); err != nil {
		return 0, 0, err
	}
	return a, r, os.RemoveAll(last)
}

// plant makes the files that are kept.
func plant(tree string) error {
	for i := range keptFiles {
		path := filepath.Join(tree, fmt.Sprint(i/keptInFolder), fmt.Sprint(i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(fmt.Sprintf("file %d\n", i)), 0o644); err != nil {
			return err
		}
	}
	return nil
}
