nqd:
{
  config,
  lib,
  options,
  ...
}:
let
  inherit (nqd) from priority want;
  cfg = config.nqd.features.open-webui;
  wantSoft = nqd.wantSoft options;

  embedding = "nomic-embed-text";

  variables = {
    # The module's own default, of which nothing is left once anybody sets one variable.
    ANONYMIZED_TELEMETRY = "False";
    DO_NOT_TRACK = "True";
    SCARF_NO_ANALYTICS = "True";

    # Versions come from nixpkgs.
    ENABLE_VERSION_UPDATE_CHECK = "False";

    OLLAMA_BASE_URL = "http://127.0.0.1:${toString config.services.ollama.port}";

    # Left alone it downloads a model for documents before it answers for the first time, which
    # would be inside TRY. So Ollama does that work, and gets the model with its others.
    RAG_EMBEDDING_ENGINE = "ollama";
    RAG_EMBEDDING_MODEL = embedding;

    # The first account is the administrator, who lets others in.
    DEFAULT_USER_ROLE = "pending";
    ENABLE_SIGNUP = if cfg.expose == [ ] then "True" else "False";
  };

  environment = [
    "services"
    "open-webui"
    "environment"
  ];
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge (
      [
        (wantSoft (from "enable") [ "services" "open-webui" "enable" ] true)
        (wantSoft (from "port") [ "services" "open-webui" "port" ] cfg.port)
        (wantSoft (from "expose") [ "services" "open-webui" "host" ] (nqd.address cfg))
        { services.ollama.loadModels = [ embedding ]; }
      ]
      ++ lib.optionals (nqd.has options environment) (
        lib.mapAttrsToList (name: want priority.feature (environment ++ [ name ])) variables
      )
    )
  );
}
