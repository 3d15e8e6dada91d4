package nixcli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func TestArguments(t *testing.T) {
	t.Parallel()
	for _, c := range calls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.answer(t, "stdout", c.stdout)
			var want []string
			if !c.plain {
				want = append(slices.Clone(features), sandboxed(f.root)...)
			}
			want = append(want, c.args...)
			if err := c.run(t.Context(), f.Nix); err != nil {
				t.Fatal(err)
			}
			got := f.called(t)
			equal(t, "program", []string{got.Program}, []string{"nix"})
			equal(t, "in a sandbox", got.Args, want)
			equal(t, "standard input", []string{got.Stdin}, []string{c.stdin})

			// Local: its own store, and no setting of its nix.conf overridden.
			f.Machine = machine.Local()
			want = c.args
			if !c.plain {
				want = append(slices.Clone(features), c.args...)
			}
			if err := c.run(t.Context(), f.Nix); err != nil {
				t.Fatal(err)
			}
			equal(t, "on this machine", f.called(t).Args, want)
			if c.plain {
				return
			}
			f.Offline = true
			if err := c.run(t.Context(), f.Nix); err != nil {
				t.Fatal(err)
			}
			equal(t, "offline", f.called(t).Args, append(append(slices.Clone(features), "--offline"), c.args...))
		})
	}
}

// Where Nix asks for the version of its format it gets one, and does not warn.
func TestClosureOfNewNix(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer(t, "version", "nix (Nix) 2.34.8\n")
	f.answer(t, "stdout", read(t, "path-info/2.34-format-2.json"))
	for range 2 {
		closure, err := f.Closure(t.Context(), curl)
		if err != nil || len(closure) != 2 {
			t.Errorf("closure %v, %v", closure, err)
		}
		want := append(append(slices.Clone(features), sandboxed(f.root)...), "path-info", "--recursive", "--json", "--json-format", "2", curl)
		equal(t, "arguments", f.called(t).Args, want)
	}
	if len(f.events) != 3 {
		t.Errorf("events %v: want three programs, as nix is asked for its version once", f.events)
	}
}

func TestProfileArguments(t *testing.T) {
	t.Parallel()
	for _, c := range profileCalls {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			if err := c.run(t.Context(), SystemProfile{f.Nix}); err != nil {
				t.Fatal(err)
			}
			got := f.called(t)
			equal(t, "program", []string{got.Program}, []string{"nix-env"})
			profile := filepath.Join(f.root, "nix/var/nix/profiles/system")
			equal(t, "arguments", got.Args, append(append(sandboxed(f.root), "-p", profile), c.args...))
		})
	}
}

// The profile of this computer is root's; tests may not run the command, only look at it.
func TestProfileOfThisComputer(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.Machine = machine.Local()
	c := SystemProfile{f.Nix}.command("setting it", "--set", curl)
	equal(t, "arguments", c.Args, []string{"-p", "/nix/var/nix/profiles/system", "--set", curl})
	equal(t, "program", []string{c.Path}, []string{"/run/current-system/sw/bin/nix-env"})
	if !c.Inside || !c.Root {
		t.Errorf("inside %t, root %t: want both", c.Inside, c.Root)
	}
	if err := (SystemProfile{f.Nix}).Set(t.Context(), curl); err == nil {
		t.Error("a test could set the profile of this computer")
	}

	f = newFake(t)
	if c := (SystemProfile{f.Nix}).command("setting it"); c.Inside {
		t.Error("the profile of a sandbox is written from outside: its root has no nix")
	}
}

// clean unsets all that may be inherited, so that a test knows what is left.
func clean(t *testing.T) {
	t.Helper()
	for _, name := range inherited {
		t.Setenv(name, "") // restores it at the end
		os.Unsetenv(name)
	}
}

func TestEnvironment(t *testing.T) {
	clean(t)
	for _, name := range []string{"NIX_PATH", "NIX_CONFIG", "NIX_USER_CONF_FILES", "NIX_CONF_DIR", "NIXPKGS_ALLOW_UNFREE", "LANG", "LC_ALL", "GIT_DIR"} {
		t.Setenv(name, "leaks")
	}
	f := newFake(t)
	// A sandbox is configured by its own /etc/nix, not by that of this computer.
	always := []string{"LC_ALL=C.UTF-8", "NO_COLOR=1", "NIX_CONF_DIR=" + f.Machine.Path("/etc/nix")}
	every := slices.Clone(always)
	for _, name := range inherited {
		every = append(every, name+"="+strings.ToLower(name))
	}
	f.answer(t, "stdout", "{}")
	run := func() []string {
		t.Helper()
		if _, err := f.Evaluate(t.Context(), "path:x", "y"); err != nil {
			t.Fatal(err)
		}
		env := f.called(t).Env
		f.Nix.answer = "" // asked for once otherwise
		if err := f.CheckVersion(t.Context()); err != nil {
			t.Fatal(err)
		}
		equal(t, "environment of --version", f.called(t).Env, env)
		if err := (SystemProfile{f.Nix}).Set(t.Context(), curl); err != nil {
			t.Fatal(err)
		}
		equal(t, "environment of nix-env", f.called(t).Env, env)
		return env
	}
	equal(t, "nothing to inherit", run(), always)

	f.Cache = "/sandbox/cache"
	equal(t, "own cache", run(), append(slices.Clone(always), "XDG_CACHE_HOME=/sandbox/cache"))

	f.Cache = ""
	for _, name := range inherited {
		t.Setenv(name, strings.ToLower(name))
	}
	equal(t, "all inherited", run(), every)

	f.Cache = "/sandbox/cache"
	every = slices.DeleteFunc(every, func(pair string) bool { return strings.HasPrefix(pair, "XDG_CACHE_HOME=") })
	equal(t, "all and own cache", run(), append(every, "XDG_CACHE_HOME=/sandbox/cache"))
}

// What nix needs of the user to work at all: a change here is a change of what may leak.
func TestInherited(t *testing.T) {
	t.Parallel()
	want := []string{
		"HOME", "USER", "LOGNAME", "PATH", "TMPDIR", "SSH_AUTH_SOCK", "NIX_SSL_CERT_FILE", "NIX_REMOTE", "SSL_CERT_FILE",
		"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "no_proxy", "NO_PROXY",
		"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
	}
	equal(t, "inherited", inherited, want)
}

func TestError(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer(t, "stderr", "evaluating...\nerror: attribute 'x' missing")
	f.answer(t, "fails", "")
	_, err := f.Evaluate(t.Context(), "path:x", "nqd.orion")
	if want := "evaluating nqd.orion: nix: attribute 'x' missing"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	var failed *Error
	if !errors.As(err, &failed) || failed.Code != 7 {
		t.Errorf("got %#v, want code 7", err)
	}
	want := []event.Event{event.Output{Program: "nix", Line: "evaluating..."}, event.Output{Program: "nix", Line: "error: attribute 'x' missing"}}
	if len(f.events) != 3 || f.events[0] != want[0] || f.events[1] != want[1] {
		t.Errorf("events %v, want %v and the program", f.events, want)
	}
	if ended, is := f.events[len(f.events)-1].(event.Program); !is || ended.Name != "nix" || ended.Seconds <= 0 {
		t.Errorf("last event %v, want how long nix took", f.events[len(f.events)-1])
	}
	for _, c := range calls {
		f.Nix.answer = "" // a version that is known is not asked for
		if err := c.run(t.Context(), f.Nix); !errors.As(err, &failed) || err.Error() != c.doing+": nix: attribute 'x' missing" {
			t.Errorf("%s: %v, want nix's error", c.name, err)
		}
	}
	for _, c := range profileCalls {
		if err := c.run(t.Context(), SystemProfile{f.Nix}); !errors.As(err, &failed) || err.Error() != c.doing+": nix: attribute 'x' missing" {
			t.Errorf("%s: %v, want nix's error", c.name, err)
		}
	}
}

func TestCancelledAndMissing(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Evaluate(ctx, "path:x", "y"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	f.Program = filepath.Join(f.dir, "absent")
	var ended *Error
	if err := f.Lock(t.Context(), "x"); !errors.Is(err, os.ErrNotExist) || errors.As(err, &ended) {
		t.Errorf("got %v, want that there is no such program", err)
	}
}

// What nix prints is run as root later: nothing but one store path will do.
func TestBuildWantsOnePath(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"", "/home/ada/evil\n", curl + "\n" + curl + "\n", curl + "/bin"} {
		f := newFake(t)
		f.answer(t, "stdout", answer)
		if path, err := f.Build(t.Context(), "/nix/store/x.drv", "l"); err == nil {
			t.Errorf("%q: taken for %s", answer, path)
		}
	}
}

func TestFindAndIdentity(t *testing.T) {
	f := newFake(t)
	t.Setenv("PATH", f.dir)
	found, err := Find()
	if err != nil || found != f.Program {
		t.Fatalf("found %s, %v; want %s", found, err, f.Program)
	}
	t.Setenv("PATH", t.TempDir())
	if found, err := Find(); err == nil {
		t.Errorf("found %s on an empty PATH", found)
	}

	real := filepath.Join(f.dir, "2.34")
	if err := os.WriteFile(real, []byte("one"), 0o755); err != nil {
		t.Fatal(err)
	}
	f.Program = filepath.Join(f.dir, "link")
	if err := os.Symlink(real, f.Program); err != nil {
		t.Fatal(err)
	}
	before, err := f.Identity()
	if err != nil || !strings.HasPrefix(before, real+" 3 ") {
		t.Fatalf("identity %q, %v", before, err)
	}
	info, err := os.Stat(real)
	if err != nil {
		t.Fatal(err)
	}
	// Another file of the same size, as after an update in place.
	if err := os.Chtimes(real, info.ModTime(), info.ModTime().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if after, err := f.Identity(); err != nil || after == before {
		t.Errorf("identity %q, %v: the same as before the change", after, err)
	}
	f.Program = filepath.Join(f.dir, "absent")
	if identity, err := f.Identity(); err == nil {
		t.Errorf("identity %q of a program that is not there", identity)
	}
}
