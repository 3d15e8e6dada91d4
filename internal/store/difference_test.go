package store

import (
	"reflect"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func TestSplitName(t *testing.T) {
	t.Parallel()
	for full, want := range map[string][2]string{
		"openssl-3.0.13":          {"openssl", "3.0.13"},
		"openssl-3.0.13-bin":      {"openssl", "3.0.13"},
		"glibc-2.40-66-dev":       {"glibc", "2.40-66"},
		"systemd-257.6-man":       {"systemd", "257.6"},
		"gtk+3-3.24.43-devdoc":    {"gtk+3", "3.24.43"},
		"linux-6.12.1-modules":    {"linux", "6.12.1-modules"},
		"python3.13-numpy-2.2.1":  {"python3.13-numpy", "2.2.1"},
		"source-code-pro-2.042":   {"source-code-pro", "2.042"},
		"xorg-server-21.1-unwrap": {"xorg-server", "21.1-unwrap"},
		"etc":                     {"etc", ""},
		"home-manager-files":      {"home-manager-files", ""},
		"system-path":             {"system-path", ""},
		"unit-nqd.service":        {"unit-nqd.service", ""},
		"bash-interactive-man":    {"bash-interactive-man", ""}, // no version, so no output either
		"trailing-":               {"trailing-", ""},
		"7zip":                    {"7zip", ""},
		"ab-0":                    {"ab", "0"},
		"ab-9":                    {"ab", "9"},
		"-1":                      {"", "1"},
		"":                        {"", ""},
	} {
		name, version := SplitName(full)
		if got := [2]string{name, version}; got != want {
			t.Errorf("%s: got %q, want %q", full, got, want)
		}
	}
	for _, output := range []string{"bin", "dev", "lib", "man", "doc", "info", "data", "debug", "devdoc", "static", "dist"} {
		if name, version := SplitName("pkg-1.0-" + output); name != "pkg" || version != "1.0" {
			t.Errorf("output %s: got %q %q", output, name, version)
		}
	}
}

func FuzzSplitName(f *testing.F) {
	for _, name := range []string{"openssl-3.0.13-bin", "etc", "-1", "a--1", "a-1-dev-dev", "ä-1"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, full string) {
		name, version := SplitName(full)
		switch {
		case version == "" && name != full && !strings.HasPrefix(full, name+"-"):
			t.Errorf("%q: got %q without a version", full, name)
		case version != "" && !strings.HasPrefix(full, name+"-"+version):
			t.Errorf("%q: got %q and %q", full, name, version)
		case version != "" && (version[0] < '0' || version[0] > '9'):
			t.Errorf("%q: version %q", full, version)
		}
		if again, rest := SplitName(name); again != name || rest != "" {
			t.Errorf("%q: name %q splits once more", full, name)
		}
	})
}

// closure makes one of names and sizes; each path has a hash of its own.
func closure(sizes map[string]int64) Closure {
	c := make(Closure)
	for name, size := range sizes {
		c[storePath(name)] = Info{Size: size}
	}
	return c
}

func storePath(name string) machine.StorePath {
	hash := strings.Map(func(r rune) rune {
		if strings.ContainsRune("0123456789abcdfghijklmnpqrsvwxyz", r) {
			return r
		}
		return 'z'
	}, strings.Repeat(name, 32)[:32])
	return machine.StorePath("/nix/store/" + hash + "-" + name)
}

func TestDifference(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after map[string]int64
		want          event.Difference
	}{
		"equal": {map[string]int64{"a-1": 5}, map[string]int64{"a-1": 5}, event.Difference{SizeBefore: 5, SizeAfter: 5}},
		"added, removed, changed": {
			map[string]int64{"a-1": 10, "b-1": 20, "c-1.0": 30, "etc": 1},
			map[string]int64{"a-1": 10, "c-1.1": 33, "d-2": 40, "etc": 1},
			event.Difference{
				Added:      []event.PackageChange{{Name: "d", After: []string{"2"}, Size: 40}},
				Removed:    []event.PackageChange{{Name: "b", Before: []string{"1"}, Size: -20}},
				Changed:    []event.PackageChange{{Name: "c", Before: []string{"1.0"}, After: []string{"1.1"}, Size: 3}},
				SizeBefore: 61, SizeAfter: 84,
			},
		},
		"sorted by name": {
			map[string]int64{},
			map[string]int64{"zsh-1": 1, "bash-1": 1, "mc-1": 1},
			event.Difference{
				Added:     []event.PackageChange{{Name: "bash", After: []string{"1"}, Size: 1}, {Name: "mc", After: []string{"1"}, Size: 1}, {Name: "zsh", After: []string{"1"}, Size: 1}},
				SizeAfter: 3,
			},
		},
		"growth just too small to tell": {
			map[string]int64{"a-1": 10, "etc": 9000}, map[string]int64{"a-1": 10 + 8191, "etc": 9000 - 8191},
			event.Difference{SizeBefore: 9010, SizeAfter: 9010},
		},
		"growth without another version": {
			map[string]int64{"a-1": 10}, map[string]int64{"a-1": 10 + 8192},
			event.Difference{Changed: []event.PackageChange{{Name: "a", Before: []string{"1"}, After: []string{"1"}, Size: 8192}}, SizeBefore: 10, SizeAfter: 8202},
		},
		"shrunk without a version": {
			map[string]int64{"etc": 9000}, map[string]int64{"etc": 9000 - 8192},
			event.Difference{Changed: []event.PackageChange{{Name: "etc", Size: -8192}}, SizeBefore: 9000, SizeAfter: 808},
		},
		"outputs are one package": {
			map[string]int64{"ssl-1": 10, "ssl-1-bin": 5, "ssl-1-dev": 1}, map[string]int64{"ssl-2": 20, "ssl-2-bin": 6},
			event.Difference{Changed: []event.PackageChange{{Name: "ssl", Before: []string{"1"}, After: []string{"2"}, Size: 10}}, SizeBefore: 16, SizeAfter: 26},
		},
		"several versions": {
			map[string]int64{"py-3.11": 10, "py-3.9": 10}, map[string]int64{"py-3.9": 10, "py-3.11": 10, "py-3.13": 12},
			event.Difference{
				Changed:    []event.PackageChange{{Name: "py", Before: []string{"3.9", "3.11"}, After: []string{"3.9", "3.11", "3.13"}, Size: 12}},
				SizeBefore: 20, SizeAfter: 32,
			},
		},
		"several versions, none changed": {
			map[string]int64{"py-3.11": 10, "py-3.9": 10}, map[string]int64{"py-3.9": 10, "py-3.11": 10},
			event.Difference{SizeBefore: 20, SizeAfter: 20},
		},
	} {
		old, now := storePath("system-old"), storePath("system-new")
		c.want.Old, c.want.New = string(old), string(now)
		for _, changes := range []*[]event.PackageChange{&c.want.Added, &c.want.Removed, &c.want.Changed} {
			if *changes == nil {
				*changes = []event.PackageChange{} // in JSON an empty list, not null
			}
			for i, change := range *changes {
				(*changes)[i].Before, (*changes)[i].After = listed(change.Before), listed(change.After)
			}
		}
		if got := Difference(old, now, closure(c.before), closure(c.after)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got, c.want)
		}
	}
}
