# Platforms: what a module asks of `pkgs.stdenv.hostPlatform`.
lib: {
  elaborate =
    platform:
    let
      system = if lib.isString platform then platform else platform.system;
      words = lib.splitString "-" system;
      cpu = lib.head words;
      kernel = lib.last words;
    in
    {
      inherit system;
      isLinux = kernel == "linux";
      isDarwin = kernel == "darwin";
      isx86_64 = cpu == "x86_64";
      isAarch64 = cpu == "aarch64";
      __toString = _: system;
    };
}
