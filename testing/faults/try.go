package main

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// score is how the faults of a kind went.
type score struct{ tried, survived int }

// tryKind tries the faults of a kind, some at a time. Those that were not survived are told on the
// standard error, and leave their machines.
func (l *lab) tryKind(ctx context.Context, k kind, c choice) (score, error) {
	faults, err := k.faults(ctx, l)
	if err != nil {
		return score{}, err
	}
	chosen := c.choose(k, len(faults))
	var s score
	var mutex sync.Mutex
	var workers sync.WaitGroup
	numbers := make(chan int)
	for worker := range max(1, c.workers) {
		mine := *l
		mine.processor = worker % runtime.NumCPU()
		workers.Go(func() {
			for n := range numbers {
				err := mine.tryOne(ctx, k.name, faults[n], n, c)
				if ctx.Err() != nil {
					continue // interrupted: it says nothing
				}
				mutex.Lock()
				s.tried++
				if err == nil {
					s.survived++
				} else {
					fmt.Fprintf(os.Stderr, "\nnot survived: %s %d, %s\nagain: make faults FAULTS=\"-only %s -point %d -seed %d\"\n%v\n\n",
						k.name, n+1, faults[n].name, k.name, n+1, c.seed, err)
				}
				if s.tried%50 == 0 {
					fmt.Fprintf(os.Stderr, "%s: %d of %d, %d survived\n", k.name, s.tried, len(chosen), s.survived)
				}
				mutex.Unlock()
			}
		})
	}
	for _, n := range chosen {
		if ctx.Err() != nil {
			break
		}
		numbers <- n
	}
	close(numbers)
	workers.Wait()
	return s, ctx.Err()
}

// choose picks the numbers of the faults that are tried, from 0.
func (c choice) choose(k kind, n int) []int {
	if c.point > 0 {
		return []int{min(c.point, n) - 1}
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	most := cmp.Or(c.sample, k.most)
	if c.all || most == 0 || most >= n {
		return all
	}
	c.random(k.name, -1).Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
	some := all[:most]
	slices.Sort(some)
	return some
}

// random is a source for one fault: the same for a seed, whatever else is tried.
func (c choice) random(kind string, n int) *rand.Rand {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s %d", kind, n)
	return rand.New(rand.NewPCG(c.seed, hash.Sum64()))
}

// tryOne tries one fault on a machine of its own, which is removed where it survived.
func (l *lab) tryOne(ctx context.Context, kind string, f fault, n int, c choice) (err error) {
	dir := filepath.Join(l.dir, fmt.Sprintf("%s-%d", kind, n+1))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	t := &trial{lab: l, Rand: c.random(kind, n), dir: dir, root: filepath.Join(dir, "machine")}
	if err := f.try(ctx, t); err != nil {
		return fmt.Errorf("%w\n(the machine is %s)", err, t.root)
	}
	return os.RemoveAll(dir)
}

// renew gives the trial a new machine.
func (t *trial) renew(from string) error {
	if err := quiet(context.Background(), t.root); err != nil {
		return err
	}
	if err := os.RemoveAll(t.root); err != nil {
		return err
	}
	return sandbox.Clone(from, t.root)
}
