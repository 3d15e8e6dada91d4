package store

import (
	"reflect"
	"slices"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"pgregory.net/rapid"
)

// graph makes a closure of what refers to what, by name.
func graph(references map[string][]string) Closure {
	c := make(Closure)
	for name, to := range references {
		info := Info{References: []machine.StorePath{}}
		for _, one := range to {
			info.References = append(info.References, storePath(one))
		}
		c[storePath(name)] = info
	}
	return c
}

func chainNames(chains [][]machine.StorePath) [][]string {
	var all [][]string
	for _, chain := range chains {
		var names []string
		for _, path := range chain {
			names = append(names, path.Name())
		}
		all = append(all, names)
	}
	return all
}

func TestWhy(t *testing.T) {
	t.Parallel()
	system := graph(map[string][]string{
		"system":         {"system", "etc", "sw", "zsh-5"},
		"etc":            {"unit-x.service", "etc"},
		"unit-x.service": {"x-1.0"},
		"sw":             {"x-1.0-man", "git-2"},
		"x-1.0":          {"ssl-3.0-bin", "ssl-3.0"},
		"x-1.0-man":      {},
		"git-2":          {"ssl-3.0", "gone-1"}, // the database of a fallback may know less than it names
		"zsh-5":          {"git-2"},
		"ssl-3.0":        {},
		"ssl-3.0-bin":    {"ssl-3.0"},
		"apart-1":        {},
	})
	for name, want := range map[string][][]string{
		"x":              {{"system", "sw", "x-1.0-man"}, {"system", "etc", "unit-x.service", "x-1.0"}},
		"x-1.0":          {{"system", "etc", "unit-x.service", "x-1.0"}},
		"ssl":            {{"system", "sw", "git-2", "ssl-3.0"}, {"system", "etc", "unit-x.service", "x-1.0", "ssl-3.0-bin"}},
		"git":            {{"system", "sw", "git-2"}}, // as long by zsh, and later in the alphabet
		"unit-x.service": {{"system", "etc", "unit-x.service"}},
		"system":         {{"system"}},
		"apart":          nil, // nothing of the root refers to it
		"gone":           nil,
		"nothing":        nil,
		"":               nil,
	} {
		if got := chainNames(Why(system, storePath("system"), name)); !reflect.DeepEqual(got, want) {
			t.Errorf("%q:\n got %q\nwant %q", name, got, want)
		}
	}
	if got := Why(system, storePath("elsewhere"), "x"); got != nil {
		t.Errorf("from a root that is not there: %v", got)
	}
}

func TestWhyTellsFew(t *testing.T) {
	t.Parallel()
	references := map[string][]string{"system": nil}
	for _, output := range []string{"", "-bin", "-dev", "-lib", "-man", "-doc", "-info"} {
		references["system"] = append(references["system"], "ssl-3"+output)
		references["ssl-3"+output] = nil
	}
	if got := Why(graph(references), storePath("system"), "ssl"); len(got) != 5 {
		t.Errorf("%d chains", len(got))
	}
}

// A chain begins at the root, goes along references, ends at such a package, and no other way is shorter; the order in
// which references are listed changes nothing.
func TestWhyChains(t *testing.T) {
	t.Parallel()
	names := []string{"system", "a-1", "b-1", "b-2", "c", "d-1", "e", "f-1"}
	rapid.Check(t, func(t *rapid.T) {
		references := make(map[string][]string)
		for _, name := range names {
			references[name] = rapid.SliceOfDistinct(rapid.SampledFrom(names), func(n string) string { return n }).Draw(t, name)
		}
		closure, root := graph(references), storePath("system")
		got := Why(closure, root, "b")
		distance := distances(closure, root)
		found := 0
		for path := range distance {
			if name, _ := SplitName(path.Name()); name == "b" {
				found++
			}
		}
		if len(got) != found {
			t.Fatalf("%d chains to %d paths", len(got), found)
		}
		for _, chain := range got {
			if chain[0] != root || len(chain) != distance[chain[len(chain)-1]]+1 {
				t.Fatalf("%v: not from the root, or not the shortest (%d)", chain, distance[chain[len(chain)-1]])
			}
			for i := range chain[1:] {
				if !slices.Contains(closure[chain[i]].References, chain[i+1]) {
					t.Fatalf("%v: %s does not refer to the next", chain, chain[i])
				}
			}
		}
		for _, to := range references {
			slices.Reverse(to)
		}
		if again := Why(graph(references), root, "b"); !reflect.DeepEqual(again, got) {
			t.Fatalf("%v, and with references the other way round %v", got, again)
		}
	})
}

// distances are how many references each path is away from the root, by relaxing until nothing changes.
func distances(closure Closure, root machine.StorePath) map[machine.StorePath]int {
	distance := map[machine.StorePath]int{root: 0}
	for range closure {
		for path, info := range closure {
			here, reached := distance[path]
			for _, to := range info.References {
				if there, known := distance[to]; reached && (!known || there > here+1) {
					distance[to] = here + 1
				}
			}
		}
	}
	return distance
}
