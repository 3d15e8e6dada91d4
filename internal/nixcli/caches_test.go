package nixcli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func TestCaches(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer(t, "stdout", read(t, "config/2.34.json"))
	// A sandbox has what it was given, whatever is configured.
	f.Substituters = []string{"file:///cache"}
	got, err := f.Caches(t.Context())
	if _, asked := os.Stat(filepath.Join(f.dir, "call")); err != nil || asked == nil {
		t.Fatalf("in a sandbox: %v, or nix was asked", err)
	}
	equal(t, "in a sandbox", got, f.Substituters)

	f.Machine = machine.Local()
	if got, err = f.Caches(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "caches", got, []string{"https://b.example", "https://a.example?priority=10", "https://c.example"})
	equal(t, "on this machine", f.called(t).Args, append(append([]string{}, features...), "config", "show", "--json"))

	// It is asked once, for caches and for where it builds.
	f.answer(t, "fails", "")
	if got, err = f.Caches(t.Context()); err != nil || len(got) != 3 {
		t.Errorf("again: %v, %v", got, err)
	}
	f.configuration = configuration{}
	if got, err := f.Caches(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "reading the configuration of nix: nix: ") {
		t.Errorf("got %v, %v", got, err)
	}
	f.Offline = true // nix need not be asked
	if got, err := f.Caches(t.Context()); err != nil || len(got) > 0 {
		t.Errorf("offline: %v, %v", got, err)
	}
}

// A sandbox has the caches that it was given and no others, and believes them without a signature.
func TestSubstituters(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.Substituters = []string{"file:///srv/cache", "http://127.0.0.1:8080"}
	if err := f.Lock(t.Context(), "path:x"); err != nil {
		t.Fatal(err)
	}
	given := sandboxed(f.root)
	given = append(given[:len(given)-1], "file:///srv/cache http://127.0.0.1:8080", "--option", "require-sigs", "false")
	lock := []string{"--log-format", "internal-json", "flake", "lock", "path:x"}
	equal(t, "in a sandbox", f.called(t).Args, append(append(append([]string{}, features...), given...), lock...))
	f.Machine = machine.Local()
	if err := f.Lock(t.Context(), "path:x"); err != nil {
		t.Fatal(err)
	}
	equal(t, "on this machine", f.called(t).Args, append(append([]string{}, features...), lock...))
}
