# What graphical sessions share: portals, the bus, and COSMIC
# (nixos/modules/config/xdg/portal.nix, services/system/dbus.nix,
# services/desktop-managers/cosmic.nix, services/display-managers/cosmic-greeter.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config.xdg) portal;
  cosmic = config.services.desktopManager.cosmic;
  greeter = config.services.displayManager.cosmic-greeter;
  inherit (config.services.displayManager) autoLogin;
  excluded = map lib.getName config.environment.cosmic.excludePackages;
  without = lib.filter (package: !lib.elem (lib.getName package) excluded);

  # Without these COSMIC does not come up.
  core = [
    greeter.package
    pkgs.cosmic-applets
    pkgs.cosmic-applibrary
    pkgs.cosmic-bg
    pkgs.cosmic-comp
    pkgs.cosmic-files
    pkgs.cosmic-idle
    pkgs.cosmic-initial-setup
    pkgs.cosmic-launcher
    pkgs.cosmic-notifications
    pkgs.cosmic-osd
    pkgs.cosmic-panel
    pkgs.cosmic-session
    pkgs.cosmic-settings
    pkgs.cosmic-settings-daemon
    pkgs.cosmic-workspaces-epoch
  ]
  ++ lib.optional cosmic.xwayland.enable pkgs.xwayland;

  more = [
    pkgs.adwaita-icon-theme
    pkgs.cosmic-edit
    pkgs.cosmic-icons
    pkgs.cosmic-player
    pkgs.cosmic-randr
    pkgs.cosmic-screenshot
    pkgs.cosmic-term
    pkgs.cosmic-wallpapers
    pkgs.hicolor-icon-theme
    pkgs.networkmanagerapplet
    pkgs.pop-icon-theme
    pkgs.pop-launcher
    pkgs.pulseaudio
    pkgs.xdg-user-dirs
  ]
  ++ lib.optional config.services.flatpak.enable pkgs.cosmic-store;
in
{
  options.services.displayManager.autoLogin.enable = lib.mkOption {
    default = autoLogin.user != null;
  };

  config = lib.mkMerge [
    (lib.mkIf portal.enable {
      assertions = [
        {
          assertion = portal.extraPortals != [ ];
          message = "Setting xdg.portal.enable to true requires a portal implementation in xdg.portal.extraPortals such as xdg-desktop-portal-gtk or xdg-desktop-portal-kde.";
        }
      ];
      warnings = lib.optional (portal.configPackages == [ ] && portal.config == { }) ''
        xdg-desktop-portal 1.17 reworked how portal implementations are loaded, you
        should either set `xdg.portal.config` or `xdg.portal.configPackages`
        to specify which portal backend to use for the requested interface.
      '';
      environment.systemPackages = [ pkgs.xdg-desktop-portal ] ++ portal.extraPortals;
      services.dbus.packages = [ pkgs.xdg-desktop-portal ] ++ portal.extraPortals;
      environment.sessionVariables = lib.mkIf portal.xdgOpenUsePortal {
        NIXOS_XDG_OPEN_USE_PORTAL = "1";
      };
      environment.etc = lib.mapAttrs' (
        desktop: entries:
        let
          prefix = lib.optionalString (desktop != "common") "${desktop}-";
        in
        lib.nameValuePair "xdg/xdg-desktop-portal/${prefix}portals.conf" {
          text = lib.generators.toINI { } {
            preferred = lib.mapAttrs (_: lib.concatStringsSep ";") entries;
          };
        }
      ) portal.config;
    })

    (lib.mkIf cosmic.enable {
      environment.systemPackages = without (core ++ more);
      xdg.portal = {
        enable = true;
        extraPortals = [
          pkgs.xdg-desktop-portal-cosmic
          pkgs.xdg-desktop-portal-gtk
        ];
        configPackages = lib.mkDefault [ pkgs.xdg-desktop-portal-cosmic ];
      };
      fonts.packages = [
        pkgs.noto-fonts
        pkgs.open-sans
      ];
      # Of services.graphical-desktop, which every desktop switches on.
      fonts.enableDefaultPackages = lib.mkDefault true;
      hardware.graphics.enable = lib.mkDefault true;

      programs.dconf.enable = true;
      security.polkit.enable = true;
      security.rtkit.enable = true;
      services.displayManager.sessionPackages = [ pkgs.cosmic-session ];
      services.libinput.enable = true;
      services.upower.enable = true;
      services.geoclue2 = {
        enable = true;
        enableDemoAgent = false;
        whitelistedAgents = [ "geoclue-demo-agent" ];
      };

      hardware.bluetooth.enable = lib.mkDefault true;
      networking.networkmanager.enable = lib.mkDefault true;
      services.avahi.enable = lib.mkDefault true;
      services.gnome.gnome-keyring.enable = lib.mkDefault true;
      services.power-profiles-daemon.enable = lib.mkDefault true;

      warnings =
        lib.optional
          (cosmic.showExcludedPkgsWarning && lib.length (without core) != lib.length core)
          ''
            The `environment.cosmic.excludePackages` option was used to exclude some
            packages from the environment which also includes some packages that the
            maintainers of the COSMIC DE deem necessary for the COSMIC DE to start
            and initialize.
          '';
    })

    (lib.mkIf greeter.enable {
      services.greetd = {
        enable = true;
        settings = {
          default_session = {
            user = "cosmic-greeter";
            command = "${pkgs.coreutils}/bin/env XCURSOR_THEME=\"\${XCURSOR_THEME:-Pop}\" ${greeter.package}/bin/cosmic-greeter-start";
          };
        }
        // lib.optionalAttrs (autoLogin.enable && autoLogin.user != null) {
          initial_session = {
            inherit (autoLogin) user;
            command = "${pkgs.cosmic-session}/bin/start-cosmic";
          };
        };
      };

      systemd.services.cosmic-greeter-daemon = {
        wantedBy = [ "multi-user.target" ];
        before = [ "greetd.service" ];
        serviceConfig = {
          Type = "dbus";
          BusName = "com.system76.CosmicGreeter";
          ExecStart = "${greeter.package}/bin/cosmic-greeter-daemon";
          Restart = "on-failure";
        };
      };

      users.groups.cosmic-greeter = { };
      users.users.cosmic-greeter = {
        description = "COSMIC login greeter user";
        isSystemUser = true;
        home = "/var/lib/cosmic-greeter";
        createHome = true;
        group = "cosmic-greeter";
      };

      hardware.graphics.enable = true;
      services.dbus.packages = [ greeter.package ];
      services.libinput.enable = true;
    })

    (lib.mkIf config.services.greetd.enable {
      systemd.services.greetd = {
        aliases = [ "display-manager.service" ];
        wantedBy = [ "graphical.target" ];
        restartIfChanged = false;
        serviceConfig = {
          ExecStart = "${pkgs.greetd}/bin/greetd";
          Restart = "on-success";
          Type = "idle";
        };
      };
      # A graphical machine boots to this target.
      systemd.defaultUnit = lib.mkDefault "graphical.target";
      systemd.targets.graphical = {
        requires = [ "multi-user.target" ];
        after = [ "multi-user.target" ];
      };
      users.groups.greeter = { };
      users.users.greeter = {
        isSystemUser = true;
        group = "greeter";
      };
    })
  ];
}
