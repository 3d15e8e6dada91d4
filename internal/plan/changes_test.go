package plan

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

func TestPorts(t *testing.T) {
	t.Parallel()
	port := func(feature, name string, number int, expose ...string) event.Port {
		return event.Port{Feature: feature, Name: name, Protocol: "tcp", Number: number, Expose: append([]string{}, expose...)}
	}
	api := port("ollama", "api", 11434)
	udp := api
	udp.Protocol = "udp"
	for name, c := range map[string]struct {
		now, before []event.Port
		listen      []int
		want        string
	}{
		"nothing":            {nil, nil, nil, ""},
		"first":              {[]event.Port{api}, nil, nil, "api/11434 new"},
		"first, taken":       {[]event.Port{api}, nil, []int{11434}, "api/11434 new nc"},
		"kept":               {[]event.Port{api}, []event.Port{api}, []int{11434}, "api/11434 kept"},
		"another number":     {[]event.Port{port("ollama", "api", 8080)}, []event.Port{api}, []int{11434}, "api/8080 changed"},
		"to one taken":       {[]event.Port{port("ollama", "api", 8080)}, []event.Port{api}, []int{8080}, "api/8080 changed nc"},
		"exposed":            {[]event.Port{port("ollama", "api", 11434, "lan")}, []event.Port{api}, nil, "api/11434 changed"},
		"another protocol":   {[]event.Port{udp}, []event.Port{api}, []int{11434}, "api/11434 changed nc"},
		"exposed, reordered": {[]event.Port{port("f", "a", 1, "lan", "wg0")}, []event.Port{port("f", "a", 1, "wg0", "lan")}, nil, "a/1 kept"},
		"gone":               {nil, []event.Port{api}, []int{11434}, "api/11434 removed"},
		"another name":       {[]event.Port{port("ollama", "http", 11434)}, []event.Port{api}, []int{11434}, "http/11434 kept"},
		"another name, exposed": {
			[]event.Port{port("ollama", "http", 11434, "lan")}, []event.Port{api}, nil, "http/11434 changed",
		},
		"handed over": {
			[]event.Port{port("llama-cpp", "api", 11434)}, []event.Port{api}, []int{11434}, "api/11434 new, api/11434 removed",
		},
	} {
		taken := func(p event.Port) string {
			if slices.Contains(c.listen, p.Number) {
				return "nc"
			}
			return ""
		}
		got := ports(c.now, c.before, taken)
		var lines []string
		for _, p := range got {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s/%d %s %s", p.Name, p.Number, p.Change, p.Taken)))
		}
		if text := strings.Join(lines, ", "); text != c.want {
			t.Errorf("%s: got %s, want %s", name, text, c.want)
		}
		notNull(t, got)
	}
}

// Two that are on different addresses do not meet.
func TestTaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address, program string
		expose           []string
		want             string
	}{
		"everywhere":              {"0.0.0.0", "nc", nil, "nc"},
		"everywhere, six":         {"::", "nc", nil, "nc"},
		"loopback":                {"127.0.0.1", "nc", nil, "nc"},
		"loopback, six":           {"::1", "nc", nil, "nc"},
		"loopback, four in six":   {"::ffff:127.0.0.1", "nc", nil, "nc"},
		"whose is not known":      {"127.0.0.1", "", nil, "another program"},
		"the resolver":            {"127.0.0.53", "systemd-resolve", nil, ""},
		"a virtual network":       {"192.168.122.1", "dnsmasq", nil, ""},
		"a virtual network meets": {"192.168.122.1", "dnsmasq", []string{"lan"}, "dnsmasq"},
	} {
		b := before{listeners: []running.Listener{{Protocol: "tcp", Port: 53, Address: netip.MustParseAddr(c.address), Program: c.program}}}
		port := event.Port{Protocol: "tcp", Number: 53, Expose: c.expose}
		if got := b.taken(port); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		for _, other := range []event.Port{{Protocol: "udp", Number: 53, Expose: c.expose}, {Protocol: "tcp", Number: 54, Expose: c.expose}} {
			if got := b.taken(other); got != "" {
				t.Errorf("%s: %s/%d is taken by %q", name, other.Protocol, other.Number, got)
			}
		}
	}
}

func TestMoves(t *testing.T) {
	t.Parallel()
	manifest := func(state evaluation.State, programs ...evaluation.Package) *evaluation.Manifest {
		return &evaluation.Manifest{State: []evaluation.State{state}, Programs: map[string][]evaluation.Package{state.Feature: programs}}
	}
	redis := evaluation.State{Feature: "redis", Path: "/var/lib/redis", Kind: "files", Migrates: true}
	still := redis
	still.Migrates = false
	sql := evaluation.State{Feature: "postgresql", Path: "/var/lib/postgresql", Kind: "postgres", Migrates: true}
	some, none := int64(4096), int64(0)
	for name, c := range map[string]struct {
		now, before *evaluation.Manifest
		has         versions
		size        *int64
		want        string
	}{
		"another version":       {manifest(redis, evaluation.Package{Name: "redis", Version: "8.2"}), nil, versions{"redis": {"7.2"}}, &some, "redis 7.2 -> 8.2"},
		"an older version":      {manifest(redis, evaluation.Package{Name: "redis", Version: "7.2"}), nil, versions{"redis": {"8.2"}}, &some, "redis 8.2 -> 7.2"},
		"size not known":        {manifest(redis, evaluation.Package{Name: "redis", Version: "8.2"}), nil, versions{"redis": {"7.2"}}, nil, "redis 7.2 -> 8.2"},
		"no data":               {manifest(redis, evaluation.Package{Name: "redis", Version: "8.2"}), nil, versions{"redis": {"7.2"}}, &none, ""},
		"it ran, without data":  {manifest(redis, evaluation.Package{Name: "redis", Version: "8.2"}), manifest(redis, evaluation.Package{Name: "redis", Version: "7.2"}), nil, &none, "redis 7.2 -> 8.2"},
		"the same":              {manifest(redis, evaluation.Package{Name: "redis", Version: "8.2"}), nil, versions{"redis": {"8.2"}}, &some, ""},
		"first":                 {manifest(redis, evaluation.Package{Name: "redis", Version: "8.2"}), nil, versions{}, &some, ""},
		"nothing known":         {manifest(redis, evaluation.Package{Name: "redis", Version: "8.2"}), nil, nil, &some, ""},
		"no program":            {manifest(redis), nil, versions{"redis": {"7.2"}}, &some, ""},
		"does not migrate":      {manifest(still, evaluation.Package{Name: "redis", Version: "8.2"}), nil, versions{"redis": {"7.2"}}, &some, ""},
		"another is in closure": {manifest(redis, evaluation.Package{Name: "redis", Version: "8.2"}), manifest(redis, evaluation.Package{Name: "redis", Version: "7.2"}), versions{"redis": {"7.2", "8.2"}}, &some, "redis 7.2 -> 8.2"},
		"several":               {manifest(redis, evaluation.Package{Name: "redis", Version: "8.2"}), nil, versions{"redis": {"6.2", "7.2"}}, &some, "redis 6.2, 7.2 -> 8.2"},
		"a helper":              {manifest(redis, evaluation.Package{Name: "bash", Version: "5.4"}), nil, versions{"bash": {"5.3"}}, &some, ""},
		"its own before a part": {
			manifest(redis, evaluation.Package{Name: "redis-tools", Version: "3"}, evaluation.Package{Name: "redis", Version: "8.2"}), nil,
			versions{"redis-tools": {"2"}, "redis": {"7.2"}}, &some, "redis 7.2 -> 8.2",
		},
		"a part alone":        {manifest(redis, evaluation.Package{Name: "redis-full", Version: "8.2"}), nil, versions{"redis-full": {"7.2"}}, &some, "redis-full 7.2 -> 8.2"},
		"name with a version": {manifest(redis, evaluation.Package{Name: "redis-8", Version: "x"}), nil, versions{"redis": {"7"}}, &some, "redis 7 -> 8-x"},
		"postgres":            {manifest(sql, evaluation.Package{Name: "postgresql", Version: "18.3"}), nil, versions{"postgresql": {"17.8"}}, &some, "postgresql 17.8 -> 18.3"},
		"postgres, a fix":     {manifest(sql, evaluation.Package{Name: "postgresql", Version: "17.9"}), nil, versions{"postgresql": {"17.8"}}, &some, ""},
	} {
		got := moves(c.now, c.before, c.has, func(path string) *int64 {
			if path != c.now.State[0].Path {
				t.Errorf("%s: looked at %s", name, path)
			}
			return c.size
		})
		var lines []string
		for _, change := range got {
			lines = append(lines, fmt.Sprintf("%s %s -> %s", change.Package, change.Before, change.After))
			if s := c.now.State[0]; change.Size != c.size || change.Feature != s.Feature || change.Path != s.Path || change.Kind != s.Kind {
				t.Errorf("%s: got %+v", name, change)
			}
		}
		if text := strings.Join(lines, "; "); text != c.want {
			t.Errorf("%s: got %q, want %q", name, text, c.want)
		}
		notNull(t, got)
	}
}

// TestWriters: the units of both systems write to data, whoever's manifest names them.
func TestWriters(t *testing.T) {
	t.Parallel()
	state := evaluation.State{Feature: "redis", Path: "/var/lib/redis", Units: []string{"redis.service"}}
	older := evaluation.State{Feature: "redis", Path: "/var/lib/redis", Units: []string{"redis-old.service", "redis.service"}}
	other := evaluation.State{Feature: "redis", Path: "/var/lib/other", Units: []string{"other.service"}}
	before := &evaluation.Manifest{State: []evaluation.State{other, older}}
	none := evaluation.State{Feature: "redis", Path: "/var/lib/redis"}
	for name, c := range map[string]struct {
		state  evaluation.State
		before *evaluation.Manifest
		want   []string
	}{
		"both":                 {state, before, []string{"redis-old.service", "redis.service"}},
		"none before":          {state, nil, []string{"redis.service"}},
		"a manifest of before": {none, before, []string{"redis-old.service", "redis.service"}},
		"nobody says":          {none, &evaluation.Manifest{State: []evaluation.State{none}}, []string{}},
	} {
		if got := writers(c.state, c.before); got == nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestCompareAccounts(t *testing.T) {
	t.Parallel()
	there := &running.Accounts{
		Users: []running.User{
			{Name: "root"}, {Name: "ada", UID: 1000, Person: true}, {Name: "eve", UID: 1001, Person: true},
			{Name: "redis", UID: 990}, {Name: "hand", UID: 989},
		},
		Groups: []running.Group{{Name: "wheel"}, {Name: "redis"}, {Name: "friends"}},
	}
	now := evaluation.Manifest{
		Users: []string{"ada", "bob"}, Accounts: []string{"ada", "bob", "ollama", "root"}, Groups: []string{"wheel", "ollama"}, MutableUsers: true,
	}
	declared := &running.Declaration{Users: []string{"root", "ada", "eve", "redis"}, Groups: []string{"wheel", "redis"}}
	fixed := now
	fixed.MutableUsers = false
	promoted := now // eve is an account of a service from now on
	promoted.Accounts = append(slices.Clone(now.Accounts), "eve")
	const unknown = "which accounts and groups go: the running system does not say which of them it made"
	change := func(added, removed, kept []string) event.Change {
		return event.Change{Added: listed(added), Removed: listed(removed), Kept: listed(kept)}
	}
	for name, c := range map[string]struct {
		b                       before
		now                     evaluation.Manifest
		users, accounts, groups event.Change
		unknown                 []string
	}{
		"declared": {
			before{accounts: there, declared: declared}, now,
			change([]string{"bob"}, []string{"eve"}, []string{"ada"}),
			change([]string{"ollama"}, []string{"redis"}, []string{"root"}),
			change([]string{"ollama"}, []string{"redis"}, []string{"wheel"}), []string{},
		},
		"none by hand": {
			before{accounts: there, declared: declared}, fixed,
			change([]string{"bob"}, []string{"eve"}, []string{"ada"}),
			change([]string{"ollama"}, []string{"hand", "redis"}, []string{"root"}),
			change([]string{"ollama"}, []string{"friends", "redis"}, []string{"wheel"}), []string{},
		},
		"nobody says who declared them": {
			before{accounts: there}, now,
			change([]string{"bob"}, nil, []string{"ada"}), change([]string{"ollama"}, nil, []string{"root"}),
			change([]string{"ollama"}, nil, []string{"wheel"}), []string{unknown},
		},
		"the manifest says it": {
			before{Old: Old{Manifest: &evaluation.Manifest{Users: []string{"eve"}, Accounts: []string{"eve", "redis"}, Groups: []string{"redis"}}}, accounts: there}, now,
			change([]string{"bob"}, []string{"eve"}, []string{"ada"}),
			change([]string{"ollama"}, []string{"redis"}, []string{"root"}),
			change([]string{"ollama"}, []string{"redis"}, []string{"wheel"}), []string{},
		},
		"the manifest of an older nqd": {
			before{Old: Old{Manifest: &evaluation.Manifest{Users: []string{"eve"}}}, accounts: there}, now,
			change([]string{"bob"}, []string{"eve"}, []string{"ada"}),
			change([]string{"ollama"}, nil, []string{"root"}), change([]string{"ollama"}, nil, []string{"wheel"}), []string{},
		},
		"becomes a service's": {
			before{accounts: there, declared: declared}, promoted,
			change([]string{"bob"}, nil, []string{"ada"}),
			change([]string{"ollama"}, []string{"redis"}, []string{"root", "eve"}),
			change([]string{"ollama"}, []string{"redis"}, []string{"wheel"}), []string{},
		},
		"not known": {before{}, now, change(nil, nil, nil), change(nil, nil, nil), change(nil, nil, nil), []string{}},
	} {
		p := empty()
		c.b.compareAccounts(&p, &c.now)
		for _, one := range []struct {
			what      string
			got, want event.Change
		}{{"users", p.Users, c.users}, {"accounts", p.Accounts, c.accounts}, {"groups", p.Groups, c.groups}} {
			if !reflect.DeepEqual(one.got, one.want) {
				t.Errorf("%s: %s: got %v, want %v", name, one.what, one.got, one.want)
			}
		}
		if !slices.Equal(p.Unknown, c.unknown) {
			t.Errorf("%s: unknown %q, want %q", name, p.Unknown, c.unknown)
		}
		notNull(t, p)
	}
}
