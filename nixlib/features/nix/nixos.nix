nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from priority;
  cfg = config.nqd.features.nix;
  soft = nqd.wantSoft options;

  setting = priority: name: soft priority [ "nix" "settings" name ];
in
# Not here:
# - trusted-users: root alone by itself. Others there could have the daemon take any path for
#   signed, which is to be root; with @wheel even without the password.
# - registry and nixPath: nixosSystem pins nixpkgs in both (nixos/modules/misc/nixpkgs-flake.nix),
#   and base has its stub in the latter.
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (nqd.set options [ "nix" "settings" ] {
        inherit (cfg) substituters;
        trusted-public-keys = cfg.trusted_public_keys;
      })
      (setting priority.feature "auto-optimise-store" true)
      (lib.mkIf (cfg.downloads != 0) (
        lib.mkMerge [
          (setting (from "downloads") "http-connections" cfg.downloads)
          (setting (from "downloads") "max-substitution-jobs" cfg.downloads)
        ]
      ))

      # `--delete-older-than` would remove generations. Their paths stay, as deployments are
      # roots, but they leave the boot menu, which is the way back from a system that does not
      # start. So this collects only what nothing refers to, and nqd tells of an adopted file
      # that says otherwise.
      (soft (from "gc") [ "nix" "gc" "automatic" ] cfg.gc)
      (soft priority.feature [ "nix" "gc" "options" ] "")
      # No `want`: newer releases make a list of it, which is not what was wanted.
      (nqd.set options [ "nix" "gc" "dates" ] (lib.mkOverride priority.feature "weekly"))

      # Builds give way to whoever works at the machine.
      (soft priority.feature [ "nix" "daemonCPUSchedPolicy" ] "batch")
    ]
  );
}
