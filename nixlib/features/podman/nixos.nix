nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from priority;
  cfg = config.nqd.features.podman;
  wantSoft = nqd.wantSoft options;
  admins = builtins.filter (user: user.admin) nqd.users;

  # Where an adopted file has Docker, `docker` stays Docker.
  docker = config.virtualisation.docker.enable or false;

  network = [
    "virtualisation"
    "podman"
    "defaultNetwork"
    "settings"
  ];
in
{
  # Nothing is pruned: the module's timer would take images that nothing runs at the moment.
  # Containers without root need ranges of ids, which NixOS gives every normal user by itself.
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (wantSoft (from "enable") [ "virtualisation" "podman" "enable" ] true)
      (wantSoft priority.feature [ "virtualisation" "podman" "dockerCompat" ] (!docker))
      (wantSoft (from "docker_socket") [
        "virtualisation"
        "podman"
        "dockerSocket"
        "enable"
      ] cfg.docker_socket)

      # Containers of one network find each other by name, which compose files count on.
      (lib.optionalAttrs (nqd.has options network) (
        nqd.want priority.feature (network ++ [ "dns_enabled" ]) true
      ))

      {
        assertions = [
          {
            assertion = docker -> !cfg.docker_socket;
            message = ''
              nqd.features.podman.docker_socket is true, and so is virtualisation.docker.enable:
              one of the two can have the socket. Take the one or the other out.
            '';
          }
        ];
      }

      (lib.mkIf cfg.docker_socket {
        users.users = lib.genAttrs (map (user: user.name) admins) (_: {
          extraGroups = [ "podman" ];
        });
      })
    ]
  );
}
