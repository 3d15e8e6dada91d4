# ssh: one block for each host, that of all hosts last (home-manager: modules/programs/ssh.nix).
{
  config,
  lib,
  options,
  ...
}:
let
  cfg = config.programs.ssh;

  # An entry of the DAG, or the block itself.
  blockOf = entry: entry.data or entry;

  show =
    value:
    if lib.isBool value then
      (if value then "yes" else "no")
    else if lib.isList value then
      lib.concatMapStringsSep " " toString value
    else
      toString value;

  block =
    name: entry:
    let
      content = blockOf entry;
      # Its default depends on the name, which the table does not know.
      own = builtins.tryEval content.header;
      header = if own.success && own.value != null then own.value else "Host ${name}";
      set = lib.filterAttrs (key: value: key != "header" && value != null) content;
    in
    lib.concatStringsSep "\n" (
      [ header ] ++ lib.mapAttrsToList (key: value: "  ${key} ${show value}") set
    );

  others = removeAttrs cfg.settings [ "*" ];
  sections =
    lib.mapAttrsToList block others
    ++ lib.optional (cfg.settings ? "*") (block "*" cfg.settings."*")
    ++ lib.optional (cfg.extraConfig != "") (
      "  " + lib.replaceStrings [ "\n" ] [ "\n  " ] (lib.removeSuffix "\n" cfg.extraConfig)
    );

  # The words of OpenSSH for those of before 26.05.
  spelled = {
    hostname = "HostName";
    identityFile = "IdentityFile";
    port = "Port";
    user = "User";
  };
  old = lib.mapAttrs (
    _: entry:
    lib.mapAttrs' (name: value: lib.nameValuePair spelled.${name} value) (
      lib.filterAttrs (_: value: value != null && value != [ ]) (
        builtins.intersectAttrs spelled (blockOf entry)
      )
    )
  ) cfg.matchBlocks;
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      {
        home.packages = lib.optional (cfg.package != null) cfg.package;
        home.file.".ssh/config".text = lib.concatStringsSep "\n\n" sections + "\n";

        assertions = [
          {
            assertion = cfg.extraConfig != "" -> cfg.settings ? "*";
            message = ''Cannot set `programs.ssh.extraConfig` if `programs.ssh.settings."*"` (default host config) is not declared.'';
          }
        ];
        warnings = lib.optional (cfg.matchBlocks != { }) ''
          `programs.ssh.matchBlocks` defined in ${lib.showFiles options.programs.ssh.matchBlocks.files} is deprecated. Use `programs.ssh.settings`.
        '';
        programs.ssh.settings = old;
      }
      (lib.mkIf cfg.enableDefaultConfig {
        warnings = [
          ''
            `programs.ssh` default values will be removed in the future.
            Consider setting `programs.ssh.enableDefaultConfig` to false,
            and manually set the default values you want to keep at
            `programs.ssh.settings."*"`.
          ''
        ];
        programs.ssh.settings."*" = lib.mapAttrs (_: lib.mkDefault) {
          ForwardAgent = false;
          AddKeysToAgent = "no";
          Compression = false;
          ServerAliveInterval = 0;
          ServerAliveCountMax = 3;
          HashKnownHosts = false;
          UserKnownHostsFile = "~/.ssh/known_hosts";
          ControlMaster = "no";
          ControlPath = "~/.ssh/master-%r@%n:%p";
          ControlPersist = "no";
        };
      })
    ]
  );
}
