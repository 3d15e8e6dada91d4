# Version numbers.
lib: {
  versionOlder = a: b: builtins.compareVersions b a == 1;
  versionAtLeast = a: b: builtins.compareVersions b a != 1;
  versions.major = version: lib.head (lib.splitString "." version);
}
