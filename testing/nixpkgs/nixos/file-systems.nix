# File systems and swap.
{ config, lib, ... }:
let
  fileSystems = lib.attrValues config.fileSystems;

  deviceOf =
    fileSystem:
    if fileSystem.device != null then
      fileSystem.device
    else if fileSystem.label != null then
      "/dev/disk/by-label/${fileSystem.label}"
    else
      throw "No device specified for mount point ‘${fileSystem.mountPoint}’.";

  mountLine =
    fileSystem:
    lib.concatStringsSep " " [
      (deviceOf fileSystem)
      fileSystem.mountPoint
      fileSystem.fsType
      (lib.concatStringsSep "," fileSystem.options)
      "0"
      (if fileSystem.noCheck then "0" else if fileSystem.mountPoint == "/" then "1" else "2")
    ];

  swapLine = swap: "${swap.device} none swap ${lib.concatStringsSep "," swap.options}";
in
{
  options.fileSystems = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule (
        { name, ... }:
        {
          config.mountPoint = lib.mkDefault name;
        }
      )
    );
  };

  config = {
    assertions = [
      {
        assertion = config.fileSystems ? "/";
        message = "The ‘fileSystems’ option does not specify your root file system.";
      }
    ];

    environment.etc.fstab.text = ''
      # This is a generated file.  Do not edit!
      #
      # To make changes, edit the fileSystems and swapDevices NixOS options
      # in your /etc/nixos/configuration.nix file.
      #
      # <file system> <mount point>   <type>  <options>       <dump>  <pass>

      # Filesystems.
      ${lib.concatMapStringsSep "\n" mountLine fileSystems}

      # Swap devices.
      ${lib.concatMapStringsSep "\n" swapLine config.swapDevices}
    '';
  };
}
