# nqd for the world outside this repository: `nix run github:masterofnull/nixos-quick-deploy -- up`.
# Tested with a stub of nixpkgs (testing/flake); never evaluated against the real one, which cannot be had where nqd
# is written. flake.lock is written by the first `nix flake lock`.
{
  description = "Turns a fresh NixOS machine into an AI development workstation, and keeps it one";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEach = make: lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      version = self.shortRev or self.dirtyShortRev or "dev";

      nqd =
        pkgs:
        pkgs.buildGoModule {
          pname = "nqd";
          inherit version;
          # All of it: what `go mod vendor` takes depends on every Go file of the module, so that a part of the tree
          # would have another vendorHash than the one computed here.
          src = self;
          # Written by scripts/vendor-hash.sh and compared by a test, as nobody knows a hash by heart.
          vendorHash = lib.fileContents ./go.mod.sri;
          subPackages = [ "cmd/nqd" ];
          env.CGO_ENABLED = 0;
          ldflags = [
            "-s"
            "-w"
            "-X main.version=${version}"
          ];
          # The tests drive two real versions of Nix in sandboxes of their own (`make test`): not inside a build.
          doCheck = false;
          # A fresh NixOS has none of these switched on. nix itself is there, and the machine's own is the right one.
          nativeBuildInputs = [ pkgs.makeWrapper ];
          postInstall = ''
            wrapProgram $out/bin/nqd --prefix PATH : ${
              lib.makeBinPath [
                pkgs.git
                pkgs.openssh
                pkgs.age
              ]
            }
          '';
          meta = {
            description = "Plans, builds, tries, checks and commits a NixOS workstation; reversible as a whole";
            homepage = "https://github.com/masterofnull/nixos-quick-deploy";
            license = lib.licenses.mit;
            platforms = systems;
            mainProgram = "nqd";
          };
        };
    in
    {
      packages = forEach (pkgs: {
        default = nqd pkgs;
      });

      apps = forEach (pkgs: {
        default = {
          type = "app";
          program = lib.getExe self.packages.${pkgs.stdenv.hostPlatform.system}.default;
        };
      });

      checks = forEach (
        pkgs:
        let
          package = self.packages.${pkgs.stdenv.hostPlatform.system}.default;
        in
        {
          inherit package;
          runs = pkgs.runCommand "nqd-runs" { } "${lib.getExe package} version >$out";
        }
      );
    };
}
