# What files that were taken over from the machine's own configuration do by themselves: what they
# open to the network, upgrade, collect and run. [ { kind, option, value, files } ]
{
  lib,
  # As `nqd.said`: the option at a path, as the user's files alone define it.
  said,
  # Whether a file was taken over.
  isAdopted,
  # The options of services of this release.
  services,
}:
let
  row = kind: isTold: path: { inherit kind isTold path; };

  isOn = value: value == true;
  isOff = value: value == false;
  holds = value: (lib.isList value || lib.isAttrs value) && value != [ ] && value != { };

  firewall = name: [
    "networking"
    "firewall"
    name
  ];

  fixed =
    map (name: row "opens" holds (firewall name)) [
      "allowedTCPPorts"
      "allowedTCPPortRanges"
      "allowedUDPPorts"
      "allowedUDPPortRanges"
      "interfaces"
    ]
    ++ [
      (row "opens" isOff (firewall "enable"))
      # It opens its port unless it is told not to.
      (row "opens" isOn [
        "services"
        "openssh"
        "enable"
      ])
      (row "upgrades" isOn [
        "system"
        "autoUpgrade"
        "enable"
      ])
      (row "collects" isOn [
        "nix"
        "gc"
        "automatic"
      ])
    ]
    ++ map
      (
        name:
        row "runs" isOn [
          "virtualisation"
          name
          "enable"
        ]
      )
      [
        "docker"
        "libvirtd"
        "podman"
        "waydroid"
      ];

  # Only services that such a file names are asked: there are hundreds.
  named = lib.unique (
    builtins.concatMap (def: lib.optionals (lib.isAttrs def.value) (lib.attrNames def.value)) (
      definitions [ "services" ]
    )
  );
  opening = map (
    name:
    row "opens" isOn [
      "services"
      name
      "openFirewall"
    ]
  ) (lib.filter (name: (services.${name} or { }) ? openFirewall) named);

  # Files that cannot be read alone say nothing.
  tried =
    list:
    let
      result = builtins.tryEval (builtins.deepSeq list list);
    in
    if result.success then result.value else [ ];

  definitions = path: lib.filter (def: isAdopted def.file) (said path).definitionsWithLocations;

  rowOf =
    {
      kind,
      isTold,
      path,
    }:
    let
      told = lib.filter (def: isTold def.value) (definitions path);
      values = lib.catAttrs "value" told;
    in
    lib.optional (told != [ ]) {
      inherit kind;
      option = lib.concatStringsSep "." path;
      value = if lib.all lib.isList values then lib.concatLists values else lib.last values;
      files = lib.unique (lib.catAttrs "file" told);
    };
in
builtins.concatMap (one: tried (rowOf one)) (fixed ++ tried opening)
