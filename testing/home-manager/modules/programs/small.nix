# Programs that need little more than to be installed (home-manager:
# modules/programs/{btop,fd,htop,jq,lazygit,less,ripgrep}.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config) programs;
  installed = package: lib.optional (package != null) package;
  when = name: content: lib.mkIf programs.${name}.enable (content programs.${name});

  withSpaces = lib.generators.toKeyValue {
    mkKeyValue =
      name: value:
      "${name} = ${
        if lib.isBool value then
          (if value then "True" else "False")
        else if lib.isString value then
          ''"${value}"''
        else
          toString value
      }";
  };

  btop = cfg: {
    home.packages = installed cfg.package;
    xdg.configFile."btop/btop.conf" = lib.mkIf (cfg.settings != { }) {
      text = withSpaces cfg.settings + cfg.extraConfig;
    };
  };

  fd =
    cfg:
    let
      arguments = lib.escapeShellArgs (lib.optional cfg.hidden "--hidden" ++ cfg.extraOptions);
    in
    {
      home.packages = installed cfg.package;
      programs =
        lib.genAttrs
          [
            "bash"
            "fish"
            "zsh"
          ]
          (_: {
            shellAliases = lib.optionalAttrs (arguments != "") { fd = "fd ${arguments}"; };
          });
      xdg.configFile."fd/ignore" = lib.mkIf (cfg.ignores != [ ]) {
        text = lib.concatLines cfg.ignores;
      };
    };

  # A folder, not a file: htop writes its own beside it.
  htop = cfg: {
    home.packages = installed cfg.package;
    xdg.configFile.htop = lib.mkIf (cfg.settings != { }) {
      source = pkgs.writeTextDir "htoprc" (
        lib.generators.toKeyValue {
          mkKeyValue =
            # Truths are 1 and nothing in Nix, 1 and 0 here.
            name: value: "${name}=${if value == false then "0" else toString value}";
        } cfg.settings
      );
    };
  };

  jq = cfg: {
    home.packages = installed cfg.package;
  };

  lazygit = cfg: {
    home.packages = installed cfg.package;
    xdg.configFile."lazygit/config.yml" = lib.mkIf (cfg.settings != { }) {
      source = (pkgs.formats.yaml { }).generate "lazygit-config" cfg.settings;
    };
    programs =
      let
        wrapper = ''
          function ${cfg.shellWrapperName}() {
              export LAZYGIT_NEW_DIR_FILE=~/.lazygit/newdir
              command lazygit "$@"
          }
        '';
      in
      {
        bash.initExtra = lib.mkIf cfg.enableBashIntegration wrapper;
        zsh.initContent = lib.mkIf cfg.enableZshIntegration wrapper;
      };
  };

  less = cfg: {
    home.packages = installed cfg.package;
    programs.less.config = lib.mkIf (cfg.options != [ ]) (
      lib.mkBefore ''
        #env
        LESS = ${lib.concatStringsSep " " cfg.options}
      ''
    );
    xdg.configFile.lesskey = lib.mkIf (cfg.config != "") { text = cfg.config; };
  };

  ripgrep =
    cfg:
    let
      path = "${config.xdg.configHome}/ripgrep/ripgreprc";
      isSet = cfg.arguments != [ ];
    in
    {
      home = {
        packages = installed cfg.package;
        file.${path} = lib.mkIf isSet { text = lib.concatLines cfg.arguments; };
        sessionVariables = lib.mkIf isSet { RIPGREP_CONFIG_PATH = path; };
      };
    };
in
{
  config = lib.mkMerge [
    (when "btop" btop)
    (when "fd" fd)
    (when "htop" htop)
    (when "jq" jq)
    (when "lazygit" lazygit)
    (when "less" less)
    (when "ripgrep" ripgrep)
  ];
}
