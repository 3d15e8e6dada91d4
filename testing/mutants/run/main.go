// Command run breaks the code on purpose and wants the tests to notice.
//
// Each testing/mutants/*.patch is a unified diff below a header of two lines:
//
//	# the journal's record is not synced
//	# test: ./internal/engine/journal/... -run TestAppend
//
// The first says what the patch breaks, the second which tests must turn red: packages and flags of `go test`. If they
// stay green, all tests are tried. A mutant has survived when those are green as well; a patch that does not apply,
// does not compile or names no test that runs is an error. Arguments, if any, are the names of the mutants to run.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// workers is how many mutants run at a time: go test is itself parallel.
const workers = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, ".", os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// run tries the named mutants, or all, on copies of the tree at root.
func run(ctx context.Context, root string, names []string) error {
	mutants, err := load(filepath.Join(root, "testing/mutants"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(mutants, func(m mutant) bool { return m.name == name }) {
			return fmt.Errorf("there is no testing/mutants/%s.patch", name)
		}
	}
	if len(names) > 0 {
		mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !slices.Contains(names, m.name) })
	}

	if len(mutants) == 0 {
		return errors.New("there is no testing/mutants/*.patch")
	}

	queue := make(chan mutant, len(mutants))
	for _, m := range mutants {
		queue <- m
	}
	close(queue)
	start := time.Now()
	var (
		mu                     sync.Mutex
		wg                     sync.WaitGroup
		errs                   []error
		killed, survived, sick int
	)
	for range min(workers, len(mutants)) {
		wg.Go(func() {
			tree, err := copyTree(ctx, root)
			if err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
				return
			}
			defer tree.remove()
			for m := range queue {
				began := time.Now()
				by, err := tree.try(ctx, m)
				mu.Lock()
				switch seconds := time.Since(began).Seconds(); {
				case err != nil:
					sick++
					fmt.Printf("mutant %s ERROR %v %.1f\n", m.name, err, seconds)
				case by == "":
					survived++
					fmt.Printf("mutant %s SURVIVED (%s) %.1f\n", m.name, m.breaks, seconds)
				default:
					killed++
					fmt.Printf("mutant %s killed by %s %.1f\n", m.name, by, seconds)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	fmt.Printf("mutants: %d killed, %d survived, %d errors, %.0f s\n", killed, survived, sick, time.Since(start).Seconds())
	if killed < len(mutants) {
		errs = append(errs, fmt.Errorf("%d of %d mutants were not killed", len(mutants)-killed, len(mutants)))
	}
	return errors.Join(errs...)
}

// mutant is one patch.
type mutant struct {
	name   string
	path   string   // absolute
	breaks string   // what it breaks, in words
	tests  []string // arguments of go test that must turn red
}

func load(dir string) (mutants []mutant, err error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.patch"))
	if err != nil {
		return nil, err
	}
	for _, file := range paths {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		m.name = strings.TrimSuffix(filepath.Base(file), ".patch")
		if m.path, err = filepath.Abs(file); err != nil {
			return nil, err
		}
		mutants = append(mutants, m)
	}
	return mutants, nil
}

// parse reads the header of a patch.
func parse(text []byte) (m mutant, err error) {
	lines := strings.SplitN(string(text), "\n", 3)
	if len(lines) < 3 {
		return m, errors.New("a header of two lines and a diff are expected")
	}
	breaks, ok := strings.CutPrefix(lines[0], "# ")
	if !ok || strings.TrimSpace(breaks) == "" {
		return m, errors.New("line 1: `# what it breaks` is expected")
	}
	tests, ok := strings.CutPrefix(lines[1], "# test: ")
	if !ok || len(strings.Fields(tests)) == 0 {
		return m, errors.New("line 2: `# test: ./package/... -run TestName` is expected")
	}
	return mutant{breaks: breaks, tests: strings.Fields(tests)}, nil
}

// tree is a copy of the repository that one worker breaks and mends.
type tree struct {
	dir   string
	green map[string]bool // test arguments that were seen green before anything was broken
}

// copyTree copies what git would commit, and makes the copy a repository: tests may ask git about it.
func copyTree(ctx context.Context, root string) (*tree, error) {
	list := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	dir, err := os.MkdirTemp("", "nqd-mutants-")
	if err != nil {
		return nil, err
	}
	t := &tree{dir: dir, green: map[string]bool{}}
	for name := range strings.SplitSeq(string(bytes.TrimRight(names, "\x00")), "\x00") {
		if path.Ext(name) == ".patch" {
			continue // the test that every patch applies would notice each mutant, and so hide what no other test does
		}
		if err := copyFile(filepath.Join(root, name), filepath.Join(dir, name)); err != nil {
			t.remove()
			return nil, err
		}
	}
	if err := t.git(ctx, "init", "-q"); err != nil {
		t.remove()
		return nil, err
	}
	return t, nil
}

func copyFile(from, to string) error {
	info, err := os.Lstat(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil // deleted, but git still lists it
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if info.Mode()&os.ModeSymlink != 0 {
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}

func (t *tree) remove() { os.RemoveAll(t.dir) }

func (t *tree) git(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = t.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("git %s: %w: %s", args[0], err, bytes.TrimSpace(out))
	}
	return nil
}

// try breaks the tree, returns the test that noticed ("" if none did), and mends the tree.
func (t *tree) try(ctx context.Context, m mutant) (by string, err error) {
	for _, tests := range [][]string{m.tests, {"./..."}} {
		// A test that is red anyway kills nothing.
		if err := t.wantGreen(ctx, tests); err != nil {
			return "", err
		}
		if err := t.git(ctx, "apply", m.path); err != nil {
			return "", err
		}
		result, err := t.test(ctx, tests)
		// Mended even when the run was interrupted: the next mutant counts on it.
		if mend := t.git(context.WithoutCancel(ctx), "apply", "--reverse", m.path); mend != nil {
			return "", mend
		}
		switch {
		case err != nil:
			return "", err
		case result.failed != "":
			return result.failed, nil
		}
	}
	return "", nil
}

func (t *tree) wantGreen(ctx context.Context, tests []string) error {
	key := strings.Join(tests, " ")
	if t.green[key] {
		return nil
	}
	result, err := t.test(ctx, tests)
	switch {
	case err != nil:
		return fmt.Errorf("before anything was broken: %w", err)
	case result.failed != "":
		return fmt.Errorf("%s is red before anything was broken", result.failed)
	case result.passed == 0:
		return fmt.Errorf("go test %s runs no test", key)
	}
	t.green[key] = true
	return nil
}
