nqd:
{ config, lib, ... }:
let
  inherit (nqd) from want;
  cfg = config.nqd.features.redis;

  # The one without a name is redis.service; an adopted `services.redis.enable` means it too.
  path = [
    "services"
    "redis"
    "servers"
    ""
  ];
  setting =
    option: name:
    want (from option) (
      path
      ++ [
        "settings"
        name
      ]
    );
  server = config.services.redis.servers."";

  member = user: { users.users.${user.name}.extraGroups = [ server.group ]; };
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge (
      [
        (want (from "enable") (path ++ [ "enable" ]) true)
        (want (from "port") (path ++ [ "port" ]) cfg.port)
        (want (from "expose") (path ++ [ "bind" ]) (nqd.address cfg))
        (setting "max_memory_mb" "maxmemory" "${toString cfg.max_memory_mb}mb")
        (setting "eviction" "maxmemory-policy" cfg.eviction)
        {
          # Without a password it answers nobody else anyway (protected-mode).
          assertions = [
            {
              assertion = cfg.expose != [ ] -> server.requirePassFile != null;
              message = ''
                nqd.features.redis.expose lets others reach Redis, but it has no password. Put one
                into a file that only root can read, and its path into local.nix:
                  services.redis.servers."".requirePassFile = "/path/to/the/file";
                Or leave nqd.features.redis.expose empty.
              '';
            }
          ];
        }
      ]
      ++ map member nqd.users
    )
  );
}
