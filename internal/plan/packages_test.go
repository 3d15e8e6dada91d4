package plan

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// at is a store path of that name; those of different names differ.
func at(name string) machine.StorePath {
	const letters = "0123456789abcdfghijklmnpqrsvwxyz" // those of Nix's base 32
	hash := []byte(strings.Repeat("0", 32))
	for i, c := range []byte(name) {
		hash[i%32] = letters[(strings.IndexByte(letters, hash[i%32])+int(c))%32]
	}
	return machine.StorePath("/nix/store/" + string(hash) + "-" + name)
}

// closureOf has the named paths, of 10 bytes each; system-path and user-environment refer to all of the others.
func closureOf(names ...string) store.Closure {
	closure := store.Closure{}
	for _, name := range names {
		info := store.Info{Size: 10}
		if slices.Contains(environments, name) {
			for _, other := range names {
				info.References = append(info.References, at(other))
			}
		}
		closure[at(name)] = info
	}
	return closure
}

func TestNamed(t *testing.T) {
	t.Parallel()
	m := &evaluation.Manifest{
		Packages: []evaluation.Package{
			{Name: "git", Version: "2.53.0"}, {Name: "git", Version: "2.9.1"}, {Name: "git", Version: "2.53.0"},
			{Name: "font", Version: "v2"}, // no version, to the names of store paths
			{Name: "script"}, {Name: "llama-cpp", Version: "6000-lib"},
		},
		Programs: map[string][]evaluation.Package{"ollama": {{Name: "ollama", Version: "0.18.2"}}},
	}
	want := versions{"git": {"2.9.1", "2.53.0"}, "font-v2": nil, "llama-cpp": {"6000"}, "ollama": {"0.18.2"}}
	if got := named(m); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestInstalled(t *testing.T) {
	t.Parallel()
	const git, tree, dependency = "git-2.53.0-doc", "etc", "zlib-1.3.1"
	for name, c := range map[string]struct {
		closure store.Closure
		want    versions
	}{
		"nothing":           {nil, versions{}},
		"no environment":    {closureOf(git, dependency), versions{}},
		"of the system":     {closureOf("system-path", git, tree), versions{"git": {"2.53.0"}}},
		"of a user":         {closureOf("user-environment", git), versions{"git": {"2.53.0"}}},
		"named as its like": {store.Closure{at("my-system-path"): {References: []machine.StorePath{at(git)}}}, versions{}},
	} {
		if got := installed(c.closure); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// told are package changes, a line each.
func told(p event.Packages) string {
	var lines []string
	for _, part := range []struct {
		mark    string
		changes []event.PackageChange
	}{{"+", p.Added}, {"-", p.Removed}, {"~", p.Changed}} {
		for _, c := range part.changes {
			lines = append(lines, fmt.Sprintf("%s%s %v %v %d", part.mark, c.Name, c.Before, c.After, c.Size))
		}
	}
	return strings.Join(lines, "\n")
}

func TestPackages(t *testing.T) {
	t.Parallel()
	now := &evaluation.Manifest{
		Packages: []evaluation.Package{{Name: "git", Version: "2.53.0"}, {Name: "vim", Version: "9.2"}, {Name: "ripgrep", Version: "15.1"}},
		Programs: map[string][]evaluation.Package{"ollama": {{Name: "ollama", Version: "0.18.2"}}},
	}
	all := "+git [] [2.53.0] 0\n+ollama [] [0.18.2] 0\n+ripgrep [] [15.1] 0\n+vim [] [9.2] 0"
	foreign := closureOf("system-path", "git-2.50.1", "vim-9.2", "nano-8.4")
	foreign[at("ollama-0.18.2")] = store.Info{Size: 10} // of a service, on nobody's PATH
	own := &evaluation.Manifest{
		Packages: []evaluation.Package{{Name: "git", Version: "2.50.1"}, {Name: "nano", Version: "8.4"}, {Name: "vim", Version: "9.2"}},
		Programs: map[string][]evaluation.Package{"redis": {{Name: "redis", Version: "8.2.2"}}},
	}
	older := &evaluation.Manifest{Features: []string{"git"}} // its nqd told no packages
	for name, c := range map[string]struct {
		before  *evaluation.Manifest
		closure store.Closure
		sizes   map[machine.StorePath]int64
		want    string
		size    int64
	}{
		"own": {
			own, closureOf("system-path", "git-2.50.1", "git-2.53.0", "vim-9.2", "perl-5.40.0"), nil,
			"+ollama [] [0.18.2] 0\n+ripgrep [] [15.1] 0\n-nano [8.4] [] 0\n-redis [8.2.2] [] 0\n~git [2.50.1] [2.53.0] 0", 50,
		},
		"own, with a store that cannot be read": {
			own, nil, nil, "+ollama [] [0.18.2] 0\n+ripgrep [] [15.1] 0\n-nano [8.4] [] 0\n-redis [8.2.2] [] 0\n~git [2.50.1] [2.53.0] 0", 0,
		},
		"of an older nqd": {older, foreign, nil, "+ripgrep [] [15.1] 0\n-nano [8.4] [] 0\n~git [2.50.1] [2.53.0] 0", 50},
		"foreign":         {nil, foreign, nil, "+ripgrep [] [15.1] 0\n-nano [8.4] [] 0\n~git [2.50.1] [2.53.0] 0", 50},
		"foreign, with a store that cannot be read":         {nil, nil, nil, "", 0},
		"of an older nqd, with a store that cannot be read": {older, nil, nil, "", 0},
		"an empty closure": {nil, store.Closure{}, nil, all, 0},
		"sizes": {
			nil, foreign, map[machine.StorePath]int64{at("git-2.53.0"): 7, at("git-2.53.0-doc"): 3, at("zlib-1.3"): 5, at("ripgrep-15.1"): 2},
			"+ripgrep [] [15.1] 2\n-nano [8.4] [] 0\n~git [2.50.1] [2.53.0] 10", 50,
		},
	} {
		got := packages(now, c.before, c.closure, c.sizes)
		if told(got) != c.want || got.SizeBefore != c.size || got.Exact || got.SizeAfter != 0 {
			t.Errorf("%s: got %d bytes,\n%s\nwant %d,\n%s", name, got.SizeBefore, told(got), c.size, c.want)
		}
		notNull(t, got)
	}
}

func TestExactly(t *testing.T) {
	t.Parallel()
	got := exactly(store.Difference(oldSystem, newSystem, closureOf("git-1", "vim-1"), closureOf("git-2", "ripgrep-1", "etc")))
	if want := "+etc [] [] 10\n+ripgrep [] [1] 10\n-vim [1] [] -10\n~git [1] [2] 0"; told(got) != want || !got.Exact || got.SizeBefore != 20 || got.SizeAfter != 30 {
		t.Errorf("got %+v\n%s", got, told(got))
	}
	notNull(t, got)
}

// notNull fails where a list would be null in JSON.
func notNull(t *testing.T, value any) {
	t.Helper()
	for path := range nulls(reflect.ValueOf(value), reflect.TypeOf(value).Name()) {
		t.Errorf("%s is null in JSON", path)
	}
}

// nulls are the places of nil lists and maps in a value. A size may be null.
func nulls(value reflect.Value, path string) map[string]bool {
	found := map[string]bool{}
	switch value.Kind() {
	case reflect.Slice, reflect.Map:
		if value.IsNil() {
			found[path] = true
		}
		if value.Kind() == reflect.Slice {
			for i := range value.Len() {
				maps.Copy(found, nulls(value.Index(i), fmt.Sprintf("%s[%d]", path, i)))
			}
		}
	case reflect.Struct:
		for i := range value.NumField() {
			maps.Copy(found, nulls(value.Field(i), path+"."+value.Type().Field(i).Name))
		}
	}
	return found
}
