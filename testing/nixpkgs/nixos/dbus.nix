# The message bus, as far as a switch has to know it (nixos/modules/services/system/dbus.nix).
{ config, lib, ... }:
let
  cfg = config.services.dbus;
in
{
  config = lib.mkIf cfg.enable {
    # The one that runs cannot be replaced by the other.
    system.switch.inhibitors.dbus-implementation = cfg.implementation;
  };
}
