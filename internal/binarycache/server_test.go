package binarycache

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

const alphabet = "0123456789abcdfghijklmnpqrsvwxyz" // Nix's base 32

// path is the nth of the store paths that tests ask for.
func path(n int) machine.StorePath {
	return machine.StorePath(fmt.Sprintf("/nix/store/%s%c%c-thing-%d", alphabet[:30], alphabet[n/32], alphabet[n%32], n))
}

// some are the first n of them.
func some(n int) (paths []machine.StorePath) {
	for i := range n {
		paths = append(paths, path(i))
	}
	return paths
}

// file is the name under which a cache has what it says of a path.
func file(p machine.StorePath) string { return "/" + string(p)[len("/nix/store/"):][:32] + ".narinfo" }

// about is what a cache says of a path: 100 bytes that come as 40.
func about(p machine.StorePath) string {
	return "StorePath: " + string(p) + "\nURL: nar/x.nar.xz\nCompression: xz\nFileHash: sha256:1\nFileSize: 40\n" +
		"NarHash: sha256:2\nNarSize: 100\nReferences: \nSig: k:1\nSig: k:2\nLater: words\n"
}

// cache is one that has some paths and a temper: each request is asked of behave first, which may answer instead.
type cache struct {
	*httptest.Server
	t       *testing.T
	has     []machine.StorePath
	behave  func(w http.ResponseWriter, r *http.Request, times int) (answered bool)
	mu      sync.Mutex
	change  *sync.Cond // of open
	open    int        // connections
	asked   map[string]int
	at, top int // requests under way, and their most
	agents  map[string]bool
}

// serve starts a cache. When the test is over, every request has to be answered and every connection closed.
func serve(t *testing.T, has []machine.StorePath, behave func(w http.ResponseWriter, r *http.Request, times int) bool) *cache {
	t.Helper()
	c := unstarted(t, has, behave)
	c.Start()
	return c
}

func unstarted(t *testing.T, has []machine.StorePath, behave func(w http.ResponseWriter, r *http.Request, times int) bool) *cache {
	t.Helper()
	c := &cache{t: t, has: has, behave: behave, asked: map[string]int{}, agents: map[string]bool{}}
	c.change = sync.NewCond(&c.mu)
	c.Server = httptest.NewUnstartedServer(c)
	c.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch state {
		case http.StateNew:
			c.open++
		case http.StateClosed, http.StateHijacked:
			c.open--
			c.change.Signal()
		}
	}
	t.Cleanup(func() {
		c.mu.Lock()
		for c.open > 0 { // Ask closes them, not we
			c.change.Wait()
		}
		c.mu.Unlock()
		c.Close()
	})
	return c
}

func (c *cache) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.asked[r.URL.Path]++
	times := c.asked[r.URL.Path]
	c.agents[r.UserAgent()] = true
	c.at++
	c.top = max(c.top, c.at)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.at--
		c.mu.Unlock()
	}()
	if r.Method != http.MethodGet || r.URL.RawQuery != "" {
		c.t.Errorf("asked %s %s", r.Method, r.URL) // ?priority=10 is for Nix
	}
	if c.behave != nil && c.behave(w, r, times) {
		return
	}
	if r.URL.Path == "/"+infoFile {
		fmt.Fprint(w, "StoreDir: /nix/store\nWantMassQuery: 1\nPriority: 40\n")
		return
	}
	for _, p := range c.has {
		if r.URL.Path == file(p) {
			fmt.Fprint(w, about(p))
			return
		}
	}
	http.NotFound(w, r)
}

// times is how often the cache was asked for a file.
func (c *cache) times(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[name]
}

func (c *cache) requests() (sum int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.asked {
		sum += n
	}
	return sum
}

// status answers every question for a narinfo with it, as often as that, and then well. A header may be given.
func status(code, times int, header ...string) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, r *http.Request, asked int) bool {
		if asked > times || !strings.HasSuffix(r.URL.Path, ".narinfo") {
			return false
		}
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
		return true
	}
}

const always = 1 << 30

// clock lets no time pass and keeps what was to be waited for.
type clock struct {
	mu    sync.Mutex
	rests []time.Duration
}

func (c *clock) wait(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rests = append(c.rests, d)
	return context.Cause(ctx)
}

// asking has to go well; time does not pass.
func asking(t *testing.T, caches []string, paths []machine.StorePath) (Answer, *clock) {
	t.Helper()
	c := &clock{}
	answer, err := Ask(t.Context(), caches, paths, Options{Version: "1.2.3", Deadline: time.Hour, AnswerTime: time.Hour, Wait: c.wait})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(answer.Found) + len(answer.Missing) + len(answer.Unknown); n != len(paths) || len(answer.Caches) != len(caches) {
		t.Errorf("%d paths of %d, %d caches of %d", n, len(paths), len(answer.Caches), len(caches))
	}
	return answer, c
}

// expect compares an answer: which paths were found, by the cache's number, which are missing and which unknown.
func (a Answer) expect(t *testing.T, found map[machine.StorePath]int, missing, unknown []machine.StorePath) {
	t.Helper()
	for p, n := range found {
		want := Narinfo{Path: p, Cache: a.Caches[n].URL, FileSize: 40, NarSize: 100}
		if got := a.Found[p]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("found %+v, want %+v", got, want)
		}
	}
	if len(a.Found) != len(found) || !slices.Equal(a.Missing, missing) || !slices.Equal(a.Unknown, unknown) {
		t.Errorf("found %v\nmissing %v\nunknown %v", a.Found, a.Missing, a.Unknown)
	}
}

// problem compares what is told of a cache.
func (a Answer) problem(t *testing.T, cache int, want string) {
	t.Helper()
	if got := a.Caches[cache].Problem; got != want {
		t.Errorf("problem %q, want %q", got, want)
	}
}
