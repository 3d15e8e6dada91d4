package trial

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/adopt"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/testing/installer"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// Every machine that can be adopted evaluates alone; the others were found by reading alone.
func TestMachines(t *testing.T) {
	t.Parallel()
	inputs, err := sandbox.Prepare(t.Context(), t.TempDir(), sandbox.Release)
	if err != nil {
		t.Fatal(err)
	}
	all, err := installer.All()
	if err != nil {
		t.Fatal(err)
	}
	nixes.Each(t, func(t *testing.T, bin string) {
		evaluate := func(t *testing.T, root, nixpkgs string) (adopt.Adoption, error) {
			m, err := machine.Sandbox(root)
			if err != nil {
				t.Fatal(err)
			}
			nix := &nixcli.Nix{Machine: m, Program: filepath.Join(bin, "nix"), Cache: t.TempDir(), Sink: func(event.Event) {}}
			return adopt.Look(t.Context(), m, New(nix, nixpkgs, "x86_64-linux"))
		}
		for _, one := range all {
			if len(one.Finds) > 0 {
				continue
			}
			root := t.TempDir()
			if err := one.Write(root); err != nil {
				t.Fatal(err)
			}
			if a, err := evaluate(t, root, inputs.Nixpkgs); err != nil || !a.Possible() {
				t.Errorf("%s: %+v, %v", one.Name, a.Findings, err)
			}
		}
		root := t.TempDir()
		one, err := installer.Load("cosmic-uefi")
		if err != nil {
			t.Fatal(err)
		}
		if err := one.Write(root); err != nil {
			t.Fatal(err)
		}
		// A nixpkgs that is not there says nothing about the files.
		a, err := evaluate(t, root, "path:/nowhere/at-all")
		if err == nil || len(a.Findings) > 0 || len(a.Files) != 2 {
			t.Errorf("%+v, %v", a.Findings, err)
		}
		refused(t, evaluate, inputs.Nixpkgs)
	})
}

// refused are mistakes that only an evaluation sees.
func refused(t *testing.T, evaluate func(*testing.T, string, string) (adopt.Adoption, error), nixpkgs string) {
	for text, want := range map[string]string{
		"{ pkgs, ... }:\n{\n  networking.hostName = pkgs.nowhere;\n}\n": "adopt-evaluation /etc/nixos/configuration.nix",
		"{ pkgs, ... }:\n{\n  services.nowhere.enable = true;\n}\n":     "adopt-evaluation /etc/nixos/configuration.nix",
		"{ nowhere, ... }:\n{\n  networking.hostName = nowhere;\n}\n":   "adopt-evaluation /etc/nixos/configuration.nix",
		"let p = \"/etc\"; in\n{\n  boot.loader.grub.enable = false;\n  fileSystems.\"/\".device = \"/dev/sda\";\n  fileSystems.\"/\".fsType = \"ext4\";\n  networking.hostName = builtins.readFile (p + \"/hostname\");\n}\n": "adopt-absolute-path /etc/nixos/configuration.nix",
	} {
		one := installer.Written("configuration.nix", text)
		root := t.TempDir()
		if err := one.Write(root); err != nil {
			t.Fatal(err)
		}
		a, err := evaluate(t, root, nixpkgs)
		if err != nil || len(a.Findings) != 1 {
			t.Errorf("%s: %+v, %v", text, a, err)
			continue
		}
		got := a.Findings[0]
		if got.ID+" "+got.File != want || strings.Contains(got.Text, "/nix/store/") {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func TestOnlyReferences(t *testing.T) {
	t.Parallel()
	err := New(nil, `path:/x"; y = "`, "x86_64-linux")(t.Context(), nil)
	if refused := (*adopt.Refused)(nil); err == nil || errors.As(err, &refused) {
		t.Error(err)
	}
}
