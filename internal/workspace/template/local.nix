# Yours: NixOS configuration of this host beside its host.toml. It wins over what features
# choose; what you write in host.toml wins over it.
{ ... }:
{
}
