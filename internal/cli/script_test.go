package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// TestMain makes this test binary also nqd itself, so that scripts run the real commands as
// processes of their own: they can be killed.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"nqd": func() { os.Exit(Main("test", os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
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
	for _, bin := range nixDirs(t) {
		t.Run(nixVersion(t, bin), func(t *testing.T) {
			t.Parallel()
			fresh := filepath.Join(t.TempDir(), "machine")
			options := sandbox.Options{Root: fresh, NixBin: bin, Inputs: inputs, User: "ada"}
			if err := sandbox.Install(context.Background(), options); err != nil {
				t.Fatal(err)
			}
			runScripts(t, machines{nix: bin, fresh: fresh, inputs: inputs})
		})
	}
}

func nixDirs(t *testing.T) []string {
	if list := os.Getenv("NQD_TEST_NIX"); list != "" {
		return filepath.SplitList(list)
	}
	nix, err := exec.LookPath("nix")
	if err != nil {
		t.Skip("no nix: `make test` installs one")
	}
	return []string{filepath.Dir(nix)}
}

func nixVersion(t *testing.T, bin string) string {
	out, err := exec.Command(filepath.Join(bin, "nix"), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(out))
	return "nix-" + words[len(words)-1]
}

func runScripts(t *testing.T, m machines) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       os.Getenv("UPDATE") != "",
		Setup:               m.setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":    await,
			"cut":      cut,
			"exitcode": exits,
			"holds":    holds,
			"is":       is,
			"listens":  listens,
			"occupy":   occupy,
			"system":   system,
			"tree":     tree,
		},
	})
}

// machines makes a fresh machine for each script: a copy of one that was installed once.
type machines struct {
	nix, fresh string
	inputs     sandbox.Inputs
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
