# What nixpkgs refuses to evaluate: unfree packages that nobody allowed, and broken ones.
# Name, version and meta stay readable; only the derivation itself is refused.
{ lib, config }:
let
  unfreeAllowed =
    package:
    config.allowUnfree or (builtins.getEnv "NIXPKGS_ALLOW_UNFREE" == "1")
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

  problem =
    package:
    if !package.meta.license.free && !unfreeAllowed package then
      unfree package
    else if package.meta.broken && !brokenAllowed then
      broken package
    else
      null;
in
package:
let
  found = problem package;
  guard =
    value:
    if found == null then
      value
    else
      throw "Package ‘${package.name}’ in ${package.meta.position} ${found.reason}, refusing to evaluate.\n\n${found.remedy}";
  checked = package // {
    drvPath = guard package.drvPath;
    outPath = guard package.outPath;
    out = checked;
    all = [ checked ];
  };
in
checked
