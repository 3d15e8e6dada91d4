// Command bench prints how fast nqd is as ratios of paired measurements in this run, against
// raw Nix, an empty program or the plain way to do the same, one line a figure:
//
//	bench NAME ratio=R goal=G a=SECONDS b=SECONDS ok|short
//
// a is nqd, b the other; both are medians, those of log-reader in CPU time. It exits with 1 when a goal is not reached.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

func main() {
	nqd := flag.String("nqd", "bin/nqd", "the nqd to measure")
	only := flag.String("only", "", "measure the figure of this name alone")
	flag.Parse()
	reached, err := measure(context.Background(), *nqd, *only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if !reached {
		os.Exit(1)
	}
}

// warmups are pairs that are run and not counted: Nix caches an evaluation from its third
// run on (design-review 16).
const warmups = 2

// figure is one comparison. Each call of pair measures both sides once, in seconds. A side that takes most of a minute
// because it waits is measured once: nothing of it gets warm.
type figure struct {
	name    string
	goal    float64
	warmups int
	pairs   int
	pair    func(context.Context) (a, b float64, err error)
}

func measure(ctx context.Context, nqd, only string) (reached bool, err error) {
	if only == "" || only == "fixtures-decided" {
		text, err := fixtures()
		if err != nil {
			return false, err
		}
		fmt.Println(text)
		if only != "" {
			return true, nil
		}
	}
	if only == "" || only == "init-keystrokes" {
		text, err := keystrokes(ctx, nqd)
		if err != nil {
			return false, err
		}
		fmt.Println(text)
		if only != "" {
			return true, nil
		}
	}
	b, remove, err := prepare(ctx, nqd)
	if err != nil {
		return false, err
	}
	defer remove()
	reached = true
	for _, f := range []figure{
		{"version", 4, warmups, 41, b.version},
		{"unchanged-apply", 1.3, warmups, 15, b.unchanged},
		{"first-up-own-time", 1, warmups, 3, b.first},
		{"evaluation-per-feature", 1.5, warmups, 5, b.evaluation},
		{"plan", 1.2, warmups, 9, b.planned},
		{"closure-difference", 0.5, warmups, 9, b.closures},
		{"narinfo", 0.1, 0, 1, b.narinfos},
		{"log-reader", 0.02, 0, 3, b.logReader},
		{"journal-action", 1.5, warmups, 101, (&recorder{dir: b.dir}).pair},
		{"backup-unchanged", 1, warmups, 9, b.backups},
		{"facts", 1, warmups, 41, b.facts},
	} {
		if only != "" && only != f.name {
			continue
		}
		ok, err := f.run(ctx)
		if err != nil {
			return false, fmt.Errorf("%s: %w", f.name, err)
		}
		reached = reached && ok
		if b.note != "" {
			fmt.Println(b.note)
			b.note = ""
		}
	}
	return reached, nil
}

func (f figure) run(ctx context.Context) (bool, error) {
	var as, bs, ratios []float64
	for i := range f.warmups + f.pairs {
		a, b, err := f.pair(ctx)
		if err != nil {
			return false, err
		}
		if i >= f.warmups {
			as, bs, ratios = append(as, a), append(bs, b), append(ratios, a/b)
		}
	}
	ratio, verdict := median(ratios), "ok"
	if ratio > f.goal {
		verdict = "short"
	}
	fmt.Printf("bench %s ratio=%.3f goal=%g a=%.4f b=%.4f %s\n", f.name, ratio, f.goal, median(as), median(bs), verdict)
	return verdict == "ok", nil
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// bench is what the figures share: the programs and a deployed machine.
type bench struct {
	nqd, nix, empty string
	dir             string
	inputs          sandbox.Inputs
	machine         string // a deployed one
	catalog         *catalog.Catalog
	machines        int    // how many were made
	edits           int    // of its workspace
	copied          int    // how often rsync copied the files that backups are made of
	logPeak         int64  // the largest memory of the log reader in KiB
	fewPeak         int64  // the same where the log is short
	note            string // a line to print below that of the figure
}

func prepare(ctx context.Context, nqd string) (*bench, func(), error) {
	dir, err := os.MkdirTemp("", "nqd-bench-")
	if err != nil {
		return nil, nil, err
	}
	b := &bench{dir: dir}
	remove := func() {
		b.stopAll()
		os.RemoveAll(dir)
	}
	if err := b.prepare(ctx, nqd); err != nil {
		remove()
		return nil, nil, err
	}
	return b, remove, nil
}

func (b *bench) prepare(ctx context.Context, nqd string) (err error) {
	if b.nqd, err = filepath.Abs(nqd); err != nil {
		return err
	}
	if b.catalog, err = catalog.Load(nixlib.FS, nil); err != nil {
		return err
	}
	if b.nix, err = exec.LookPath("nix"); err != nil {
		return err
	}
	if b.inputs, err = sandbox.Prepare(ctx, filepath.Join(b.dir, "standin"), sandbox.Release); err != nil {
		return err
	}
	if b.empty, err = buildEmpty(ctx, b.dir); err != nil {
		return err
	}
	if b.machine, err = b.install(ctx); err != nil {
		return err
	}
	_, err = b.up(ctx, b.machine)
	return err
}

// buildEmpty compiles the program that nqd's start is compared with: Go, static, doing nothing.
func buildEmpty(ctx context.Context, dir string) (string, error) {
	source := filepath.Join(dir, "empty.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o600); err != nil {
		return "", err
	}
	program := filepath.Join(dir, "empty")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	return program, build.Run()
}

func (b *bench) install(ctx context.Context) (string, error) {
	b.machines++
	root := filepath.Join(b.dir, "machine-"+strconv.Itoa(b.machines))
	return root, sandbox.Install(ctx, sandbox.Options{Root: root, NixBin: filepath.Dir(b.nix), Inputs: b.inputs, User: "ada"})
}

func (b *bench) stopAll() {
	for i := range b.machines {
		if err := sandbox.Stop(filepath.Join(b.dir, "machine-"+strconv.Itoa(i+1))); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
		}
	}
}

// seconds runs a program to its end.
func seconds(ctx context.Context, program string, args ...string) (float64, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(start).Seconds()
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", filepath.Base(program), err, out)
	}
	return took, nil
}
