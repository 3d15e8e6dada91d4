# The port map: who listens where, two who cannot both, and what the firewall lets through.
{ catalog }:
{ config, lib, ... }:
let
  claimsOf =
    id:
    let
      feature = catalog.features.${id};
      cfg = config.nqd.features.${id};
    in
    lib.mapAttrsToList (name: port: {
      feature = id;
      inherit (feature) title;
      inherit name;
      inherit (port) protocol option;
      number = cfg.${port.option};
      inherit (cfg) expose;
      web = port.web or false;
      metrics = port.metrics or "";
    }) feature.ports;

  nameOf = claim: "nqd.features.${claim.feature}.${claim.option}";
  doorOf = claim: "${claim.protocol} port ${toString claim.number}";

  clash = door: claims: {
    assertion = lib.length claims == 1;
    message = ''
      ${lib.concatMapStringsSep " and " nameOf claims} are the same ${door},
      where only one service can listen. Give each a port of its own in host.toml.
    '';
  };

  withPorts = lib.filterAttrs (_: feature: feature.ports != { }) catalog.features;

  # A service that is exposed listens on every address: that only some interfaces reach it is
  # the firewall's doing.
  behindFirewall = id: _: {
    assertion =
      catalog.isOn config id && config.nqd.features.${id}.expose != [ ]
      -> config.networking.firewall.enable;
    message = ''
      nqd.features.${id}.expose names the only interfaces that may reach ${id}, but
      networking.firewall.enable is false, so every interface could. Switch the firewall on
      (networking.firewall.enable = true), or leave nqd.features.${id}.expose empty.
    '';
  };

  # What opens the port of CLAIM on INTERFACE; "*" is every one.
  open =
    claim: interface:
    let
      rule =
        if claim.protocol == "tcp" then
          { allowedTCPPorts = [ claim.number ]; }
        else
          { allowedUDPPorts = [ claim.number ]; };
    in
    if interface == "*" then rule else { interfaces.${interface} = rule; };
in
{
  options.nqd.ports = lib.mkOption {
    type = lib.types.listOf lib.types.raw;
    readOnly = true;
    internal = true;
    description = "The ports of all features that are on.";
  };

  config = {
    nqd.ports = builtins.concatMap claimsOf config.nqd.enabled;
    networking.firewall = lib.mkMerge (
      builtins.concatMap (claim: map (open claim) claim.expose) config.nqd.ports
    );
    assertions =
      lib.mapAttrsToList clash (lib.groupBy doorOf config.nqd.ports)
      ++ lib.mapAttrsToList behindFirewall withPorts;
  };
}
