# The system as a whole: what `nix build` makes and switch-to-configuration activates.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (config.system) build;
  inherit (config.boot.kernelPackages) kernel;
  program = {
    program = true;
  };

  # Failed assertions stop the evaluation, all of them at once; warnings are told on the way.
  failed = lib.filter (assertion: !assertion.assertion) config.assertions;
  checked =
    value:
    if failed != [ ] then
      throw "\nFailed assertions:\n${
        lib.concatMapStringsSep "\n" (assertion: "- ${assertion.message}") failed
      }"
    else
      lib.showWarnings config.warnings value;

  uniquely = lib.types.unique {
    message = ''
      Only one bootloader can be enabled at a time. This requirement has not
      been checked until NixOS 22.05. Earlier versions defaulted to the last
      definition. Change your configuration to enable only one bootloader.
    '';
  } (lib.types.either lib.types.str lib.types.package);

  toplevel = pkgs.derive "nixos-system-${config.system.name}-${config.system.nixos.label}" {
    files = {
      activate = program;
      "bin/switch-to-configuration" = program;
      etc.link = "${build.etc}/etc";
      sw.link = "${build.path}";
      kernel.link = "${kernel}/bzImage";
      kernel-modules.link = "${kernel}";
      kernel-params.text = toString config.boot.kernelParams;
      init.text = "#!${pkgs.bashInteractive}/bin/bash\n# Stage 2: nothing boots the stand-in.\n";
      systemd.link = "${config.systemd.package}";
      nixos-version.text = config.system.nixos.label;
      system.text = config.nixpkgs.hostPlatform.system;
      # Changes when a running init cannot be replaced without a reboot.
      init-interface-version.text = "systemd ${toString config.systemd.package.interfaceVersion}";
      # Who differs in one of these is not switched to while it runs
      # (nixos/modules/system/activation/switchable-system.nix).
      switch-inhibitors.text = builtins.toJSON config.system.switch.inhibitors;
      # In place of the scripts that nixpkgs generates: what the program reads.
      "standin.json".text = builtins.toJSON {
        inherit (config.networking) hostName;
        inherit (config.boot.loader) timeout;
        users = build.accounts;
        groups = lib.attrNames config.users.groups;
        loader = build.installBootLoader;
      };
    }
    # Modules from outside of the kernel, which nixpkgs lays over its own.
    // lib.optionalAttrs (config.boot.extraModulePackages != [ ]) {
      extra-modules.text = toString config.boot.extraModulePackages;
    }
    // build.specialisations;
  } { };
in
{
  options.system.build = lib.mkOption {
    type = lib.types.submodule {
      freeformType = lib.types.lazyAttrsOf (lib.types.uniq lib.types.unspecified);
      options.installBootLoader = lib.mkOption {
        type = uniquely;
        default = "none";
        internal = true;
        description = "The boot loader; a program that installs it in nixpkgs.";
      };
    };
    default = { };
    description = "What is built of this configuration.";
  };

  config.system.build.toplevel = config.system.build.strict (checked toplevel);
}
