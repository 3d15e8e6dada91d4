# Users and groups.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.users;
  users = lib.filter (user: user.enable) (lib.attrValues cfg.users);

  # nixpkgs' own defaults, at mkDefault: what sets them again at that priority conflicts.
  userDefaults =
    { config, name, ... }:
    {
      config = lib.mkMerge [
        {
          name = lib.mkDefault name;
          shell = lib.mkIf config.useDefaultShell (lib.mkDefault cfg.defaultUserShell);
        }
        (lib.mkIf config.isNormalUser {
          group = lib.mkDefault "users";
          createHome = lib.mkDefault true;
          home = lib.mkDefault "/home/${config.name}";
          homeMode = lib.mkDefault "700";
          useDefaultShell = lib.mkDefault true;
          autoSubUidGidRange = lib.mkDefault true;
        })
      ];
    };

  userOptions = {
    options = {
      createHome = lib.mkOption { default = false; };
      home = lib.mkOption { default = "/var/empty"; };
      shell = lib.mkOption { default = "${pkgs.shadow}/bin/nologin"; };
      useDefaultShell = lib.mkOption { default = false; };
    };
  };

  # By a path that stays when the package is another one (nixos/lib/utils.nix: toShellPath).
  shellOf =
    user:
    if user.shell ? shellPath then
      "/run/current-system/sw${user.shell.shellPath}"
    else
      user.shell;

  canLogIn =
    user:
    (
      user.name == "root"
      || lib.elem "wheel" user.extraGroups
      || lib.elem user.name cfg.groups.wheel.members
    )
    && (
      user.hashedPassword or null != null
      || user.password != null
      || user.hashedPasswordFile != null
      || user.openssh.authorizedKeys.keys != [ ]
      || user.openssh.authorizedKeys.keyFiles != [ ]
    );

  assertionsOf =
    user:
    let
      option = "users.users.${user.name}";
      isSystem = user.isSystemUser || (user.uid != null && user.uid < 1000);
    in
    [
      {
        assertion = lib.xor isSystem user.isNormalUser;
        message = ''
          Exactly one of ${option}.isSystemUser and ${option}.isNormalUser must be set.
        '';
      }
      {
        assertion = user.group != "";
        message = ''
          ${option}.group is unset. This used to default to
          nogroup, but this is unsafe. For example you can create a group
          for this user with:
          ${option}.group = "${user.name}";
          users.groups.${user.name} = {};
        '';
      }
    ]
    ++ map (shell: {
      assertion =
        !user.ignoreShellProgramCheck
        && user.shell.pname or null == shell
        -> config.programs.${shell}.enable;
      message = ''
        ${option}.shell is set to ${shell}, but
        programs.${shell}.enable is not true. This will cause the ${shell}
        shell to lack the basic nix directories in its PATH and might make
        logging in as that user impossible. You can fix it with:
        programs.${shell}.enable = true;

        If you know what you're doing and you are fine with the behavior,
        set ${option}.ignoreShellProgramCheck = true;
        instead.
      '';
    }) [
      "fish"
      "zsh"
    ];
in
{
  options.users = {
    users = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule {
          _file = ./users.nix;
          imports = [
            userOptions
            userDefaults
          ];
        }
      );
    };
    groups = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.submodule (
          { name, ... }:
          {
            config.name = lib.mkDefault name;
          }
        )
      );
    };
  };

  config = {
    users.users = {
      root = {
        uid = 0;
        description = "System administrator";
        home = "/root";
        shell = lib.mkDefault cfg.defaultUserShell;
        group = "root";
      };
      nobody = {
        uid = 65534;
        isSystemUser = true;
        description = "Unprivileged account (don't use!)";
        group = "nogroup";
      };
    };
    users.groups = {
      root.gid = 0;
      wheel.gid = 1;
      users.gid = 100;
      nogroup.gid = 65534;
    };

    assertions = [
      {
        assertion = cfg.mutableUsers || cfg.allowNoPasswordLogin || lib.any canLogIn users;
        message = ''
          Neither the root account nor any wheel user has a password or SSH authorized key.
          You must set one to prevent being locked out of your system.
          If you really want to be locked out of your system, set users.allowNoPasswordLogin = true;
          However you are most probably better off by setting users.mutableUsers = true; and
          manually running passwd root to set the root password.
        '';
      }
    ]
    ++ lib.concatMap assertionsOf users;

    environment.etc = lib.mapAttrs' (
      name: user:
      lib.nameValuePair "profiles/per-user/${name}" {
        source = pkgs.buildEnv {
          name = "user-environment";
          paths = user.packages;
        };
      }
    ) (lib.filterAttrs (_: user: user.enable && user.packages != [ ]) cfg.users);

    # What activation makes of them; a script in nixpkgs.
    system.build.accounts = map (user: {
      inherit (user)
        name
        uid
        home
        description
        group
        ;
      shell = shellOf user;
      normal = user.isNormalUser;
      groups = user.extraGroups;
    }) users;
  };
}
