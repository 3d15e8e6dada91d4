// Command demo takes a machine in a sandbox through its life with nqd: deployed, changed,
// broken and brought back by itself, rolled back. After each step it reads the machine (the
// profile link, the running system, the boot default, activated files) and compares it with
// what plain Nix says should be there. It exits with 1 at the first difference.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

func main() {
	nqd := flag.String("nqd", "bin/nqd", "the nqd to show")
	keep := flag.Bool("keep", false, "leave the sandbox in place and say where it is")
	flag.Parse()
	if err := show(*nqd, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func show(nqd string, keep bool) error {
	ctx := context.Background()
	d, remove, err := prepare(ctx, nqd)
	if err != nil {
		return err
	}
	if keep {
		fmt.Println("The sandbox stays in", d.root)
	} else {
		defer remove()
	}
	for i, scene := range d.scenes() {
		fmt.Printf("\n== %d. %s\n", i+1, scene.title)
		if err := scene.play(ctx); err != nil {
			return fmt.Errorf("%s: %w", scene.title, err)
		}
	}
	fmt.Println("\nAll scenes ended as they should.")
	return nil
}

// demo is one machine and what is known about it.
type demo struct {
	nqd    string
	nix    string
	root   string
	inputs sandbox.Inputs
	ports  struct{ ollama, postgresql, elsewhere string }
	// a and b are the systems that the machine should have, by what plain Nix evaluated.
	a, b string
}

// Files that an activation leaves, by their names on the machine.
const (
	ollamaUnit     = "/etc/systemd/system/ollama.service"
	postgresqlUnit = "/etc/systemd/system/postgresql.service"
)

type scene struct {
	title string
	play  func(context.Context) error
}

func (d *demo) scenes() []scene {
	return []scene{
		{"a fresh machine gets its first deployment, A", d.first},
		{"the host file changes: plan tells, and changes nothing", d.planned},
		{"apply deploys B and shows the difference", d.second},
		{"a second apply finds nothing to do", d.unchanged},
		{"C does not pass its check: the machine goes back to B by itself", d.broken},
		{"rollback returns to A", d.rolledBack},
	}
}

// prepare installs a machine as a NixOS installer leaves it.
func prepare(ctx context.Context, nqd string) (*demo, func(), error) {
	program, err := filepath.Abs(nqd)
	if err != nil {
		return nil, nil, err
	}
	nix, err := exec.LookPath("nix")
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "nqd-demo-")
	if err != nil {
		return nil, nil, err
	}
	d := &demo{nqd: program, nix: nix, root: filepath.Join(dir, "machine")}
	remove := func() {
		if err := sandbox.Stop(d.root); err != nil {
			fmt.Fprintln(os.Stderr, "demo:", err)
		}
		os.RemoveAll(dir)
	}
	if err := d.install(ctx, filepath.Join(dir, "standin")); err != nil {
		remove()
		return nil, nil, err
	}
	return d, remove, nil
}

func (d *demo) install(ctx context.Context, standin string) (err error) {
	if d.inputs, err = sandbox.Prepare(ctx, standin, sandbox.Release); err != nil {
		return err
	}
	for _, port := range []*string{&d.ports.ollama, &d.ports.postgresql, &d.ports.elsewhere} {
		if *port, err = sandbox.FreePort(); err != nil {
			return err
		}
	}
	return sandbox.Install(ctx, sandbox.Options{
		Root: d.root, NixBin: filepath.Dir(d.nix), Inputs: d.inputs, User: "ada",
	})
}

func (d *demo) first(ctx context.Context) error {
	err := d.run(ctx, 0, nil,
		"up", "--yes", "--preset=ai-workstation", "--nixpkgs", d.inputs.Nixpkgs, "--home-manager", d.inputs.HomeManager,
		"--git-name", `Ada "Countess" Lovelace`, "--git-email", "ada@example.org",
		"--set", "ollama.port="+d.ports.ollama)
	if err != nil {
		return err
	}
	if d.a, err = d.expected(ctx); err != nil {
		return err
	}
	if err := d.is(d.a); err != nil {
		return err
	}
	return firstError(
		d.holds("/home/ada/.config/git/config", `name = "Ada \"Countess\" Lovelace"`),
		d.holds(ollamaUnit, "OLLAMA_HOST=127.0.0.1:"+d.ports.ollama),
		listens(d.ports.ollama),
	)
}

func (d *demo) planned(ctx context.Context) error {
	addition := fmt.Sprintf("\n[features.postgresql]\nenable = true\nport = %s\n", d.ports.postgresql)
	if err := appendTo(d.workspace("hosts/nixos/host.toml"), addition); err != nil {
		return err
	}
	told := []string{"features  add postgresql", "hosts/nixos/host.toml (changed)"}
	if err := d.run(ctx, 0, told, "plan"); err != nil {
		return err
	}
	return d.is(d.a)
}

func (d *demo) second(ctx context.Context) (err error) {
	if err := d.run(ctx, 0, []string{"added     postgresql"}, "apply", "--yes"); err != nil {
		return err
	}
	if d.b, err = d.expected(ctx); err != nil {
		return err
	}
	if d.b == d.a {
		return fmt.Errorf("there is no difference between A and B")
	}
	if err := d.is(d.b); err != nil {
		return err
	}
	return firstError(
		d.holds(ollamaUnit, "OLLAMA_HOST=127.0.0.1:"+d.ports.ollama),
		d.holds(postgresqlUnit, "postgresql"),
		listens(d.ports.ollama),
		listens(d.ports.postgresql),
	)
}

func (d *demo) unchanged(ctx context.Context) error {
	if err := d.run(ctx, 0, []string{"Nothing to do"}, "apply", "--yes"); err != nil {
		return err
	}
	return d.is(d.b)
}

// broken forces the service to another port than its check asks, as a line of local.nix may.
func (d *demo) broken(ctx context.Context) error {
	local := d.workspace("hosts/nixos/local.nix")
	before, err := os.ReadFile(local)
	if err != nil {
		return err
	}
	forced := fmt.Sprintf("  services.ollama.port = lib.mkForce %s;\n}\n", d.ports.elsewhere)
	text := strings.Replace(string(before), "{ ... }:", "{ lib, ... }:", 1)
	text = strings.TrimSuffix(strings.TrimRight(text, "\n"), "}") + forced
	if err := os.WriteFile(local, []byte(text), 0o644); err != nil {
		return err
	}
	told := []string{"loses     services.ollama.port", "revert", "FAILED"}
	if err := d.run(ctx, 4, told, "apply", "--yes"); err != nil {
		return err
	}
	if err := d.is(d.b); err != nil {
		return err
	}
	return firstError(
		d.holds(ollamaUnit, "OLLAMA_HOST=127.0.0.1:"+d.ports.ollama),
		listens(d.ports.ollama),
		silent(d.ports.elsewhere),
		d.run(ctx, 0, []string{"reverted"}, "history"),
	)
}

func (d *demo) rolledBack(ctx context.Context) error {
	if err := d.run(ctx, 0, nil, "rollback", "1", "--yes"); err != nil {
		return err
	}
	if err := d.is(d.a); err != nil {
		return err
	}
	return firstError(
		d.holds(ollamaUnit, "OLLAMA_HOST=127.0.0.1:"+d.ports.ollama),
		d.lacks(postgresqlUnit),
		listens(d.ports.ollama),
		silent(d.ports.postgresql),
		d.run(ctx, 0, nil, "status"),
	)
}
