package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// packages is a made-up closure: few names in several versions, outputs and sizes, so that two of them have much in
// common. Each has a version: what nix takes for the output of a name without one, nqd does not.
func packages(random *rand.Rand, root string) []object {
	made := make(map[string]object)
	for range 25 {
		name := fmt.Sprintf("pkg%d-1.%d", random.IntN(12), max(0, random.IntN(5)-2))
		name += []string{"", "", "-bin", "-dev", "-lib"}[random.IntN(5)]
		// One path has one size.
		made[name] = object{name: name, size: int64(pathOf(name)[20]) * 400}
	}
	top := object{name: root, size: 1}
	var objects []object
	for name, o := range made {
		top.references = append(top.references, name)
		objects = append(objects, o)
	}
	slices.Sort(top.references)
	return append(objects, top)
}

var colour = regexp.MustCompile("\x1b\\[[0-9;]*m")

// nixLines are the lines of `nix store diff-closures`, without colours, and without the plus that older ones put before
// a growth.
func nixLines(text string) []string {
	text = strings.ReplaceAll(colour.ReplaceAllString(text, ""), "+", "")
	return strings.Split(strings.TrimSpace(text), "\n")
}

// asNixWrites writes the difference as nix does, of sizes below one MiB.
func asNixWrites(d event.Difference) []string {
	var lines []string
	for _, change := range slices.Concat(d.Added, d.Removed, d.Changed) {
		var items []string
		gone, come := missing(change.Before, change.After), missing(change.After, change.Before)
		if gone != "∅" || come != "∅" {
			items = append(items, gone+" → "+come)
		}
		if change.Size <= -8192 || change.Size >= 8192 {
			items = append(items, fmt.Sprintf("%.1f KiB", float64(change.Size)/1024))
		}
		lines = append(lines, change.Name+": "+strings.Join(items, ", "))
	}
	return lines
}

// missing is what is in list and not in others, in nix's order.
func missing(list, others []string) string {
	var left []string
	for _, one := range list {
		if !slices.Contains(others, one) {
			left = append(left, one)
		}
	}
	if left == nil {
		return "∅"
	}
	slices.Sort(left)
	return strings.Join(left, ", ")
}

// Nix itself says what the difference is.
func TestDifferenceAgreesWithNix(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, s *real) {
		const systems = 6
		random := rand.New(rand.NewPCG(1, 2))
		for i := range systems {
			s.register(packages(random, fmt.Sprintf("system-%d", i))...)
		}
		db := s.open()
		withArrow, withoutArrow := 0, 0
		for i := range systems - 1 {
			old, now := pathOf(fmt.Sprintf("system-%d", i)), pathOf(fmt.Sprintf("system-%d", i+1))
			both, err := db.Closures(context.Background(), old, now)
			if err != nil {
				t.Fatal(err)
			}
			got := asNixWrites(store.Difference(old, now, both[0], both[1]))
			want := nixLines(s.run("", "nix", "store", "diff-closures", string(old), string(now)))
			slices.Sort(got)
			slices.Sort(want)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%d:\n got %q\nwant %q", i, got, want)
			}
			for _, line := range want {
				if strings.Contains(line, "→") {
					withArrow++
				} else {
					withoutArrow++
				}
			}
		}
		if withArrow < 20 || withoutArrow < 2 {
			t.Errorf("%d changes of version and %d of size alone: too few", withArrow, withoutArrow)
		}
	})
}

// Nix itself says which version is older.
func TestCompareVersionsAgreesWithNix(t *testing.T) {
	t.Parallel()
	versions := []string{
		"", "1", "1.0", "1.0.0", "1.00", "01", "1.1", "1.9", "1.10", "1a", "1.a", "1b", "1pre", "1pre1", "1.pre.2", "pre", "a", "ab",
		"2.3", "2.3a", "2.3pre1", "2.3-1", "2.3_1", "9", "10", "3.13.5", "unstable-2025-01-01", "0-unstable-2025-01-01", "1..2", "-1",
		"2147483647", "20250101",
	}
	list, err := json.Marshal(versions)
	if err != nil {
		t.Fatal(err)
	}
	withEach(t, func(t *testing.T, s *real) {
		var want [][]int
		answer := s.run("", "nix", "eval", "--json", "--expr",
			"let l = builtins.fromJSON ''"+string(list)+"''; in map (a: map (b: builtins.compareVersions a b) l) l")
		if err := json.Unmarshal([]byte(answer), &want); err != nil {
			t.Fatal(err)
		}
		for i, a := range versions {
			for j, b := range versions {
				got := store.CompareVersions(a, b)
				if want[i][j] != 0 && got*want[i][j] <= 0 || (got == 0) != (a == b) || got*store.CompareVersions(b, a) > 0 {
					t.Errorf("%q and %q: got %d, nix says %d", a, b, got, want[i][j])
				}
			}
		}
	})
}
