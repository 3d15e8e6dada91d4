package nixcli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/retry"
)

// resting is a clock on which nobody waits, and how long was to be waited.
func resting(f *fake) *[]time.Duration {
	var rests []time.Duration
	f.clock = retry.Clock{
		Wait: func(ctx context.Context, d time.Duration) error {
			rests = append(rests, d)
			return ctx.Err()
		},
		Random: func() float64 { return 0.5 },
	}
	return &rests
}

const (
	unavailable = "error: unable to download 'https://x/y': HTTP error 503\n"
	unknownHost = `@nix {"action":"msg","level":0,"msg":"error: unable to download 'https://x/y': Could not resolve hostname (6) x"}` + "\n"
)

// A nix whose network fails is run again, and each time is told; what nix asks again by itself is less then.
func TestRetried(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	rests := resting(f)
	f.answer(t, "stdout", "{}")
	f.answer(t, "outages", unavailable+"fatal: unable to access 'https://x/': Could not resolve host: x\n"+unknownHost)
	if _, err := f.Evaluate(t.Context(), "path:x", "nqd.orion"); err != nil {
		t.Fatal(err)
	}
	if want := []time.Duration{1e9, 2e9, 4e9}; !slices.Equal(*rests, want) {
		t.Errorf("rested %v", *rests)
	}
	const doing = "evaluating nqd.orion: trying again in "
	want := []event.Note{
		{Text: doing + "1 s (2 of 5): unable to download 'https://x/y': HTTP error 503"},
		{Text: doing + "2 s (3 of 5): fatal: unable to access 'https://x/': Could not resolve host: x"},
		{Text: doing + "4 s (4 of 5): unable to download 'https://x/y': Could not resolve hostname (6) x"},
	}
	if got := told[event.Note](f); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	if args := f.called(t).Args; !slices.Equal(args[slices.Index(args, "internal-json")+1:][:4], append(slices.Clone(fewer), "eval")) {
		t.Errorf("run with %v", args)
	}
}

// After the last try the failure is nix's own, with how often it was tried.
func TestRetriedInVain(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	rests := resting(f)
	f.answer(t, "outages", strings.Repeat(unavailable, 10))
	err := f.Lock(t.Context(), "path:x")
	var failed *Error
	if !errors.As(err, &failed) || failed.Tries != 5 || failed.Code != 7 || len(*rests) != 4 {
		t.Fatalf("rested %v: %v", *rests, err)
	}
	if want := "locking the flake inputs, tried 5 times: nix: unable to download 'https://x/y': HTTP error 503"; err.Error() != want {
		t.Errorf("error %q", err)
	}
}

// Offline, and for anything but a network, nix is run once.
func TestNotRetried(t *testing.T) {
	t.Parallel()
	for text, offline := range map[string]bool{
		unavailable: true, "error: undefined variable 'x'\n": false,
		"error: unable to download 'https://x/y': HTTP error 404\n": false,
	} {
		f := newFake(t)
		rests := resting(f)
		f.Offline = offline
		f.answer(t, "outages", strings.Repeat(text, 10))
		err := f.Lock(t.Context(), "path:x")
		var failed *Error
		if !errors.As(err, &failed) || failed.Tries != 0 || len(*rests) != 0 || len(told[event.Note](f)) != 0 {
			t.Errorf("%q: rested %v: %v", text, *rests, err)
		}
	}
}

// What ends the run ends the rest as well, and is the reason that is told.
func TestRetryStopped(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer(t, "outages", unavailable+unavailable)
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("interrupted")
	sink := f.Sink
	f.Sink = func(e event.Event) {
		sink(e)
		if _, is := e.(event.Note); is {
			cancel(enough)
		}
	}
	if err := f.Lock(ctx, "path:x"); !errors.Is(err, enough) || err.Error() != "locking the flake inputs: interrupted" {
		t.Errorf("error %v", err)
	}
}

// The real nix, of every version: which answers of a server, and which silences, are tried again.
func TestRealOutages(t *testing.T) {
	eachNix(t, func(t *testing.T, r *real) {
		rests := 0
		r.clock.Wait = func(context.Context, time.Duration) error {
			rests++
			return errors.New("once is enough")
		}
		conf := "download-attempts = 1\nstalled-download-timeout = 1\nconnect-timeout = 1\n"
		if err := os.MkdirAll(filepath.Join(r.root, "etc/nix"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(r.root, "etc/nix/nix.conf"), []byte(conf), 0o644); err != nil {
			t.Fatal(err)
		}
		over := make(chan struct{})
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			code := 0
			switch _, err := fmt.Sscanf(request.URL.Path, "/%d/", &code); {
			case err == nil:
				w.WriteHeader(code)
			case strings.HasPrefix(request.URL.Path, "/hangs/"):
				select {
				case <-over:
				case <-request.Context().Done():
				}
			default: // cut off
				if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
					_ = connection.(*net.TCPConn).SetLinger(0) // with a reset
					connection.Close()
				}
			}
		}))
		t.Cleanup(func() { close(over); server.Close() })
		for path, again := range map[string]bool{
			server.URL + "/503/": true, server.URL + "/500/": true, server.URL + "/502/": true, server.URL + "/504/": true,
			server.URL + "/401/": false, server.URL + "/403/": false, server.URL + "/404/": false, server.URL + "/501/": false,
			server.URL + "/cut/": true, server.URL + "/hangs/": true, "http://127.0.0.1:1/": true, "http://nowhere.invalid/": true,
		} {
			flake := t.TempDir()
			text := fmt.Sprintf("{ inputs.x.url = %q; outputs = _: { }; }\n", path+"x.tar.gz")
			if err := os.WriteFile(filepath.Join(flake, "flake.nix"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			rests = 0
			err := r.Lock(t.Context(), "path:"+flake)
			var failed *Error
			if !errors.As(err, &failed) || (rests == 1) != again {
				t.Errorf("%s: rested %d times: %v", path, rests, err)
			}
		}
	})
}
