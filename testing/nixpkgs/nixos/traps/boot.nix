# Starting the machine.
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (config.boot) initrd;

  # Shell commands of the scripted initrd.
  scripted = [
    "extraUtilsCommands"
    "postDeviceCommands"
    "postMountCommands"
    "postResumeCommands"
    "preDeviceCommands"
    "preFailCommands"
    "preLVMCommands"
  ];
in
{
  options.boot = {
    # system/boot/stage-1.nix; not among the facts.
    initrd = lib.genAttrs scripted (
      _:
      lib.mkOption {
        type = lib.types.lines;
        default = "";
        description = "Commands of the scripted stage 1.";
      }
    );

    # system/boot/loader/grub/grub.nix
    loader.grub = {
      splashImage = lib.mkOption { default = null; };
      zfsSupport = lib.mkOption { default = false; };
    };
    # system/boot/loader/systemd-boot/systemd-boot.nix
    loader.systemd-boot.installDeviceTree = lib.mkOption { default = false; };
  };

  config = {
    # system/boot/systemd/initrd.nix, in the words of 26.05.
    assertions = lib.optionals initrd.systemd.enable (
      map (name: {
        assertion = initrd.${name} == "";
        message = ''
          systemd stage 1 does not support `boot.initrd.${name}`. Please
            convert it to analogous systemd units in 'boot.initrd.systemd'.

              Definitions:
          ${lib.concatMapStringsSep "\n" (file: "    - ${file}") options.boot.initrd.${name}.files}
        '';
      }) scripted
    );
  };
}
