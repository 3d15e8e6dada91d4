// Command faults breaks nqd on purpose, everywhere, and looks whether the machine survives: it kills
// nqd at every system call that changes a file, takes the disk, the clock and the records away, and
// then asks nqd to resume or abort. What state that ends in is judged by package oracle, which
// knows nothing of nqd. See docs/reliability.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

// choice says what is tried.
type choice struct {
	seed    uint64
	only    string // names of kinds, or empty for all
	point   int    // the number of one fault of a kind, or 0 for all
	sample  int    // how many of each kind, or 0 for as many as the kind says
	all     bool   // every fault of each kind
	workers int
}

func run(ctx context.Context) error {
	var c choice
	flag.Uint64Var(&c.seed, "seed", uint64(time.Now().UnixNano()), "what is chosen at random is chosen by this number")
	flag.StringVar(&c.only, "only", "", "the kinds to try, with commas; all without it")
	flag.IntVar(&c.point, "point", 0, "try one fault of the kind only, by the number it had")
	flag.IntVar(&c.sample, "sample", 0, "try so many of each kind, chosen at random")
	flag.BoolVar(&c.all, "all", false, "try every fault of each kind, which takes an hour or two")
	flag.IntVar(&c.workers, "workers", 2, "how many are tried at a time")
	nqd := flag.String("nqd", "bin/nqd", "the nqd to break")
	where := flag.String("dir", memory(), "the folder for the machines")
	list := flag.Bool("list", false, "tell what would be tried, with numbers, and try nothing")
	flag.Parse()
	fmt.Printf("faults seed=%d\n", c.seed)
	program, err := filepath.Abs(*nqd)
	if err != nil {
		return err
	}
	bins := nixes.All()
	if len(bins) == 0 {
		return fmt.Errorf("no nix: scripts/prepare installs one")
	}
	dir, err := os.MkdirTemp(*where, "nqd-faults-")
	if err != nil {
		return err
	}
	l, err := newLab(ctx, dir, program, bins[len(bins)-1])
	if err != nil {
		return fmt.Errorf("preparing the machines (left in %s): %w", dir, err)
	}
	defer func() {
		if ctx.Err() != nil {
			os.RemoveAll(dir)
		}
	}()
	tried, survived := 0, 0
	for _, k := range kinds() {
		if c.only != "" && !strings.Contains(","+c.only+",", ","+k.name+",") {
			continue
		}
		if *list {
			if err := tell(ctx, l, k); err != nil {
				return err
			}
			continue
		}
		s, err := l.tryKind(ctx, k, c)
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		fmt.Printf("faults %s tried=%d survived=%d\n", k.name, s.tried, s.survived)
		tried, survived = tried+s.tried, survived+s.survived
	}
	fmt.Printf("faults all tried=%d survived=%d\n", tried, survived)
	if survived != tried {
		return fmt.Errorf("%d did not survive; their machines are in %s", tried-survived, dir)
	}
	return os.RemoveAll(dir)
}

// memory is a file system in memory, where there is one: machines are made and removed there several times faster. What
// a killed process wrote is there for others on any file system.
func memory() string {
	const shared = "/dev/shm"
	var s unix.Statfs_t
	if err := unix.Statfs(shared, &s); err != nil || s.Type != unix.TMPFS_MAGIC || int64(s.Bavail)*s.Bsize < 4<<30 {
		return os.TempDir()
	}
	return shared
}

// tell lists the faults of a kind.
func tell(ctx context.Context, l *lab, k kind) error {
	faults, err := k.faults(ctx, l)
	for i, f := range faults {
		fmt.Printf("%s %d: %s\n", k.name, i+1, f.name)
	}
	return err
}
