package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// TestMain makes this test binary also nqd itself, so that scripts run the real commands as
// processes of their own: they can be killed.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"nqd":        func() { os.Exit(Main("test", os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
		"onterminal": onTerminal,
	})
}

// TestScripts runs testdata/script/*.txtar with every Nix of NQD_TEST_NIX (a list of bin
// directories), or with the one on PATH.
func TestScripts(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("installing a sandbox machine needs root, for chroot(2)")
	}
	inputs, err := sandbox.Prepare(context.Background(), t.TempDir(), sandbox.Release)
	if err != nil {
		t.Fatal(err)
	}
	next, err := sandbox.Prepare(context.Background(), t.TempDir(), sandbox.Releases[len(sandbox.Releases)-1])
	if err != nil {
		t.Fatal(err)
	}
	nixes.Each(t, func(t *testing.T, bin string) {
		fresh := filepath.Join(t.TempDir(), "machine")
		options := sandbox.Options{Root: fresh, NixBin: bin, Inputs: inputs, User: "ada"}
		if err := sandbox.Install(context.Background(), options); err != nil {
			t.Fatal(err)
		}
		// Copies would share the processes of its services, and one script stop them for all.
		if err := sandbox.Stop(fresh); err != nil {
			t.Fatal(err)
		}
		runScripts(t, machines{nix: bin, fresh: fresh, inputs: inputs, next: next})
	})
}

func runScripts(t *testing.T, m machines) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Setup:               m.setup,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":      await,
			"builds":     builds,
			"cache":      cache,
			"cut":        cut,
			"everything": everything,
			"exitcode":   exits,
			"flaky":      flaky,
			"freeze":     freeze,
			"hardware":   becomes,
			"holds":      holds,
			"homes":      homes,
			"installer":  asInstalled,
			"is":         is,
			"listens":    listens,
			"login":      login,
			"mark":       mark,
			"occupy":     occupy,
			"processes":  processes,
			"program":    program,
			"reboot":     reboot,
			"release":    release,
			"scrub":      scrub,
			"sees":       sees,
			"serve":      serve,
			"small":      small,
			"system":     system,
			"tree":       tree,
		},
	})
}

// machines makes a fresh machine for each script: a copy of one that was installed once.
type machines struct {
	nix, fresh string
	inputs     sandbox.Inputs
	next       sandbox.Inputs // of the newest release
}

// ports is how many a script gets: as many as the features of workstation.txtar listen on.
const ports = 10

// setup gives the script its machine in $M, the workspace's place in $W, the stand-ins for
// --nixpkgs and --home-manager, ports on which nothing listens in $PORT1 to $PORT10, and in $EXAMPLE
// what docs/adding-a-feature.md has its reader write.
func (m machines) setup(env *testscript.Env) error {
	root := filepath.Join(env.WorkDir, "machine")
	if out, err := exec.Command("cp", "--archive", m.fresh, root).CombinedOutput(); err != nil {
		return &exec.Error{Name: "cp: " + string(out), Err: err}
	}
	env.Defer(func() {
		if err := sandbox.Stop(root); err != nil {
			env.T().Log(err)
		}
	})
	env.Setenv("M", root)
	env.Setenv("W", filepath.Join(root, "home/ada/.config/nixos"))
	env.Setenv("HOME", "/home/ada")
	env.Setenv("PATH", env.Getenv("PATH")+string(filepath.ListSeparator)+os.Getenv("PATH"))
	env.Setenv("PATH", m.nix+string(filepath.ListSeparator)+env.Getenv("PATH"))
	env.Setenv("NIXPKGS", m.inputs.Nixpkgs)
	env.Setenv("HOMEMANAGER", m.inputs.HomeManager)
	env.Setenv("NEXTNIXPKGS", m.next.Nixpkgs)
	env.Setenv("NEXTHOMEMANAGER", m.next.HomeManager)
	example, err := filepath.Abs("../../testing/features")
	if err != nil {
		return err
	}
	env.Setenv("EXAMPLE", example)
	for i := range ports {
		port, err := sandbox.FreePort()
		if err != nil {
			return err
		}
		env.Setenv(fmt.Sprintf("PORT%d", i+1), port)
	}
	return nil
}
