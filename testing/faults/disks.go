package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/testing/faults/oracle"
	"github.com/masterofnull/nixos-quick-deploy/testing/faults/trace"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// disk is a folder of the trial's machine on a small file system of its own.
type disk struct{ dir string }

// ballast is the file that fills a disk.
const ballast = ".ballast"

// roomy are options with room for all that is tried here.
const roomy = "size=64m,nr_inodes=10000"

// mount moves a folder to a file system in memory.
func (t *trial) mount(folder string) (*disk, error) {
	d := &disk{filepath.Join(t.root, folder)}
	kept := filepath.Join(t.dir, "moved")
	if err := sandbox.Clone(d.dir, kept); err != nil {
		return nil, err
	}
	if err := unix.Mount("nqd-faults", d.dir, "tmpfs", 0, roomy+",mode=0700"); err != nil {
		return nil, fmt.Errorf("mounting a small disk: %w", err)
	}
	out, err := exec.Command("cp", "--archive", kept+"/.", d.dir).CombinedOutput()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cp: %w: %s", err, out), d.unmount())
	}
	return d, nil
}

// fill leaves so many pages free.
func (d *disk) fill(pages int) error {
	var s unix.Statfs_t
	if err := unix.Statfs(d.dir, &s); err != nil {
		return err
	}
	size := (int64(s.Bfree) - int64(pages)) * s.Bsize
	file, err := os.Create(filepath.Join(d.dir, ballast))
	if err != nil {
		return err
	}
	return errors.Join(unix.Fallocate(int(file.Fd()), 0, 0, max(size, 1)), file.Close())
}

// relieve makes the disk roomy again, and writable.
func (d *disk) relieve() error {
	if err := unix.Mount("", d.dir, "", unix.MS_REMOUNT, roomy); err != nil {
		return err
	}
	err := os.Remove(filepath.Join(d.dir, ballast))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func (d *disk) freeze() error { return unix.Mount("", d.dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, "") }

func (d *disk) unmount() error { return unix.Unmount(d.dir, unix.MNT_DETACH) }

// with does something while a folder is on a disk of its own. The machine is kept without it where that goes wrong.
func (t *trial) with(ctx context.Context, folder string, do func(*disk) error) error {
	d, err := t.mount(folder)
	if err != nil {
		return err
	}
	err = do(d)
	if err != nil {
		err = errors.Join(err, sandbox.Clone(d.dir, filepath.Join(t.dir, "disk")))
	}
	return errors.Join(err, quiet(ctx, t.root), d.unmount())
}

// fullDisk lets an apply find any number of free pages, or of files that may still be made, where nqd keeps its records
// and backups, and where the workspace is.
func fullDisk(ctx context.Context, l *lab) ([]fault, error) {
	const each = 24
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	var all []fault
	for i := range each {
		all = append(all, fault{fmt.Sprintf("records, %d", i+1), func(ctx context.Context, t *trial) error {
			if err := sandbox.Clone(w.from, t.root); err != nil {
				return err
			}
			return t.onFullDisk(ctx, w, stateFolder, i%3 == 2)
		}})
		all = append(all, fault{fmt.Sprintf("workspace, %d", i+1), func(ctx context.Context, t *trial) error {
			if err := sandbox.Clone(w.from, t.root); err != nil {
				return err
			}
			// There is something to write then.
			if err := addToHost(t.root, "# a line more\n"); err != nil {
				return err
			}
			t.view = func(s oracle.State) oracle.State { return s.Without(workspaceFolder) }
			return t.onFullDisk(ctx, w, workspaceFolder, i%3 == 2)
		}})
	}
	return all, nil
}

const workspaceFolder = "home/ada/.config/nixos"

// onFullDisk applies while a folder is nearly full, and again once there is room.
func (t *trial) onFullDisk(ctx context.Context, w watched, folder string, inodes bool) error {
	const most = 30 // pages or files, more than a deployment of this size takes
	return t.with(ctx, folder, func(d *disk) error {
		err := d.fill(t.IntN(most))
		if inodes {
			err = d.fewFiles(t.IntN(most))
		}
		if err != nil {
			return err
		}
		a, err := t.run(ctx, t.root, w.args...)
		if err != nil {
			return err
		}
		if err := a.sane("apply"); err != nil {
			return err
		}
		if _, err := t.status(ctx, t.root); err != nil {
			return err
		}
		if err := errors.Join(quiet(ctx, t.root), d.relieve()); err != nil {
			return err
		}
		return t.afterTrouble(ctx, a, w)
	})
}

// fewFiles leaves so many files to make, and plenty of room.
func (d *disk) fewFiles(files int) error {
	var s unix.Statfs_t
	if err := unix.Statfs(d.dir, &s); err != nil {
		return err
	}
	return unix.Mount("", d.dir, "", unix.MS_REMOUNT, fmt.Sprintf("size=64m,nr_inodes=%d", int(s.Files-s.Ffree)+files))
}

// afterTrouble judges a machine on which apply ended by itself while something was wrong that is right again: what it
// says is so, what is left under way can be ended, and apply then works.
func (t *trial) afterTrouble(ctx context.Context, a answer, w watched) error {
	look := func(want oracle.State, before *oracle.State) error {
		if err := t.is(want, before); err != nil {
			return fmt.Errorf("after nqd said (exit code %d)\n%s\n%w", a.code, a.said, err)
		}
		return nil
	}
	now, err := t.status(ctx, t.root)
	if err != nil {
		return err
	}
	switch {
	case now.Unfinished != nil:
		verb := t.verb()
		if _, err := t.must(ctx, t.root, 0, verb, "--yes"); err != nil {
			return fmt.Errorf("after nqd said (exit code %d)\n%s\n%w", a.code, a.said, err)
		}
		if verb == "resume" {
			err = look(w.new, &w.old)
		} else {
			err = look(w.old, nil)
		}
	case a.code == 0:
		err = look(w.new, &w.old)
	default:
		err = look(w.old, nil)
	}
	if err != nil {
		return err
	}
	if _, err := t.must(ctx, t.root, 0, w.args...); err != nil {
		return err
	}
	return errors.Join(quiet(ctx, t.root), look(w.new, &w.old))
}

// readOnlyState makes the folder of records read-only: before a deployment, in its midst, and after a kill.
func readOnlyState(ctx context.Context, l *lab) ([]fault, error) {
	w, err := l.deployment(ctx)
	if err != nil {
		return nil, err
	}
	all := []fault{{"before", func(ctx context.Context, t *trial) error {
		if err := sandbox.Clone(w.from, t.root); err != nil {
			return err
		}
		return t.frozen(ctx, w, nil)
	}}}
	for _, point := range w.every(3, underWay) {
		all = append(all, fault{"at " + point.String(), func(ctx context.Context, t *trial) error {
			if err := sandbox.Clone(w.from, t.root); err != nil {
				return err
			}
			return t.frozen(ctx, w, &point)
		}})
	}
	return all, nil
}

// every is each n-th point of a stage.
func (w watched) every(n int, at stage) []trace.Point {
	var some []trace.Point
	count := 0
	for _, point := range trace.Points(w.calls) {
		if w.stageAt(point) == at {
			if count%n == 0 {
				some = append(some, point)
			}
			count++
		}
	}
	return some
}

// frozen applies while the records become read-only at the point, or are from the start.
func (t *trial) frozen(ctx context.Context, w watched, point *trace.Point) error {
	return t.with(ctx, stateFolder, func(d *disk) error {
		var failed error
		freeze := func() bool { failed = d.freezeHard(); return false }
		if point == nil {
			freeze()
		}
		a, err := t.traced(ctx, point, freeze, w.args...)
		if err := errors.Join(err, failed, a.sane("apply")); err != nil {
			return err
		}
		if _, err := t.status(ctx, t.root); err != nil {
			return err
		}
		if err := errors.Join(quiet(ctx, t.root), d.relieve()); err != nil {
			return err
		}
		return t.afterTrouble(ctx, a, w)
	})
}

// freezeHard makes a disk read-only although files on it are open for writing, as the kernel does after an error of the
// disk: it takes their place away instead where the kernel refuses.
func (d *disk) freezeHard() error {
	err := d.freeze()
	if !errors.Is(err, unix.EBUSY) {
		return err
	}
	// A file that is open keeps the file system writable; new files and the journal find no room.
	return d.fill(0)
}

// traced runs nqd under the tracer with something happening at a point.
func (t *trial) traced(ctx context.Context, point *trace.Point, act func() bool, args ...string) (answer, error) {
	result, said, err := t.trace(ctx, t.root, point, act, args...)
	if err == nil && point != nil && !result.Met {
		err = fmt.Errorf("%w: %s", errMissed, point)
	}
	return answer{said, result.ExitCode}, err
}
