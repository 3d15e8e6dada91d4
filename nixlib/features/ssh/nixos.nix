nqd:
{ config, lib, ... }:
let
  inherit (nqd) from priority want;
  cfg = config.nqd.features.ssh;
  inherit (config.services.openssh) settings;

  setting = name: value: want priority.feature [ "services" "openssh" "settings" name ] value;

  # Whether a file of the user has the server on: then somebody may be logged in by it just now.
  said = config.nqd.said [ "services" "openssh" "enable" ];
  wasOn = said.isDefined && lib.any (def: def.value == true) said.definitionsWithLocations;

  # Whoever has a key that is seen here: one that lies in ~/.ssh may be gone by the time that it
  # is needed. A key of root counts where root may come in, that of a service never.
  hasKey =
    user:
    let
      inherit (user.openssh) authorizedKeys;
    in
    user.enable or true
    && (
      if user.name == "root" then
        settings.PermitRootLogin != "no"
      else
        user.isNormalUser
    )
    && (authorizedKeys.keys != [ ] || authorizedKeys.keyFiles != [ ]);
  takesPasswords = settings.PasswordAuthentication != false;

  secrets = lib.filter (lib.hasInfix "PRIVATE KEY") cfg.authorized_keys;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (want (from "enable") [ "services" "openssh" "enable" ] true)
      # Socket activation has no sshd.service, which the check asks for.
      (want priority.feature [ "services" "openssh" "startWhenNeeded" ] false)
      {
        services.openssh.ports = [ cfg.port ];
        users.users.${nqd.host.user.name}.openssh.authorizedKeys.keys = cfg.authorized_keys;
      }

      # nqd opens the port where `expose` says so; this would open it to everybody.
      (want priority.feature [ "services" "openssh" "openFirewall" ] false)
      (lib.mkIf (cfg.expose == [ ]) {
        services.openssh.listenAddresses = [ { addr = nqd.address cfg; } ];
      })

      (setting "PasswordAuthentication" false)
      (setting "KbdInteractiveAuthentication" false)
      (setting "PermitRootLogin" "no")

      {
        assertions = [
          {
            assertion = takesPasswords || lib.any hasKey (lib.attrValues config.users.users);
            message = ''
              nqd.features.ssh.enable is true and passwords are not taken, but no account has a
              key, so nobody could log in. Put the line of the other machine's
              ~/.ssh/id_ed25519.pub into authorized_keys of [features.ssh] in host.toml.
            '';
          }
          {
            assertion = wasOn -> cfg.expose != [ ];
            message = ''
              ${toString (map baseNameOf said.files)} has services.openssh.enable already, but with
              nqd.features.ssh.expose empty nobody could reach this machine any more. Name the
              interfaces in [features.ssh] of host.toml: expose = ["eth0"], or ["*"] for all.
            '';
          }
          {
            assertion = config.services.openssh.ports == [ cfg.port ];
            message = ''
              services.openssh.ports is ${toString config.services.openssh.ports}, but nqd knows
              of ${toString cfg.port} only, and opens no other. Take the ports out of that file,
              and name one in host.toml: [features.ssh] port.
            '';
          }
          {
            assertion = secrets == [ ];
            message = ''
              nqd.features.ssh.authorized_keys holds a private key. It is known to everybody who
              can read this machine's store now: make a new pair (ssh-keygen -t ed25519), and put
              the line of the file that ends in .pub into host.toml.
            '';
          }
        ];
      }
    ]
  );
}
