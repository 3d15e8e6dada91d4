package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	// What nqd is made of: go test remembers results, and knows nothing of programs that a test builds.
	_ "github.com/masterofnull/nixos-quick-deploy/internal/cli"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// seedVariable takes a seed that an earlier run printed.
const seedVariable = "NQD_FAULTS_SEED"

// TestSample tries one fault of each kind, and some more kills, other ones each time: `make faults` tries them all.
func TestSample(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a machine to break needs root, for chroot(2)")
	}
	bins := nixes.All()
	if len(bins) == 0 {
		t.Skip("no nix: `make test` installs one")
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv(seedVariable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%s=%d", seedVariable, seed)
	nqd := filepath.Join(t.TempDir(), "nqd")
	if out, err := exec.Command("go", "build", "-o", nqd, "../../cmd/nqd").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	dir, err := os.MkdirTemp(memory(), "nqd-faults-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := newLab(t.Context(), dir, nqd, bins[len(bins)-1])
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds() {
		c := choice{seed: seed, sample: 1, workers: 2}
		if k.name == "kill-deployment" {
			c.sample = 4
		}
		s, err := l.tryKind(t.Context(), k, c)
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		if s.tried != c.sample || s.survived != s.tried {
			t.Errorf("%s: %d of %d survived; %s=%d tries the same ones", k.name, s.survived, c.sample, seedVariable, seed)
		}
	}
}

// The same seed chooses the same faults, another one others, and none twice.
func TestChoose(t *testing.T) {
	k := kind{name: "kill", most: 5}
	a, b := choice{seed: 1}.choose(k, 100), choice{seed: 2}.choose(k, 100)
	again := choice{seed: 1}.choose(k, 100)
	if len(a) != 5 || len(b) != 5 {
		t.Fatalf("%v, %v: want 5 each", a, b)
	}
	same, differs := true, false
	for i := range a {
		same = same && a[i] == again[i]
		differs = differs || a[i] != b[i]
		if i > 0 && a[i] <= a[i-1] {
			t.Errorf("%v: not in order, or one twice", a)
		}
	}
	if !same || !differs {
		t.Errorf("seed 1: %v and %v; seed 2: %v", a, again, b)
	}
	if got := len(choice{all: true}.choose(k, 100)); got != 100 {
		t.Errorf("all of 100 are %d", got)
	}
	if got := (choice{point: 7}).choose(k, 100); len(got) != 1 || got[0] != 6 {
		t.Errorf("number 7 is %v", got)
	}
}
