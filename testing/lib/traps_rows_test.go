package lib

// cosmic is a desktop, which switches much on by itself.
const cosmic = `services.desktopManager.cosmic.enable = true; services.displayManager.cosmic-greeter.enable = true;`

// nvidia is a machine with the driver, whose packages are unfree.
const nvidia = `nixpkgs.config.allowUnfree = true; services.xserver.videoDrivers = [ "nvidia" ]; `

var traps = []trap{
	// Users: nixpkgs sets these itself, at mkDefault.
	{
		name: "user's shell is a default already", local: `{ users.users.ada.shell = lib.mkDefault pkgs.zsh; programs.zsh.enable = true; }`,
		refusal: "The option `users.users.ada.shell' is defined multiple times while it's expected to be unique.",
	},
	{
		name: "user's home is a default already", local: `{ users.users.ada.home = lib.mkDefault "/srv/ada"; }`,
		refusal: "The option `users.users.ada.home' has conflicting definition values",
	},
	{name: "user's group", local: `{ }`, ask: `config.users.users.ada.group`, value: `"users"`},
	{name: "user's home", local: `{ }`, ask: `config.users.users.ada.home`, value: `"/home/ada"`},
	{name: "user lingers if he says so", local: `{ }`, ask: `config.users.users.ada.linger`, value: `null`},
	{
		name: "shell that is not enabled", local: `{ users.users.ada.shell = pkgs.zsh; }`,
		assertion: "users.users.ada.shell is set to zsh, but\nprograms.zsh.enable is not true",
	},
	{
		name: "shell unchecked", local: `{ users.users.ada.shell = pkgs.zsh; users.users.ada.ignoreShellProgramCheck = true; }`,
		ask: `map (a: a.message) (lib.filter (a: !a.assertion) config.assertions)`, value: `[]`,
	},
	{
		name: "neither kind of user", local: `{ users.users.eve.group = "users"; }`,
		assertion: "Exactly one of users.users.eve.isSystemUser and users.users.eve.isNormalUser must be set.",
	},
	{name: "system user without a group", local: `{ users.users.eve.isSystemUser = true; }`, assertion: "users.users.eve.group is unset"},
	{name: "locked out", local: `{ users.mutableUsers = false; }`, assertion: "Neither the root account nor any wheel user has a password or SSH authorized key."},
	{name: "sudo twice", local: `{ security.sudo.enable = true; security.sudo-rs.enable = true; }`, assertion: "`security.sudo` and `security.sudo-rs` cannot both be enabled"},
	{name: "sudo-rs alone", local: `{ security.sudo-rs.enable = true; }`, ask: `config.security.sudo.enable`, value: `false`},

	// Booting.
	{name: "GRUB needs a device", local: `{ boot.loader.systemd-boot.enable = false; }`, assertion: "You must set the option ‘boot.loader.grub.devices’"},
	{
		name: "GRUB is a default already", local: `{ boot.loader.grub.enable = lib.mkDefault true; }`,
		refusal: "The option `boot.loader.grub.enable' has conflicting definition values",
	},
	{
		name: "two boot loaders", local: `{ boot.loader.grub = { enable = true; device = "nodev"; }; }`,
		refusal: "Only one bootloader can be enabled at a time.",
	},
	{
		name: "removable GRUB and EFI variables", local: `{
			boot.loader.systemd-boot.enable = false;
			boot.loader.grub = { device = "nodev"; efiInstallAsRemovable = true; };
			boot.loader.efi.canTouchEfiVariables = true;
		}`,
		assertion: "boot.loader.grub.efiInstallAsRemovable, then turn off boot.loader.efi.canTouchEfiVariables",
	},
	{name: "no root file system", local: `{ fileSystems = lib.mkForce { }; }`, assertion: "The ‘fileSystems’ option does not specify your root file system."},
	{
		name: "file system without a type", local: `{ fileSystems."/data".device = "/dev/sdb"; }`,
		refusal: "The option `fileSystems.\"/data\".fsType' was accessed but has no value defined",
	},
	{name: "systemd in stage 1", local: `{ }`, ask: `config.boot.initrd.systemd.enable`, value: `true`},
	{
		name: "commands of the scripted stage 1", local: `{ boot.initrd.postDeviceCommands = "true"; }`,
		assertion: "systemd stage 1 does not support `boot.initrd.postDeviceCommands`",
	},
	{
		name: "scripted stage 1", local: `{ boot.initrd = { systemd.enable = false; postDeviceCommands = "true"; }; }`,
		ask: `lib.any (a: !a.assertion) config.assertions`, value: `false`,
	},
	{name: "kernel parameter with a space", local: `{ boot.kernelParams = [ "quiet splash" ]; }`, refusal: "A definition for option `boot.kernelParams"},
	{name: "default kernel", local: `{ }`, ask: `lib.versions.majorMinor config.boot.kernelPackages.kernel.version`, value: `"6.18"`},
	{name: "hardened kernel", release: newest, local: `{ boot.kernelPackages = pkgs.linuxPackages_hardened; }`, refusal: "attribute 'linuxPackages_hardened' missing"},
	{name: "kernel pointers are hidden", local: `{ }`, ask: `config.boot.kernel.sysctl."kernel.kptr_restrict"`, value: `1`},
	{name: "read-only store", local: `{ boot.readOnlyNixStore = false; }`, assertion: "The option definition `boot.readOnlyNixStore' in"},
	{name: "vesa, once", release: oldest, local: `{ boot.vesa = true; }`, ask: `config.boot.vesa`, value: `true`},
	{name: "vesa, removed", release: newest, local: `{ boot.vesa = true; }`, assertion: "The option definition `boot.vesa' in"},
	{
		name: "boot counting to come", release: oldest, local: `{ boot.loader.systemd-boot.bootCounting.enable = true; }`,
		refusal: "The option `boot.loader.systemd-boot.bootCounting.enable' does not exist",
	},
	{name: "boot.tmp renamed", local: `{ boot.cleanTmpDir = true; }`, warning: "has been renamed to `boot.tmp.cleanOnBoot'"},

	// Memory.
	{
		name: "swap compressed twice", local: `{ zramSwap.enable = true; boot.zswap.enable = true; swapDevices = [ { device = "/swap"; } ]; }`,
		assertion: "Conflicting options enabled: 'boot.zswap.enable' and 'zramSwap.enable'.",
	},
	{name: "zswap without swap", local: `{ boot.zswap.enable = true; }`, assertion: "Zswap requires at least one physical swap device"},
	{
		name: "zram with one disk for two", local: `{ zramSwap = { enable = true; swapDevices = 2; writebackDevice = "/dev/sdb"; }; }`,
		assertion: "A single writeback device cannot be shared among multiple zram devices",
	},

	// Desktops, and what they bring along.
	{name: "desktop saves power", local: `{ ` + cosmic + ` }`, ask: `config.services.power-profiles-daemon.enable`, value: `true`},
	{
		name: "power is a default already", local: `{ ` + cosmic + ` services.power-profiles-daemon.enable = lib.mkDefault false; }`,
		refusal: "The option `services.power-profiles-daemon.enable' has conflicting definition values",
	},
	{name: "power saved twice", local: `{ ` + cosmic + ` services.tlp.enable = true; }`, assertion: "which conflicts with services.tlp.enable = true;"},
	{
		name: "desktop's network", local: `{ ` + cosmic + ` }`,
		ask: `with config.networking; [ networkmanager.enable useDHCP wireless.enable ]`, value: `[true,false,true]`,
	},
	{
		name: "wireless off under NetworkManager", local: `{ networking.networkmanager.enable = true; networking.wireless.enable = false; }`,
		refusal: "The option `networking.wireless.enable' has conflicting definition values",
	},
	{
		name: "wireless networks under NetworkManager", local: `{ networking.networkmanager.enable = true; networking.wireless.networks.home = { }; }`,
		assertion: "You can not use networking.networkmanager with networking.wireless.networks.",
	},
	{name: "keyring's agent", local: `{ ` + cosmic + ` }`, ask: `config.services.gnome.gcr-ssh-agent.enable`, value: `true`},
	{
		name: "two agents", local: `{ ` + cosmic + ` programs.ssh.startAgent = true; }`,
		assertion: "These options conflict because only one SSH agent can be installed at a time.",
	},
	{
		name: "agent of GnuPG too", local: `{ programs.ssh.startAgent = true; programs.gnupg.agent = { enable = true; enableSSHSupport = true; }; }`,
		assertion: "You can't use ssh-agent and GnuPG agent with SSH support enabled at the same time!",
	},
	{name: "session that is not there", local: `{ ` + cosmic + ` services.displayManager.defaultSession = "gnome"; }`, assertion: `Default graphical session, "gnome", not found.`},
	{name: "session that is", local: `{ ` + cosmic + ` services.displayManager.defaultSession = "cosmic"; }`, ask: `lib.any (a: !a.assertion) config.assertions`, value: `false`},
	{name: "nobody logs in by himself", local: `{ ` + cosmic + ` services.displayManager.autoLogin.enable = true; }`, assertion: "requires `services.displayManager.autoLogin.user` to be set"},
	{name: "somebody does", local: `{ services.displayManager.autoLogin.user = "ada"; }`, ask: `config.services.displayManager.autoLogin.enable`, value: `true`},
	{name: "SDDM without a display", local: `{ services.displayManager.sddm.enable = true; }`, assertion: "SDDM requires either services.xserver.enable or services.displayManager.sddm.wayland.enable"},
	{
		name: "COSMIC without its core", local: `{ ` + cosmic + ` environment.cosmic.excludePackages = [ pkgs.cosmic-comp ]; }`,
		warning: "exclude some\npackages from the environment which also includes some packages",
	},
	{name: "GNOME's old place", local: `{ services.xserver.desktopManager.gnome.enable = true; }`, warning: "has been renamed to `services.desktopManager.gnome.enable'"},
	{name: "Plasma 5", local: `{ services.xserver.desktopManager.plasma5.enable = true; }`, assertion: "The option definition `services.xserver.desktopManager.plasma5.enable' in"},

	{name: "Flatpak without portals", local: `{ services.flatpak.enable = true; }`, assertion: "To use Flatpak you must enable XDG Desktop Portals with xdg.portal.enable."},
	{
		name: "Flatpak's fuse", release: newest, local: `{ ` + cosmic + ` services.flatpak.enable = true; }`,
		ask: `config.programs.fuse.enable`, value: `true`,
	},
	{
		name: "no fuse by itself", release: newest, local: `{ }`,
		ask: `config.programs.fuse.enable`, value: `false`,
	},
	{
		name: "portal that nobody was told to use", local: `{ xdg.portal = { enable = true; extraPortals = [ pkgs.xdg-desktop-portal-gtk ]; }; }`,
		warning: "should either set `xdg.portal.config` or `xdg.portal.configPackages`",
	},
	{name: "portal without a portal", local: `{ xdg.portal.enable = true; }`, assertion: "requires a portal implementation in xdg.portal.extraPortals"},
	{
		name: "two sound servers", local: `{ services.pipewire = { enable = true; pulse.enable = true; }; services.pulseaudio.enable = true; }`,
		assertion: "Using PipeWire as the sound server conflicts with PulseAudio.",
	},
	{
		name: "sound without a sound server", local: `{ services.pipewire = { enable = true; pulse.enable = true; audio.enable = false; }; }`,
		assertion: "requires running PipeWire as the sound server",
	},
	{name: "session manager of sound", local: `{ services.pipewire.enable = true; }`, ask: `config.services.pipewire.wireplumber.enable`, value: `true`},
	{name: "PulseAudio's old place", local: `{ hardware.pulseaudio.enable = false; }`, warning: "has been renamed to `services.pulseaudio.enable'"},

	// Graphics.
	{name: "which module of NVIDIA", local: `{ ` + nvidia + `}`, assertion: "You must configure `hardware.nvidia.open` on NVIDIA driver versions >= 560."},
	{
		name: "old driver of NVIDIA", local: `{ ` + nvidia + `hardware.nvidia.package = config.boot.kernelPackages.nvidiaPackages.legacy_470; }`,
		ask: `[ config.hardware.nvidia.modesetting.enable (lib.any (a: !a.assertion) config.assertions) ]`, value: `[false,false]`,
	},
	{
		name: "NVIDIA is unfree", local: `{ services.xserver.videoDrivers = [ "nvidia" ]; hardware.nvidia.open = true; }`,
		refusal: "has an unfree license (‘unfree’), refusing to evaluate",
	},
	{
		name: "NVIDIA's settings are unfree", local: `{ nixpkgs.config.allowUnfreePackages = [ "nvidia-x11" ]; services.xserver.videoDrivers = [ "nvidia" ]; hardware.nvidia.open = true; }`,
		refusal: "Package ‘nvidia-settings-",
	},
	{
		name:    "NVIDIA's closed modules are unfree",
		local:   `{ nixpkgs.config.allowUnfreePackages = [ "nvidia-x11" "nvidia-settings" ]; services.xserver.videoDrivers = [ "nvidia" ]; hardware.nvidia.open = false; }`,
		refusal: "Package ‘nvidia-kernel-modules-",
	},
	{
		name: "NVIDIA's licence", local: `{ ` + nvidia + `hardware.nvidia = { open = false; branch = "legacy_470"; }; }`,
		refusal: "Use of NVIDIA Software requires license acceptance of the license:",
	},
	{
		name: "driver that this kernel is too new for", local: `{ ` + nvidia + `nixpkgs.config.nvidia.acceptLicense = true; hardware.nvidia = { open = false; branch = "legacy_390"; }; }`,
		refusal: "is marked as broken, refusing to evaluate",
	},
	{
		name:      "sync leaves nothing to power down",
		local:     `{ ` + nvidia + `hardware.nvidia = { open = true; powerManagement.finegrained = true; prime = { sync.enable = true; nvidiaBusId = "PCI:1:0:0"; intelBusId = "PCI:0:2:0"; }; }; }`,
		assertion: "Sync precludes powering down the NVIDIA GPU.",
	},
	{name: "nouveau goes", local: `{ ` + nvidia + `hardware.nvidia.open = true; }`, ask: `lib.elem "nouveau" config.boot.blacklistedKernelModules`, value: `true`},
	{name: "old Radeons", local: `{ hardware.amdgpu.legacySupport.enable = true; }`, ask: `lib.elem "radeon.cik_support=0" config.boot.kernelParams`, value: `true`},
	{
		name: "PRIME without a bus", local: `{ ` + nvidia + `hardware.nvidia = { open = true; prime.sync.enable = true; }; }`,
		assertion: "When NVIDIA PRIME is enabled, the GPU bus IDs must be configured.",
	},
	{
		name: "PRIME both ways", local: `{ ` + nvidia + `hardware.nvidia = { open = true; prime = { sync.enable = true; offload.enable = true; }; }; }`,
		assertion: "PRIME Sync and Offload cannot be both enabled",
	},
	{name: "hexadecimal bus", local: `{ hardware.nvidia.prime.nvidiaBusId = "01:00.0"; }`, refusal: "A definition for option `hardware.nvidia.prime.nvidiaBusId' is not of type"},
	{name: "containers without a driver", local: `{ hardware.nvidia-container-toolkit.enable = true; }`, assertion: "`nvidia-container-toolkit` requires nvidia drivers"},
	{name: "OpenGL's old name", local: `{ hardware.opengl.enable = true; }`, warning: "has been renamed to `hardware.graphics.enable'"},
	{name: "all firmware", local: `{ hardware.enableAllFirmware = true; }`, assertion: "This requires nixpkgs.config.allowUnfree to be true."},
	{
		name: "32 bits on ARM", local: `{ nixpkgs.hostPlatform = "aarch64-linux"; hardware.graphics.enable32Bit = true; }`,
		assertion: "`hardware.graphics.enable32Bit` only makes sense on a 64-bit system.",
	},

	// Containers.
	{name: "docker twice", local: `{ virtualisation = { podman = { enable = true; dockerCompat = true; }; docker.enable = true; }; }`, assertion: "Option dockerCompat conflicts with docker"},
	{name: "docker's socket twice", local: `{ virtualisation = { podman = { enable = true; dockerSocket.enable = true; }; docker.enable = true; }; }`, assertion: "because only one can serve the socket"},
	{name: "NVIDIA in podman, formerly", local: `{ virtualisation.podman.enableNvidia = true; }`, assertion: "The option definition `virtualisation.podman.enableNvidia' in"},
	{name: "who runs containers", local: `{ }`, ask: `config.virtualisation.oci-containers.backend`, value: `"podman"`},
	{name: "container without an image", local: `{ virtualisation.oci-containers.containers.x = { }; }`, refusal: "The option `virtualisation.oci-containers.containers.x.image' was accessed but has no value defined"},
	{name: "numbers in a container's environment", local: `{ virtualisation.oci-containers.containers.x = { image = "x"; environment.PORT = 1; }; }`, refusal: "A definition for option `virtualisation.oci-containers.containers.x.environment.PORT' is not of type"},
	{
		name: "registries to come", release: oldest, local: `{ virtualisation.containers.registries.settings.unqualified-search-registries = [ "docker.io" ]; }`,
		refusal: "The option `virtualisation.containers.registries.settings' does not exist",
	},

	// Services.
	{name: "Ollama's acceleration", local: `{ services.ollama.acceleration = "cuda"; }`, assertion: "The option definition `services.ollama.acceleration' in"},
	{
		name: "Ollama with CUDA", local: `{ nixpkgs.config.cudaSupport = true; services.ollama.enable = true; }`,
		refusal: "has an unfree license (‘unfree’), refusing to evaluate",
	},
	{name: "PostgreSQL of 26.11", release: newest, local: `{ system.stateVersion = "26.11"; services.postgresql.enable = true; }`, ask: `config.services.postgresql.package.psqlSchema`, value: `"18"`},
	{name: "PostgreSQL of 26.05", local: `{ services.postgresql.enable = true; }`, ask: `config.services.postgresql.package.psqlSchema`, value: `"17"`},
	{name: "PostgreSQL of 24.11", local: `{ system.stateVersion = "24.11"; services.postgresql.enable = true; }`, ask: `config.services.postgresql.dataDir`, value: `"/var/lib/postgresql/16"`},
	{name: "PostgreSQL's port", local: `{ services.postgresql.port = 5433; }`, warning: "has been renamed to `services.postgresql.settings.port'"},
	{
		name: "who may connect to PostgreSQL", local: `{ services.postgresql = { enable = true; authentication = "local all all trust"; }; }`,
		ask: `with config.services.postgresql; [ (lib.hasInfix "local all all trust" authentication) (lib.hasInfix "host  all all 127.0.0.1/32 md5" authentication) settings.listen_addresses ]`, value: `[true,true,"localhost"]`,
	},
	{
		name: "owner of no database", local: `{ services.postgresql = { enable = true; ensureUsers = [ { name = "app"; ensureDBOwnership = true; } ]; }; }`,
		assertion: "Offender: app has not been found among databases.",
	},
	{
		name: "Redis's ports", local: `{ services.redis.servers = { "".enable = true; cache.enable = true; }; }`,
		ask: `with config.services.redis; [ servers."".port servers.cache.port servers.cache.unixSocket ]`, value: `[6379,0,"/run/redis-cache/redis.sock"]`,
	},
	{
		name: "Redis's units", local: `{ services.redis.servers = { "".enable = true; cache.enable = true; }; }`,
		ask: `lib.filter (lib.hasPrefix "redis") (lib.attrNames config.systemd.services)`, value: `["redis","redis-cache"]`,
	},
	{
		name: "two passwords of Redis", local: `{ services.redis.servers.cache = { enable = true; requirePass = "x"; requirePassFile = "/run/x"; }; }`,
		assertion: "You can only set one services.redis.servers.cache.requirePass",
	},
	{name: "nginx's own host", local: `{ services.nginx.enable = true; }`, ask: `lib.attrNames config.services.nginx.virtualHosts`, value: `["localhost"]`},
	{
		name: "nginx listens to all", local: `{ services.nginx.enable = true; }`,
		ask: `config.services.nginx.defaultListenAddresses`, value: `["0.0.0.0","[::0]"]`,
	},
	{
		name: "nginx with TLS twice", local: `{ services.nginx = { enable = true; virtualHosts.x = { addSSL = true; forceSSL = true; sslCertificate = "/x"; sslCertificateKey = "/x"; }; }; }`,
		assertion: "services.nginx.virtualHosts.<name>.rejectSSL are mutually exclusive.",
	},
	{
		name: "nginx: root and alias", local: `{ services.nginx = { enable = true; virtualHosts.x.locations."/" = { root = "/x"; alias = "/x"; }; }; }`,
		assertion: "Only one of nginx root or alias can be specified on a location.",
	},
	{
		name: "certificates without consent", local: `{ services.nginx = { enable = true; virtualHosts.x = { enableACME = true; addSSL = true; sslCertificate = "/x"; sslCertificateKey = "/x"; }; }; }`,
		assertion: "You must accept the CA's terms of service",
	},
	{name: "Prometheus listens to all", local: `{ }`, ask: `with config.services.prometheus; [ listenAddress port exporters.node.listenAddress exporters.node.port ]`, value: `["0.0.0.0",9090,"0.0.0.0",9100]`},
	{name: "Grafana without a key", local: `{ services.grafana.enable = true; }`, assertion: "Grafana's secret key (services.grafana.settings.security.secret_key) doesn't have a default"},
	{
		name: "Grafana's password in the store", local: `{ services.grafana = { enable = true; settings.security = { secret_key = "$__file{/run/key}"; admin_password = "changeme"; }; }; }`,
		warning: "Grafana passwords will be stored as plaintext in the Nix store!",
	},
	{
		name: "Grafana's password in a file", local: `{ services.grafana = { enable = true; settings.security = { secret_key = "$__file{/run/key}"; admin_password = "$__file{/run/password}"; }; }; }`,
		ask: `[ config.warnings (lib.any (a: !a.assertion) config.assertions) ]`, value: `[[],false]`,
	},
	{name: "Grafana's address", local: `{ }`, ask: `with config.services.grafana.settings.server; [ http_addr http_port ]`, value: `["127.0.0.1",3000]`},
	{
		name: "Grafana asks Prometheus itself", local: `{ services.grafana = { enable = true; settings.security.secret_key = "$__file{/run/key}"; provision = { enable = true; datasources.settings.datasources = [ { name = "p"; type = "prometheus"; access = "direct"; } ]; }; }; }`,
		assertion: "the `direct` access mode is not supported anymore",
	},
	{
		name: "Open WebUI's environment", local: `{ services.open-webui.environment.WEBUI_AUTH = "False"; }`,
		ask: `config.services.open-webui.environment`, value: `{"WEBUI_AUTH":"False"}`,
	},
	{
		name: "Open WebUI is unfree", local: `{ services.open-webui.enable = true; }`,
		refusal: "has an unfree license (‘unfree’), refusing to evaluate",
	},
	{name: "Qdrant's address", local: `{ services.qdrant.host = "0.0.0.0"; }`, refusal: "The option `services.qdrant.host' does not exist"},
	{
		name: "Qdrant's settings", local: `{ services.qdrant = { enable = true; settings.service.http_port = 7333; }; }`,
		ask: `with config.services.qdrant.settings; [ service.host service.http_port service.grpc_port telemetry_disabled ]`, value: `["127.0.0.1",7333,6334,true]`,
	},
	{name: "SSH opens its port", local: `{ services.openssh.enable = true; }`, ask: `config.networking.firewall.allowedTCPPorts`, value: `[22]`},
	{
		name: "SSH takes passwords", local: `{ }`,
		ask: `with config.services.openssh.settings; [ PasswordAuthentication PermitRootLogin ]`, value: `[true,"prohibit-password"]`,
	},
	{name: "root logs in, or not", local: `{ services.openssh = { enable = true; settings.PermitRootLogin = false; }; }`, refusal: "A definition for option `services.openssh.settings.PermitRootLogin' is not of type"},
	{name: "resolved's DNSSEC", local: `{ services.resolved.dnssec = "false"; }`, warning: "has been renamed to `services.resolved.settings.Resolve.DNSSEC'"},
	{name: "resolved's own lines", local: `{ services.resolved.extraConfig = "x"; }`, assertion: "The option definition `services.resolved.extraConfig' in"},
	{name: "resolved under NetworkManager", local: `{ services.resolved.enable = true; }`, ask: `config.networking.networkmanager.dns`, value: `"systemd-resolved"`},
	{name: "promtail", local: `{ services.promtail.enable = true; }`, assertion: "The option definition `services.promtail.enable' in"},

	// systemd and the system's own tools.
	{name: "systemd's own lines", local: `{ systemd.extraConfig = "DefaultTimeoutStopSec=10s"; }`, assertion: "The option definition `systemd.extraConfig' in"},
	{name: "systemd's watchdog", local: `{ systemd.watchdog.runtimeTime = "30s"; }`, warning: "has been renamed to `systemd.settings.Manager.RuntimeWatchdogSec'"},
	{name: "users' manager, once", release: oldest, local: `{ systemd.user.extraConfig = "x"; }`, ask: `config.systemd.user.extraConfig`, value: `"x"`},
	{name: "users' manager, removed", release: newest, local: `{ systemd.user.extraConfig = "x"; }`, assertion: "The option definition `systemd.user.extraConfig' in"},
	{name: "bus", local: `{ }`, ask: `config.services.dbus.implementation`, value: `"broker"`},
	{name: "new switch", local: `{ system.switch.enableNg = true; }`, assertion: "The option definition `system.switch.enableNg' in"},
	{name: "pkexec to come", release: oldest, local: `{ security.polkit.enablePkexecWrapper = true; }`, refusal: "The option `security.polkit.enablePkexecWrapper' does not exist"},
	{name: "pkexec on demand", release: newest, local: `{ }`, ask: `config.security.polkit.enablePkexecWrapper`, value: `false`},
	{name: "timer of a service", local: `{ systemd.services.x = { startAt = "daily"; serviceConfig.ExecStart = "/x"; }; }`, ask: `config.systemd.timers.x.timerConfig.OnCalendar`, value: `"daily"`},
	{name: "number in a unit's environment", local: `{ systemd.services.x.environment.PORT = 1; }`, refusal: "A definition for option `systemd.services.x.environment.PORT' is not of type"},
	{name: "manual pages' cache", local: `{ documentation.man.generateCaches = false; }`, warning: "has been renamed to `documentation.man.cache.enable'"},
	{name: "state version", local: `{ system.stateVersion = lib.mkForce null; }`, refusal: "A definition for option `system.stateVersion' is not of type"},

	// Language and console.
	{
		name: "languages", local: `{ i18n.extraLocaleSettings.LC_TIME = "de_DE.UTF-8"; i18n.extraLocales = [ "fr_FR.UTF-8/UTF-8" ]; }`,
		ask: `config.i18n.supportedLocales`, value: `["C.UTF-8/UTF-8","en_US.UTF-8/UTF-8","de_DE.UTF-8/UTF-8","fr_FR.UTF-8/UTF-8"]`,
	},
	{name: "language left out", local: `{ i18n.supportedLocales = [ "de_DE.UTF-8/UTF-8" ]; }`, warning: "`i18n.supportedLocales` is deprecated in favor of `i18n.extraLocales`"},
	{
		name: "keyboard twice", local: `{ console.useXkbConfig = true; console.keyMap = "de"; }`,
		refusal: "The option `console.keyMap' has conflicting definition values",
	},
	{name: "console's font", local: `{ }`, ask: `config.console.font`, value: `null`},
	{name: "console font's old place", local: `{ i18n.consoleFont = "Lat2-Terminus16"; }`, warning: "has been renamed to `console.font'"},
	{name: "fonts' old place", local: `{ fonts.fonts = [ ]; }`, warning: "has been renamed to `fonts.packages'"},

	// Nix.
	{name: "who Nix trusts", local: `{ nix.settings.trusted-users = [ "@wheel" ]; }`, ask: `lib.sort lib.lessThan config.nix.settings.trusted-users`, value: `["@wheel","root"]`},
	{name: "channels", local: `{ nix.channel.enable = false; }`, ask: `config.nix.nixPath`, value: `[]`},
	{
		name: "two collectors", local: `{ nix.gc.automatic = true; programs.nh = { enable = true; clean.enable = true; }; }`,
		warning: "programs.nh.clean.enable and nix.gc.automatic are both enabled.",
	},
	{name: "collector without Nix", local: `{ nix = { enable = false; gc.automatic = true; }; }`, assertion: "nix.gc.automatic requires nix.enable"},
	{name: "nh wants a folder", local: `{ programs.nh.flake = "/etc/nixos/flake.nix"; }`, assertion: "nh.flake must be a directory, not a nix file"},
	{name: "unfree", local: `{ environment.systemPackages = [ pkgs.claude-code ]; }`, refusal: "has an unfree license (‘unfree’), refusing to evaluate"},
	{
		name: "unfree by name", local: `{ nixpkgs.config.allowUnfreePredicate = p: lib.getName p == "claude-code"; environment.systemPackages = [ pkgs.claude-code ]; }`,
		ask: `lib.elem "claude-code" (map lib.getName config.environment.systemPackages)`, value: `true`,
	},
	{
		name: "package of another machine", local: `{ nixpkgs.hostPlatform = "aarch64-linux"; environment.systemPackages = [ pkgs.ollama-rocm ]; }`,
		refusal: "is not available on the requested hostPlatform",
	},
	{name: "old name that throws", release: oldest, local: `{ environment.systemPackages = [ pkgs.du-dust ]; }`, refusal: "'du-dust' has been renamed to/replaced by 'dust'"},
	{name: "old name that is forgotten", release: newest, local: `{ environment.systemPackages = [ pkgs.du-dust ]; }`, refusal: "attribute 'du-dust' missing"},
	{name: "thrown names are there", local: `{ }`, ask: `[ (pkgs ? promtail) (builtins.tryEval pkgs.promtail).success ]`, value: `[true,false]`},
}
