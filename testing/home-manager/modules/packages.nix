# Packages that modules of a home name themselves and that the stand-in nixpkgs may lack.
pkgs:
let
  stub =
    programs: pname:
    pkgs.package {
      inherit pname programs;
      version = "0";
    };
in
builtins.mapAttrs (name: programs: stub programs name) {
  alacritty-theme = [ ];
  atuin = [ "atuin" ];
  bash-completion = [ ];
  bash-preexec = [ ];
  helix = [ "hx" ];
  home-manager = [ "home-manager" ];
  kakoune = [ "kak" ];
  mise = [ "mise" ];
  tmuxp = [ "tmuxp" ];
}
// pkgs
