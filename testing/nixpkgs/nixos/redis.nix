# Redis: any number of servers (nixos/modules/services/databases/redis.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.redis;
  servers = lib.filterAttrs (_: server: server.enable) cfg.servers;

  # "" is redis.service, any other name redis-NAME.service.
  unitOf = name: "redis" + lib.optionalString (name != "") "-${name}";
  perServer =
    value:
    lib.mapAttrs' (name: server: lib.nameValuePair (unitOf name) (value name server)) servers;

  show =
    value:
    if value == true then
      "yes"
    else if value == false then
      "no"
    else if value == "" then
      "\"\""
    else
      toString value;

  fileOf =
    settings:
    lib.generators.toKeyValue {
      listsAsDuplicateKeys = true;
      mkKeyValue = key: value: "${key} ${show value}";
    } settings;

  serverDefaults =
    { config, name, ... }:
    let
      unit = unitOf name;
    in
    {
      options = {
        user = lib.mkOption { default = unit; };
        group = lib.mkOption { default = config.user; };
        # Without a name it listens, with one only on its socket.
        port = lib.mkOption { default = if name == "" then 6379 else 0; };
        unixSocket = lib.mkOption { default = "/run/${unit}/redis.sock"; };
      };
      config.settings = lib.mkMerge [
        {
          inherit (config) port databases maxclients;
          daemonize = false;
          supervised = "systemd";
          loglevel = config.logLevel;
          syslog-enabled = true;
          dbfilename = "dump.rdb";
          dir = "/var/lib/${unit}";
          appendOnly = config.appendOnly;
          appendfsync = config.appendFsync;
          save =
            if config.save == [ ] then
              ''""''
            else
              map (pair: "${toString (lib.head pair)} ${toString (lib.last pair)}") config.save;
        }
        (lib.mkIf (config.bind != null) { inherit (config) bind; })
        (lib.mkIf (config.unixSocket != null) {
          unixsocket = config.unixSocket;
          unixsocketperm = toString config.unixSocketPerm;
        })
        (lib.mkIf (config.requirePass != null) { requirepass = config.requirePass; })
      ];
    };
in
{
  options.services.redis.servers = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule (lib.setDefaultModuleLocation ./redis.nix serverDefaults)
    );
  };

  config = lib.mkIf (servers != { }) {
    assertions = lib.mapAttrsToList (name: server: {
      assertion = server.requirePass != null -> server.requirePassFile == null;
      message = ''
        You can only set one services.redis.servers.${name}.requirePass
        or services.redis.servers.${name}.requirePassFile
      '';
    }) servers;

    boot.kernel.sysctl = lib.mkIf cfg.vmOverCommit { "vm.overcommit_memory" = "1"; };

    networking.firewall.allowedTCPPorts = lib.concatMap (
      server: lib.optional server.openFirewall server.port
    ) (lib.attrValues servers);

    environment.systemPackages = [ cfg.package ];

    users.users = perServer (
      name: server: {
        description = "System user for the redis-server instance ${name}";
        isSystemUser = true;
        group = unitOf name;
      }
    );
    users.groups = perServer (_: _: { });

    systemd.services = perServer (
      name: server: {
        description = "Redis Server - ${unitOf name}";
        wantedBy = [ "multi-user.target" ];
        after = [ "network.target" ];
        serviceConfig = {
          # nixpkgs' script includes this file from another, and adds the password to that.
          ExecStart = "${cfg.package}/bin/redis-server ${
            pkgs.writeText "redis.conf" (fileOf server.settings)
          } ${lib.escapeShellArgs server.extraParams}";
          Type = "notify";
          User = server.user;
          Group = server.group;
          RuntimeDirectory = unitOf name;
          RuntimeDirectoryMode = "0750";
          StateDirectory = unitOf name;
          StateDirectoryMode = "0700";
          UMask = "0077";
        };
      }
    );
  };
}
