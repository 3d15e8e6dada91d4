# What of a system only a boot puts in place, and what a switch refuses to change while it runs:
# as text, so that two systems can be compared by it. What a release or a container does not have
# is null.
{
  lib,
  soft,
  system,
}:
let
  inherit (system) config options;
  plain = builtins.unsafeDiscardStringContext;

  # The value of the option NAME, or DEFAULT where this release has no such option.
  at =
    default: name:
    let
      path = lib.splitString "." name;
    in
    if soft.has options path then lib.getAttrFromPath path config else default;

  # The store path of PACKAGE, null where it is none.
  pathOf =
    package:
    let
      path = package.outPath or null;
    in
    if path == null then null else plain path;

  # A container has the kernel of its machine.
  hasKernel = at true "boot.kernel.enable" && !(at false "boot.isContainer");
  hasInitrd = hasKernel && at true "boot.initrd.enable";
  inherit (config.boot.kernelPackages) kernel;

  hasDbus = at true "services.dbus.enable";
  systemd = config.systemd.package;

  drivers = at [ ] "services.xserver.videoDrivers";
  nvidia = at { } "hardware.nvidia.package";

  # In the first release that had them a list, of which nothing can be told.
  inhibitors = at { } "system.switch.inhibitors";

  # The sets with the switch of a display manager, named as the last part.
  managers = [
    "services.displayManager.cosmic-greeter"
    "services.displayManager.gdm"
    "services.displayManager.lemurs"
    "services.displayManager.ly"
    "services.displayManager.sddm"
    "services.xserver.displayManager.lightdm"
    # Last, as others run in it.
    "services.greetd"
  ];
  manager = lib.findFirst (name: at false "${name}.enable") null managers;
in
{
  kernel = if hasKernel then plain kernel.name else null;
  kernel_path = if hasKernel then pathOf kernel else null;
  modules = if hasKernel then pathOf (at null "system.modulesTree") else null;
  initrd = if hasInitrd then pathOf (config.system.build.initialRamdisk or null) else null;
  kernel_params = map (param: plain (toString param)) config.boot.kernelParams;

  systemd = plain (lib.getVersion systemd);
  init_interface =
    if systemd ? interfaceVersion then "systemd ${toString systemd.interfaceVersion}" else null;
  dbus = if hasDbus then at null "services.dbus.implementation" else null;
  display_manager = if manager == null then null else lib.last (lib.splitString "." manager);

  gpu = drivers;
  # The version of the package has that of the kernel in it.
  gpu_version =
    if lib.elem "nvidia" drivers then nvidia.nvidiaVersion or nvidia.version or null else null;

  # A set with an outPath would be a string in JSON.
  inhibitors = lib.optionalAttrs (lib.isAttrs inhibitors) (
    lib.mapAttrs (_: value: plain (toString value)) (removeAttrs inhibitors [ "outPath" ])
  );
}
