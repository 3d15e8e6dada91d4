# The ladder of priorities, and the one way for a feature to set a scalar.
#
#   nixpkgs' own defaults (1500, 1000)
#   < what features choose (900)
#   < adopted files and local.nix (100)
#   < what the user wrote in host.toml (90)
#   < mkForce (50)
#
# Lists and attribute sets that merge are set plainly, never with a priority: a
# definition of weaker priority would be dropped whole.
{ lib }:
{
  priority = {
    feature = 900;
    host = 90;
  };

  # A definition of PATH by FEATURE which also records what was wanted, so that the
  # manifest can name each value that lost against another file, or won over one.
  want =
    feature: priority: path: value:
    lib.mkMerge [
      (lib.setAttrByPath path (lib.mkOverride priority value))
      {
        nqd.wants = [
          {
            inherit
              feature
              path
              priority
              value
              ;
          }
        ];
      }
    ];
}
