package lib

import "testing"

const hostToml = `version = 1
preset = "inference-server"

[host]
name = "orion"
system = "x86_64-linux"
release = "26.05"
timezone = "UTC"
locale = "en_US.UTF-8"
keymap = "us"
state_version = "26.05"

[user]
name = "ada-l"
full_name = "Ada Lovelace"
git_name = ""
git_email = ""
`

const (
	description = `config.users.users."ada-l".description`
	loader      = `config.systemd.services.ollama-model-loader.wantedBy`
	refusals    = `map (a: a.message) (lib.filter (a: !a.assertion && lib.hasInfix "nqd." a.message) config.assertions)`
)

var hosts = []hostCase{
	{name: "full name", ask: description, want: `"Ada Lovelace"`},
	{
		name: "full name wins", local: `{ users.users."ada-l".description = "Countess"; }`,
		ask: description, want: `"Ada Lovelace"`,
	},
	{
		name: "empty full name", old: `"Ada Lovelace"`, new: `""`,
		local: `{ users.users."ada-l".description = "Countess"; }`, ask: description, want: `"Countess"`,
	},
	{
		name: "no full name", old: "full_name = \"Ada Lovelace\"\n", new: "",
		local: `{ users.users."ada-l".description = "Countess"; }`, ask: description, want: `"Countess"`,
	},

	{name: "user", ask: `manifest.user`, want: `"ada-l"`},
	{name: "unit of the home", ask: `lib.head manifest.units`, want: `"home-manager-ada\\x2dl.service"`},
	{
		name: "unit of the home is there",
		ask:  `config.systemd.services ? ${lib.removeSuffix ".service" (lib.head manifest.units)}`, want: `true`,
	},

	{
		name: "exposed without a firewall", more: "[features.ollama]\nexpose = [\"eth0\"]\n",
		local: `{ networking.firewall.enable = false; }`, ask: refusals,
		want: `["nqd.features.ollama.expose names the only interfaces that may reach ollama, but\n` +
			`networking.firewall.enable is false, so every interface could. Switch the firewall on\n` +
			`(networking.firewall.enable = true), or leave nqd.features.ollama.expose empty.\n"]`,
	},
	{
		name: "exposed behind a firewall", more: "[features.ollama]\nexpose = [\"eth0\"]\n",
		ask: refusals, want: `[]`,
	},
	{
		name: "exposed, but off", more: "[features.postgresql]\nexpose = [\"eth0\"]\n",
		local: `{ networking.firewall.enable = false; }`, ask: refusals, want: `[]`,
	},
	{
		name: "no firewall, nothing exposed", local: `{ networking.firewall.enable = false; }`,
		ask: refusals, want: `[]`,
	},

	{name: "always on", ask: `lib.elem "base" manifest.features`, want: `true`},
	{name: "no switch", ask: `options.nqd.features.base ? enable`, want: `false`},
	{
		name: "always on, switched", more: "[features.base]\nenable = false\n", ask: `config.nqd.features`,
		wantErr: []string{"The option `nqd.features.base.enable' does not exist", "host.toml"},
	},
	{
		name: "always on, in a preset", library: [3]string{"presets.toml", `["boot", "firewall", "kernel",`, `["base", "boot", "firewall", "kernel",`},
		ask: `lib.take 3 manifest.features`, want: `["base","boot","firewall"]`,
	},

	{name: "no models", ask: `config.systemd.services ? ollama-model-loader`, want: `false`},
	{name: "models", more: "[features.ollama]\nmodels = [\"a\"]\n", ask: loader, want: `["nqd-late.target"]`},
	{
		name: "models by hand", local: `{ services.ollama.loadModels = [ "a" ]; }`,
		ask: loader, want: `["nqd-late.target"]`,
	},
	{
		name: "models in step", local: `{ services.ollama.syncModels = true; }`,
		ask: loader, want: `["nqd-late.target"]`,
	},
	{
		name: "service by hand", old: `"inference-server"`, new: `"minimal"`,
		local: `{ services.ollama = { enable = true; loadModels = [ "a" ]; }; }`,
		ask:   `[ ` + loader + ` manifest.late_units ]`, want: `[["nqd-late.target"],["ollama-model-loader.service"]]`,
	},
	{
		name: "models without a service", old: `"inference-server"`, new: `"minimal"`,
		local: `{ services.ollama.loadModels = [ "a" ]; }`,
		ask:   `config.systemd.services ? ollama-model-loader`, want: `false`,
	},

	{
		name: "lists are joined", more: "[features.ollama]\nmodels = [\"a\"]\n",
		local: `{ nqd.features.ollama.models = [ "b" ]; }`,
		ask:   `lib.sort lib.lessThan config.services.ollama.loadModels`, want: `["a","b"]`,
	},
	{
		name: "scalars are not", more: "[features.ollama]\nport = 1\n",
		local: `{ nqd.features.ollama.port = 2; }`, ask: `config.services.ollama.port`, want: `1`,
	},

	{
		name: "wrong type of an option", more: "[features.ollama]\nport = \"x\"\n", ask: `config.nqd.features.ollama.port`,
		wantErr: []string{"A definition for option `nqd.features.ollama.port' is not of type", "host.toml'"},
	},
	{
		name: "unknown option", more: "[features.ollama]\nmodel = [\"x\"]\n", ask: `config.nqd.features.ollama`,
		wantErr: []string{"The option `nqd.features.ollama.model' does not exist", "host.toml'"},
	},
	{
		name: "wrong type of a fixed key", old: `timezone = "UTC"`, new: `timezone = 1`, ask: `config.time.timeZone`,
		wantErr: []string{"A definition for option `time.timeZone' is not of type", "host.toml'"},
	},
	{
		name: "unknown preset", old: `"inference-server"`, new: `"big"`, ask: `config.nqd.features.ollama`,
		wantErr: []string{`host.toml: preset: unknown preset "big"; known are: ai-workstation, data-science, inference-server, minimal`},
	},
	{
		name: "unknown type of an option", library: [3]string{"features/postgresql/feature.toml", `type = "port"`, `type = "prot"`},
		ask:     `manifest.version`,
		wantErr: []string{`features/postgresql/feature.toml: options.port: unknown type "prot"; known are: bool, int, listOf str, port, str, enum`},
	},
}

func TestHosts(t *testing.T) { askAll(t, hosts) }
