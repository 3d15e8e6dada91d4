# Second names, and names that nixpkgs took away.
{ config, final }:
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
  postgresql = final.postgresql_17;
  nixos-rebuild = final.nixos-rebuild-ng;

  claude-code-bin = throw "'claude-code-bin' has been renamed to/replaced by 'claude-code'";
  postgresql_13 = throw "postgresql_13 has been removed since it reached its EOL upstream";
  amdvlk = throw "'amdvlk' has been removed since it was deprecated by AMD. Its replacement, RADV, is enabled by default.";
}
