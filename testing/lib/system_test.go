package lib

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// askSystem asks a NixOS of the stand-in alone, without nqd.
const askSystem = `{ nixpkgs, ask }:
let
  inherit ((import (/. + nixpkgs + "/flake.nix")).outputs { }) lib;
  base = { lib, ... }: {
    nixpkgs.hostPlatform = "x86_64-linux";
    boot.loader.systemd-boot.enable = true;
    fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; };
    system.stateVersion = lib.trivial.release;
  };
  system = modules: lib.nixosSystem { modules = [ base ] ++ modules; };
in
ask { inherit lib base system; inherit (system [ ]) pkgs; }`

// specialised is a system with two specialisations; the second does not inherit its modules.
const specialised = `
let
  inherit (system [ {
    networking.hostName = "plain";
    environment.etc.parent.text = "";
    specialisation.other.configuration = { lib, ... }: { networking.hostName = lib.mkForce "other"; };
    specialisation.alone = { inheritParentConfig = false; configuration = base; };
  } ]) config;
  inherit (config.specialisation) alone other;
in
`

var systems = []struct{ name, ask, want, wantErr string }{
	{
		name: "specialisation",
		ask:  specialised + `map (c: c.networking.hostName) [ config other.configuration ]`,
		want: `["plain","other"]`,
	},
	{
		name: "specialisation knows that it is one",
		ask:  specialised + `map (c: c.isSpecialisation) [ config other.configuration alone.configuration ]`,
		want: `[false,true,true]`,
	},
	{
		name: "specialisation has none of its own",
		ask:  specialised + `[ other.configuration.specialisation alone.configuration.specialisation ]`,
		want: `[{},{}]`,
	},
	{
		name: "what a specialisation inherits",
		ask:  specialised + `map (c: c.configuration.environment.etc ? parent) [ other alone ]`,
		want: `[true,false]`,
	},
	{
		name: "specialisations are linked in the system",
		ask: specialised + `
			let links = (builtins.fromJSON (builtins.unsafeDiscardStringContext config.system.build.toplevel.spec)).files; in
			map (c: links."specialisation/${c.name}".link == "${c.value.configuration.system.build.toplevel}")
				(lib.attrsToList config.specialisation)`,
		want: `[true,true]`,
	},
	{
		name: "wrong type in a specialisation",
		ask: `(system [ { specialisation.other.configuration.networking.hostName = 1; } ])
			.config.specialisation.other.configuration.networking.hostName`,
		wantErr: "A definition for option `specialisation.other.configuration.networking.hostName' is not of type",
	},
	{
		name: "format is a file of a derivation",
		ask: `
			let file = (pkgs.formats.toml { }).generate "x.toml" { a.b = [ 1 ]; }; in
			[ (lib.hasSuffix "/x.toml" file) (lib.hasInfix "-x.toml.drv" (lib.head (lib.attrNames (builtins.getContext file)))) ]`,
		want: `[true,true]`,
	},
}

func TestSystems(t *testing.T) {
	reads(t, filepath.Join(root, "testing/nixpkgs"))
	inputs, err := sandbox.Prepare(t.Context(), t.TempDir(), sandbox.Releases[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range systems {
		t.Run(test.name, func(t *testing.T) {
			nixes.Each(t, func(t *testing.T, bin string) {
				out, err := eval(bin, askSystem,
					"--argstr", "nixpkgs", strings.TrimPrefix(inputs.Nixpkgs, "path:"),
					"--arg", "ask", "{ lib, base, system, pkgs }: "+test.ask)
				var wantErr []string
				if test.wantErr != "" {
					wantErr = []string{test.wantErr}
				}
				judge(t, strings.TrimSpace(string(out)), err, test.want, wantErr)
			})
		})
	}
}
