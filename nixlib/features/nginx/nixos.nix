nqd:
{ config, lib, ... }:
let
  inherit (nqd) from priority want;
  cfg = config.nqd.features.nginx;
  service =
    path:
    want priority.feature (
      [
        "services"
        "nginx"
      ]
      ++ path
    );

  loopback = [ "127.0.0.1" ] ++ lib.optional config.networking.enableIPv6 "[::1]";
  everywhere = [ "0.0.0.0" ] ++ lib.optional config.networking.enableIPv6 "[::0]";

  # nginx gives a request to the hosts that name the address it came to most exactly. So what is
  # exposed names loopback too.
  addresses = exposed: loopback ++ lib.optionals exposed everywhere;
  exposed = cfg.expose != [ ];

  # The proxy opens no page to anybody who could not reach it without.
  isOpen =
    page:
    exposed
    && (lib.elem "*" page.expose || lib.all (interface: lib.elem interface page.expose) cfg.expose);

  pages = builtins.filter (port: port.web) config.nqd.ports;
  perFeature = lib.groupBy (page: page.feature) pages;

  # NAME.localhost, or PORT.NAME.localhost where a feature has more than one page.
  nameOf =
    page:
    lib.optionalString (lib.length perFeature.${page.feature} > 1) "${page.name}."
    + "${page.feature}.${cfg.domain}";

  # With the feature's priority, but without `want`: which pages there are depends on other
  # options, and the modules that set options must not.
  hostOf =
    page:
    lib.nameValuePair (nameOf page) {
      listenAddresses = addresses (isOpen page);
      locations."/" = {
        proxyPass = lib.mkOverride priority.feature "http://127.0.0.1:${toString page.number}";
        proxyWebsockets = lib.mkOverride priority.feature true;
      };
    };

  others = lib.attrNames (
    lib.filterAttrs (name: host: name != "_" && host.default) config.services.nginx.virtualHosts
  );
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      (want (from "enable") [ "services" "nginx" "enable" ] true)
      (want (from "port") [ "services" "nginx" "defaultHTTPListenPort" ] cfg.port)
      (service [ "recommendedGzipSettings" ] true)
      (service [ "recommendedOptimisation" ] true)
      (service [ "recommendedProxySettings" ] true)
      (service [ "recommendedTlsSettings" ] true)

      # A large model thinks for more than nginx's minute, and documents have more than its 10 MB.
      (service [ "proxyTimeout" ] "600s")
      (service [ "clientMaxBodySize" ] "0")

      # Whoever asks for another name gets nothing of what is here.
      (service [ "virtualHosts" "_" "default" ] true)
      (service [ "virtualHosts" "_" "locations" "/" "return" ] 404)

      {
        # Each host by itself: defaultListenAddresses would move adopted hosts as well.
        services.nginx.virtualHosts = lib.listToAttrs (map hostOf pages) // {
          "_".listenAddresses = addresses exposed;
        };

        assertions = [
          {
            assertion = others == [ ];
            message = ''
              nqd.features.nginx answers for unknown names, and so does ${toString others}:
              nginx takes one such host. Take `default = true` out of that host.
            '';
          }
        ];
      }
    ]
  );
}
