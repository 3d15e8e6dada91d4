# Programs that are a package and a file or two.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.programs;
  inherit (cfg) direnv git zsh;

  # One line for each, with what comes from the options of the shell itself.
  aliases =
    shell: lib.mapAttrsToList (name: value: "alias -- ${name}=${lib.escapeShellArg value}") shell;

  # nixos/modules/programs/zsh/zsh.nix
  zshrc = ''
    HISTSIZE=${toString zsh.histSize}
    HISTFILE=${zsh.histFile}
    setopt ${lib.concatStringsSep " " zsh.setOptions}
    ${lib.optionalString zsh.enableCompletion "autoload -U compinit && compinit"}
    ${lib.optionalString zsh.autosuggestions.enable "source ${pkgs.zsh-autosuggestions}/share/zsh-autosuggestions/zsh-autosuggestions.zsh"}
    ${lib.optionalString zsh.syntaxHighlighting.enable "source ${pkgs.zsh-syntax-highlighting}/share/zsh-syntax-highlighting/zsh-syntax-highlighting.zsh"}
    ${zsh.interactiveShellInit}
    ${lib.concatStringsSep "\n" (aliases zsh.shellAliases)}
    ${zsh.promptInit}
  '';

  # Several sets are laid over each other, section by section.
  gitSections = lib.foldl' lib.recursiveUpdate { } (lib.toList git.config);

in
{
  options.programs.zsh.promptInit = lib.mkOption {
    default = "autoload -U promptinit && promptinit && prompt suse && setopt prompt_sp";
  };

  config = lib.mkMerge [
    (lib.mkIf git.enable (
      lib.mkMerge [
        {
          environment.systemPackages = [ git.package ];
          environment.etc = lib.mkIf (gitSections != { }) {
            gitconfig.text = lib.generators.toGitINI gitSections;
          };
        }
        (lib.mkIf git.lfs.enable {
          environment.systemPackages = [ git.lfs.package ];
          programs.git.config.filter.lfs = {
            clean = "git-lfs clean -- %f";
            smudge = "git-lfs smudge -- %f";
            process = "git-lfs filter-process";
            required = true;
          };
        })
      ]
    ))

    # nixos/modules/programs/direnv.nix
    (lib.mkIf direnv.enable {
      environment.systemPackages = [ direnv.package ];
    })

    (lib.mkIf zsh.enable {
      environment.systemPackages = [ pkgs.zsh ];
      environment.shells = [ pkgs.zsh ];
      programs.zsh.shellAliases = lib.mapAttrs (_: lib.mkDefault) config.environment.shellAliases;
      environment.etc = {
        zshenv.text = ". /etc/set-environment\n${zsh.shellInit}";
        zprofile.text = zsh.loginShellInit;
        zshrc.text = zshrc;
      };
    })

    (lib.mkIf cfg.fish.enable {
      environment.systemPackages = [ pkgs.fish ];
      environment.shells = [ pkgs.fish ];
    })
  ];
}
