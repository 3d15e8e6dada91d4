# Yours: NixOS configuration of this host beside its host.toml. It wins over what features
# choose; what you write in host.toml wins over it.
{ ... }:
{
  # This machine starts with systemd-boot.
  boot.loader.systemd-boot.enable = true;
  boot.loader.efi.canTouchEfiVariables = true;
}
