let
  make =
    attributes:
    derivation (
      {
        system = "x86_64-linux";
        builder = "/bin/sh";
      }
      // attributes
    );
in
{
  env-quick = make {
    name = "env-quick";
    preferLocalBuild = true;
  };
  env-slow = make {
    name = "env-slow";
    preferLocalBuild = false;
  };
  structured-quick = make {
    name = "structured-quick";
    __structuredAttrs = true;
    preferLocalBuild = true;
  };
  structured-slow = make {
    name = "structured-slow";
    __structuredAttrs = true;
    text = ''{"preferLocalBuild":true}'';
  };
  source = make {
    name = "source";
    preferLocalBuild = true;
    outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  };
  outputs = make {
    name = "outputs";
    outputs = [
      "out"
      "dev"
    ];
  };
}
