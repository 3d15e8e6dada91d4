# What is known of packages and versions.
{ lib, ... }:
let
  fails = value: !(builtins.tryEval (builtins.deepSeq value value)).success;
  package = {
    type = "derivation";
    name = "thing-1.2";
    pname = "thing";
    version = "1.2";
    outPath = "/thing";
    meta.mainProgram = "main";
    meta.platforms = [ "x86_64-linux" ];
  };
  withBin = package // {
    bin.outPath = "/thing-bin";
  };
in
{
  getExe = {
    expr = lib.getExe package;
    expected = "/thing/bin/main";
  };
  getExe' = {
    expr = lib.getExe' withBin "other";
    expected = "/thing-bin/bin/other";
  };
  getExePath = {
    expr = fails (lib.getExe' package "a/b");
    expected = true;
  };
  getExeOfAString = {
    expr = fails (lib.getExe' "/a" "b");
    expected = true;
  };
  getName = {
    expr = map lib.getName [
      package
      "other-tool-3.1"
      { name = "x-1"; }
    ];
    expected = [
      "thing"
      "other-tool"
      "x"
    ];
  };
  getVersion = {
    expr = map lib.getVersion [
      package
      "other-tool-3.1"
      { name = "x-1"; }
    ];
    expected = [
      "1.2"
      "3.1"
      "1"
    ];
  };
  getBin = {
    expr = map (p: "${lib.getBin p}") [
      package
      withBin
    ];
    expected = [
      "/thing"
      "/thing-bin"
    ];
  };
  availableOn = {
    expr = map (system: lib.meta.availableOn { inherit system; } package) [
      "x86_64-linux"
      "aarch64-linux"
    ];
    expected = [
      true
      false
    ];
  };
  availableOnAll = {
    expr = lib.meta.availableOn { system = "x86_64-linux"; } (removeAttrs package [ "meta" ]);
    expected = true;
  };
  availableNot = {
    expr = lib.meta.availableOn { system = "x86_64-linux"; } {
      meta.badPlatforms = [ "x86_64-linux" ];
    };
    expected = false;
  };
  hiPrio = {
    expr = (lib.hiPrio package).meta.priority;
    expected = -10;
  };
  versions = {
    expr = [
      (lib.versionAtLeast "26.05" "25.11")
      (lib.versionOlder "26.05" "26.11")
      (lib.versionAtLeast "1" "1")
    ];
    expected = [
      true
      true
      true
    ];
  };
  parts = {
    expr = map (f: f "1.2.3-4") [
      lib.versions.major
      lib.versions.minor
      lib.versions.patch
      lib.versions.majorMinor
      (lib.versions.pad 4)
    ];
    expected = [
      "1"
      "2"
      "3"
      "1.2"
      "1.2.3.0-4"
    ];
  };
  splitVersion = {
    expr = lib.splitVersion "1.2a";
    expected = [
      "1"
      "2"
      "a"
    ];
  };
  isDerivation = {
    expr = map lib.isDerivation [
      package
      { }
      "a"
    ];
    expected = [
      true
      false
      false
    ];
  };
}
