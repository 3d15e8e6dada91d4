# The packages: name, version, programs, and a size of its own for each, so that sums of
# sizes mean something. Versions are plausible, not facts.
{
  final,
  lib,
  package,
}:
let
  packages = import ./tools.nix { inherit lib; } // special;

  special = {
    nix = {
      version = "2.31.2";
      programs = [
        "nix"
        "nix-build"
        "nix-env"
        "nix-store"
      ];
      fill = 900000;
    };

    systemd = {
      version = "259.1";
      programs = [
        "systemctl"
        "journalctl"
        "systemd-run"
        "bootctl"
      ];
      fill = 1200000;
      # Part of what decides whether a switch needs a reboot.
      attrs.interfaceVersion = 2;
    };

    bashInteractive = {
      pname = "bash-interactive";
      version = "5.3p3";
      programs = [
        "bash"
        "sh"
      ];
      fill = 150000;
      attrs.shellPath = "/bin/bash";
    };

    zsh = {
      version = "5.9";
      programs = [ "zsh" ];
      fill = 160000;
      attrs.shellPath = "/bin/zsh";
    };

    fish = {
      version = "4.2.0";
      programs = [ "fish" ];
      fill = 170000;
      attrs.shellPath = "/bin/fish";
    };

    coreutils = {
      version = "9.8";
      programs = [
        "cat"
        "chmod"
        "cp"
        "env"
        "ls"
        "mkdir"
        "rm"
      ];
      fill = 120000;
    };

    nixos-rebuild-ng = {
      version = "26.05";
      programs = [ "nixos-rebuild" ];
      fill = 30000;
    };

    shadow = {
      version = "4.18.0";
      programs = [
        "nologin"
        "passwd"
      ];
      fill = 40000;
    };

    sudo = {
      version = "1.9.17p2";
      programs = [ "sudo" ];
      fill = 35000;
    };

    tzdata = {
      version = "2026a";
      fill = 60000;
    };

    git = {
      version = "2.53.0";
      programs = [ "git" ];
      fill = 400000;
    };

    git-lfs = {
      version = "3.7.1";
      programs = [ "git-lfs" ];
      fill = 90000;
    };

    openssh = {
      version = "10.2p1";
      programs = [
        "ssh"
        "ssh-keygen"
        "sshd"
      ];
      fill = 110000;
    };

    postgresql_16 = postgresql "16.12" 480000;
    postgresql_17 = postgresql "17.8" 500000;
    postgresql_18 = postgresql "18.3" 520000;

    ollama-cpu = ollama // {
      fill = 2000000;
    };
    ollama-vulkan = ollama // {
      pname = "ollama";
      fill = 2300000;
    };
    ollama-rocm = ollama // {
      fill = 5000000;
      meta.platforms = [ "x86_64-linux" ];
    };
    # Ollama is free; what it is linked with is not, and nixpkgs refuses that part by part
    # (pkgs/by-name/ol/ollama/package.nix).
    ollama-cuda = ollama // {
      fill = 6000000;
      files."share/ollama/libraries".text = toString (
        map (name: final.cudaPackages.${name}) [
          "cuda_cccl"
          "cuda_cudart"
          "cuda_nvcc"
          "libcublas"
        ]
      );
      meta.platforms = [
        "aarch64-linux"
        "x86_64-linux"
      ];
    };

    claude-code = {
      version = "2.1.9";
      programs = [ "claude" ];
      fill = 80000;
      meta.license = lib.licenses.unfree;
    };

    vscodium = {
      version = "1.110.0";
      programs = [ "codium" ];
      fill = 3000000;
    };

    htop = {
      version = "3.4.1";
      programs = [ "htop" ];
      fill = 20000;
    };

    hello = {
      version = "2.12.2";
      programs = [ "hello" ];
      fill = 10000;
    };

    # A desktop is told by its sessions (services/display-managers/default.nix).
    cosmic-session = {
      version = "1.0.0";
      programs = [
        "cosmic-session"
        "start-cosmic"
      ];
      fill = 12000;
      attrs.providedSessions = [ "cosmic" ];
    };

    ripgrep = {
      version = "15.1.0";
      programs = [ "rg" ];
      fill = 50000;
    };

    vim = {
      version = "9.1.2000";
      programs = [ "vim" ];
      fill = 300000;
    };
  };

  # A server and the extensions that are made for it.
  postgresql =
    version: fill:
    let
      psqlSchema = lib.versions.major version;
      extension =
        pname: version:
        package {
          pname = "postgresql${psqlSchema}-${pname}";
          inherit version;
          files."share/postgresql/extension/${pname}.control".text = "";
        };
    in
    {
      pname = "postgresql";
      inherit version fill;
      programs = [
        "postgres"
        "initdb"
        "pg_dump"
        "pg_dumpall"
        "psql"
      ];
      attrs = {
        inherit psqlSchema;
        pkgs = lib.mapAttrs extension {
          pg_cron = "1.6.7";
          pgvector = "0.8.1";
          postgis = "3.6.1";
          timescaledb = "2.23.1";
        };
      };
    };

  ollama = {
    pname = "ollama";
    version = "0.18.2";
    programs = [ "ollama" ];
  };

  # Where a package is written, as error messages name it.
  positionOf =
    name:
    let
      at = builtins.unsafeGetAttrPos name packages;
    in
    "${at.file}:${toString at.line}";
in
lib.mapAttrs (
  name: attrs:
  package (
    { pname = name; }
    // attrs
    // {
      meta = {
        position = positionOf name;
      }
      // attrs.meta or { };
    }
  )
) packages
