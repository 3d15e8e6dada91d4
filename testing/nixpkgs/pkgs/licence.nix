# What nixpkgs refuses to evaluate: unfree packages that nobody allowed, broken and insecure
# ones, and those of another platform (pkgs/stdenv/generic/check-meta.nix). Name, version and
# meta stay readable; only the derivation itself is refused.
{
  lib,
  config,
  system,
}:
let
  unfreeAllowed =
    package:
    config.allowUnfree or (builtins.getEnv "NIXPKGS_ALLOW_UNFREE" == "1")
    || lib.elem (lib.getName package) (config.allowUnfreePackages or [ ])
    || (config.allowUnfreePredicate or (_: false)) package;

  brokenAllowed = config.allowBroken or (builtins.getEnv "NIXPKGS_ALLOW_BROKEN" == "1");

  remedy =
    {
      variable,
      option,
      predicate,
    }:
    ''
      a) To temporarily allow ${option.what} packages, you can use an environment variable
         for a single invocation of the nix tools.

           $ export ${variable}=1

         Note: When using `nix shell`, `nix build`, `nix develop`, etc with a flake,
               then pass `--impure` in order to allow use of environment variables.

      b) For `nixos-rebuild` you can set
        { nixpkgs.config.${option.name} = true; }
      in configuration.nix to override this.
      ${predicate}
      c) For `nix-env`, `nix-build`, `nix-shell` or any other Nix command you can add
        { ${option.name} = true; }
      to ~/.config/nixpkgs/config.nix.
    '';

  unfree = package: {
    reason = "has an unfree license (‘${package.meta.license.shortName}’)";
    remedy = remedy {
      variable = "NIXPKGS_ALLOW_UNFREE";
      option = {
        name = "allowUnfree";
        what = "unfree";
      };
      predicate = ''

        Alternatively you can configure a predicate to allow specific packages:
          { nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [
              "${lib.getName package}"
            ];
          }
      '';
    };
  };

  broken = _package: {
    reason = "is marked as broken";
    remedy = remedy {
      variable = "NIXPKGS_ALLOW_BROKEN";
      option = {
        name = "allowBroken";
        what = "broken";
      };
      predicate = "";
    };
  };

  insecure = package: {
    reason = "is marked as insecure";
    remedy = ''
      Known issues:
      ${lib.concatMapStrings (issue: " - ${issue}\n") package.meta.knownVulnerabilities}
      You can install it anyway by allowing this package, using the
      following methods:

      a) To temporarily allow all insecure packages, you can use an environment
         variable for a single invocation of the nix tools:

           $ export NIXPKGS_ALLOW_INSECURE=1

      b) for `nixos-rebuild` you can add ‘${package.name}’ to
         `nixpkgs.config.permittedInsecurePackages` in the configuration.nix,
         like so:

           {
             nixpkgs.config.permittedInsecurePackages = [
               "${package.name}"
             ];
           }
    '';
  };

  unsupported = package: {
    reason = ''
      is not available on the requested hostPlatform:
        hostPlatform.system = "${system}"
        package.meta.platforms = ${lib.generators.toPretty { multiline = false; } package.meta.platforms}
    '';
    remedy = remedy {
      variable = "NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM";
      option = {
        name = "allowUnsupportedSystem";
        what = "unsupported system";
      };
      predicate = "";
    };
  };

  insecureAllowed =
    package:
    builtins.getEnv "NIXPKGS_ALLOW_INSECURE" == "1"
    || lib.elem package.name (config.permittedInsecurePackages or [ ]);

  # What `meta` tells of itself in nixpkgs; modules and users ask for it.
  factsOf = package: {
    unfree = !package.meta.license.free;
    insecure = package.meta.knownVulnerabilities or [ ] != [ ];
    unsupported = !lib.elem system (package.meta.platforms or [ system ]);
  };

  problem =
    package: facts:
    if facts.unfree && !unfreeAllowed package then
      unfree package
    else if package.meta.broken && !brokenAllowed then
      broken package
    else if facts.insecure && !insecureAllowed package then
      insecure package
    else if facts.unsupported && !config.allowUnsupportedSystem or false then
      unsupported package
    else
      null;
in
package:
let
  facts = factsOf package;
  found = problem package facts;
  guard =
    value:
    if found == null then
      value
    else
      throw "Package ‘${package.name}’ in ${package.meta.position or "<unknown-file>"} ${found.reason}, refusing to evaluate.\n\n${found.remedy}";
  checked = package // {
    meta = package.meta // facts // { available = found == null; };
    drvPath = guard package.drvPath;
    outPath = guard package.outPath;
    out = checked;
    all = [ checked ];
  };
in
checked
