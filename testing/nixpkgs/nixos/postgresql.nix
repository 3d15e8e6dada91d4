# PostgreSQL. Others depend on postgresql.target, which is reached once the server runs and
# its databases and users are there.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.postgresql;

  # Major versions read only their own data, so it is the age of the system that decides.
  defaultPackage =
    if lib.versionAtLeast config.system.stateVersion "26.11" then
      pkgs.postgresql_18
    else if lib.versionAtLeast config.system.stateVersion "25.11" then
      pkgs.postgresql_17
    else
      pkgs.postgresql_16;

  show =
    value:
    if value == true then
      "yes"
    else if value == false then
      "no"
    else if lib.isString value then
      "'${lib.replaceStrings [ "'" ] [ "''" ] value}'"
    else
      toString value;

  configFile = pkgs.writeTextDir "postgresql.conf" (
    lib.concatLines (
      lib.mapAttrsToList (name: value: "${name} = ${show value}") (
        lib.filterAttrs (_: value: value != null) cfg.settings
      )
    )
  );
in
{
  config = lib.mkIf cfg.enable {
    services.postgresql = {
      package = lib.mkDefault defaultPackage;
      dataDir = lib.mkDefault "/var/lib/postgresql/${cfg.package.psqlSchema}";
      settings = {
        hba_file = "${pkgs.writeTextDir "pg_hba.conf" cfg.authentication}/pg_hba.conf";
        ident_file = "${pkgs.writeTextDir "pg_ident.conf" cfg.identMap}/pg_ident.conf";
        log_destination = "stderr";
        listen_addresses = if cfg.enableTCPIP then "*" else "localhost";
        jit = lib.mkDefault (if cfg.enableJIT then "on" else "off");
      };
      authentication = lib.mkAfter ''
        # Generated file; do not edit!
        local all postgres         peer map=postgres
        local all all              peer
        host  all all 127.0.0.1/32 md5
        host  all all ::1/128      md5
      '';
    };

    assertions = map (user: {
      assertion = user.ensureDBOwnership -> lib.elem user.name cfg.ensureDatabases;
      message = ''
        For each database user defined with `services.postgresql.ensureUsers` and
        `ensureDBOwnership = true;`, a database with the same name must be defined
        in `services.postgresql.ensureDatabases`.

        Offender: ${user.name} has not been found among databases.
      '';
    }) cfg.ensureUsers;

    users.users.postgres = {
      name = "postgres";
      uid = 71;
      group = "postgres";
      description = "PostgreSQL server user";
      home = cfg.dataDir;
      isSystemUser = true;
    };
    users.groups.postgres.gid = 71;

    environment.systemPackages = [ cfg.package ];

    systemd.targets.postgresql = {
      description = "PostgreSQL";
      wantedBy = [ "multi-user.target" ];
      requires = [
        "postgresql.service"
        "postgresql-setup.service"
      ];
    };

    systemd.services.postgresql = {
      description = "PostgreSQL Server";
      after = [ "network.target" ];
      wants = [ "postgresql.target" ];
      partOf = [ "postgresql.target" ];
      environment.PGDATA = cfg.dataDir;
      serviceConfig = {
        # nixpkgs links the file into the data directory; a script does that.
        ExecStart = "${cfg.package}/bin/postgres -c config_file=${configFile}/postgresql.conf";
        Type = "notify";
        User = "postgres";
        Group = "postgres";
        RuntimeDirectory = "postgresql";
        StateDirectory = "postgresql postgresql/${cfg.package.psqlSchema}";
        KillSignal = "SIGINT";
        KillMode = "mixed";
        TimeoutSec = 120;
        Restart = "always";
      };
    };

    systemd.services.postgresql-setup = {
      description = "PostgreSQL Setup Scripts";
      requires = [ "postgresql.service" ];
      after = [ "postgresql.service" ];
      partOf = [ "postgresql.service" ];
      environment.PGDATA = cfg.dataDir;
      serviceConfig = {
        Type = "oneshot";
        User = "postgres";
        Group = "postgres";
        RemainAfterExit = true;
        ExecStart = "${cfg.package}/bin/psql";
      };
    };
  };
}
