package nixcli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// eachNix runs a test with every Nix that is there.
func eachNix(t *testing.T, test func(t *testing.T, r *real)) {
	t.Parallel()
	nixes.Each(t, func(t *testing.T, bin string) { test(t, newReal(t, bin)) })
}

// real is a real nix with a store of its own, and the flake of testdata.
type real struct {
	*fake // takes the events
	flake string
}

func newReal(t *testing.T, bin string) *real {
	t.Helper()
	r := &real{fake: newFake(t), flake: t.TempDir()}
	r.Program = filepath.Join(bin, "nix")
	r.Cache = t.TempDir()
	build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(r.flake, "builder"), "./testdata/builder")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, text := range map[string]string{
		"flake.nix": read(t, "flake/flake.nix"), "address": "127.0.0.1:1", "syntax.nix": "{ a = ; }\n",
	} {
		if err := os.WriteFile(filepath.Join(r.flake, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { writable(t, r.root) })
	return r
}

// writable lets a store be removed.
func writable(t *testing.T, root string) {
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			err = os.Chmod(path, 0o755)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// derivations evaluates those of the flake, by name.
func (r *real) derivations(t *testing.T) map[string]machine.StorePath {
	t.Helper()
	var drvs map[string]machine.StorePath
	out, err := r.Evaluate(t.Context(), "path:"+r.flake, "drvs")
	if err == nil {
		err = json.Unmarshal(out, &drvs)
	}
	if err != nil {
		t.Fatal(err)
	}
	return drvs
}

// TestReal: what is missing before a build and after it, with and without a cache, and what was built.
func TestReal(t *testing.T) {
	eachNix(t, func(t *testing.T, r *real) {
		drvs := r.derivations(t)
		ctx, curl := t.Context(), string(drvs["curl"])
		missing, err := r.Missing(ctx, curl)
		if err != nil || len(missing.Build) != 3 || len(missing.Fetch) > 0 || missing.Build[2] != drvs["curl"] {
			t.Errorf("before: %v, %v", missing, err)
		}
		links := t.TempDir()
		built, err := r.Build(ctx, curl, filepath.Join(links, "curl"))
		if err != nil {
			t.Fatal(err)
		}
		if missing, err := r.Missing(ctx, curl); err != nil || len(missing.Build)+len(missing.Fetch)+len(missing.Unknown) > 0 {
			t.Errorf("after: %v, %v", missing, err)
		}
		if err := r.Root(ctx, built, filepath.Join(links, "root")); err != nil {
			t.Error(err)
		}
		if to, err := os.Readlink(filepath.Join(links, "root")); err != nil || to != string(built) {
			t.Errorf("root leads to %q, %v", to, err)
		}

		before := len(told[event.Output](r.fake))
		closure, err := r.Closure(ctx, built)
		if err != nil || len(closure) != 3 || len(closure[built].References) != 2 {
			t.Errorf("closure %v, %v", closure, err)
		}
		var size int64
		for _, info := range closure {
			size += info.Size
		}
		if size < 2560000 { // model alone
			t.Errorf("closure of %d bytes", size)
		}
		if said := told[event.Output](r.fake)[before:]; len(said) > 0 {
			t.Errorf("nix warns: %v", said)
		}

		known, err := r.Derivations(ctx, []machine.StorePath{drvs["curl"], drvs["structured"], drvs["source"]})
		if err != nil || known[drvs["curl"]].Outputs["out"] != built || len(known[drvs["curl"]].Inputs) != 2 {
			t.Errorf("derivations %v, %v", known, err)
		}
		if s := known[drvs["structured"]]; s.Pname != "fzf" || s.Version != "0.60" || !s.PreferLocalBuild {
			t.Errorf("structured: %v", s)
		}
		r.withCache(t, built, size)
	})
}

// withCache makes a cache of the path, and asks a second machine that has it.
func (r *real) withCache(t *testing.T, path machine.StorePath, size int64) {
	t.Helper()
	cache := "file://" + t.TempDir()
	if _, err := r.output(t.Context(), r.command("filling the cache", "copy", "--to", cache, string(path))); err != nil {
		t.Fatal(err)
	}
	second := newReal(t, filepath.Dir(r.Program))
	second.Substituters = []string{cache}
	drvs := second.derivations(t)
	caches, err := second.Caches(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "caches", caches, []string{cache})
	if caches, err := r.Caches(t.Context()); err != nil || len(caches) > 0 {
		t.Errorf("the first machine has caches: %v, %v", caches, err)
	}
	missing, err := second.Missing(t.Context(), string(drvs["top"]))
	if err != nil || len(missing.Build) != 3 || len(missing.Fetch) != 3 || missing.Download <= 0 || missing.Download > missing.Unpacked {
		t.Errorf("missing %v, %v", missing, err)
	}
	// As nix rounds: to a tenth or a hundredth of a MiB.
	if off := missing.Unpacked - size; off < -60<<10 || off > 60<<10 {
		t.Errorf("unpacked %d, want about %d", missing.Unpacked, size)
	}
	if built, err := second.Build(t.Context(), string(drvs["curl"]), filepath.Join(t.TempDir(), "curl")); err != nil || built != path {
		t.Errorf("built %s, %v", built, err)
	}
	downloads := 0
	for _, started := range told[event.ActivityStarted](second.fake) {
		if started.Activity == event.Download || started.Activity == event.Copy {
			downloads++
		}
	}
	if downloads < 3 {
		t.Errorf("%d downloads told: %v", downloads, told[event.ActivityStarted](second.fake))
	}
}

// TestMissingBrokenCache: a cache that fails when it is asked is told of, and nix builds what it may have.
func TestMissingBrokenCache(t *testing.T) {
	eachNix(t, func(t *testing.T, r *real) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
			if q.URL.Path != "/nix-cache-info" {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			fmt.Fprintln(w, "StoreDir: /nix/store")
		}))
		defer server.Close()
		r.Substituters = []string{server.URL}
		missing, err := r.Missing(t.Context(), string(r.derivations(t)["curl"]))
		if err != nil || len(missing.Build) != 3 || len(missing.Fetch) > 0 {
			t.Errorf("missing %v, %v", missing, err)
		}
		if !slices.ContainsFunc(told[event.Output](r.fake), func(o event.Output) bool { return strings.Contains(o.Line, "503") }) {
			t.Errorf("told %v: nothing of the cache", told[event.Output](r.fake))
		}
	})
}

// TestRealErrors: the error of nix is the same whether it writes JSON or not, which is how its text was known before.
func TestRealErrors(t *testing.T) {
	eachNix(t, func(t *testing.T, r *real) {
		drvs := r.derivations(t)
		calls := map[string][]string{"no attribute": {"eval", "--json", "path:" + r.flake + "#nqd.orion"}, "no flake": {"eval", "--json", "path:" + r.flake + "/none#x"}}
		for _, name := range []string{"thrown", "trace", "late", "syntax", "absent", "told", "long"} {
			calls[name] = []string{"eval", "--json", "path:" + r.flake + "#errors." + name}
		}
		for _, name := range []string{"broken", "top", "loud", "wrong"} {
			calls[name] = []string{"build", "--no-link", string(drvs[name]) + "^out"}
		}
		for name, args := range calls {
			_, plain := r.output(t.Context(), r.command("trying", args...))
			_, written := r.work(t.Context(), "trying", args...)
			var want, got *Error
			if !errors.As(plain, &want) || !errors.As(written, &got) {
				t.Errorf("%s: got %v, without JSON %v", name, written, plain)
				continue
			}
			if got.Message != want.Message || got.Code != want.Code || strings.Contains(got.Message, "\x1b") {
				t.Errorf("%s:\n got %q, code %d\nwant %q, code %d", name, got.Message, got.Code, want.Message, want.Code)
			}
		}
		const fire = "checking things\nerror: the disk is on fire\nmake: *** [all] Error 2"
		for name, want := range map[string]struct {
			derivation, lines string
		}{"broken": {"broken", fire}, "top": {"broken", fire}, "loud": {"loud", strings.Join(numbered(40)[20:], "\n")}, "wrong": {"wrong", ""}} {
			_, err := r.Build(t.Context(), string(drvs[name]), filepath.Join(t.TempDir(), "link"))
			var failed *Error
			if !errors.As(err, &failed) {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if failed.Derivation != drvs[want.derivation] || strings.Join(failed.Lines, "\n") != want.lines {
				t.Errorf("%s: failed %s with %q, want %s", name, failed.Derivation, failed.Lines, drvs[want.derivation])
			}
			if want := "nix-store --store '" + r.Machine.Store() + "' --read-log " + string(drvs[want.derivation]); failed.Log() != want {
				t.Errorf("%s: log %q, want %q", name, failed.Log(), want)
			}
		}
	})
}

// TestRealInterrupt: an interrupted build ends with the cause, its builder is gone, and the store is free for the next one;
// so it is where nobody had the patience to let nix end by itself.
func TestRealInterrupt(t *testing.T) {
	for _, hurried := range []bool{false, true} {
		name := "interrupted"
		if hurried {
			name = "killed"
		}
		t.Run(name, func(t *testing.T) {
			eachNix(t, func(t *testing.T, r *real) { r.interrupt(t, hurried) })
		})
	}
}

func (r *real) interrupt(t *testing.T, hurried bool) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := os.WriteFile(filepath.Join(r.flake, "address"), []byte(listener.Addr().String()), 0o644); err != nil {
		t.Fatal(err)
	}
	held := string(r.derivations(t)["held"])
	link := filepath.Join(t.TempDir(), "held")
	cause := errors.New("the user pressed Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	hurry := make(chan struct{})
	if hurried {
		r.Machine.Hurry = hurry
		close(hurry)
	}

	// While nix builds, the builder holds a connection. What it was asked for is written when the
	// test closes it; it ends by itself when the builder is gone.
	ended := make(chan error, 1)
	go func() {
		_, err := r.Build(ctx, held, link)
		ended <- err
	}()
	builder, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer builder.Close()
	cancel(cause)
	if err := <-ended; !errors.Is(err, cause) || err.Error() != "building "+filepath.Base(held)+": "+cause.Error() {
		t.Errorf("error %v, want %v", err, cause)
	}
	if n, err := builder.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("the builder said something: %v", err)
	}

	r.Machine.Hurry = nil
	go func() {
		_, err := r.Build(t.Context(), held, link)
		ended <- err
	}()
	next, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(next, "go"); err != nil {
		t.Error(err)
	}
	next.Close()
	if err := <-ended; err != nil {
		t.Errorf("the next build: %v", err)
	}
}
