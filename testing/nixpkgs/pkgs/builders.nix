# Derivations. The builder is one static program, called with a JSON description of the
# output; there is no shell and no stdenv.
{ lib, system }:
let
  # Compiled from testing/standin and put beside flake.nix; never committed.
  program = builtins.path {
    path = ../mk;
    name = "standin";
  };

  # NAME and SPEC { files, merge, fill } → a derivation. EXTRA are further attributes. What is no
  # package is not worth a download (nixpkgs, pkgs/build-support/trivial-builders).
  derive =
    name: spec: extra:
    derivation (
      lib.optionalAttrs (!extra ? pname) { preferLocalBuild = true; }
      // {
        inherit name system;
        builder = program;
        args = [ "build" ];
        spec = builtins.toJSON ({ program = "${program}"; } // spec);
      }
      // extra
    );
in
rec {
  inherit derive;

  # A package with PROGRAMS, each a link to the one program, which knows its role by name.
  package =
    {
      pname,
      version,
      programs ? [ ],
      fill ? 4096,
      files ? { },
      meta ? { },
      attrs ? { },
    }:
    let
      links = map (name: lib.nameValuePair "bin/${name}" { program = true; }) programs;
      spec = {
        inherit fill;
        files =
          lib.listToAttrs links
          // {
            "share/${pname}/version".text = version;
          }
          // files;
      };
    in
    derive "${pname}-${version}" spec { inherit pname version; }
    // {
      meta = {
        license = lib.licenses.mit;
        mainProgram = lib.head (programs ++ [ pname ]);
        available = true;
        broken = false;
      }
      // meta;
    }
    // attrs;

  writeTextFile =
    {
      name,
      text,
      executable ? false,
      destination ? "/${name}",
    }:
    derive name {
      files.${lib.removePrefix "/" destination} = {
        inherit text;
        mode = if executable then "0755" else "0644";
      };
    } { };

  # In nixpkgs the output is the file itself; this builder makes folders only.
  writeText = name: text: "${writeTextFile { inherit name text; }}/${name}";
  writeTextDir =
    path: text:
    writeTextFile {
      name = baseNameOf path;
      inherit text;
      destination = "/${path}";
    };

  # One tree of links over PATHS.
  buildEnv =
    {
      name,
      paths,
      ignoreCollisions ? false,
      ...
    }:
    derive name {
      inherit ignoreCollisions;
      merge = map toString (lib.unique paths);
    } { };
  symlinkJoin = buildEnv;

  linkFarm =
    name: entries:
    derive name {
      files = lib.mapAttrs (_: target: { link = "${target}"; }) (
        if lib.isAttrs entries then
          entries
        else
          lib.listToAttrs (map (entry: lib.nameValuePair entry.name entry.path) entries)
      );
    } { };

  runCommand = _name: throw "the stand-in nixpkgs has no shell to run commands in";
}
