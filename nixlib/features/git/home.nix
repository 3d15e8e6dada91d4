nqd:
{ lib, ... }:
let
  inherit (nqd.host) user;

  # An identity that host.toml leaves out stays for home.nix, or for git to ask.
  setting =
    name: value:
    lib.optionalAttrs (value != "") (
      nqd.want nqd.priority.host [
        "programs"
        "git"
        "settings"
        "user"
        name
      ] value
    );
in
{
  config = lib.mkMerge [
    (nqd.want nqd.priority.feature [ "programs" "git" "enable" ] true)
    (setting "name" (user.git_name or ""))
    (setting "email" (user.git_email or ""))
  ];
}
