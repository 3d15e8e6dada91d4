# /etc: one tree of files and links.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  entry =
    {
      config,
      name,
      options,
      ...
    }:
    {
      config = {
        target = lib.mkDefault name;
        source = lib.mkIf (config.text != null) (
          lib.mkDerivedConfig options.text (pkgs.writeText "etc-${baseNameOf name}")
        );
      };
    };

  # Text goes into the tree itself; in nixpkgs it is a derivation of its own, linked there.
  file =
    entry:
    if entry.text != null then
      {
        inherit (entry) text;
        mode = if entry.mode == "symlink" then "0644" else entry.mode;
      }
    else
      # A path of the configuration's own comes into the store by this, as in nixpkgs (nixos/modules/system/etc/etc.nix).
      { link = "${entry.source}"; };

  # How an entry that is no plain link is put into /etc, for activation.
  modes = lib.filter (entry: entry.mode == "direct-symlink") enabled;

  enabled = lib.filter (entry: entry.enable) (lib.attrValues config.environment.etc);
in
{
  options.environment.etc = lib.mkOption {
    type = lib.types.attrsOf (lib.types.submodule (lib.setDefaultModuleLocation ./etc.nix entry));
  };

  config.system.build.etc = pkgs.derive "etc" {
    files = lib.listToAttrs (
      map (entry: lib.nameValuePair "etc/${entry.target}" (file entry)) enabled
      ++ map (entry: lib.nameValuePair "etc/${entry.target}.mode" { text = entry.mode; }) modes
    );
  } { };
}
