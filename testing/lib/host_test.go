package lib

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/nixlib"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

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

// hosts are hosts by their difference from hostToml, with a question and its answer as JSON, or
// with what Nix's error holds.
var hosts = []struct {
	name     string
	old, new string // in hostToml, once
	more     string // at its end
	local    string // local.nix
	library  [3]string
	ask      string
	want     string
	wantErr  []string
}{
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
		name: "always on, in a preset", library: [3]string{"presets.toml", `features = ["ollama"]`, `features = ["base", "ollama"]`},
		ask: `manifest.features`, want: `["base","ollama"]`,
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

const askHost = `{ nixlib, nixpkgs, homeManager, directory, ask }:
let
  path = text: /. + text;
  outputs = flake: (import (path flake + "/flake.nix")).outputs { };
  inputs = {
    nixpkgs = outputs nixpkgs;
    home-manager = outputs homeManager;
  };
  made = (import (path nixlib) { inherit inputs; }).mkHost (path directory);
in
ask {
  inherit (inputs.nixpkgs) lib;
  inherit (made.system) config options;
  inherit (made.nqd) manifest;
}`

func TestHosts(t *testing.T) {
	inputs, err := sandbox.Prepare(t.Context(), t.TempDir(), sandbox.Release)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range hosts {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "nixlib"), nixlib.FS); err != nil {
				t.Fatal(err)
			}
			if file := test.library[0]; file != "" {
				edit(t, filepath.Join(dir, "nixlib", file), test.library[1], test.library[2])
			}
			folder := filepath.Join(dir, "hosts", "orion")
			write(t, filepath.Join(folder, "host.toml"), hostToml+test.more)
			if test.old != "" {
				edit(t, filepath.Join(folder, "host.toml"), test.old, test.new)
			}
			if test.local != "" {
				write(t, filepath.Join(folder, "local.nix"), test.local)
			}
			eachNix(t, func(t *testing.T, bin string) {
				out, err := eval(bin, askHost,
					"--argstr", "nixlib", filepath.Join(dir, "nixlib"),
					"--argstr", "nixpkgs", strings.TrimPrefix(inputs.Nixpkgs, "path:"),
					"--argstr", "homeManager", strings.TrimPrefix(inputs.HomeManager, "path:"),
					"--argstr", "directory", folder,
					"--arg", "ask", "{ lib, config, options, manifest }: "+test.ask)
				judge(t, strings.TrimSpace(string(out)), err, test.want, test.wantErr)
			})
		})
	}
}

func judge(t *testing.T, got string, err error, want string, wantErr []string) {
	t.Helper()
	switch {
	case len(wantErr) == 0 && err != nil:
		t.Fatal(err)
	case len(wantErr) == 0 && got != want:
		t.Errorf("\n got %s\nwant %s", got, want)
	case len(wantErr) > 0 && err == nil:
		t.Errorf("no error, but %s", got)
	}
	for _, part := range wantErr {
		if err != nil && !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in:\n%v", part, err)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// edit replaces what stands once in a file.
func edit(t *testing.T, file, old, new string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), old) != 1 {
		t.Fatalf("%s: %q stands %d times", file, old, strings.Count(string(text), old))
	}
	// CopyFS keeps the modes of the embedded files, which nobody may write to.
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.Replace(string(text), old, new, 1))
}
