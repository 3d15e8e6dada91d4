# Derivations and errors for the tests, which put three files beside this one: the program ../builder
# as builder, an address for held, and syntax.nix, which no parser takes.
{
  outputs =
    _:
    let
      # By a name of its own: the derivations do not change with the other files.
      builder = builtins.path {
        name = "builder";
        path = ./builder;
      };
      make =
        name: args: more:
        derivation (
          {
            inherit name builder args;
            system = "x86_64-linux";
          }
          // more
        );
      known = text: {
        outputHashMode = "flat";
        outputHashAlgo = "sha256";
        outputHash = builtins.hashString "sha256" text;
      };

      all = rec {
        openssl = make "openssl-3.0.13" [ "write" "library" ] { };
        # Large enough that its size has another unit than that of openssl.
        model = make "model" [ "repeat" numbers ] { };
        curl = make "curl-8.7.1" [ "write" "${openssl} ${model}" ] {
          pname = "curl";
          version = "8.7.1";
        };
        unit = make "unit-curl.service" [ "write" "${curl}" ] { preferLocalBuild = true; };
        structured = make "fzf-0.60" [ "write" "${curl}" ] {
          __structuredAttrs = true;
          pname = "fzf";
          version = "0.60";
          preferLocalBuild = true;
        };
        source = make "source.tar.gz" [ "write" "source" ] (known "source");
        split = make "zlib-1.3" [ "write" "${source}" ] {
          outputs = [
            "out"
            "dev"
          ];
        };
        floating = make "floating" [ "write" "text" ] {
          __contentAddressed = true;
          outputHashMode = "flat";
          outputHashAlgo = "sha256";
        };

        broken = make "broken-1.0" [ "fail" lines ] { };
        app = make "app-2.0" [ "write" "${broken}" ] { };
        top = make "top" [ "write" "${curl} ${app}" ] { };
        loud = make "loud-1.0" [ "fail" (builtins.concatStringsSep "\n" (many 40)) ] { };
        wrong = make "wrong.tar.gz" [ "write" "another" ] (known "source");
        held = make "held" [ "hold" (builtins.readFile ./address) ] (known "go");
      };

      many = n: builtins.genList (i: "line ${toString (i + 1)}") n;
      numbers = builtins.concatStringsSep "" (
        builtins.genList (i: builtins.hashString "sha256" (toString i)) 1000
      );
      lines = ''
        checking things
        error: the disk is on fire
        make: *** [all] Error 2
      '';
    in
    {
      drvs = builtins.mapAttrs (_: drv: drv.drvPath) (
        builtins.removeAttrs all [ "floating" ]
      );
      floating = all.floating.drvPath;
      errors = {
        thrown = throw "\nFailed assertions:\n- The ‘fileSystems’ option does not specify it.";
        trace =
          let
            f = x: x + g x;
            g = x: { a = 1; }.b + x;
          in
          f 1;
        late = builtins.addErrorContext "while evaluating the option `a.b'" (
          throw "A definition for option `a.b' is not of type `integer'. Definition values:\n- \"eleven\""
        );
        syntax = import ./syntax.nix;
        absent = import ./absent.nix;
        told = builtins.trace "looking\nat it" (builtins.warn "careful" (throw "after all"));
        long = throw (builtins.concatStringsSep "\n" (many 40));
      };
    };
}
