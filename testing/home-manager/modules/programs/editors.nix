# Editors: being the default one is two variables, so two defaults conflict (home-manager:
# modules/programs/{helix,kakoune,neovim/default,vim}.nix).
{ config, lib, ... }:
let
  editor =
    name: command:
    let
      cfg = config.programs.${name};
    in
    lib.mkIf cfg.enable {
      home.packages = lib.optional (cfg.package != null) cfg.package;
      home.sessionVariables = lib.mkIf cfg.defaultEditor {
        EDITOR = command;
        VISUAL = command;
      };
    };
in
{
  config = lib.mkMerge (
    lib.mapAttrsToList editor {
      helix = "hx";
      kakoune = "kak";
      neovim = "nvim";
      vim = "vim";
    }
  );
}
