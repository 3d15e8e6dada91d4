# nginx: virtual hosts → one configuration file
# (nixos/modules/services/web-servers/nginx/default.nix).
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.nginx;
  inherit (lib) optionalString;

  indent = text: lib.concatMapStrings (line: "  ${line}\n") (lib.splitString "\n" text);
  block = head: lines: "${head} {\n${lib.concatMapStrings indent (lib.filter (l: l != "") lines)}}";
  setting = key: value: optionalString (value != null) "${key} ${toString value};";
  when = condition: text: optionalString condition text;
  extra = text: lib.removeSuffix "\n" text;

  proxyHeaders = ''
    proxy_set_header        Host $host;
    proxy_set_header        X-Real-IP $remote_addr;
    proxy_set_header        X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header        X-Forwarded-Proto $scheme;
    proxy_set_header        X-Forwarded-Host $host;
    proxy_set_header        X-Forwarded-Server $hostname;
  '';
  proxyFile = pkgs.writeText "nginx-recommended-proxy_set_header-headers.conf" proxyHeaders;

  locationText =
    path: location:
    block "location ${path}" [
      (setting "proxy_pass" location.proxyPass)
      (when location.proxyWebsockets ''
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;'')
      (setting "index" location.index)
      (setting "try_files" location.tryFiles)
      (setting "root" location.root)
      (setting "alias" location.alias)
      (setting "return" location.return)
      (setting "auth_basic_user_file" location.basicAuthFile)
      (extra location.extraConfig)
      (when (
        location.proxyPass != null && location.recommendedProxySettings
      ) "include ${proxyFile};")
    ];

  usesTls = host: host.onlySSL || host.addSSL || host.forceSSL;

  # What a host listens on: its own list, or the standard ports on its addresses.
  listenOf =
    host:
    let
      addresses =
        if host.listenAddresses != [ ] then host.listenAddresses else cfg.defaultListenAddresses;
      at = port: ssl: map (addr: { inherit addr port ssl; }) addresses;
    in
    if host.listen != [ ] then
      host.listen
    else
      lib.optionals (usesTls host) (at cfg.defaultSSLListenPort true)
      ++ lib.optionals (!host.onlySSL) (at cfg.defaultHTTPListenPort false);

  listenLine =
    host: listen:
    let
      port =
        if listen.port or null != null then
          listen.port
        else if listen.ssl or false then
          cfg.defaultSSLListenPort
        else
          cfg.defaultHTTPListenPort;
    in
    "listen ${listen.addr}:${toString port}"
    + optionalString (listen.ssl or false) " ssl"
    + optionalString host.default " default_server"
    + ";";

  byPriority = locations: lib.sortOn (item: item.value.priority) (lib.attrsToList locations);

  hostText =
    name: host:
    block "server" (
      map (listenLine host) (listenOf host)
      ++ [
        "server_name ${if host.serverName == null then name else host.serverName}${
          lib.concatMapStrings (alias: " ${alias}") host.serverAliases
        };"
        (setting "root" host.root)
        (when (usesTls host) (
          "ssl_certificate ${host.sslCertificate};\nssl_certificate_key ${host.sslCertificateKey};"
        ))
        (when (host.globalRedirect != null)
          "return ${toString host.redirectCode} $scheme://${toString host.globalRedirect}$request_uri;"
        )
      ]
      ++ map (item: locationText item.name item.value) (byPriority host.locations)
      ++ [ (extra host.extraConfig) ]
    );

  upstreamText =
    name: upstream:
    block "upstream ${name}" (
      map (server: "server ${server};") (lib.attrNames upstream.servers)
      ++ [ (extra upstream.extraConfig) ]
    );

  # nixpkgs writes what stands behind the recommended settings in full.
  httpText = block "http" (
    [
      "include mime.types;"
      (when cfg.recommendedOptimisation "sendfile on;\ntcp_nopush on;\ntcp_nodelay on;")
      "ssl_protocols ${cfg.sslProtocols};"
      (when cfg.recommendedTlsSettings "ssl_session_timeout 1d;\nssl_session_cache shared:SSL:10m;")
      (when cfg.recommendedGzipSettings "gzip on;\ngzip_static on;\ngzip_vary on;")
      (when cfg.recommendedProxySettings (
        "proxy_redirect          off;\nproxy_connect_timeout   ${cfg.proxyTimeout};\n"
        + "proxy_http_version      1.1;\ninclude ${proxyFile};"
      ))
      "map $http_upgrade $connection_upgrade {\n    default upgrade;\n    ''      close;\n}"
      "client_max_body_size ${cfg.clientMaxBodySize};"
      "server_tokens ${if cfg.serverTokens then "on" else "off"};"
      (extra cfg.commonHttpConfig)
    ]
    ++ lib.mapAttrsToList upstreamText cfg.upstreams
    ++ lib.mapAttrsToList hostText cfg.virtualHosts
    ++ [
      (when cfg.statusPage (
        block "server" [
          "listen 127.0.0.1:${toString cfg.defaultHTTPListenPort};"
          "server_name localhost;"
          (block "location /nginx_status" [ "stub_status on;" ])
        ]
      ))
      (extra cfg.appendHttpConfig)
    ]
  );

  configFile = pkgs.writeText "nginx.conf" (
    lib.concatLines (
      lib.filter (part: part != "") [
        "pid /run/nginx/nginx.pid;"
        "error_log stderr;"
        "daemon off;"
        "user ${cfg.user} ${cfg.group};"
        cfg.config
        (when (cfg.config == "") (block "events" [ (extra cfg.eventsConfig) ]))
        (when (cfg.httpConfig == "" && cfg.config == "") httpText)
        (when (cfg.httpConfig != "") (block "http" [ cfg.httpConfig ]))
        (when (cfg.streamConfig != "") (block "stream" [ cfg.streamConfig ]))
        (extra cfg.appendConfig)
      ]
    )
  );

  hosts = lib.attrValues cfg.virtualHosts;
  atMostOne = flags: lib.count lib.id flags <= 1;

  defaults.options.locations = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule {
        options.recommendedProxySettings = lib.mkOption { default = cfg.recommendedProxySettings; };
      }
    );
  };
in
{
  options.services.nginx.virtualHosts = lib.mkOption {
    type = lib.types.attrsOf (
      lib.types.submodule (lib.setDefaultModuleLocation ./nginx.nix defaults)
    );
    # A definition takes its place; nobody has to switch it off.
    default = {
      localhost = { };
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = lib.all (
          host:
          lib.all (location: location.root == null || location.alias == null) (
            lib.attrValues host.locations
          )
        ) hosts;
        message = "Only one of nginx root or alias can be specified on a location.";
      }
      {
        assertion = lib.all (
          host:
          atMostOne [
            host.addSSL
            host.onlySSL
            host.forceSSL
            host.rejectSSL
          ]
        ) hosts;
        message = ''
          Options services.nginx.service.virtualHosts.<name>.addSSL,
          services.nginx.virtualHosts.<name>.onlySSL,
          services.nginx.virtualHosts.<name>.forceSSL and
          services.nginx.virtualHosts.<name>.rejectSSL are mutually exclusive.
        '';
      }
      {
        assertion = lib.all (host: !(host.enableACME && host.useACMEHost != null)) hosts;
        message = ''
          Options services.nginx.service.virtualHosts.<name>.enableACME and
          services.nginx.virtualHosts.<name>.useACMEHost are mutually exclusive.
        '';
      }
    ];

    users.groups = lib.mkIf (cfg.group == "nginx") { nginx.gid = 60; };
    users.users = lib.mkIf (cfg.user == "nginx") {
      nginx = {
        inherit (cfg) group;
        isSystemUser = true;
        uid = 60;
      };
    };

    environment.etc = lib.mkIf cfg.enableReload { "nginx/nginx.conf".source = configFile; };

    systemd.services.nginx = {
      description = "Nginx Web Server";
      wantedBy = [ "multi-user.target" ];
      after = [ "network.target" ];
      stopIfChanged = false;
      startLimitIntervalSec = 60;
      serviceConfig = {
        ExecStart = "${cfg.package}/bin/nginx -c '${
          if cfg.enableReload then "/etc/nginx/nginx.conf" else configFile
        }'";
        Restart = "always";
        RestartSec = "10s";
        User = cfg.user;
        Group = cfg.group;
        RuntimeDirectory = "nginx";
        CacheDirectory = "nginx";
        LogsDirectory = "nginx";
        UMask = "0027";
      };
    };
  };
}
