# The text of unit files, in the order and with the quotes of nixpkgs: whether a unit counts
# as changed is decided by this text.
{
  config,
  lib,
  pkgs,
}:
let
  show = value: if lib.isBool value then lib.boolToString value else toString value;

  # A list is a key that is given several times.
  linesOf =
    keys:
    let
      lines = key: value: lib.concatMapStrings (item: "${key}=${show item}\n") (lib.toList value);
    in
    lib.concatStrings (lib.mapAttrsToList lines (lib.filterAttrs (_: value: value != null) keys));

  section = name: keys: "[${name}]\n${linesOf keys}\n";

  # Lists of units are one line, and none where they are empty.
  head =
    unit:
    lib.mapAttrs (_: toString) (
      lib.filterAttrs (_: value: value != [ ] && value != "") {
        After = unit.after;
        Before = unit.before;
        BindsTo = unit.bindsTo;
        Conflicts = unit.conflicts;
        Description = unit.description;
        Documentation = unit.documentation;
        OnFailure = unit.onFailure;
        OnSuccess = unit.onSuccess;
        PartOf = unit.partOf;
        Requires = unit.requires;
        Requisite = unit.requisite;
        Upholds = unit.upholds;
        Wants = unit.wants;
        X-Reload-Triggers = unit.reloadTriggers;
        X-Restart-Triggers = unit.restartTriggers;
      }
    )
    // unit.unitConfig;

  script =
    name: suffix: text:
    let
      file = "${name}-${suffix}";
    in
    "${
      pkgs.writeTextFile {
        name = "unit-script-${file}";
        executable = true;
        destination = "/bin/${file}";
        text = "#!${pkgs.bashInteractive}/bin/bash\nset -e\n\n${text}\n";
      }
    }/bin/${file}";

  # The shell snippets of a service, as the commands that run them.
  commands =
    name: service:
    lib.optionalAttrs (service.script != "") {
      ExecStart = "${script name "start" service.script} ${service.scriptArgs}";
    }
    // lib.optionalAttrs (service.preStart != "") {
      ExecStartPre = [ (script name "pre-start" service.preStart) ];
    }
    // lib.optionalAttrs (service.postStart != "") {
      ExecStartPost = [ (script name "post-start" service.postStart) ];
    }
    // lib.optionalAttrs (service.preStop != "") {
      ExecStop = script name "pre-stop" service.preStop;
    }
    // lib.optionalAttrs (service.postStop != "") {
      ExecStopPost = [ (script name "post-stop" service.postStop) ];
    }
    // lib.optionalAttrs (service.reload != "") {
      ExecReload = script name "reload" service.reload;
    };

  environment =
    service:
    let
      path = service.path ++ [
        pkgs.coreutils
        config.systemd.package
      ];
      variables =
        config.systemd.globalEnvironment // { PATH = lib.makeBinPath path; } // service.environment;
    in
    lib.mapAttrsToList (name: value: builtins.toJSON "${name}=${toString value}") (
      lib.filterAttrs (_: value: value != null) variables
    );

  # How a switch treats a unit that changed.
  switching =
    service:
    (
      if service.reloadIfChanged then
        { X-ReloadIfChanged = true; }
      else
        lib.optionalAttrs (!service.restartIfChanged) { X-RestartIfChanged = false; }
    )
    // lib.optionalAttrs (!service.stopIfChanged) { X-StopIfChanged = false; };
in
{
  service =
    name: service:
    section "Unit" (head service)
    + "[Service]\n"
    + linesOf { Environment = environment service; }
    + linesOf (switching service)
    + linesOf (commands name service // service.serviceConfig)
    + "\n";

  target = _name: target: section "Unit" (head target);

  socket =
    _name: socket:
    section "Unit" (head socket)
    + section "Socket" (
      {
        ListenStream = socket.listenStreams;
        ListenDatagram = socket.listenDatagrams;
      }
      // socket.socketConfig
    );

  # Units whose options are those of their section.
  other =
    title: option: _name: unit:
    section "Unit" (head unit) + section title unit.${option};
}
