# The folders of the XDG specification: files in them are files of the home.
{ config, lib, ... }:
let
  cfg = config.xdg;
  home = config.home.homeDirectory;

  below =
    folder:
    lib.mapAttrs' (
      _: file:
      lib.nameValuePair "${folder}/${file.target}" (
        {
          inherit (file)
            enable
            executable
            force
            onChange
            recursive
            ;
        }
        // (if file.isText then { inherit (file) text; } else { inherit (file) source; })
      )
    );
in
{
  config = {
    xdg = {
      cacheHome = lib.mkDefault "${home}/.cache";
      configHome = lib.mkDefault "${home}/.config";
      dataHome = lib.mkDefault "${home}/.local/share";
      stateHome = lib.mkDefault "${home}/.local/state";
    };

    home.file = lib.mkMerge [
      (below cfg.cacheHome cfg.cacheFile)
      (below cfg.configHome cfg.configFile)
      (below cfg.dataHome cfg.dataFile)
      (below cfg.stateHome cfg.stateFile)
    ];
  };
}
