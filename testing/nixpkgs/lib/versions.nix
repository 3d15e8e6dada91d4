# Version numbers.
lib:
let
  part = n: version: builtins.elemAt (builtins.splitVersion version) n;
in
{
  inherit (builtins) compareVersions splitVersion;
  versionOlder = a: b: builtins.compareVersions b a == 1;
  versionAtLeast = a: b: builtins.compareVersions b a != 1;
  versions = {
    inherit (builtins) compareVersions splitVersion;
    major = part 0;
    minor = part 1;
    patch = part 2;
    majorMinor = version: lib.concatStringsSep "." (lib.take 2 (builtins.splitVersion version));
    # N numbers, with zeros where there are fewer; what follows a dash stays.
    pad =
      n: version:
      let
        numbers = lib.head (lib.splitString "-" version);
        padded = builtins.splitVersion numbers ++ lib.replicate n "0";
      in
      lib.concatStringsSep "." (lib.take n padded) + lib.removePrefix numbers version;
  };
}
