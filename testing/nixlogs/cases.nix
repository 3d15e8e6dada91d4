# Derivations whose builds make the logs that are recorded. BUILDER is the program of ./builder.
{ builder }:
let
  program = builtins.path {
    path = builder;
    name = "builder";
  };
  escape = builtins.fromJSON ''"\u001b"'';
  make =
    name: script: extra:
    derivation (
      {
        inherit name script;
        system = "x86_64-linux";
        builder = program;
      }
      // extra
    );

  library = make "library-1.0" ''
    phase unpackPhase
    line unpacking source archive
    phase buildPhase
    lines 30
    fill 300000
    phase installPhase
    line installing
  '' { };
  manual = make "manual-1.0" ''
    line writing the ${"\t"}"manual": 100 % \ done
    line ${escape}[31;1mwarning:${escape}[0m an index is missing
    fill 2000
  '' { };
  broken = make "broken-0.9" ''
    phase buildPhase
    lines 25
    line error: the source does not compile
    exit 3
  '' { };
in
{
  build = make "program-2.1" ''
    phase buildPhase
    line linking program
    fill 400000
  '' { inputs = [
    library
    manual
  ]; };

  evaluation = make "never-1.0" "" { inputs = throw "this host has no root file system"; };

  failure = make "program-3.0" "line never built" { inputs = [
    library
    broken
  ]; };

  hash = make "source-1.0" "line downloading source" {
    outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    outputHashMode = "recursive";
  };

  full = make "large-1.0" ''
    line writing a large file
    fill 40000000
  '' { };

  interrupted = make "slow-1.0" ''
    phase buildPhase
    line waiting
    pause 1h
  '' { };
}
