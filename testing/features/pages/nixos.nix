nqd:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (nqd) from want;
  cfg = config.nqd.features.pages;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      {
        systemd.services.pages = {
          description = "Pages for the browser";
          wantedBy = [ "multi-user.target" ];
          serviceConfig = {
            # A user of its own, which sees nothing of the system but the folder.
            DynamicUser = true;
            StateDirectory = "pages";
            ProtectHome = true;
            ExecStart = lib.concatStringsSep " " [
              "${pkgs.python3}/bin/python3 -m http.server ${toString cfg.port}"
              "--bind ${nqd.address cfg}"
              "--directory /var/lib/pages"
            ];
          };
        };
      }
      (want (from "memory_mb") [
        "systemd"
        "services"
        "pages"
        "serviceConfig"
        "MemoryMax"
      ] "${toString cfg.memory_mb}M")
    ]
  );
}
