package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// closures compares `nqd diff` of two store paths with `nix store diff-closures` of the same two: closures of 10,000
// paths each, of which 9,000 are shared, as after an update of some packages. nqd's start is in it.
func (b *bench) closures(ctx context.Context) (a, n float64, err error) {
	root := filepath.Join(b.dir, "closures")
	old, now, registration := twoClosures()
	if _, err := os.Stat(root); errors.Is(err, os.ErrNotExist) {
		if err := b.register(ctx, root, registration); err != nil {
			return 0, 0, err
		}
	}
	if a, err = seconds(ctx, b.nqd, "--sandbox", root, "diff", old, now); err != nil {
		return 0, 0, err
	}
	n, err = seconds(ctx, b.nix, "--extra-experimental-features", "nix-command", "store", "diff-closures",
		"--store", "local?root="+root, old, now)
	return a, n, err
}

// register makes a store that has these paths in its database. Their files are not there: neither side looks at them.
func (b *bench) register(ctx context.Context, root, registration string) error {
	if err := os.Mkdir(root, 0o755); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(filepath.Dir(b.nix), "nix-store"), "--store", "local?root="+root, "--load-db")
	cmd.Stdin = strings.NewReader(registration)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("nix-store --load-db: %w\n%s", err, out)
	}
	return nil
}

const (
	closurePaths = 10_000
	sharedPaths  = 9_000
	// referencesEach is how many paths a package refers to. It is a guess: there is no NixOS here to count on.
	referencesEach = 8
)

// twoClosures are two systems and what nix-store --load-db reads to know them. They are the same each time.
func twoClosures() (old, now, registration string) {
	w := &writer{random: rand.New(rand.NewPCG(4, 10_000))}
	var shared []string
	for i := range sharedPaths {
		shared = append(shared, w.add(fmt.Sprintf("package%d-1.%d", i, i%20), w.some(shared, referencesEach)))
	}
	system := func(name, version string) string {
		all := shared[:len(shared):len(shared)]
		for i := range closurePaths - sharedPaths - 1 {
			all = append(all, w.add(fmt.Sprintf("updated%d-%s", i, version), w.some(all, referencesEach)))
		}
		return w.add(name, all)
	}
	old, now = system("nixos-system-old", "1.0"), system("nixos-system-new", "2.0")
	return old, now, w.text.String()
}

// writer writes what nix-store --load-db reads: path, hash, size, deriver, number of references, references.
type writer struct {
	random *rand.Rand
	text   strings.Builder
}

func (w *writer) add(name string, references []string) (path string) {
	const alphabet = "0123456789abcdfghijklmnpqrsvwxyz" // that of Nix's base 32
	hash := make([]byte, 32)
	for i := range hash {
		hash[i] = alphabet[w.random.IntN(len(alphabet))]
	}
	path = "/nix/store/" + string(hash) + "-" + name
	fmt.Fprintf(&w.text, "%s\n%064d\n%d\n\n%d\n", path, 0, 1000+w.random.IntN(1<<20), len(references))
	for _, reference := range references {
		fmt.Fprintln(&w.text, reference)
	}
	return path
}

// some is up to n different ones of the paths.
func (w *writer) some(paths []string, n int) []string {
	var chosen []string
	for len(chosen) < min(n, len(paths)) {
		if path := paths[w.random.IntN(len(paths))]; !slices.Contains(chosen, path) {
			chosen = append(chosen, path)
		}
	}
	return chosen
}
