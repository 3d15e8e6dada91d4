package lib

import (
	"strings"
	"testing"
)

func TestFindingsSystem(t *testing.T) { askAll(t, findingsSystem) }

func TestFindingsSSH(t *testing.T) { askAll(t, findingsSSH) }

// on switches features on; lines belong to the last of them.
func on(ids string, lines ...string) string {
	var toml strings.Builder
	for _, id := range strings.Fields(ids) {
		toml.WriteString("[features." + id + "]\nenable = true\n")
	}
	return toml.String() + strings.Join(append(lines, ""), "\n")
}

// machine is facts.json of the host.
func machine(facts string) map[string]string {
	return map[string]string{"hosts/orion/facts.json": facts}
}

const (
	sshKey    = `authorized_keys = ["ssh-ed25519 AAAA ada@laptop"]`
	zramShare = `config.zramSwap.memoryPercent`
	tmpOf     = `with config.boot.tmp; [ cleanOnBoot useTmpfs ]`
	loaders   = `with config.boot.loader; [ systemd-boot.enable grub.enable efi.canTouchEfiVariables ]`
	xkb       = `with config.services.xserver.xkb; [ layout variant ]`
	groups    = `config.users.users."ada-l".extraGroups`
	portals   = `map (p: p.pname) config.xdg.portal.extraPortals`
	noHole    = `with config.networking.firewall; [ allowedTCPPorts allowedUDPPorts interfaces (lib.remove "lo" trustedInterfaces) ]`
	everyone  = "boot kernel memory nix locale users fonts ssd audio-pipewire firewall desktop-cosmic flatpak ssh"
)

// A machine that was installed with GRUB.
var machineWithGrub = map[string]string{"hosts/orion/imported/hardware-configuration.nix": `{
  boot.loader.systemd-boot.enable = false;
  boot.loader.grub = { enable = true; device = "/dev/sda"; };
  fileSystems."/" = { device = "/dev/sda1"; fsType = "ext4"; };
}
`}

// What the old system or the review's own snippets got wrong, by the numbers of the findings
// ("f" is the inventory's section, "r" the review of the design); then each option of each
// feature, and who wins over whom.
var findingsSystem = []hostCase{
	{name: "r10 the boot menu has an end", more: on("boot"), ask: `with config.boot.loader; [ systemd-boot.configurationLimit grub.configurationLimit ]`, want: `[10,10]`},
	{name: "r7 the loader stays", more: on("boot"), files: machineWithGrub, ask: loaders, want: `[false,true,false]`},
	{name: "r7 systemd-boot too", more: on("boot"), ask: loaders, want: `[true,false,false]`},
	{name: "boot loader", more: on("boot", `loader = "systemd-boot"`), files: machineWithGrub, ask: loaders, want: `[true,false,true]`},
	{name: "boot no editor", more: on("boot"), ask: `config.boot.loader.systemd-boot.editor`, want: `false`},
	{name: "boot timeout", more: on("boot"), ask: `config.boot.loader.timeout`, want: `3`},
	{name: "boot local wins", more: on("boot"), local: `{ boot.loader.timeout = 9; }`, ask: `config.boot.loader.timeout`, want: `9`},
	{name: "boot host wins", more: on("boot", "timeout = 7"), local: `{ boot.loader.timeout = 9; }`, ask: `config.boot.loader.timeout`, want: `7`},
	{name: "boot generations", more: on("boot", "generations = 4"), ask: `with config.boot.loader; [ systemd-boot.configurationLimit grub.configurationLimit ]`, want: `[4,4]`},
	{name: "boot clean", more: on("boot"), ask: tmpOf, want: `[true,false]`},
	{name: "boot tmpfs", more: on("boot", `tmp = "tmpfs"`), ask: tmpOf, want: `[false,true]`},
	{name: "boot keep", more: on("boot", `tmp = "keep"`), local: `{ boot.tmp.cleanOnBoot = true; }`, ask: tmpOf, want: `[false,false]`},

	{name: "f no parameter that is gone", more: on("kernel"), ask: `config.boot.kernel.sysctl ? "kernel.unprivileged_userns_clone"`, want: `false`},
	{
		name: "f what is left of the parameters", more: on("kernel"), ask: `map (name: config.boot.kernel.sysctl.${name}) [ "kernel.unprivileged_bpf_disabled" "net.core.bpf_jit_harden" "vm.vfs_cache_pressure" "vm.dirty_ratio" "vm.dirty_background_ratio" ]`,
		want: `[1,2,50,10,5]`,
	},
	{name: "kernel watches", more: on("kernel"), ask: `map (name: config.boot.kernel.sysctl."fs.inotify.max_user_${name}") [ "watches" "instances" ]`, want: `[1048576,524288]`},
	{name: "kernel local wins", more: on("kernel"), local: `{ boot.kernel.sysctl."vm.dirty_ratio" = 30; }`, ask: `config.boot.kernel.sysctl."vm.dirty_ratio"`, want: `30`},
	{name: "kernel of the release", more: on("kernel"), ask: `config.boot.kernelPackages.kernel.version == pkgs.linuxPackages.kernel.version`, want: `true`},
	{
		name: "kernel host wins", more: on("kernel", `package = "latest"`), local: `{ pkgs, ... }: { boot.kernelPackages = pkgs.linuxPackages_zen; }`,
		ask: `config.boot.kernelPackages.kernel.version == pkgs.linuxPackages_latest.kernel.version`, want: `true`,
	},
	{
		name: "kernel on Intel", more: on("kernel"), files: machine(`{"version": 1, "cpu_vendor": "intel"}`),
		ask: `[ (lib.elem "kvm-intel" config.boot.kernelModules) config.hardware.cpu.intel.updateMicrocode config.hardware.cpu.amd.updateMicrocode ]`, want: `[true,true,false]`,
	},
	{
		name: "kernel on AMD", more: on("kernel"), files: machine(`{"version": 1, "cpu_vendor": "amd"}`),
		ask: `[ (lib.elem "kvm-amd" config.boot.kernelModules) config.hardware.cpu.intel.updateMicrocode config.hardware.cpu.amd.updateMicrocode ]`, want: `[true,false,true]`,
	},
	{
		name: "kernel elsewhere", more: on("kernel"), files: machine(`{"version": 1, "cpu_vendor": "other"}`),
		ask: `[ (lib.filter (lib.hasPrefix "kvm-") config.boot.kernelModules) config.hardware.cpu.intel.updateMicrocode config.hardware.enableRedistributableFirmware ]`, want: `[[],false,true]`,
	},

	{name: "140 of 4 GB", more: on("memory"), files: machine(`{"version": 1, "memory_mb": 3900}`), ask: zramShare, want: `100`},
	{name: "140 of 8 GB", more: on("memory"), files: machine(`{"version": 1, "memory_mb": 7800}`), ask: zramShare, want: `75`},
	{name: "140 of 16 GB that tell of 15", more: on("memory"), files: machine(`{"version": 1, "memory_mb": 15400}`), ask: zramShare, want: `50`},
	{name: "140 of 32 GB", more: on("memory"), files: machine(`{"version": 1, "memory_mb": 31900}`), ask: zramShare, want: `25`},
	{name: "140 of 128 GB", more: on("memory"), files: machine(`{"version": 1, "memory_mb": 128000}`), ask: zramShare, want: `25`},
	{name: "140 of nobody knows", more: on("memory"), ask: `[ config.zramSwap.enable ` + zramShare + ` ]`, want: `[true,50]`},
	{name: "memory local wins", more: on("memory"), local: `{ zramSwap.memoryPercent = 33; }`, ask: zramShare, want: `33`},
	{name: "memory host wins", more: on("memory", "zram_percent = 60"), local: `{ zramSwap.memoryPercent = 33; }`, ask: zramShare, want: `60`},
	{
		name: "f no zswap beside zram", more: on("memory"), local: `{ boot.kernelParams = [ "zswap.enabled=1" ]; }`,
		ask: `lib.last (lib.filter (lib.hasPrefix "zswap.enabled") config.boot.kernelParams)`, want: `"zswap.enabled=0"`,
	},
	{name: "f nor as an option", more: on("memory"), local: `{ boot.zswap.enable = true; }`, ask: `drvPath`, wantErr: []string{"boot.zswap.enable"}},
	{name: "f swapping suits zram", more: on("memory kernel"), ask: `map (name: config.boot.kernel.sysctl.${name}) [ "vm.swappiness" "vm.page-cluster" ]`, want: `[180,0]`},
	{
		name: "memory without zram", more: on("memory"), local: `{ zramSwap.enable = false; }`,
		ask: `[ (lib.elem "zswap.enabled=0" config.boot.kernelParams) (config.boot.kernel.sysctl ? "vm.swappiness") ]`, want: `[false,false]`,
	},
	{name: "memory earlyoom", more: on("memory"), ask: `config.services.earlyoom.enable`, want: `true`},
	{name: "memory no earlyoom", more: on("memory", "earlyoom = false"), local: `{ services.earlyoom.enable = true; }`, ask: `config.services.earlyoom.enable`, want: `false`},

	{name: "f nobody is trusted but root", more: on("nix"), ask: `config.nix.settings.trusted-users`, want: `["root"]`},
	{name: "7 older systems stay", more: on("nix"), ask: `let inherit (config.nix) gc; in [ gc.automatic gc.options (lib.toList gc.dates) ]`, want: `[true,"",["weekly"]]`},
	{
		name: "7 who removes them is told of", more: on("nix"), local: `{ nix.gc.options = "--delete-older-than 7d"; }`,
		ask: `map (lost: [ lost.option lost.final lost.files ]) manifest.lost`, want: `[["nix.gc.options","--delete-older-than 7d",["hosts/orion/local.nix"]]]`,
	},
	{name: "nix no gc", more: on("nix", "gc = false"), local: `{ nix.gc.automatic = true; }`, ask: `config.nix.gc.automatic`, want: `false`},
	{name: "147 equal files once", more: on("nix"), ask: `config.nix.settings.auto-optimise-store`, want: `true`},
	{
		name: "148 a mirror", more: on("nix", `substituters = ["http://mirror.lan"]`, `trusted_public_keys = ["lan-1:AAAA"]`),
		ask:  `with config.nix.settings; [ substituters (lib.length trusted-public-keys) (lib.elem "lan-1:AAAA" trusted-public-keys) ]`,
		want: `[["http://mirror.lan","https://cache.nixos.org/"],2,true]`,
	},
	{name: "149 more downloads at once", more: on("nix", "downloads = 64"), ask: `with config.nix.settings; [ http-connections max-substitution-jobs ]`, want: `[64,64]`},
	{name: "149 as many as Nix likes", more: on("nix"), ask: `with config; [ (nix.settings ? http-connections) (nix.settings ? max-substitution-jobs) ]`, want: `[false,false]`},
	{name: "nix local wins", more: on("nix"), local: `{ nix.settings.auto-optimise-store = false; }`, ask: `config.nix.settings.auto-optimise-store`, want: `false`},
	{name: "nix host wins", more: on("nix", "downloads = 8"), local: `{ nix.settings.http-connections = 99; }`, ask: `config.nix.settings.http-connections`, want: `8`},
	{name: "nix gives way", more: on("nix"), ask: `config.nix.daemonCPUSchedPolicy`, want: `"batch"`},
	{
		name: "nix base's stub stays", more: on("nix"), ask: `map (entry: lib.head (lib.splitString "=" entry)) (lib.take 2 config.nix.nixPath)`,
		want: `["nixos-config","nixpkgs"]`,
	},

	{name: "k formats of another country", more: on("locale", `format_locale = "de_DE.UTF-8"`), ask: `with config.i18n.extraLocaleSettings; [ LC_TIME LC_PAPER ]`, want: `["de_DE.UTF-8","de_DE.UTF-8"]`},
	{name: "k not of messages", more: on("locale", `format_locale = "de_DE.UTF-8"`), ask: `map (name: config.i18n.extraLocaleSettings ? ${name}) [ "LC_MESSAGES" "LC_CTYPE" "LC_ALL" ]`, want: `[false,false,false]`},
	{name: "locale formats of the language", more: on("locale"), ask: `config.i18n.extraLocaleSettings`, want: `{}`},
	{name: "locale more", more: on("locale", `more_locales = ["fr_FR.UTF-8"]`), ask: `config.i18n.extraLocales`, want: `["fr_FR.UTF-8/UTF-8"]`},
	{name: "locale all", more: on("locale"), local: `{ i18n.extraLocales = "all"; }`, ask: `config.i18n.extraLocales`, want: `"all"`},
	{name: "locale font", more: on("locale", `console_font = "ter-v32n"`), ask: `config.console.font`, want: `"ter-v32n"`},
	{name: "locale no font", more: on("locale"), ask: `config.console.font`, want: `null`},
	{name: "k keyboard of the desktop", more: on("locale"), old: `keymap = "us"`, new: `keymap = "de-latin1-nodeadkeys"`, ask: xkb, want: `["de","nodeadkeys"]`},
	{name: "k keymap that nobody knows", more: on("locale"), old: `keymap = "us"`, new: `keymap = "bone"`, ask: xkb, want: `["us",""]`},
	{name: "locale local wins", more: on("locale"), local: `{ services.xserver.xkb.layout = "fr"; }`, ask: xkb, want: `["fr",""]`},
	{name: "locale host wins", more: on("locale", `xkb_layout = "gb"`, `xkb_variant = "dvorak"`), local: `{ services.xserver.xkb.layout = "fr"; }`, ask: xkb, want: `["gb","dvorak"]`},

	{name: "f only groups that are needed", more: on("users"), ask: groups, want: `["wheel"]`},
	{
		name: "f groups by what is on", more: on("users"), local: `{ networking.networkmanager.enable = true; hardware.graphics.enable = true; virtualisation.podman.enable = true; }`,
		ask: `lib.sort lib.lessThan ` + groups, want: `["networkmanager","video","wheel"]`,
	},
	{
		name: "users of a second account", more: on("users") + "[users.bob]\n", local: `{ networking.networkmanager.enable = true; hardware.graphics.enable = true; }`,
		ask: `config.users.users.bob.extraGroups`, want: `["video"]`,
	},
	{name: "f sudo asks", more: on("users"), ask: `config.security.sudo.wheelNeedsPassword`, want: `true`},
	{name: "users local wins", more: on("users"), local: `{ security.sudo.wheelNeedsPassword = false; }`, ask: `config.security.sudo.wheelNeedsPassword`, want: `false`},

	{
		name: "fonts", more: on("fonts"), ask: `map (p: p.pname) (lib.filter (p: lib.hasPrefix "nerd-fonts-" p.pname) config.fonts.packages)`,
		want: `["nerd-fonts-meslo-lg","nerd-fonts-fira-code","nerd-fonts-jetbrains-mono","nerd-fonts-hack"]`,
	},
	{name: "fonts chosen", more: on("fonts", `nerd_fonts = ["hack", "gone"]`), ask: `map (skip: skip.package) manifest.skipped`, want: `["nerd-fonts.gone"]`},
	{name: "fonts local wins", more: on("fonts"), local: `{ fonts.enableDefaultPackages = false; }`, ask: `config.fonts.enableDefaultPackages`, want: `false`},
	{
		name: "fonts monospace", more: on("fonts", `monospace = "Hack Nerd Font"`), local: `{ fonts.fontconfig.defaultFonts.monospace = [ "Terminus" ]; }`,
		ask: `config.fonts.fontconfig.defaultFonts.monospace`, want: `["Terminus","Hack Nerd Font","DejaVu Sans Mono"]`,
	},

	{name: "146 trim once a week", more: on("ssd"), ask: `with config.services.fstrim; [ enable interval ]`, want: `[true,"weekly"]`},
	{name: "ssd local wins", more: on("ssd"), local: `{ services.fstrim.interval = "daily"; }`, ask: `config.services.fstrim.interval`, want: `"daily"`},
	{name: "ssd host wins", more: on("ssd"), local: `{ services.fstrim.enable = false; }`, ask: `config.services.fstrim.enable`, want: `true`},

	{
		name: "f sound", more: on("audio-pipewire"), ask: `with config.services; [ pipewire.enable pipewire.alsa.enable pipewire.alsa.support32Bit pipewire.pulse.enable pipewire.jack.enable pulseaudio.enable ]`,
		want: `[true,true,true,true,false,false]`,
	},
	{
		name: "sound of 32 bits", more: on("audio-pipewire"), old: `"x86_64-linux"`, new: `"aarch64-linux"`,
		ask: `with config.services.pipewire.alsa; [ enable support32Bit ]`, want: `[true,false]`,
	},
	{name: "sound local wins", more: on("audio-pipewire"), local: `{ security.rtkit.enable = false; }`, ask: `config.security.rtkit.enable`, want: `false`},
	{name: "sound host wins", more: on("audio-pipewire", "jack = true"), local: `{ services.pipewire.jack.enable = false; }`, ask: `config.services.pipewire.jack.enable`, want: `true`},

	{name: "116 no port is open", more: on(everyone, sshKey), ask: noHole, want: `[[],[],{},[]]`},
	{name: "117 refused connections", more: on("firewall"), ask: `with config.networking.firewall; [ enable logRefusedConnections ]`, want: `[true,false]`},
	{name: "118 refused packets", more: on("firewall"), ask: `config.networking.firewall.logRefusedPackets`, want: `false`},
	{name: "firewall local wins", more: on("firewall"), local: `{ networking.firewall.logRefusedConnections = true; }`, ask: `config.networking.firewall.logRefusedConnections`, want: `true`},
	{name: "firewall host wins", more: on("firewall", "log_refused = true"), local: `{ networking.firewall.logRefusedConnections = false; }`, ask: `config.networking.firewall.logRefusedConnections`, want: `true`},

	{name: "f COSMIC", more: on("desktop-cosmic"), ask: `with config.services; [ desktopManager.cosmic.enable displayManager.cosmic-greeter.enable desktopManager.cosmic.xwayland.enable ]`, want: `[true,true,true]`},
	{
		name: "f variables that Wayland needs", more: on("desktop-cosmic"),
		ask:  `lib.intersectLists (lib.attrNames config.environment.sessionVariables) [ "QT_QPA_PLATFORM" "SDL_VIDEODRIVER" "MOZ_ENABLE_WAYLAND" "NIXOS_OZONE_WL" "COSMIC_DATA_CONTROL_ENABLED" "LIBVA_DRIVER_NAME" ]`,
		want: `["NIXOS_OZONE_WL"]`,
	},
	{name: "COSMIC clipboard", more: on("desktop-cosmic", "clipboard_managers = true"), ask: `config.environment.sessionVariables.COSMIC_DATA_CONTROL_ENABLED`, want: `"1"`},
	{name: "COSMIC without", more: on("desktop-cosmic", `exclude = ["cosmic-player"]`), ask: `map (p: p.pname) config.environment.cosmic.excludePackages`, want: `["cosmic-player"]`},
	{name: "COSMIC local wins", more: on("desktop-cosmic"), local: `{ environment.sessionVariables.NIXOS_OZONE_WL = "0"; }`, ask: `config.environment.sessionVariables.NIXOS_OZONE_WL`, want: `"0"`},
	{
		name: "COSMIC host wins", more: on("desktop-cosmic", "xwayland = false"), local: `{ services.desktopManager.cosmic.xwayland.enable = true; }`,
		ask: `config.services.desktopManager.cosmic.xwayland.enable`, want: `false`,
	},
	{name: "COSMIC beside TLP", more: on("desktop-cosmic"), local: `{ services.tlp.enable = true; }`, ask: `builtins.seq drvPath config.services.power-profiles-daemon.enable`, want: `false`},
	{name: "COSMIC alone", more: on("desktop-cosmic"), ask: refusals, want: `[]`},
	{
		name: "COSMIC and GNOME", more: on("desktop-cosmic"), local: `{ services.desktopManager.gnome.enable = true; }`, ask: refusals,
		want: `["nqd.features.desktop-cosmic.enable is true, and so is services.desktopManager.gnome.enable\n` +
			`(local.nix): one desktop and one login\ncan have the screen. Take the other one out of that file, or switch desktop-cosmic off.\n"]`,
	},
	{
		name: "COSMIC and Plasma", more: on("desktop-cosmic"), files: map[string]string{"hosts/orion/imported/configuration.nix": `{ services.desktopManager.plasma6.enable = true; services.displayManager.sddm.enable = true; }`},
		ask: `map (message: lib.head (lib.splitString "\n" message)) (` + refusals + `)`,
		want: `["nqd.features.desktop-cosmic.enable is true, and so is services.desktopManager.plasma6.enable",` +
			`"nqd.features.desktop-cosmic.enable is true, and so is services.displayManager.sddm.enable"]`,
	},
	{
		name: "COSMIC and GNOME's old name", more: on("desktop-cosmic"), local: `{ services.xserver.desktopManager.gnome.enable = true; }`,
		ask: `lib.length (` + refusals + `)`, want: `1`,
	},

	{name: "f Flatpak", more: on("flatpak"), ask: `[ config.services.flatpak.enable config.xdg.portal.enable (` + portals + `) config.xdg.portal.config ]`, want: `[true,true,["xdg-desktop-portal-gtk"],{"common":{"default":["gtk"]}}]`},
	{
		name: "Flatpak leaves the desktop its portal", more: on("flatpak"), local: `{ pkgs, ... }: { xdg.portal.configPackages = [ pkgs.xdg-desktop-portal-cosmic ]; }`,
		ask: `config.xdg.portal.config`, want: `{}`,
	},
	{name: "Flatpak local wins", more: on("flatpak"), local: `{ xdg.portal.enable = false; }`, ask: `config.xdg.portal.enable`, want: `false`},
	{name: "Flatpak host wins", more: on("flatpak"), local: `{ services.flatpak.enable = false; }`, ask: `config.services.flatpak.enable`, want: `true`},
}

var findingsSSH = []hostCase{
	{
		name: "keys alone", more: on("ssh", sshKey),
		ask:  `with config.services.openssh.settings; [ PasswordAuthentication KbdInteractiveAuthentication PermitRootLogin ]`,
		want: `[false,false,"no"]`,
	},
	{
		name: "key of the user", more: on("ssh", sshKey), ask: `[ config.users.users."ada-l".openssh.authorizedKeys.keys (` + refusals + `) ]`,
		want: `[["ssh-ed25519 AAAA ada@laptop"],[]]`,
	},
	{
		name: "r35 nobody is locked out", more: on("ssh"), ask: refusals,
		want: `["nqd.features.ssh.enable is true and passwords are not taken, but no account has a\n` +
			`key, so nobody could log in. Put the line of the other machine's\n` +
			`~/.ssh/id_ed25519.pub into authorized_keys of [features.ssh] in host.toml.\n"]`,
	},
	{
		name: "r35 server of a file", more: on("ssh", sshKey), local: `{ services.openssh.enable = true; }`, ask: refusals,
		want: `["local.nix has services.openssh.enable already, but with\nnqd.features.ssh.expose empty nobody could reach this machine any more. Name the\n` +
			`interfaces in [features.ssh] of host.toml: expose = [\"eth0\"], or [\"*\"] for all.\n"]`,
	},
	{name: "r35 server of a file, exposed", more: on("ssh", sshKey, `expose = ["*"]`), local: `{ services.openssh.enable = true; }`, ask: refusals, want: `[]`},
	{name: "r35 server that a file has off", more: on("ssh", sshKey), local: `{ services.openssh.enable = false; }`, ask: refusals, want: `[]`},
	{
		name: "another port of a file", more: on("ssh", sshKey), local: `{ services.openssh.ports = [ 2222 ]; }`,
		ask:  `map (message: lib.head (lib.splitString "." (lib.removePrefix "services.openssh." message))) (map (a: a.message) (lib.filter (a: !a.assertion) config.assertions))`,
		want: `["ports is 22 2222, but nqd knows\nof 22 only, and opens no other"]`,
	},
	{name: "no sockets", more: on("ssh", sshKey), ask: `config.services.openssh.startWhenNeeded`, want: `false`},
	{
		name: "PulseAudio of a file", local: `{ nqd.features.audio-pipewire.enable = true; services.pulseaudio.enable = true; }`,
		ask: `lib.length (lib.filter (a: !a.assertion && lib.hasInfix "nqd.features.audio-pipewire" a.message) config.assertions)`, want: `1`,
	},
	{name: "r35 off", ask: refusals, want: `[]`},
	{name: "r35 key of another account", more: on("ssh"), local: `{ users.users.eve = { isNormalUser = true; openssh.authorizedKeys.keys = [ "k" ]; }; }`, ask: refusals, want: `[]`},
	{name: "r35 file with a key", more: on("ssh"), local: `{ users.users.eve = { isNormalUser = true; openssh.authorizedKeys.keyFiles = [ ./local.nix ]; }; }`, ask: refusals, want: `[]`},
	{name: "r35 account without a login", more: on("ssh"), local: `{ users.users.eve = { enable = false; isNormalUser = true; openssh.authorizedKeys.keys = [ "k" ]; }; }`, ask: `lib.length (` + refusals + `)`, want: `1`},
	{name: "r35 root may not come in", more: on("ssh"), local: `{ users.users.root.openssh.authorizedKeys.keys = [ "k" ]; }`, ask: `lib.length (` + refusals + `)`, want: `1`},
	{
		name: "r35 root may", more: on("ssh"), local: `{ users.users.root.openssh.authorizedKeys.keys = [ "k" ]; services.openssh.settings.PermitRootLogin = "prohibit-password"; }`,
		ask: `[ config.services.openssh.settings.PermitRootLogin (` + refusals + `) ]`, want: `["prohibit-password",[]]`,
	},
	{name: "r35 passwords are taken", more: on("ssh"), local: `{ services.openssh.settings.PasswordAuthentication = true; }`, ask: refusals, want: `[]`},
	{
		name: "a private key", more: on("ssh", `authorized_keys = ["-----BEGIN OPENSSH PRIVATE KEY-----"]`), ask: `map (message: lib.head (lib.splitString "." (lib.removePrefix "nqd.features.ssh." message))) (` + refusals + `)`,
		want: `["authorized_keys holds a private key"]`,
	},
	{
		name: "f loopback", more: on("ssh", sshKey), ask: `with config.services.openssh; [ (map (l: l.addr) listenAddresses) ports openFirewall config.networking.firewall.allowedTCPPorts ]`,
		want: `[["127.0.0.1"],[22],false,[]]`,
	},
	{
		name: "exposed", more: on("ssh", sshKey, "port = 2222", `expose = ["eth0"]`), ask: `with config.services.openssh; [ listenAddresses ports openFirewall config.networking.firewall.interfaces.eth0.allowedTCPPorts ]`,
		want: `[[],[2222],false,[2222]]`,
	},
	{name: "host wins", more: on("ssh", sshKey), local: `{ services.openssh.enable = false; }`, ask: `config.services.openssh.enable`, want: `true`},
}
