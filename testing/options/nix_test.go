package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

// standIn is a copy of the stand-in's lib and of both tables, for each release that it can play.
func standIn(t *testing.T) map[string]string {
	t.Helper()
	copies := map[string]string{}
	for _, release := range table.Releases {
		dir := t.TempDir()
		if err := os.CopyFS(filepath.Join(dir, "lib"), os.DirFS(root+"/testing/nixpkgs/lib")); err != nil {
			t.Fatal(err)
		}
		for _, folder := range []string{"nixpkgs", "home-manager"} {
			copyTable(t, root+"/testing/"+folder, filepath.Join(dir, folder))
		}
		if err := os.WriteFile(filepath.Join(dir, "release"), []byte(release+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		copies[release] = dir
	}
	return copies
}

func copyTable(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(to, "options"), os.DirFS(from+"/options")); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	data, err := os.ReadFile(from + "/options.json")
	if err == nil {
		err = os.WriteFile(filepath.Join(to, "options.json"), data, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// evaluate asks the lib in DIR about one of the tables: `evalWith` is an evaluation of it and of one more module.
func evaluate(bin, dir, folder, ask string) (string, error) {
	expression := `let
  lib = import ` + dir + `/lib;
  pkgs = { };
  table = lib.table.module ` + dir + `/` + folder + `/options.json;
  evalWith = module: lib.evalModules { modules = [ table { _module.args = { inherit pkgs; }; } module ]; };
in ` + ask
	cmd := exec.Command(filepath.Join(bin, "nix-instantiate"), "--store", "dummy://", "--readonly-mode",
		"--eval", "--strict", "--json", "--expr", expression)
	cmd.Env = []string{"HOME=/homeless-shelter", "PATH=" + os.Getenv("PATH")}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = errors.New(string(exit.Stderr))
	}
	return strings.TrimSpace(string(out)), err
}

// Every type of both tables is one that the library can make, on both releases, down to the last submodule.
func TestTypes(t *testing.T) {
	const describe = `let
  below = type: loc: lib.concatMap below' (lib.collect lib.isOption (removeAttrs (type.getSubOptions loc) [ "_module" ]));
  below' = option: [ "${lib.showOption option.loc}: ${option.type.description}" ] ++ below option.type option.loc;
in lib.concatMap below' (lib.collect lib.isOption (removeAttrs (evalWith { }).options [ "_module" ]))`
	dirs := standIn(t)
	nixes.Each(t, func(t *testing.T, bin string) {
		for _, folder := range []string{"nixpkgs", "home-manager"} {
			for _, release := range table.Releases {
				out, err := evaluate(bin, dirs[release], folder, describe)
				var all []string
				if err != nil || json.Unmarshal([]byte(out), &all) != nil || len(all) < 1000 {
					t.Errorf("%s on %s: %v, %d options", folder, release, err, len(all))
				}
				t.Logf("%s on %s: %d options", folder, release, len(all))
			}
		}
	})
}

// Every default is of its option's type.
func TestDefaults(t *testing.T) {
	// There are no packages here, so that a default that is one throws.
	const wrong = `map (option: lib.showOption option.loc) (lib.filter (
  option: option ? default && (builtins.tryEval option.default).success && !option.type.check option.default
) (lib.collect lib.isOption (evalWith { }).options))`
	dirs := standIn(t)
	nixes.Each(t, func(t *testing.T, bin string) {
		for _, folder := range []string{"nixpkgs", "home-manager"} {
			if out, err := evaluate(bin, dirs[table.Newer], folder, wrong); err != nil || out != "[]" {
				t.Errorf("%s: %s (%v)", folder, out, err)
			}
		}
	})
}

// What a table makes of the names that a configuration uses.
func TestNames(t *testing.T) {
	dirs := standIn(t)
	for name, test := range map[string]struct{ folder, release, module, ask, want string }{
		"old name": {
			"nixpkgs", "26.05", `boot.tmpOnTmpfs = true;`, `[ config.boot.tmp.useTmpfs (lib.length config.warnings) ]`, `[true,1]`,
		},
		"old names unused": {"nixpkgs", "26.05", ``, `[ config.warnings (lib.filter (a: !a.assertion) config.assertions) ]`, `[[],[]]`},
		"old name of a setting": {
			"nixpkgs", "26.05", `services.openssh.permitRootLogin = lib.mkForce "no"; services.openssh.settings.PermitRootLogin = "yes";`,
			`config.services.openssh.settings.PermitRootLogin`, `"no"`,
		},
		"old name of a set": {
			"nixpkgs", "26.05", `hardware.pulseaudio.enable = true;`, `config.services.pulseaudio.enable`, `true`,
		},
		"old name of an attribute": {
			"nixpkgs", "26.05", `services.redis.enable = true;`, `config.services.redis.servers."".enable`, `true`,
		},
		"chain of old names": {
			"home-manager", "26.11", `programs.git.difftastic.background = "dark"; programs.difftastic.options.color = "always";`,
			`config.programs.difftastic.options`, `{"background":"dark","color":"always"}`,
		},
		"removed": {
			"nixpkgs", "26.05", `sound.enable = true;`,
			`map (a: lib.hasInfix "sound.enable' in" a.message) (lib.filter (a: !a.assertion) config.assertions)`, `[true]`,
		},
		"unknown":      {"nixpkgs", "26.05", `services.mlflow.enable = true;`, `config.services`, "error: The option `services.mlflow' does not exist"},
		"unknown home": {"home-manager", "26.05", `programs.gti.enable = true;`, `config.programs`, "error: The option `programs.gti' does not exist"},
		"later":        {"nixpkgs", "26.05", `security.polkit.enablePkexecWrapper = true;`, `config.security`, "error: The option `security.polkit.enablePkexecWrapper' does not exist"},
		"now":          {"nixpkgs", "26.11", `security.polkit.enablePkexecWrapper = true;`, `config.security.polkit.enablePkexecWrapper`, `true`},
		"until":        {"nixpkgs", "26.05", `services.timesyncd.extraConfig = "a";`, `config.services.timesyncd.extraConfig`, `"a"`},
		"renamed since": {
			"home-manager", "26.11", `programs.fzf.fileWidgetCommand = "a";`, `config.programs.fzf.fileWidget.command`, `"a"`,
		},
		"not renamed yet": {
			"home-manager", "26.05", `programs.fzf.fileWidgetCommand = "a";`, `config.programs.fzf.fileWidgetCommand`, `"a"`,
		},
		"quoted name": {
			"home-manager", "26.05", `targets.darwin.defaults."com.apple.Safari".AutoFillPasswords = true;`,
			`config.targets.darwin.defaults."com.apple.Safari".AutoFillPasswords`, `true`,
		},
		"free form": {
			"nixpkgs", "26.05", `services.forgejo.settings = { server.HTTP_PORT = 1; other.KEY = "x"; };`,
			`with config.services.forgejo.settings; [ server.HTTP_PORT server.PROTOCOL other ]`, `[1,"http",{"KEY":"x"}]`,
		},
		"wrong type of a setting": {
			"nixpkgs", "26.05", `services.forgejo.settings.server.HTTP_PORT = "x";`, `config.services.forgejo.settings.server.HTTP_PORT`, "error: A definition for option `services.forgejo.settings.server.HTTP_PORT' is not of type",
		},
		"element": {
			"nixpkgs", "26.05", `services.redis.servers."".port = 1;`, `config.services.redis.servers."".databases`, `16`,
		},
		"unknown in an element": {
			"nixpkgs", "26.05", `services.redis.servers."".ports = 1;`, `config.services.redis.servers."".databases`, "error: The option `services.redis.servers.\"\".ports' does not exist",
		},
		"alike": {
			"nixpkgs", "26.05", `services.prometheus.exporters.node.openFirewall = true;`,
			`config.services.prometheus.exporters.node.listenAddress`, `"0.0.0.0"`,
		},
		"common to units": {
			"nixpkgs", "26.05", `systemd.user.timers.a = { wantedBy = [ "timers.target" ]; after = [ "b.service" ]; };`,
			`config.systemd.user.timers.a.after`, `["b.service"]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			nixes.Each(t, func(t *testing.T, bin string) {
				ask := `(with evalWith { ` + test.module + ` }; ` + test.ask + `)`
				got, err := evaluate(bin, dirs[test.release], test.folder, ask)
				complaint, refused := strings.CutPrefix(test.want, "error: ")
				switch {
				case refused && (err == nil || !strings.Contains(err.Error(), complaint)):
					t.Errorf("got %s (%v), want an error with %q", got, err, complaint)
				case !refused && (err != nil || got != test.want):
					t.Errorf("got %s (%v), want %s", got, err, test.want)
				}
			})
		})
	}
}
