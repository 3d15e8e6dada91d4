package host

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// Each case replaces one piece of testdata/orion.toml; or all of it where old is "". A problem is
// "message | hint".
var badInputs = []struct {
	name, old, new string
	want           []string
}{
	{"byte-order mark", "version = 1", "\ufeffversion = 1", []string{
		`1:1: a byte-order mark | save the file as UTF-8 without a byte-order mark`,
	}},
	{"no UTF-8", "\"Europe/Berlin\"", "\"Europe\xff\"", []string{
		`7:19: the byte 0xff is not UTF-8 | save the file as UTF-8`,
	}},
	{"NUL byte", "# never |", "# \x00", []string{
		`29:36: a NUL byte | Nix has no texts with NUL: take it out`,
	}},
	{"date", "\"ada@example.org\"", "1815-12-10", []string{
		`15:13: user.git_email: Nix reads no dates and times | write it as a text, in quotes`,
	}},
	{"time in a list", "[\"qwen3:8b\"]", "[\"a\", 07:32:00]", []string{
		`20:16: features.ollama.models[1]: Nix reads no dates and times | write it as a text, in quotes`,
	}},
	{"escape e", "full_name = \"Ada Lovelace\"", "full_name = \"Ada \\e Lovelace\"", []string{
		`13:18: user.full_name: \e is an escape that Nix does not read | write \u001b`,
	}},
	{"escape x in a key", "keymap =", "\"\\x6beymap\" =", []string{
		`9:2: host.keymap: \x6b is an escape that Nix does not read | write \u006b`,
	}},
	{"escaped NUL", "full_name = \"Ada Lovelace\"", "full_name = \"Ada\\u0000\"", []string{
		`13:17: user.full_name: \u0000 is NUL, and Nix has no texts with NUL | take it out`,
	}},
	{"escaped backslash is none", "github = \"ada\"", "github = \"\\\\x41\\\\e\"", []string{
		`16:10: user.github: not a GitHub name: "\\x41\\e" | up to 39 letters and digits, with single hyphens between them`,
	}},
	{"line break in braces", "[build]\ncompile = \"small\"", "[build]\ncompile = { a = 1,\n }", []string{
		`29:19: build.compile: a line break inside of { }, which Nix does not read | write the table on one line, or under a [header] of its own`,
	}},
	{"comma in braces", "[build]\ncompile = \"small\"", "[build]\ncompile = { a = [1,2,], }", []string{
		`29:23: build.compile: a comma before the closing }, which Nix does not read | take the comma out`,
	}},
	{"infinite", "enable = true\nmodels", "enable = -inf\nmodels", []string{
		`19:10: features.ollama.enable: -inf is no finite number of 64 bits`,
	}},
	{"too large", "enable = true\nmodels", "port = 9223372036854775808\nmodels", []string{
		`19:8: features.ollama.port: 9223372036854775808 is no finite number of 64 bits`,
	}},
	{"too large a float", "enable = true\nmodels", "port = 1e400\nmodels", []string{
		`19:8: features.ollama.port: 1e400 is no finite number of 64 bits`,
	}},
	{"underscore", "[features.postgresql]", "[features.postgresql.__toString]\n_type = \"override\"\n[features.postgresql]", []string{
		`21:22: features.postgresql.__toString: keys that begin with "_" are code to the Nix module system | take the key out`,
		`22:1: features.postgresql.__toString._type: keys that begin with "_" are code to the Nix module system | take the key out`,
	}},
	{"outPath", "[build]", "[build]\nx = [{ outPath = \"/etc\" }]", []string{
		`29:1: build.x: unknown key | known here: compile`,
		`29:8: build.x[0].outPath: Nix takes a table with outPath for a store path | take the key out`,
	}},
	{"derivation", "[build]", "[build]\ntype = \"derivation\"", []string{
		`29:8: build.type: Nix takes a table with type = "derivation" for a package | take the key out`,
	}},
	{"derivation at the top", "version = 1", "version = 1\ntype = 'derivation'", []string{
		`2:8: type: Nix takes a table with type = "derivation" for a package | take the key out`,
	}},
	{"array of tables", "[build]", "[[build.x]]\na = 1\n[[build.x]]\n_b = 1\n[build.x.c]\n_d = 1\n[build]", []string{
		`28:9: build.x: unknown key | known here: compile`,
		`31:1: build.x[1]._b: keys that begin with "_" are code to the Nix module system | take the key out`,
		`33:1: build.x[1].c._d: keys that begin with "_" are code to the Nix module system | take the key out`,
	}},
	{"no TOML", "keymap = \"us\"", "keymap = us", []string{
		`9:10: unexpected character U+0075 'u' at start of value | a text stands in quotes`,
	}},
	{"key twice", "keymap = \"us\"", "keymap = \"us\"\nname = \"b\"", []string{
		`10:1: key name is already defined`,
	}},
	{"unclosed", "compile = \"small\" ", "compile = \"small", []string{
		`29:56: basic strings cannot have new lines`,
	}},
	{"empty file", "", "", []string{
		`1:1: version: missing | add version = 1 at the top of the file`,
		`1:1: host: missing | add the table [host] with name, system, release, timezone, locale, keymap, state_version`,
		`1:1: user: missing | add the table [user] with name, full_name, git_name, git_email, github, editor`,
	}},
	{"newer format", "version = 1", "version = 2\nmirror = \"x\"", []string{
		`1:11: version: format 2, and this nqd reads format 1 | a newer nqd may have written the file: update nqd`,
	}},
	{"version is a text", "version = 1", "version = \"1\"", []string{
		`1:11: version: want a whole number, not the text "1"`,
	}},
	{"unknown key", "git_email", "git_mail", []string{
		`11:2: user.git_email: missing | add git_email = … under [user]`,
		`15:1: user.git_mail: unknown key | did you mean git_email?`,
	}},
	{"unknown key at the top", "preset =", "prset =", []string{
		`2:1: prset: unknown key | did you mean preset?`,
	}},
	{"key of another table", "version = 1", "version = 1\ngit_email = \"ada@example.org\"", []string{
		`2:1: git_email: unknown key | did you mean user.git_email?`,
	}},
	{"unknown table", "[build]", "[bild]", []string{
		`28:2: bild: unknown key | did you mean build?`,
	}},
	{"nothing near", "[build]", "[build]\nwobble = 1", []string{
		`29:1: build.wobble: unknown key | known here: compile`,
	}},
	{"tables are none", "", "features = []\nhost = 1\nuser = false\nflatpak = ''", []string{
		`1:1: version: missing | add version = 1 at the top of the file`,
		`1:1: features: want a table | write it as [features]`,
		`2:8: host: want a table | write it as [host]`,
		`3:8: user: want a table | write it as [user]`,
		`4:11: flatpak: want a table | write it as [flatpak]`,
	}},
	{"table for a text", "name = \"orion\"", "name.first = \"orion\"", []string{
		`4:1: host.name: want a text, not a table`,
	}},
	{"text for a list", "[\"md.obsidian.Obsidian\"]", "\"md.obsidian.Obsidian\"", []string{
		`25:8: flatpak.apps: want a list of texts, not the text "md.obsidian.Obsidian"`,
	}},
	{"number in a list", "[\"md.obsidian.Obsidian\"]", "[\"md.obsidian.Obsidian\", 1]", []string{
		`25:1: flatpak.apps: element 2: want a text, not the number 1`,
	}},
	{"no table at all", "[host]", "[hosts]", []string{
		`1:1: host: missing | add the table [host] with name, system, release, timezone, locale, keymap, state_version`,
		`3:2: hosts: unknown key | did you mean host?`,
	}},
	{"unknown preset", "\"ai-workstation\"", "\"ai-worcstation\"", []string{
		`2:10: preset: unknown preset: "ai-worcstation" | did you mean ai-workstation?`,
	}},
	{"quoted key", "[build]", "[build]\n\"a b\" = 1", []string{
		`29:1: build."a b": unknown key | known here: compile`,
	}},
	{"host name with a hyphen at the end", "\"orion\"", "\"orion-\"", []string{
		`4:8: host.name: not a host name: "orion-" | up to 63 letters, digits and hyphens, with a letter or digit at both ends`,
	}},
	{"host name with an underscore", "\"orion\"", "\"ori_on\"", []string{
		`4:8: host.name: not a host name: "ori_on" | up to 63 letters, digits and hyphens, with a letter or digit at both ends`,
	}},
	{"host name of 64", "\"orion\"", "\"oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo\"", []string{
		`4:8: host.name: not a host name: "oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo" | up to 63 letters, digits and hyphens, with a letter or digit at both ends`,
	}},
	{"localhost", "\"orion\"", "\"LocalHost\"", []string{
		`4:8: host.name: "localhost" is every machine's name for itself | give the machine a name of its own`,
	}},
	{"empty host name", "\"orion\"", "\"\"", []string{
		`4:8: host.name: not a host name: "" | up to 63 letters, digits and hyphens, with a letter or digit at both ends`,
	}},
	{"system", "\"x86_64-linux\"", "\"riscv64-linux\"", []string{
		`5:10: host.system: want one of x86_64-linux, aarch64-linux, not the text "riscv64-linux"`,
	}},
	{"release", "release = \"26.05\"", "release = \"25.11\"", []string{
		`6:11: host.release: want one of 26.05, 26.11, unstable, not the text "25.11"`,
	}},
	{"local time", "\"Europe/Berlin\"", "\"Local\"", []string{
		`7:12: host.timezone: not a time zone: "Local" | area and city, as "Europe/Berlin", or "UTC"; timedatectl list-timezones prints them all`,
	}},
	{"empty time zone", "\"Europe/Berlin\"", "\"\"", []string{
		`7:12: host.timezone: not a time zone: "" | area and city, as "Europe/Berlin", or "UTC"; timedatectl list-timezones prints them all`,
	}},
	{"time zone outside", "\"Europe/Berlin\"", "\"../etc/passwd\"", []string{
		`7:12: host.timezone: not a time zone: "../etc/passwd" | area and city, as "Europe/Berlin", or "UTC"; timedatectl list-timezones prints them all`,
	}},
	{"no such city", "\"Europe/Berlin\"", "\"Europe/Atlantis\"", []string{
		`7:12: host.timezone: not a time zone: "Europe/Atlantis" | area and city, as "Europe/Berlin", or "UTC"; timedatectl list-timezones prints them all`,
	}},
	{"locale", "\"en_US.UTF-8\"", "\"en_US\"", []string{
		`8:10: host.locale: not a locale: "en_US" | language, country and encoding, as "en_US.UTF-8"`,
	}},
	{"keymap", "\"us\"", "\"../us\"", []string{
		`9:10: host.keymap: not a keyboard layout: "../us" | the name of a console keymap, as "us" or "de-latin1"`,
	}},
	{"state version", "state_version = \"26.05\"", "state_version = \"26.5\"", []string{
		`10:17: host.state_version: not a release: "26.5" | year and month, as "26.05"`,
	}},
	{"later state version", "state_version = \"26.05\"", "state_version = \"26.11\"", []string{
		`10:17: host.state_version: 26.11 is later than the release 26.05 | the release that this machine was first installed with`,
	}},
	{"root", "name = \"ada\"", "name = \"root\"", []string{
		`12:8: user.name: "root" is an account of the system | name the account of a person`,
	}},
	{"system user", "name = \"ada\"", "name = \"systemd-network\"", []string{
		`12:8: user.name: "systemd-network" is an account of the system | name the account of a person`,
	}},
	{"user name in capitals", "name = \"ada\"\nfull", "name = \"Ada\"\nfull", []string{
		`12:8: user.name: not a user name: "Ada" | up to 31 lower case letters, digits, "_" and "-", not beginning with a digit or "-"`,
	}},
	{"user name of 32", "name = \"ada\"\nfull", "name = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"\nfull", []string{
		`12:8: user.name: not a user name: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" | up to 31 lower case letters, digits, "_" and "-", not beginning with a digit or "-"`,
	}},
	{"colon in the full name", "full_name = \"Ada Lovelace\"", "full_name = \"Ada: Lovelace\"", []string{
		`13:13: user.full_name: ":" cannot stand in the description of an account | leave the colon out`,
	}},
	{"line break in the full name", "full_name = \"Ada Lovelace\"", "full_name = \"Ada\\nLovelace\"", []string{
		`13:13: user.full_name: U+000A is a line break or control character | write one line of plain text`,
	}},
	{"line separator", "git_name = \"Ada Lovelace\"", "git_name = \"Ada\u2028Lovelace\"", []string{
		`14:12: user.git_name: U+2028 is a line break or control character | write one line of plain text`,
	}},
	{"no e-mail", "\"ada@example.org\"", "\"x\"", []string{
		`15:13: user.git_email: not an e-mail address: "x" | the bare address, as "ada@example.org"`,
	}},
	{"e-mail with a name", "\"ada@example.org\"", "\"Ada <ada@example.org>\"", []string{
		`15:13: user.git_email: not an e-mail address: "Ada <ada@example.org>" | the bare address, as "ada@example.org"`,
	}},
	{"e-mail in brackets", "\"ada@example.org\"", "\"<ada@example.org>\"", []string{
		`15:13: user.git_email: not an e-mail address: "<ada@example.org>" | the bare address, as "ada@example.org"`,
	}},
	{"two e-mails", "\"ada@example.org\"", "\"a@b.c, d@e.f\"", []string{
		`15:13: user.git_email: not an e-mail address: "a@b.c, d@e.f" | the bare address, as "ada@example.org"`,
	}},
	{"e-mail and a header", "\"ada@example.org\"", "\"ada@example.org\\r\\nBcc: x@y.z\"", []string{
		`15:13: user.git_email: not an e-mail address: "ada@example.org\r\nBcc: x@y.z" | the bare address, as "ada@example.org"`,
	}},
	{"GitHub name", "github = \"ada\"", "github = \"a--b\"", []string{
		`16:10: user.github: not a GitHub name: "a--b" | up to 39 letters and digits, with single hyphens between them`,
	}},
	{"GitHub name of 40", "github = \"ada\"", "github = \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", []string{
		`16:10: user.github: not a GitHub name: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" | up to 39 letters and digits, with single hyphens between them`,
	}},
	{"editor", "\"vscodium\"", "\"rm -rf /\"", []string{
		`17:10: user.editor: not the name of an editor: "rm -rf /" | a name as "vscodium" or "neovim"`,
	}},
	{"Flatpak id", "\"md.obsidian.Obsidian\"", "\"obsidian.Obsidian\"", []string{
		`25:9: flatpak.apps[0]: not the id of a Flatpak app: "obsidian.Obsidian" | the id as Flathub shows it, as "md.obsidian.Obsidian"`,
	}},
	{"unfree", "\"claude-code\"", "\"claude-code\", \"*\"", []string{
		`27:32: packages.allow_unfree[1]: not the name of a package: "*" | the name without a version, as "claude-code"`,
	}},
	{"compile", "compile = \"small\"", "compile = \"sometimes\"", []string{
		`29:11: build.compile: want one of never, small, always, not the text "sometimes"`,
	}},
	{"unknown feature", "[features.ollama]", "[features.olama]", []string{
		`18:11: features.olama: unknown feature | did you mean ollama?`,
	}},
	{"unknown option", "models =", "model =", []string{
		`20:1: features.ollama.model: unknown key | did you mean models?`,
	}},
	{"expose without ports", "[features.ollama]", "[features.git]\nexpose = []\n[features.ollama]", []string{
		`19:1: features.git.expose: unknown key | known here: depth, enable, note, signing`,
	}},
	{"always on", "[features.ollama]", "[features.base]\nenable = true\n[features.ollama]", []string{
		`19:1: features.base.enable: base is always on | take the key out`,
	}},
	{"nothing to set", "[features.ollama]", "[features.base]\nwobble = true\n[features.ollama]", []string{
		`19:1: features.base.wobble: unknown key | known here: nothing`,
	}},
	{"enable is a number", "enable = true\nmodels", "enable = 1\nmodels", []string{
		`19:10: features.ollama.enable: want true or false, not the number 1`,
	}},
	{"port of zero", "enable = true\nmodels", "port = 0\nmodels", []string{
		`19:8: features.ollama.port: want a port from 1 to 65535, not 0`,
	}},
	{"port too high", "enable = true\nmodels", "port = 65536\nmodels", []string{
		`19:8: features.ollama.port: want a port from 1 to 65535, not 65536`,
	}},
	{"feature is no table", "[features.ollama]\nenable = true\nmodels", "[features]\ngit = true\n[features.ollama]\nenable = true\nmodels", []string{
		`19:7: features.git: want a table | write it as [features.git]`,
	}},
	{"required tables", "", "features.git = {}\n", []string{
		`1:1: version: missing | add version = 1 at the top of the file`,
		`1:1: host: missing | add the table [host] with name, system, release, timezone, locale, keymap, state_version`,
		`1:1: user: missing | add the table [user] with name, full_name, git_name, git_email, github, editor`,
	}},
	{"enum", "[features.ollama]", "[features.git]\nsigning = \"gpg\"\ndepth = \"1\"\nnote = \"a\\tb\"\n[features.ollama]", []string{
		`19:11: features.git.signing: want one of none, ssh, not the text "gpg"`,
		`20:9: features.git.depth: want a whole number, not the text "1"`,
		`21:8: features.git.note: U+0009 is a line break or control character | write one line of plain text`,
	}},
	{"line break in a list", "\"qwen3:8b\"", "\"a\", \"b\\nc\"", []string{
		`20:16: features.ollama.models[1]: U+000A is a line break or control character | write one line of plain text`,
	}},
	{"interface of 16", "expose = []", "expose = [\"abcdefghijklmnop\"]", []string{
		"23:11: features.postgresql.expose[0]: not a network interface: \"abcdefghijklmnop\" | the name as `ip link` shows it: up to 15 letters, digits, dots and hyphens; or \"*\" for every one",
	}},
	{"interface with a program", "expose = []", "expose = [\"a;reboot\", \"eth0\"]", []string{
		"23:11: features.postgresql.expose[0]: not a network interface: \"a;reboot\" | the name as `ip link` shows it: up to 15 letters, digits, dots and hyphens; or \"*\" for every one",
	}},
	{"all interfaces", "expose = []", "expose = [\"eth0\", \"default\"]", []string{
		"23:19: features.postgresql.expose[1]: \"default\" is no interface | name interfaces as `ip link` shows them, or \"*\" for every one",
	}},
	{"port clash", "expose = []", "port = 11434", []string{
		`23:8: features.postgresql.port: postgresql and ollama both want tcp port 11434 | give features.postgresql.port or features.ollama.port another port`,
	}},
	{"port clash with a default", "enable = true\nmodels", "port = 5432\nmodels", []string{
		`21:11: features.postgresql.port: postgresql and ollama both want tcp port 5432 | give features.postgresql.port or features.ollama.port another port`,
	}},
	{"port clash with a preset", "[features.ollama]\nenable = true\nmodels = [\"qwen3:8b\"]\n[features.postgresql]", "[features.postgresql]\nport = 11434", []string{
		`19:8: features.postgresql.port: postgresql and ollama both want tcp port 11434 | give features.postgresql.port or features.ollama.port another port`,
	}},
	{"port clash within a feature", "[flatpak]", "[features.proxy]\nenable = true\nsecure = 80\n[flatpak]", []string{
		`26:10: features.proxy.secure: proxy wants tcp port 80 twice, for plain and secure | give features.proxy.secure or features.proxy.plain another port`,
	}},
	{"bounds", "[flatpak]", "[features.proxy]\nworkers = 9\n[flatpak]", []string{
		`25:11: features.proxy.workers: want a whole number from 1 to 8, not 9`,
	}},
	{"requirement that is off", "[features.ollama]\nenable = true", "[features.git]\nenable = false\n[features.open-webui]\nenable = true\n[features.ollama]\nenable = false", []string{
		`21:10: features.open-webui: requires ollama, which is off | switch it on: [features.ollama] enable = true`,
		`21:10: features.open-webui: requires git, which is off | switch it on: [features.git] enable = true`,
	}},
	{"requirement of the preset switched off", "", `version = 1
preset = "chat"
host = { name = "b", system = "aarch64-linux", release = "26.11", timezone = "UTC", locale = "C.UTF-8", keymap = "us", state_version = "24.11" }
user = { name = "bob", full_name = "", git_name = "", git_email = "" }
features.ollama.enable = false
`, []string{
		`2:10: features.open-webui: requires ollama, which is off | switch it on: [features.ollama] enable = true`,
	}},
	{"requirement in no preset", "preset = \"ai-workstation\"", "preset = \"monitor\"\nfeatures.open-webui.enable = true", []string{
		`3:30: features.open-webui: requires git, which is off | switch it on: [features.git] enable = true`,
	}},
	{"two desktops", "[flatpak]", "[features.gnome]\nenable = true\n[features.plasma]\nenable = true\n[flatpak]", []string{
		`27:10: features.plasma: does not go together with gnome, and both are on | switch one of them off: [features.plasma] enable = false, or [features.gnome] enable = false`,
	}},
	{"two desktops the other way", "[flatpak]", "[features.plasma]\nenable = true\n[features.gnome]\nenable = true\n[flatpak]", []string{
		`27:10: features.gnome: does not go together with plasma, and both are on | switch one of them off: [features.gnome] enable = false, or [features.plasma] enable = false`,
	}},
	{"desktop beside the preset's", "preset = \"ai-workstation\"", "preset = \"desk\"\nfeatures.plasma.enable = true", []string{
		`3:26: features.plasma: does not go together with gnome, and both are on | switch one of them off: [features.plasma] enable = false, or [features.gnome] enable = false`,
	}},
	{"later release", "[flatpak]", "[features.newer]\nenable = true\n[flatpak]", []string{
		`25:10: features.newer: NixOS has it from 26.11 on, and host.release is 26.05 | switch it off: [features.newer] enable = false`,
	}},
	{"earlier release, by the preset", "preset = \"ai-workstation\"\n[host]\nname = \"orion\"\nsystem = \"x86_64-linux\"\nrelease = \"26.05\"", "preset = \"desk\"\n[host]\nname = \"orion\"\nsystem = \"x86_64-linux\"\nrelease = \"26.11\"", []string{
		`2:10: features.older: NixOS has it no more from 26.11 on, and host.release is 26.11 | switch it off: [features.older] enable = false`,
	}},
	{"another platform", "preset = \"ai-workstation\"\n[host]\nname = \"orion\"\nsystem = \"x86_64-linux\"\nrelease = \"26.05\"", "features.newer.enable = true\n[host]\nname = \"orion\"\nsystem = \"aarch64-linux\"\nrelease = \"unstable\"", []string{
		`2:25: features.newer: not for aarch64-linux, which host.system is | switch it off: [features.newer] enable = false`,
	}},
	{"account of [user]", "[features.ollama]", "[users.ada]\n[features.ollama]", []string{
		`18:8: users.ada: ada is the account of [user] | take the table out: that account is there already`,
	}},
	{"names of accounts", "[features.ollama]", "[users.Bob]\n[users.root]\n[features.ollama]", []string{
		`18:8: users.Bob: not a user name: "Bob" | up to 31 lower case letters, digits, "_" and "-", not beginning with a digit or "-"`,
		`19:8: users.root: "root" is an account of the system | name the account of a person`,
	}},
	{"account is no table", "[features.ollama]", "[users]\nbob = true\n[features.ollama]", []string{
		`19:7: users.bob: want a table | write it as [users.bob]`,
	}},
	{"accounts are no table", "version = 1", "version = 1\nusers = [\"bob\"]", []string{
		`2:1: users: want a table | write it as [users]`,
	}},
	{"account", "[features.ollama]", "[users.bob]\nname = \"bob\"\nfull_name = \"a:b\"\ngit_email = \"x\"\nadmin = \"yes\"\n[features.ollama]", []string{
		`19:1: users.bob.name: unknown key | known here: full_name, git_name, git_email, github, editor, admin`,
		`20:13: users.bob.full_name: ":" cannot stand in the description of an account | leave the colon out`,
		`21:13: users.bob.git_email: not an e-mail address: "x" | the bare address, as "ada@example.org"`,
		`22:9: users.bob.admin: want true or false, not the text "yes"`,
	}},
	{"everything at once", "name = \"orion\"\nsystem = \"x86_64-linux\"\nrelease = \"26.05\"", "name = \"-\"\nsystem = 1979-05-27\nrelase = \"26.05\"", []string{
		`3:2: host.release: missing | add release = … under [host]`,
		`4:8: host.name: not a host name: "-" | up to 63 letters, digits and hyphens, with a letter or digit at both ends`,
		`5:10: host.system: Nix reads no dates and times | write it as a text, in quotes`,
		`6:1: host.relase: unknown key | did you mean release?`,
	}},
}

func TestBadInputs(t *testing.T) {
	c := features(t)
	for _, test := range badInputs {
		t.Run(test.name, func(t *testing.T) {
			text := test.new
			if test.old != "" {
				before, after, found := strings.Cut(orion(t), test.old)
				if !found || strings.Contains(after, test.old) {
					t.Fatalf("%q stands not once in orion.toml", test.old)
				}
				text = before + test.new + after
			}
			h, err := Parse("host.toml", []byte(text), c)
			var errs document.Errors
			if h != nil || !errors.As(err, &errs) {
				t.Fatalf("%+v, %v", h, err)
			}
			var got []string
			for _, e := range errs {
				message := e.Error()
				if e.Hint() != "" {
					message += " | " + e.Hint()
				}
				got = append(got, strings.TrimPrefix(message, "host.toml:"))
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(test.want, "\n     "))
			}
		})
	}
}
