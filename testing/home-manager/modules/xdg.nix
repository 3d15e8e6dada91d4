# The folders of the XDG specification: files in them are files of the home
# (home-manager: modules/misc/xdg/default.nix).
{ config, lib, ... }:
let
  cfg = config.xdg;
  home = config.home.homeDirectory;

  variables = {
    XDG_BIN_HOME = cfg.binHome;
    XDG_CACHE_HOME = cfg.cacheHome;
    XDG_CONFIG_HOME = cfg.configHome;
    XDG_DATA_HOME = cfg.dataHome;
    XDG_STATE_HOME = cfg.stateHome;
  };

  below =
    folder:
    lib.mapAttrs' (
      name: file:
      lib.nameValuePair "${folder}/${name}" (
        {
          inherit (file)
            enable
            executable
            force
            ignorelinks
            onChange
            recursive
            target
            ;
        }
        // (if file.isText then { inherit (file) text; } else { inherit (file) source; })
      )
    );
in
{
  config = {
    xdg = lib.mapAttrs (_: folder: lib.mkOptionDefault "${home}/${folder}") {
      binHome = ".local/bin";
      cacheHome = ".cache";
      configHome = ".config";
      dataHome = ".local/share";
      stateHome = ".local/state";
    };

    home.sessionVariables = lib.mkIf cfg.enable variables;
    home.sessionPath = lib.mkIf (cfg.enable && cfg.localBinInPath) (lib.mkAfter [ cfg.binHome ]);
    systemd.user.sessionVariables = lib.mkIf cfg.enable variables;

    home.file = lib.mkMerge [
      (below cfg.cacheHome cfg.cacheFile)
      (below cfg.configHome cfg.configFile)
      (below cfg.dataHome cfg.dataFile)
      (below cfg.stateHome cfg.stateFile)
      {
        "${cfg.cacheHome}/.keep".text = "";
        "${cfg.stateHome}/.keep".text = "";
      }
    ];
  };
}
