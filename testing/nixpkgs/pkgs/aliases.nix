# Second names, and names that nixpkgs took away. What an old name does depends on the
# release: it warns, then throws, then is forgotten (facts: pkgs/top-level/aliases.nix).
{
  lib,
  config,
  final,
}:
let
  since = lib.versionAtLeast lib.release;
  until = release: lib.versionOlder lib.release release;

  moved = old: new: "'${old}' has been renamed to/replaced by '${new}'";
  warns = old: new: lib.warn (moved old new) final.${new};
  gone = old: new: throw (moved old new);
in
{
  # The plain name follows what the package set is configured for.
  ollama =
    if config.cudaSupport or false then
      final.ollama-cuda
    else if config.rocmSupport or false then
      final.ollama-rocm
    else
      final.ollama-cpu;

  bash = final.bashInteractive;
  docker-client = final.docker;
  nginx = final.nginxStable;
  nodejs = final.nodejs_24;
  postgresql = if since "26.11" then final.postgresql_18 else final.postgresql_17;
  python3 = if since "26.11" then final.python314 else final.python313;

  nixfmt-rfc-style = warns "nixfmt-rfc-style" "nixfmt";
  nixos-rebuild = warns "nixos-rebuild" "nixos-rebuild-ng";

  claude-code-bin = gone "claude-code-bin" "claude-code";
  dogdns = gone "dogdns" "doggo";
  nodePackages = throw "nodePackages has been removed because it was unmaintainable within Nixpkgs";
  postgresql_13 = throw "postgresql_13 has been removed since it reached its EOL upstream";
  promtail = throw "promtail has been removed as it reached end of life upstream; use grafana-alloy";
}
// lib.optionalAttrs (since "26.11") {
  windsurf = warns "windsurf" "devin-desktop";
}
# Throws from before November 2025 were dropped from 26.11: there the names are unknown.
// lib.optionalAttrs (until "26.11") {
  windsurf = final.devin-desktop;
  amdvlk = throw "'amdvlk' has been removed since it was deprecated by AMD. Its replacement, RADV, is enabled by default.";
  chkrootkit = throw "chkrootkit has been removed as it is unmaintained and archived upstream and didn't even work on NixOS";
  du-dust = gone "du-dust" "dust";
  glxinfo = gone "glxinfo" "mesa-demos";
  vaapiIntel = gone "vaapiIntel" "intel-vaapi-driver";
  vaapiVdpau = gone "vaapiVdpau" "libva-vdpau-driver";
}
