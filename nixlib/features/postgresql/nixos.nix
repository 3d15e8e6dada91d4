nqd:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (nqd) from priority want;
  cfg = config.nqd.features.postgresql;
  names = map (user: user.name) nqd.users;

  # There is none for "auto".
  package = nqd.lookup pkgs "postgresql_${cfg.version}";

  # On a workstation the database is one program among many: what it holds for itself is about a
  # sixteenth of the memory, where a server gives it a quarter. Rows by the memory of the
  # machine in MB, "at most".
  tunings = [
    {
      memory = 4096;
      shared_buffers = "128MB";
      effective_cache_size = "1GB";
      work_mem = "4MB";
      maintenance_work_mem = "64MB";
    }
    {
      memory = 8192;
      shared_buffers = "256MB";
      effective_cache_size = "2GB";
      work_mem = "8MB";
      maintenance_work_mem = "128MB";
    }
    {
      memory = 16384;
      shared_buffers = "512MB";
      effective_cache_size = "4GB";
      work_mem = "16MB";
      maintenance_work_mem = "256MB";
    }
    {
      memory = 32768;
      shared_buffers = "1GB";
      effective_cache_size = "8GB";
      work_mem = "32MB";
      maintenance_work_mem = "512MB";
    }
  ];
  plenty = {
    shared_buffers = "2GB";
    effective_cache_size = "16GB";
    work_mem = "64MB";
    maintenance_work_mem = "1GB";
  };

  # Nothing where the memory is not known.
  tuning = lib.optionalAttrs (nqd.facts ? memory_mb) (
    removeAttrs (lib.findFirst (row: nqd.facts.memory_mb <= row.memory) plenty tunings) [ "memory" ]
  );

  # The first line that fits decides. These come after the user's own (order 1000) and before
  # the module's (1500), whose md5 nobody gets to; its lines for the socket, by peer, do count.
  clients =
    if cfg.expose == [ ] then
      [
        "127.0.0.1/32"
        "::1/128"
      ]
    else
      [ "all" ];
  authentication = lib.mkOrder 1200 (
    lib.concatMapStrings (client: "host all all ${client} scram-sha-256\n") clients
  );
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge (
      [
        (want (from "enable") [ "services" "postgresql" "enable" ] true)
        (want (from "port") [ "services" "postgresql" "settings" "port" ] cfg.port)
        # Off means loopback.
        (want (from "expose") [ "services" "postgresql" "enableTCPIP" ] (cfg.expose != [ ]))

        (lib.mkIf (package ? package) (
          want (from "version") [ "services" "postgresql" "package" ] package.package
        ))

        {
          assertions = [
            {
              assertion = cfg.version == "auto" || package ? package;
              message = ''
                nqd.features.postgresql.version is "${cfg.version}", but the package
                ${package.name} cannot be had: ${package.why}.
                Choose another version in host.toml.
              '';
            }
          ];

          services.postgresql = {
            inherit authentication;

            # Each account is the owner of the database of its name, and may make others.
            ensureDatabases = names;
            ensureUsers = map (name: {
              inherit name;
              ensureDBOwnership = true;
              ensureClauses.createdb = true;
            }) names;
          };
        }
      ]
      ++ lib.mapAttrsToList (
        name: want priority.feature [ "services" "postgresql" "settings" name ]
      ) tuning
    )
  );
}
