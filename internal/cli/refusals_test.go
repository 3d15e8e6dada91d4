package cli

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// refusals is a folder of workspaces that are refused: NAME.txtar says in its comment what is
// wrong, holds the files that differ from a workspace of `nqd init` ("host.toml+" is what is added
// to host.toml), and in the file `message` all that nqd plan says. UPDATE=1 writes the messages anew.
const refusals = "../../testing/refusals"

// fewestRefusals is how many there are at least.
const fewestRefusals = 40

// hashes are the parts of store paths that no two machines share.
var hashes = regexp.MustCompile(`/nix/store/[0-9a-df-np-sv-z]{32}-`)

// TestRefusals plans each workspace with every Nix, which all have to say the same.
func TestRefusals(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("installing a sandbox machine needs root, for chroot(2)")
	}
	names, err := filepath.Glob(filepath.Join(refusals, "*.txtar"))
	if err != nil || len(names) < fewestRefusals {
		t.Fatalf("%d refusals, want at least %d (%v)", len(names), fewestRefusals, err)
	}
	inputs, err := sandbox.Prepare(context.Background(), t.TempDir(), sandbox.Release)
	if err != nil {
		t.Fatal(err)
	}
	nixes.Each(t, func(t *testing.T, bin string) {
		r := refuser{bin: bin, machine: filepath.Join(t.TempDir(), "machine"), fresh: filepath.Join(t.TempDir(), "fresh")}
		options := sandbox.Options{Root: r.machine, NixBin: bin, Inputs: inputs, User: "ada"}
		if err := sandbox.Install(context.Background(), options); err != nil {
			t.Fatal(err)
		}
		if message, err := r.nqd(r.fresh, "init", "--non-interactive", "--preset=minimal",
			"--nixpkgs="+inputs.Nixpkgs, "--home-manager="+inputs.HomeManager); err != nil {
			t.Fatal(err, message)
		}
		for _, name := range names {
			t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { r.refuse(t, name) })
		}
	})
}

// refuser is a machine, and a workspace on it that nothing is wrong with.
type refuser struct{ bin, machine, fresh string }

// nqd runs nqd, and returns what it says to people.
func (r refuser) nqd(workspace string, args ...string) (string, error) {
	// testscript.Main put the test binary on the PATH under that name.
	cmd := exec.Command("nqd", append([]string{"--sandbox=" + r.machine, "--workspace=" + workspace}, args...)...)
	cmd.Env = append(os.Environ(), "PATH="+r.bin+string(filepath.ListSeparator)+os.Getenv("PATH"), "HOME=/home/ada")
	var messages bytes.Buffer
	cmd.Stderr = &messages
	err := cmd.Run()
	return messages.String(), err
}

func (r refuser) refuse(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	workspace := filepath.Join(t.TempDir(), "w")
	if out, err := exec.Command("cp", "--archive", r.fresh, workspace).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var message *txtar.File
	for i, file := range archive.Files {
		if file.Name == "message" {
			message = &archive.Files[i]
			continue
		}
		if err := overlay(workspace, file); err != nil {
			t.Fatal(err)
		}
	}
	if message == nil {
		t.Fatal("no file message")
	}
	all, err := r.nqd(workspace, "plan")
	if err == nil {
		t.Fatal("not refused")
	}
	_, said, found := strings.Cut(all, "nqd: ") // what was done before is told line by line
	if !found {
		t.Fatal("no error among the messages")
	}
	said = hashes.ReplaceAllString(strings.NewReplacer(workspace, "$W", r.machine, "").Replace(said), "/nix/store/…-")
	if os.Getenv("UPDATE") != "" {
		message.Data = []byte(said)
		if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if said != string(message.Data) {
		t.Errorf("%s\n got:\n%s\nwant:\n%s", archive.Comment, said, message.Data)
	}
}

// overlay writes a file of an archive into the workspace, or adds it to the one that is there.
func overlay(workspace string, file txtar.File) error {
	name, adds := strings.CutSuffix(file.Name, "+")
	target := filepath.Join(workspace, name)
	data := file.Data
	if adds {
		before, err := os.ReadFile(target)
		if err != nil {
			return err
		}
		data = append(before, data...)
	}
	return errors.Join(os.MkdirAll(filepath.Dir(target), 0o755), os.WriteFile(target, data, 0o644))
}
