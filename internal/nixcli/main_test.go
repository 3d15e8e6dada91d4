package nixcli

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// TestMain makes the test binary nix and nix-env where it is called by that name.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "nix", "nix-env":
		os.Exit(beNix())
	}
	os.Exit(m.Run())
}

// call is what the fake nix records of one call.
type call struct {
	Program string
	Args    []string
	Env     []string
	Stdin   string
}

// beNix records the call beside the program and answers with the files stdout, stderr and fails
// that are there; asked for its version, with the file version. The first calls fail, as many as the lines of outages are,
// each with one of them.
func beNix() int {
	dir := filepath.Dir(os.Args[0])
	stdin, err := io.ReadAll(os.Stdin)
	if err != nil {
		return 98
	}
	record, err := json.Marshal(call{filepath.Base(os.Args[0]), os.Args[1:], os.Environ(), string(stdin)})
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "call"), record, 0o600)
	}
	if err != nil {
		return 99
	}
	name := "stdout"
	if slices.Equal(os.Args[1:], []string{"--version"}) {
		name = "version"
	}
	out, _ := os.ReadFile(filepath.Join(dir, name))
	messages, _ := os.ReadFile(filepath.Join(dir, "stderr"))
	if wait, err := os.OpenFile(filepath.Join(dir, "wait"), os.O_WRONLY, 0); err == nil {
		wait.Close() // somebody reads it
	}
	if outages, err := os.ReadFile(filepath.Join(dir, "outages")); err == nil && len(outages) > 0 {
		line, rest, _ := strings.Cut(string(outages), "\n")
		if os.WriteFile(filepath.Join(dir, "outages"), []byte(rest), 0o600) != nil {
			return 97
		}
		_, _ = os.Stderr.WriteString(line + "\n")
		return 7
	}
	_, _ = os.Stdout.Write(out)
	_, _ = os.Stderr.Write(messages)
	if _, err := os.Stat(filepath.Join(dir, "fails")); err == nil {
		return 7
	}
	return 0
}

// fake is a nix that records how it was called.
type fake struct {
	*Nix
	dir  string // where the fake programs and their answers are
	root string // the sandbox

	lock   sync.Mutex
	events []event.Event
}

func newFake(t *testing.T) *fake {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{dir: t.TempDir(), root: t.TempDir()}
	for _, name := range []string{"nix", "nix-env"} {
		if err := os.Symlink(self, filepath.Join(f.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := machine.Sandbox(f.root)
	if err != nil {
		t.Fatal(err)
	}
	f.answer(t, "version", "nix (Nix) 2.26.3\n")
	f.Nix = &Nix{Machine: m, Program: filepath.Join(f.dir, "nix"), Sink: f.take}
	return f
}

func (f *fake) take(e event.Event) {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.events = append(f.events, e)
}

func (f *fake) answer(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *fake) called(t *testing.T) call {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(f.dir, "call"))
	if err != nil {
		t.Fatal(err)
	}
	var c call
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// The arguments that every call of nix in a sandbox begins with.
func sandboxed(root string) []string {
	return []string{
		"--store", "local?root=" + root, "--option", "sandbox", "true", "--option", "sandbox-paths", "",
		"--option", "build-users-group", "", "--option", "substituters", "",
	}
}

var features = []string{"--extra-experimental-features", "nix-command flakes"}

// curl is a store path.
const curl = "/nix/store/yyra8w3cf49rnpkksls7f2cr0jzqkvgq-curl-8.7.1"

var calls = []struct {
	name, stdout, doing string
	plain               bool // without features and options
	run                 func(context.Context, *Nix) error
	// args follow features and options.
	args  []string
	stdin string
}{
	{
		name: "version", doing: "asking nix for its version", plain: true,
		run:  func(ctx context.Context, n *Nix) error { return n.CheckVersion(ctx) },
		args: []string{"--version"},
	},
	{
		name: "evaluate", doing: "evaluating nqd.orion", stdout: "{}",
		run: func(ctx context.Context, n *Nix) error {
			_, err := n.Evaluate(ctx, "git+file:///home/ada/.config/nixos?rev=1", "nqd.orion")
			return err
		},
		args: []string{"--log-format", "internal-json", "eval", "--json", "--no-write-lock-file", "git+file:///home/ada/.config/nixos?rev=1#nqd.orion"},
	},
	{
		name: "lock", doing: "locking the flake inputs",
		run:  func(ctx context.Context, n *Nix) error { return n.Lock(ctx, "path:/somewhere/else") },
		args: []string{"--log-format", "internal-json", "flake", "lock", "path:/somewhere/else"},
	},
	{
		name: "build", doing: "building x-curl.drv", stdout: curl + "\n",
		run: func(ctx context.Context, n *Nix) error {
			path, err := n.Build(ctx, "/nix/store/x-curl.drv", "/links/new")
			if err == nil && path != curl {
				err = os.ErrInvalid
			}
			return err
		},
		args: []string{"--log-format", "internal-json", "build", "--print-out-paths", "--out-link", "/links/new", "/nix/store/x-curl.drv^out"},
	},
	{
		name: "root", doing: "keeping curl-8.7.1",
		run:  func(ctx context.Context, n *Nix) error { return n.Root(ctx, curl, "/links/old") },
		args: []string{"--log-format", "internal-json", "build", "--out-link", "/links/old", curl},
	},
	{
		name: "closure", doing: "listing the closure of curl-8.7.1", stdout: `{"` + curl + `":{"narSize":1}}`,
		run: func(ctx context.Context, n *Nix) error {
			_, err := n.Closure(ctx, curl)
			return err
		},
		args: []string{"path-info", "--recursive", "--json", curl},
	},
	{
		name: "missing", doing: "asking what is missing of x-curl.drv",
		run: func(ctx context.Context, n *Nix) error {
			_, err := n.Missing(ctx, "/nix/store/x-curl.drv")
			return err
		},
		args: []string{"build", "--dry-run", "--no-link", "--option", "fallback", "true", "--option", "download-attempts", "2",
			"--option", "connect-timeout", "5", "--option", "stalled-download-timeout", "3", "/nix/store/x-curl.drv^out"},
	},
	{
		name: "derivations", doing: "reading 2 derivations", stdout: `{"` + curl + `.drv":{},"` + curl34 + `.drv":{}}`,
		run: func(ctx context.Context, n *Nix) error {
			_, err := n.Derivations(ctx, []machine.StorePath{curl + ".drv", curl34 + ".drv"})
			return err
		},
		args: []string{"derivation", "show", "--stdin"}, stdin: curl + ".drv\n" + curl34 + ".drv\n",
	},
}

// profileCalls are those of nix-env, which knows no experimental features.
var profileCalls = []struct {
	name, doing string
	run         func(context.Context, SystemProfile) error
	args        []string
}{
	{"set", "setting the system profile", func(ctx context.Context, p SystemProfile) error { return p.Set(ctx, curl) }, []string{"--set", curl}},
	{"switch", "switching the system profile back", func(ctx context.Context, p SystemProfile) error { return p.Switch(ctx, 12) }, []string{"--switch-generation", "12"}},
}

func mkfifo(name string) error { return syscall.Mkfifo(name, 0o600) }

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, " | "), strings.Join(want, " | "))
	}
}
