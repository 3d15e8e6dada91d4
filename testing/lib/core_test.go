package lib

import "testing"

// bob is a second account, and tools a feature of the user's own.
const bob = `
[users.bob]
full_name = "Bob"
git_name = "Bob B"
git_email = "bob@example.org"
`

// own is the head of a user's feature.toml.
func own(id, more string) string {
	return `id = "` + id + `"
title = "Mine"
summary = "A feature of my own"
category = "development"
` + more
}

// failed is the question which assertions fail.
const failed = `(map (a: a.message) (lib.filter (a: !a.assertion) config.assertions))`

// core is what the library does for every feature.
var core = []hostCase{
	// What won and what lost.
	{
		name: "lost", local: `{ services.ollama.port = 1; }`,
		ask:  `map (l: removeAttrs l [ "feature" ]) manifest.lost`,
		want: `[{"files":["hosts/orion/local.nix"],"final":1,"option":"services.ollama.port","value":11434}]`,
	},
	{
		name: "lost in a home", files: map[string]string{"hosts/orion/home.nix": `{ programs.git.enable = false; }`},
		old: `"inference-server"`, new: `"minimal"`,
		ask:  `lib.filter (l: l.option == "programs.git.enable") manifest.lost`,
		want: `[{"feature":"git","files":["hosts/orion/home.nix"],"final":false,"option":"programs.git.enable","value":true}]`,
	},
	{
		name: "lost inside of a submodule", local: `{ lib, ... }: { users.users."ada-l".description = lib.mkForce "C"; }`,
		ask:  `map (l: [ l.option l.final l.files ]) manifest.lost`,
		want: `[["users.users.ada-l.description","C",["hosts/orion/local.nix"]]]`,
	},
	{
		name: "override", local: `{ time.timeZone = "Europe/Berlin"; }`, ask: `manifest.overrides`,
		want: `[{"feature":"base","files":["hosts/orion/local.nix"],"option":"time.timeZone","replaced":["Europe/Berlin"],"value":"UTC"}]`,
	},
	{
		name: "override of an option of nqd", more: "[features.ollama]\nport = 1\n",
		local: `{ nqd.features.ollama.port = 2; }`,
		ask:   `map (o: [ o.option o.value o.replaced ]) manifest.overrides`,
		want:  `[["nqd.features.ollama.port",1,[2]]]`,
	},
	{
		name: "override of an imported file", files: map[string]string{
			"hosts/orion/imported/configuration.nix": `{ config, pkgs, lib, modulesPath, ... }: {
				imports = [ ./more/names.nix (modulesPath + "/installer/scan/not-detected.nix") ];
				i18n.defaultLocale = lib.mkIf (config.networking.hostName == "orion") "de_DE.UTF-8";
			}`,
			"hosts/orion/imported/more/names.nix": `{ networking = { hostName = "nixos"; domain = "example.org"; }; }`,
		},
		ask: `lib.sort (a: b: lib.head a < lib.head b) (map (o: [ o.option o.replaced o.files ]) manifest.overrides)`,
		want: `[["i18n.defaultLocale",["de_DE.UTF-8"],["hosts/orion/imported/configuration.nix"]],` +
			`["networking.hostName",["nixos"],["hosts/orion/imported/more/names.nix"]]]`,
	},
	{name: "the same is no override", local: `{ time.timeZone = "UTC"; }`, ask: `manifest.overrides`, want: `[]`},
	{
		name: "a default is no override", local: `{ lib, ... }: { time.timeZone = lib.mkForce "Asia/Tokyo"; }`,
		ask: `[ manifest.overrides (map (l: l.final) manifest.lost) ]`, want: `[[],["Asia/Tokyo"]]`,
	},

	// Packages that are missing.
	{
		name: "packages", more: "[features.tools]\nenable = true\n",
		files: map[string]string{"features/tools/feature.toml": own("tools", `packages = ["no-such", "hello", "promtail", "claude-code", "nix.no", "lib"]`)},
		ask:   `map (s: [ s.package s.why ]) manifest.skipped`,
		want: `[["no-such","this nixpkgs has no such package"],["promtail","it was removed from nixpkgs"],` +
			`["claude-code","it is unfree; packages.allow_unfree = [\"claude-code\"] in host.toml allows it"],` +
			`["nix.no","this nixpkgs has no such package"],["lib","it is no package"]]`,
	},
	{
		name: "packages that are there", more: "[features.tools]\nenable = true\n",
		files: map[string]string{"features/tools/feature.toml": own("tools", `packages = ["no-such", "hello"]`)},
		ask:   `[ (lib.elem pkgs.hello config.environment.systemPackages) (builtins.seq drvPath config.warnings) ]`,
		want:  `[true,["nqd.features.tools goes without the package no-such: this nixpkgs has no such package."]]`,
	},
	{
		name: "package that is allowed", more: "[packages]\nallow_unfree = [\"claude-code\"]\n[features.tools]\nenable = true\n",
		files: map[string]string{"features/tools/feature.toml": own("tools", `packages = ["claude-code"]`)},
		ask:   `[ manifest.skipped (lib.elem pkgs.claude-code config.environment.systemPackages) ]`, want: `[[],true]`,
	},
	{
		name: "package that did not build", more: "[features.tools]\nenable = true\n",
		files: map[string]string{
			"features/tools/feature.toml": own("tools", `packages = ["hello", "git"]`),
			"hosts/orion/skips.json": `[
				{"package": "hello", "feature": "tools", "drv": "x.drv", "why": "exit code 1", "nixpkgs": "sha256-now"},
				{"package": "git", "feature": "tools", "drv": "y.drv", "why": "exit code 2", "nixpkgs": "sha256-before"}]`,
		},
		ask:  `[ manifest.skipped (lib.elem pkgs.hello config.environment.systemPackages) ]`,
		want: `[[{"feature":"tools","package":"hello","why":"it did not build: exit code 1"}],false]`,
	},
	{
		name: "packages of a feature that is off", ask: `manifest.skipped`, want: `[]`,
		files: map[string]string{"features/tools/feature.toml": own("tools", `packages = ["no-such"]`)},
	},
	{
		name: "packages of a home", more: "[features.tools]\nenable = true\n",
		files: map[string]string{
			"features/tools/feature.toml": own("tools", ""),
			"features/tools/home.nix":     `nqd: { pkgs, ... }: { config = nqd.install pkgs [ "home" "packages" ] [ "hello" "no-such" ]; }`,
		},
		ask:  `[ (lib.elem pkgs.hello home.home.packages) manifest.skipped (lib.length config.warnings) ]`,
		want: `[true,[{"feature":"tools","package":"no-such","why":"this nixpkgs has no such package"}],1]`,
	},

	// Ports.
	{
		name: "ports", more: "[features.ollama]\nexpose = [\"eth0\", \"*\"]\n",
		ask:  `[ config.networking.firewall.interfaces.eth0.allowedTCPPorts (lib.elem 11434 config.networking.firewall.allowedTCPPorts) manifest.ports ]`,
		want: `[[11434],true,[{"expose":["eth0","*"],"feature":"ollama","name":"api","number":11434,"protocol":"tcp"}]]`,
	},
	{
		name: "loopback", ask: `[ config.networking.firewall.interfaces (lib.elem 11434 config.networking.firewall.allowedTCPPorts) config.services.ollama.host ]`,
		want: `[{},false,"127.0.0.1"]`,
	},
	{
		name: "exposed", more: "[features.ollama]\nexpose = [\"eth0\"]\n", ask: `config.services.ollama.host`, want: `"0.0.0.0"`,
	},
	{
		name: "clash", more: "[features.postgresql]\nenable = true\nport = 11434\n", ask: failed,
		want: `["nqd.features.ollama.port and nqd.features.postgresql.port are the same tcp port 11434,\nwhere only one service can listen. Give each a port of its own in host.toml.\n"]`,
	},
	{name: "no clash with what is off", more: "[features.postgresql]\nport = 11434\n", ask: failed, want: `[]`},
	{
		name: "udp", more: "[features.dns]\nenable = true\nexpose = [\"eth0\"]\n",
		files: map[string]string{"features/dns/feature.toml": own("dns",
			"[options.port]\ntype = \"port\"\ndefault = 11434\ndoc = \"Port.\"\n[ports.dns]\noption = \"port\"\nprotocol = \"udp\"\n")},
		ask:  `[ ` + failed + ` config.networking.firewall.interfaces.eth0.allowedUDPPorts config.networking.firewall.interfaces.eth0.allowedTCPPorts ]`,
		want: `[[],[11434],[]]`,
	},

	// Relations.
	{
		name: "missing requirement", more: "[features.mine]\nenable = true\n",
		files: map[string]string{"features/mine/feature.toml": own("mine", `requires = ["postgresql"]`)}, ask: failed,
		want: `["nqd.features.mine.enable is true, but mine needs postgresql, which is off. Switch that on too\n` +
			`([features.postgresql] enable = true in host.toml), or mine off.\n"]`,
	},
	{
		name: "requirement", more: "[features.mine]\nenable = true\n[features.postgresql]\nenable = true\n",
		files: map[string]string{"features/mine/feature.toml": own("mine", `requires = ["postgresql"]`)}, ask: failed, want: `[]`,
	},
	{
		name: "conflict", more: "[features.mine]\nenable = true\n",
		files: map[string]string{"features/mine/feature.toml": own("mine", `conflicts = ["ollama", "no-such"]`)}, ask: failed,
		want: `["nqd.features.mine.enable and nqd.features.ollama.enable are both true, and only one of the two can be. Switch one\noff in host.toml.\n"]`,
	},
	{
		name: "since", release: "26.05", more: "[features.mine]\nenable = true\n",
		files: map[string]string{"features/mine/feature.toml": own("mine", `since = "26.11"`)}, ask: failed,
		want: `["nqd.features.mine.enable is true, but NixOS 26.05 does not have what mine needs: it came with\n26.11. Switch mine off, or go to that release.\n"]`,
	},
	{
		name: "until", release: "26.11", more: "[features.mine]\nenable = true\n",
		files: map[string]string{"features/mine/feature.toml": own("mine", `until = "26.11"`)}, ask: failed,
		want: `["nqd.features.mine.enable is true, but what mine needs is gone since NixOS 26.11, and this is\n26.11. Switch mine off.\n"]`,
	},
	{
		name: "another platform", more: "[features.mine]\nenable = true\n",
		files: map[string]string{"features/mine/feature.toml": own("mine", `systems = ["aarch64-linux"]`)}, ask: failed,
		want: `["nqd.features.mine.enable is true, but mine is for aarch64-linux only, and this\nmachine is x86_64-linux. Switch mine off.\n"]`,
	},
	{
		name: "missing secret", more: "[features.mine]\nenable = true\n",
		files: map[string]string{"features/mine/feature.toml": own("mine", "[[secrets]]\nname = \"key\"\ndoc = \"what it signs with\"\n")}, ask: failed,
		want: `["nqd.features.mine.enable is true, but mine needs the secret key (what it signs with), and\n` +
			`secrets/orion/key.age does not exist. Switch mine off until it does.\n"]`,
	},
	{
		name: "secret", more: "[features.mine]\nenable = true\n", ask: failed, want: `[]`,
		files: map[string]string{
			"secrets/orion/key.age":      "age",
			"features/mine/feature.toml": own("mine", "[[secrets]]\nname = \"key\"\ndoc = \"what it signs with\"\n"),
		},
	},
	{
		name: "unfree", more: "[features.mine]\nenable = true\n", ask: failed,
		files: map[string]string{"features/mine/feature.toml": own("mine", `unfree = ["claude-code"]`)},
		want: `["nqd.features.mine.enable is true, but the package claude-code of mine cannot be had:\n` +
			`it is unfree; packages.allow_unfree = [\"claude-code\"] in host.toml allows it. Or switch mine off.\n"]`,
	},
	{
		name: "unfree, allowed", more: "[packages]\nallow_unfree = [\"claude-code\"]\n[features.mine]\nenable = true\n", ask: failed, want: `[]`,
		files: map[string]string{"features/mine/feature.toml": own("mine", `unfree = ["claude-code"]`)},
	},
	{
		name: "unfree, all allowed", more: "[features.mine]\nenable = true\n", local: `{ nixpkgs.config.allowUnfree = true; }`, ask: failed, want: `[]`,
		files: map[string]string{"features/mine/feature.toml": own("mine", `unfree = ["claude-code"]`)},
	},
	{
		name: "a feature whose name is taken", files: map[string]string{"features/git/feature.toml": own("git", "")}, ask: failed,
		wantErr: []string{"features/git: nqd has a feature of that name; rename folder and id"},
	},

	// The user's own features.
	{
		name: "own feature", more: "[features.mine]\nenable = true\nport = 7\n",
		files: map[string]string{
			"features/mine/feature.toml": own("mine", "[options.port]\ntype = \"port\"\ndefault = 1\ndoc = \"Port.\"\n"),
			"features/mine/nixos.nix": `nqd: { config, lib, ... }: {
				config = lib.mkIf config.nqd.features.mine.enable
					(nqd.want (nqd.from "port") [ "services" "postgresql" "settings" "port" ] config.nqd.features.mine.port);
			}`,
			"features/mine/home.nix": `nqd: { lib, ... }: {
				config.home.sessionVariables.PORTS = toString nqd.features.mine.port
					+ lib.concatMapStrings (u: u.name) nqd.users + nqd.user.name + toString (lib.elem "mine" nqd.enabled);
			}`,
		},
		ask:  `[ config.services.postgresql.settings.port home.home.sessionVariables.PORTS (lib.elem "mine" manifest.features) ]`,
		want: `[7,"7ada-lada-l1",true]`,
	},
	{
		name: "option that is none", more: "[features.mine]\nenable = true\n", ask: `config.services.postgresql.enable`,
		files: map[string]string{
			"features/mine/feature.toml": own("mine", ""),
			"features/mine/nixos.nix":    `nqd: { ... }: { config = nqd.want (nqd.from "enabel") [ "services" "postgresql" "enable" ] true; }`,
		},
		wantErr: []string{"features/mine/feature.toml: no option \"enabel\", which `from` was asked for"},
	},
	{
		name: "state", more: "[features.mine]\nenable = true\n", ask: `lib.filter (s: s.feature == "mine") manifest.state`,
		files: map[string]string{"features/mine/feature.toml": own("mine", "[[state]]\npath = \"/var/lib/mine\"\nkind = \"sqlite\"\nmigrates = true\n")},
		want:  `[{"feature":"mine","kind":"sqlite","migrates":true,"path":"/var/lib/mine","units":[]}]`,
	},
	{
		name: "wantSoft", more: "[features.mine]\nenable = true\n", ask: `[ config.services.ollama.port ` + failed + `]`,
		files: map[string]string{
			"features/mine/feature.toml": own("mine", ""),
			"features/mine/nixos.nix": `nqd: { options, lib, ... }: {
				config = lib.mkMerge [
					(nqd.wantSoft options 90 [ "services" "ollama" "port" ] 5)
					(nqd.wantSoft options 90 [ "services" "ollama" "no" "such" ] 5)
				];
			}`,
		},
		want: `[5,[]]`,
	},

	// Several users.
	{
		name: "accounts", more: bob + "[features.git]\nenable = true\n",
		ask: `[ manifest.users config.users.users.bob.description config.users.users.bob.extraGroups (lib.elem "wheel" config.users.users."ada-l".extraGroups)
			homes.bob.programs.git.settings.user homes.bob.home.stateVersion ]`,
		want: `[["ada-l","bob"],"Bob",[],true,{"email":"bob@example.org","name":"Bob B"},"26.05"]`,
	},
	{
		name: "units of all homes", more: bob, ask: `lib.take 2 manifest.units`,
		want: `["home-manager-ada\\x2dl.service","home-manager-bob.service"]`,
	},
	{
		name: "another admin", more: "[users.bob]\nadmin = true\n", ask: `config.users.users.bob.extraGroups`, want: `["wheel"]`,
	},
	{
		name: "files of homes", more: bob,
		files: map[string]string{
			"hosts/orion/home.nix":     `{ home.sessionVariables.WHO = "ada"; }`,
			"hosts/orion/home-bob.nix": `{ home.sessionVariables.WHO = "bob"; }`,
		},
		ask: `[ home.home.sessionVariables.WHO homes.bob.home.sessionVariables.WHO ]`, want: `["ada","bob"]`,
	},

	// The rest.
	{
		name: "aarch64", old: `"x86_64-linux"`, new: `"aarch64-linux"`,
		ask: `builtins.seq drvPath pkgs.stdenv.hostPlatform.system`, want: `"aarch64-linux"`,
	},
	{
		name: "adopted predicate and names", more: "[packages]\nallow_unfree = [\"claude-code\"]\n",
		local: `{ pkgs, lib, ... }: { nixpkgs.config.allowUnfreePredicate = p: (builtins.parseDrvName p.name).name == "obsidian"; environment.systemPackages = [ pkgs.claude-code pkgs.obsidian ]; }`,
		ask:   `[ (builtins.seq drvPath true) ` + failed + ` ]`, want: `[true,[]]`,
	},
	{
		name: "adopted experimental features", local: `{ nix.settings.experimental-features = "nix-command flakes ca-derivations"; }`,
		ask:  `[ config.nix.settings.experimental-features config.nix.settings.extra-experimental-features ]`,
		want: `["nix-command flakes ca-derivations",["nix-command","flakes"]]`,
	},
	{
		name: "imported files that are no modules", files: map[string]string{
			"hosts/orion/imported/configuration.nix": `{ ... }: let vars = import ./vars.nix; in { imports = [ (import ./net.nix vars.domain) ]; }`,
			"hosts/orion/imported/vars.nix":          `{ domain = "example.org"; }`,
			"hosts/orion/imported/net.nix":           `domain: { networking = { inherit domain; }; }`,
		},
		ask: `config.networking.domain`, want: `"example.org"`,
	},
	{
		name: "older home", files: map[string]string{"hosts/orion/home.nix": `{ home.stateVersion = "24.05"; }`},
		ask: `[ home.home.stateVersion (map (l: l.option) manifest.lost) ]`, want: `["24.05",["home.stateVersion"]]`,
	},
	{
		name: "packages of homes by a file", local: `{ home-manager.useUserPackages = false; }`,
		ask: `[ config.home-manager.useUserPackages config.home-manager.useGlobalPkgs ]`, want: `[false,true]`,
	},
	{
		name: "channels and the user's own path", local: `{ nix.channel.enable = true; nix.nixPath = [ "nixpkgs=/etc/nixpkgs" ]; }`,
		ask:  `map (entry: lib.last (lib.splitString "=" entry)) (lib.tail config.nix.nixPath)`,
		want: `["/etc/nixpkgs","flake:nixpkgs","/nix/var/nix/profiles/per-user/root/channels"]`,
	},
	{
		name: "one set of packages", local: `{ nixpkgs.overlays = [ (final: prev: { hello = prev.git; }) ]; }`,
		files: map[string]string{"hosts/orion/home.nix": `{ pkgs, ... }: { home.packages = [ pkgs.hello ]; }`},
		ask:   `map (p: p.pname or p.name) (lib.filter (p: p == pkgs.git) home.home.packages)`, want: `["git"]`,
	},
	{
		name: "facts", files: map[string]string{
			"hosts/orion/facts.json":     `{"version": 1, "memory_mb": 16000, "cpu_vendor": "amd"}`,
			"features/mine/feature.toml": own("mine", ""),
			"features/mine/home.nix":     `nqd: { config.home.sessionVariables.MEMORY = nqd.facts.memory_mb; }`,
		},
		more: "[features.mine]\nenable = true\n", ask: `home.home.sessionVariables.MEMORY`, want: `16000`,
	},
	{
		name: "nixos-rebuild without a flake", ask: `map (entry: lib.head (lib.splitString "=" entry)) config.nix.nixPath`,
		want: `["nixos-config","nixpkgs","/nix/var/nix/profiles/per-user/root/channels"]`,
	},
}

func TestCore(t *testing.T) { askAll(t, core) }
