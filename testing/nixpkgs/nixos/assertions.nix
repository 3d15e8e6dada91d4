# What must hold between modules. What must hold within one is asserted there.
{ config, ... }:
{
  assertions = [
    {
      assertion = !(config.zramSwap.enable && config.boot.zswap.enable);
      message = "boot.zswap.enable and zramSwap.enable cannot be used at the same time.";
    }
    {
      assertion = !(config.security.sudo.enable && config.security.sudo-rs.enable);
      message = "`security.sudo` and `security.sudo-rs` cannot both be enabled";
    }
    {
      assertion = !(config.services.power-profiles-daemon.enable && config.services.tlp.enable);
      message = "You have set services.power-profiles-daemon.enable = true;\nwhich conflicts with services.tlp.enable = true;";
    }
  ];
}
