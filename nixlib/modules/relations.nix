# What a feature needs of the rest: other features, a release, a kind of machine, secrets, and
# leave to have what is unfree.
{
  catalog,
  host,
  lookup,
  # The folder of the age files of this host.
  secrets,
}:
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib.trivial) release;
  isOn = catalog.isOn config;
  option = id: "nqd.features.${id}.enable";

  require = id: other: {
    assertion = isOn other;
    message = ''
      ${option id} is true, but ${id} needs ${other}, which is off. Switch that on too
      ([features.${other}] enable = true in host.toml), or ${id} off.
    '';
  };

  conflict = id: other: {
    assertion = !isOn other;
    message = ''
      ${option id} and ${option other} are both true, and only one of the two can be. Switch one
      off in host.toml.
    '';
  };

  secret = id: wanted: {
    assertion = builtins.pathExists (secrets + "/${wanted.name}.age");
    message = ''
      ${option id} is true, but ${id} needs the secret ${wanted.name} (${wanted.doc}), and
      secrets/${host.host.name}/${wanted.name}.age does not exist. Switch ${id} off until it does.
    '';
  };

  # Drivers are in no set of all packages, as each kernel has its own: of a name that the set does
  # not have, nixpkgs is asked whether it is allowed. It asks about a whole package, so that a
  # predicate of an adopted file may look at more than the name.
  allowing = config.nixpkgs.config;
  named = name: {
    inherit name;
    pname = name;
    version = "";
    meta.license = lib.licenses.unfree or { };
  };
  isAllowed =
    name:
    allowing.allowUnfree or false
    || builtins.elem name (allowing.allowUnfreePackages or [ ])
    || (allowing.allowUnfreePredicate or (_: false)) (named name);
  byName = name: {
    assertion = isAllowed name;
    why = "it is unfree; packages.allow_unfree = [\"${name}\"] in host.toml allows it";
  };
  inSet =
    name:
    let
      found = lookup pkgs name;
    in
    {
      assertion = found ? package;
      why = found.why;
    };

  # Told here, as nixpkgs would tell it in its own words, without the feature.
  unfree =
    id: name:
    let
      found = (if pkgs ? ${name} then inSet else byName) name;
    in
    {
      inherit (found) assertion;
      message = ''
        ${option id} is true, but the package ${name} of ${id} cannot be had:
        ${found.why}. Or switch ${id} off.
      '';
    };

  sinceThen = id: since: {
    assertion = lib.versionAtLeast release since;
    message = ''
      ${option id} is true, but NixOS ${release} does not have what ${id} needs: it came with
      ${since}. Switch ${id} off, or go to that release.
    '';
  };

  untilThen = id: until: {
    assertion = lib.versionOlder release until;
    message = ''
      ${option id} is true, but what ${id} needs is gone since NixOS ${until}, and this is
      ${release}. Switch ${id} off.
    '';
  };

  onlyOn = id: systems: {
    assertion = builtins.elem pkgs.stdenv.hostPlatform.system systems;
    message = ''
      ${option id} is true, but ${id} is for ${lib.concatStringsSep ", " systems} only, and this
      machine is ${pkgs.stdenv.hostPlatform.system}. Switch ${id} off.
    '';
  };

  assertionsOf =
    id:
    let
      feature = catalog.features.${id};
    in
    map (require id) feature.requires
    ++ map (conflict id) feature.conflicts
    ++ map (secret id) feature.secrets
    ++ map (unfree id) feature.unfree
    ++ lib.optional (feature ? since) (sinceThen id feature.since)
    ++ lib.optional (feature ? until) (untilThen id feature.until)
    ++ lib.optional (feature ? systems) (onlyOn id feature.systems);
in
{
  config.assertions = builtins.concatMap assertionsOf config.nqd.enabled;
}
