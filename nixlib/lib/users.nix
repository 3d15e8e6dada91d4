# The people of a host: [user] first, then the tables [users.<name>], every key filled in.
{ host, lib }:
let
  withDefaults =
    user:
    {
      full_name = "";
      git_name = "";
      git_email = "";
      github = "";
      editor = "";
      admin = false;
    }
    // user;
in
[ (withDefaults (host.user // { admin = true; })) ]
++ lib.mapAttrsToList (name: user: withDefaults (user // { inherit name; })) (host.users or { })
