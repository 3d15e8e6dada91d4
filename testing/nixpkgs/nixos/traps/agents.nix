# One agent for SSH keys, not two.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:
let
  inherit (config.programs) gnupg ssh;
  gcr = config.services.gnome.gcr-ssh-agent;

  files = option: lib.showFiles option.files;
in
{
  options = {
    # services/desktops/gnome/gcr-ssh-agent.nix: it comes with the keyring, which desktops
    # switch on.
    services.gnome.gcr-ssh-agent.enable = lib.mkOption {
      default = config.services.gnome.gnome-keyring.enable;
    };

    # programs/gnupg.nix: a desktop's dialog, or one for terminals.
    programs.gnupg.agent.pinentryPackage = lib.mkOption { default = pkgs.pinentry-curses; };
  };

  config = lib.mkMerge [
    # services/desktops/gnome/gcr-ssh-agent.nix
    (lib.mkIf gcr.enable {
      assertions = [
        {
          assertion = !ssh.startAgent;
          message = ''
            `${options.programs.ssh.startAgent}' (defined in ${files options.programs.ssh.startAgent}) and `${options.services.gnome.gcr-ssh-agent.enable}' (defined in ${files options.services.gnome.gcr-ssh-agent.enable}) cannot both be enabled at the same time.
            These options conflict because only one SSH agent can be installed at a time.'';
        }
      ];
      systemd.user.sockets.gcr-ssh-agent = {
        wantedBy = [ "sockets.target" ];
        listenStreams = [ "%t/gcr/ssh" ];
      };
    })

    # programs/gnupg.nix
    (lib.mkIf gnupg.agent.enable {
      assertions = [
        {
          assertion = gnupg.agent.enableSSHSupport -> !ssh.startAgent;
          message = "You can't use ssh-agent and GnuPG agent with SSH support enabled at the same time!";
        }
      ];
      environment.systemPackages = [ gnupg.package ];
    })

    # programs/ssh.nix
    (lib.mkIf ssh.startAgent {
      systemd.user.services.ssh-agent = {
        description = "SSH Agent";
        wantedBy = [ "default.target" ];
        serviceConfig.ExecStart = "${ssh.package}/bin/ssh-agent -a %t/ssh-agent";
      };
    })
  ];
}
