# The firewall. What it lets in is written where a plan or a test can read it; nothing is
# filtered.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.networking.firewall;

  range = { from, to }: "${toString from}:${toString to}";

  rulesOf =
    interface: allowed:
    map (ports: "${interface} tcp ${ports}") (
      map toString allowed.allowedTCPPorts ++ map range allowed.allowedTCPPortRanges
    )
    ++ map (ports: "${interface} udp ${ports}") (
      map toString allowed.allowedUDPPorts ++ map range allowed.allowedUDPPortRanges
    );

  rules =
    rulesOf "*" cfg
    ++ lib.concatLists (lib.mapAttrsToList rulesOf cfg.interfaces)
    ++ map (interface: "${interface} any") cfg.trustedInterfaces;

  script = pkgs.package {
    pname = "firewall-start";
    version = "1";
    programs = [ "firewall-start" ];
    fill = 0;
    files."share/firewall-start/rules".text = lib.concatLines (
      lib.sort lib.lessThan (lib.unique rules)
    );
  };
in
{
  config = lib.mkIf cfg.enable {
    systemd.services.firewall = {
      description = "Firewall";
      wantedBy = [ "multi-user.target" ];
      reloadIfChanged = true;
      unitConfig.DefaultDependencies = false;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = "@${script}/bin/firewall-start firewall-start";
        ExecReload = "@${script}/bin/firewall-start firewall-reload";
      };
    };
  };
}
