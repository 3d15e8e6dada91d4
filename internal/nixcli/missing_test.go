package nixcli

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// The derivations and paths of the recorded answers, in nix's order.
var (
	sixDrvs = []machine.StorePath{
		"/nix/store/355rrc9bh74xn7dz9igan7vic1i96h8y-model.drv",
		"/nix/store/qsgrzln18wl0xdlvpalqw0bjmgc51mp6-broken-1.0.drv",
		"/nix/store/gml07xx6axgf1xsyhpg8nsai8wmjkax2-app-2.0.drv",
		"/nix/store/h5gh4lr66nbld5my68kbxzpc6hhppvy6-openssl-3.0.13.drv",
		"/nix/store/h1zp7mvvm26lp9xhyxiil44fpah28gpp-curl-8.7.1.drv",
		"/nix/store/ndb2casxlgy1bkllrghcz8fdh8si080s-top.drv",
	}
	threeDrvs = []machine.StorePath{
		"/nix/store/qsgrzln18wl0xdlvpalqw0bjmgc51mp6-broken-1.0.drv", "/nix/store/gml07xx6axgf1xsyhpg8nsai8wmjkax2-app-2.0.drv",
		"/nix/store/ndb2casxlgy1bkllrghcz8fdh8si080s-top.drv",
	}
	threePaths = []machine.StorePath{
		"/nix/store/2jjjf4jxrlvfbwsjz8qsvfp15q874mql-curl-8.7.1", "/nix/store/4668yj0hhvvpqw49ciqnx8il2mmahgjh-model",
		"/nix/store/gakmpkfbbnl4gac0qiwvpgklr4b22ha7-openssl-3.0.13",
	}
)

func TestMissingRecorded(t *testing.T) {
	t.Parallel()
	onePath := threePaths[2:]
	for name, want := range map[string]Missing{
		"2.26/nothing": {}, "2.34/nothing": {},
		"2.26/build": {Build: sixDrvs}, "2.34/build": {Build: sixDrvs},
		"2.26/build-one": {Build: sixDrvs[3:4]}, "2.34/build-one": {Build: sixDrvs[3:4]},
		"2.26/fetch":     {Fetch: threePaths, Download: 31457, Unpacked: 2558525}, // 0.03 MiB, 2.44 MiB
		"2.34/fetch":     {Fetch: threePaths, Download: 34201, Unpacked: 2516582}, // 33.4 KiB, 2.4 MiB
		"2.26/fetch-one": {Fetch: onePath},                                        // 0.00 MiB
		"2.34/fetch-one": {Fetch: onePath, Download: 102, Unpacked: 102},          // 0.1 KiB
		"2.26/both":      {Build: threeDrvs, Fetch: threePaths, Download: 31457, Unpacked: 2558525},
		"2.34/both":      {Build: threeDrvs, Fetch: threePaths, Download: 34201, Unpacked: 2516582},
		// One of two caches does not answer.
		"2.26/refused": {Build: threeDrvs, Fetch: threePaths, Download: 31457, Unpacked: 2558525},
		"2.34/refused": {Build: threeDrvs, Fetch: threePaths, Download: 34201, Unpacked: 2516582},
		"2.26/unknown": {Unknown: []string{"/nix/store/00000000000000000000000000000000-missing-1.0.drv"}},
		"2.34/unknown": {Unknown: []string{"/nix/store/00000000000000000000000000000000-missing-1.0.drv"}},
	} {
		f := newFake(t)
		f.answer(t, "stderr", read(t, "missing/"+name+".txt"))
		got, err := f.Missing(t.Context(), "/nix/store/x.drv")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v\nwant %v", name, got, err, want)
		}
		// The answer is not told line by line; what nix says besides is.
		warnings := 0
		for _, e := range f.events {
			if told, is := e.(event.Output); is {
				warnings++
				if !strings.HasPrefix(told.Line, "warning: ") {
					t.Errorf("%s: told %q", name, told.Line)
				}
			}
		}
		if want := strings.Count(read(t, "missing/"+name+".txt"), "warning: "); warnings != want {
			t.Errorf("%s: %d warnings told of %d", name, warnings, want)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want Missing
	}{
		"read only": {"don't know how to build these paths (may be caused by read-only store access):\n  /nix/store/x\n", Missing{Unknown: []string{"/nix/store/x"}}},
		"a warning in between": {
			"this derivation will be built:\nwarning: slow\n  /nix/store/qsgrzln18wl0xdlvpalqw0bjmgc51mp6-broken-1.0.drv\n",
			Missing{Build: threeDrvs[:1]},
		},
		"no headline":    {"  /nix/store/qsgrzln18wl0xdlvpalqw0bjmgc51mp6-broken-1.0.drv\n", Missing{}},
		"not a headline": {"these derivations will be built:\n", Missing{}},
	} {
		f := newFake(t)
		f.answer(t, "stderr", c.text)
		if got, err := f.Missing(t.Context(), "/nix/store/x.drv"); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, %v\nwant %v", name, got, err, c.want)
		}
	}
	for name, c := range map[string]struct{ text, want string }{
		"no store path": {"this derivation will be built:\n  /nix/store/x.drv\n", `nix build --dry-run: "/nix/store/x.drv": not a store path`},
		"no size":       {"this path will be fetched (some MiB download, 0.00 MiB unpacked):\n", `nix build --dry-run: "some MiB": not a size`},
		"no unit":       {"this path will be fetched (1.0 MiB download, 1.0 parsec unpacked):\n", `nix build --dry-run: "1.0 parsec": not a size`},
	} {
		f := newFake(t)
		f.answer(t, "stderr", c.text)
		if got, err := f.Missing(t.Context(), "/nix/store/x.drv"); err == nil || err.Error() != c.want {
			t.Errorf("%s: got %v, %v\nwant %s", name, got, err, c.want)
		}
	}
}

func TestBytesOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0.0 KiB": 0, "0.5 KiB": 512, "1.0 KiB": 1024, "1023.9 KiB": 1048473, "1.0 MiB": 1 << 20, "11.6 GiB": 12455405158,
		"2.0 TiB": 2 << 40, "123456.00 MiB": 123456 << 20, "1.0 PiB": 1 << 50,
	} {
		if got, err := bytesOf(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1", "1.0", "1.0 ", "1.0 B", "1.0 iB", "1.0 KB", "1.0 XiB", "-1.0 KiB", "NaN KiB", "Inf KiB", "99999 PiB", "x KiB", "1.0 KiB "} {
		if got, err := bytesOf(text); err == nil {
			t.Errorf("%q: taken for %d", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9.e+-]{1,8} [KMGTPE]iB`)).Draw(t, "text")
		if got, err := bytesOf(text); err == nil && (got < 0 || got > math.MaxInt64/2) {
			t.Fatalf("%q: taken for %d", text, got)
		}
	})
}
