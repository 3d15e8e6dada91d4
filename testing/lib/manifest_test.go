package lib

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	machines "github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// answered is all that nqd asks of a host. A text that refers to something would have Nix make that first.
const answered = `{ nixpkgs, homeManager, nixlib, directory }:
let
  path = text: /. + text;
  outputs = flake: (import (path flake + "/flake.nix")).outputs { };
  inputs = { nixpkgs = outputs nixpkgs; home-manager = outputs homeManager; };
  inherit ((import (path nixlib) { inherit inputs; }).mkHost (path directory)) nqd;
in
assert !builtins.hasContext (builtins.toJSON nqd);
nqd`

// told are the answers for a host, by release and Nix. The store takes nothing, so that nothing is built for it.
func told(t *testing.T, c hostCase, judge func(t *testing.T, e evaluation.Answer)) {
	t.Helper()
	reads(t, filepath.Join(root, "nixlib"), filepath.Join(root, "testing/nixpkgs"), filepath.Join(root, "testing/home-manager"))
	library := filepath.Join(t.TempDir(), "nixlib")
	if err := os.CopyFS(library, nixlib.FS); err != nil {
		t.Fatal(err)
	}
	for _, release := range sandbox.Releases {
		t.Run(release, func(t *testing.T) {
			inputs, err := sandbox.Prepare(t.Context(), t.TempDir(), release)
			if err != nil {
				t.Fatal(err)
			}
			host := c.prepare(t, library, release)
			nixes.Each(t, func(t *testing.T, bin string) {
				out, err := eval(bin, answered,
					"--argstr", "nixpkgs", strings.TrimPrefix(inputs.Nixpkgs, "path:"),
					"--argstr", "homeManager", strings.TrimPrefix(inputs.HomeManager, "path:"),
					"--argstr", "nixlib", host.Nixlib, "--argstr", "directory", host.Directory)
				if err != nil {
					t.Fatal(err)
				}
				e, err := evaluation.Parse(out)
				if err != nil {
					t.Fatal(err)
				}
				judge(t, e)
			})
		})
	}
}

// mine is a feature of the user's own with a package of each kind: one that it names, one in its own file, one of a
// module that it switches on, and those that its units run. Of wrapped, an option tells what its unit runs.
var mine = map[string]string{
	"features/mine/feature.toml": own("mine", `packages = ["jq"]
units = ["mine.service", "scripted.service", "nowhere.service"]
[[secrets]]
name = "key"
doc = "what it signs with"
`),
	"features/mine/nixos.nix": `nqd: { config, lib, pkgs, ... }: {
		imports = [ ./agent.nix ];
		config = lib.mkIf config.nqd.features.mine.enable (lib.mkMerge [
			(nqd.want (nqd.from "enable") [ "services" "agent" "enable" ] true)
			(nqd.install pkgs [ "environment" "cosmic" "excludePackages" ] [ "htop" ])
			{
				environment.systemPackages = [ pkgs.tree ];
				systemd.services.mine = {
					wantedBy = [ "multi-user.target" ];
					path = [ pkgs.wget ];
					serviceConfig.ExecStart = "${pkgs.hello}/bin/hello --settings ${pkgs.writeText "settings" "x"}";
				};
				systemd.services.scripted.script = "exec ${pkgs.curl}/bin/curl";
			}
		]);
	}`,
	"features/mine/agent.nix": `{ config, lib, pkgs, ... }: {
		options.services.agent.enable = lib.mkEnableOption "the agent";
		config = lib.mkIf config.services.agent.enable { environment.systemPackages = [ pkgs.duf ]; };
	}`,
	"features/wrapped/feature.toml": own("wrapped", `units = ["wrapped.service"]`),
	"features/wrapped/nixos.nix": `nqd: { config, lib, pkgs, ... }: {
		options.services.wrapped = {
			enable = lib.mkEnableOption "what a script of no version starts";
			package = lib.mkOption { type = lib.types.package; default = pkgs.broot; };
		};
		config = lib.mkIf config.nqd.features.wrapped.enable (lib.mkMerge [
			(nqd.want (nqd.from "enable") [ "services" "wrapped" "enable" ] true)
			{ systemd.services.wrapped.serviceConfig.ExecStart = pkgs.writeText "run" "exec ${pkgs.broot}/bin/broot"; }
		]);
	}`,
	"secrets/orion/key.age": "age",
}

// richHost has something of everything that a plan tells of.
func richHost() hostCase {
	files := maps.Clone(mine)
	maps.Copy(files, grafanaSecrets)
	files["hosts/orion/home.nix"] = `{ pkgs, ... }: {
		home.packages = [ pkgs.bat ];
		home.file = {
			"notes/a.txt".text = "a";
			forced = { text = "x"; force = true; };
			off = { text = "x"; enable = false; };
			filled = { source = ./.; recursive = true; };
		};
		xdg.configFile.renamed = { target = "there"; text = "x"; };
	}`
	return hostCase{
		more: "[features.git]\nenable = true\n[features.mine]\nenable = true\n[features.wrapped]\nenable = true\n" +
			"[features.grafana]\nenable = true\n" + postgresql,
		local: `{ pkgs, ... }: {
			environment.systemPackages = [ pkgs.htop pkgs.htop ];
			users.users."ada-l".packages = [ pkgs.bc ];
			users.users.gone = { enable = false; isSystemUser = true; group = "crew"; };
			users.groups.crew = { };
			users.mutableUsers = false;
			users.allowNoPasswordLogin = true;
			services.postgresql.package = pkgs.postgresql_17;
			systemd.services.masked = { enable = false; serviceConfig.ExecStart = "/bin/true"; };
			systemd.services.added = { overrideStrategy = "asDropin"; serviceConfig.Nice = 5; };
			systemd.services.known = { aliases = [ "other.service" ]; requiredBy = [ "a.target" ]; wantedBy = [ "b.target" ]; serviceConfig.ExecStart = "/bin/true"; };
			systemd.units."raw.mount" = { text = "[Mount]\n"; upheldBy = [ "c.target" ]; };
			systemd.packages = [ pkgs.flatpak ];
			boot.kernelParams = [ "quiet" ];
		}`,
		files: files,
	}
}

func TestManifest(t *testing.T) {
	told(t, richHost(), func(t *testing.T, e evaluation.Answer) {
		t.Run("packages", func(t *testing.T) { judgePackages(t, e.Manifest.Packages) })
		t.Run("programs", func(t *testing.T) { judgePrograms(t, e.Manifest.Programs) })
		t.Run("roots", func(t *testing.T) { judgeRoots(t, e.Detail.Roots) })
		t.Run("units", func(t *testing.T) { judgeUnits(t, e.Detail) })
		t.Run("accounts", func(t *testing.T) { judgeAccounts(t, &e.Manifest) })
		t.Run("homes", func(t *testing.T) { judgeHomes(t, e.Manifest.Home) })
		t.Run("secrets", func(t *testing.T) { judgeSecrets(t, e.Manifest.Secrets) })
	})
}

func judgePackages(t *testing.T, packages []evaluation.Package) {
	for name, want := range map[string]string{
		"jq": "mine", "tree": "mine", "duf": "mine", // by its list, its file, a module it switched on
		"git": "git", "git-lfs": "git", "grafana": "grafana",
		"htop": "", "bat": "", "bc": "", "coreutils": "",
	} {
		i := slices.IndexFunc(packages, named(name))
		if i < 0 || packages[i].Feature != want || packages[i].Version == "" {
			t.Errorf("%s: want one of feature %q among %+v", name, want, packages)
		} else if slices.ContainsFunc(packages[i+1:], named(name)) {
			t.Errorf("%s is told twice", name)
		}
	}
	for _, name := range []string{"home-manager-path", "hello"} {
		if slices.ContainsFunc(packages, named(name)) {
			t.Errorf("%s is on nobody's PATH: %+v", name, packages)
		}
	}
	if !slices.IsSortedFunc(packages, func(a, b evaluation.Package) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("not sorted: %+v", packages)
	}
}

func named(name string) func(evaluation.Package) bool {
	return func(p evaluation.Package) bool { return p.Name == name }
}

// What units run, not what they find on their PATH; of scripts, what they call.
func judgePrograms(t *testing.T, programs map[string][]evaluation.Package) {
	for feature, want := range map[string][]string{
		"ollama": {"ollama 0"}, "postgresql": {"postgresql 17"}, "mine": {"curl 8", "hello 2"}, "grafana": {"grafana 1"},
		"wrapped": {"broot 1"}, "git": nil,
	} {
		same := slices.EqualFunc(programs[feature], want, func(p evaluation.Package, want string) bool {
			return strings.HasPrefix(p.Name+" "+p.Version, want)
		})
		if !same {
			t.Errorf("%s: got %+v, want %q", feature, programs[feature], want)
		}
	}
}

// What each feature asks for, and nothing that is there without it.
func judgeRoots(t *testing.T, roots map[string][]machines.StorePath) {
	for feature, want := range map[string][]string{
		"ollama": {"ollama"}, "git": {"git", "git-lfs"}, "wrapped": {"broot", "run"}, "firewall": nil,
		"mine": {"curl", "duf", "hello", "jq", "settings", "tree", "unit-script-scripted-start", "wget"},
	} {
		got, known := roots[feature]
		for _, name := range want {
			if !slices.ContainsFunc(got, derivationOf(name)) {
				t.Errorf("%s does not ask for %s: %v", feature, name, got)
			}
		}
		if !known || len(got) != len(want) {
			t.Errorf("%s: got %v, want %q", feature, got, want)
		}
	}
	if _, off := roots["podman"]; off {
		t.Error("a feature that is off asks for something")
	}
}

// derivationOf finds a derivation of a package.
func derivationOf(name string) func(machines.StorePath) bool {
	return func(p machines.StorePath) bool {
		rest, found := strings.CutPrefix(p.Name(), name)
		return found && strings.HasSuffix(rest, ".drv") && (rest == ".drv" || rest[0] == '-')
	}
}

func judgeUnits(t *testing.T, d evaluation.Detail) {
	runs := d.Units["ollama.service"].Text
	if !strings.Contains(runs, "\nExecStart=/nix/store/") {
		t.Errorf("ollama.service: %s", runs)
	}
	for name, want := range map[string]activation.Source{
		"ollama.service": {Text: runs, WantedBy: []string{"multi-user.target"}},
		"masked.service": {Masked: true, WantedBy: []string{}},
		"added.service":  {Text: d.Units["added.service"].Text, DropIn: true, WantedBy: []string{}},
		"known.service":  {Text: d.Units["known.service"].Text, WantedBy: []string{"b.target", "a.target"}},
		"other.service":  {Text: d.Units["known.service"].Text, WantedBy: []string{}}, // its alias
		"raw.mount":      {Text: "[Mount]\n", WantedBy: []string{"c.target"}},
	} {
		if got, known := d.Units[name]; !known || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	if text := d.Units["added.service"].Text; !strings.Contains(text, "\nNice=5\n") {
		t.Errorf("added.service: %s", text)
	}
	for _, name := range []string{"-systemd-", "-flatpak-"} {
		if !slices.ContainsFunc(d.UnitPackages, func(path string) bool { return strings.Contains(path, name) }) {
			t.Errorf("no %s among packages with units: %q", name, d.UnitPackages)
		}
	}
	if d.Fstab == nil || !strings.Contains(*d.Fstab, "\n/dev/disk/by-label/nixos / ext4 ") {
		t.Errorf("fstab: %v", d.Fstab)
	}
}

func judgeAccounts(t *testing.T, m *evaluation.Manifest) {
	for name, want := range map[string]bool{"ada-l": true, "root": true, "grafana": true, "gone": false} {
		if slices.Contains(m.Accounts, name) != want || slices.Contains(m.Users, name) != (name == "ada-l") {
			t.Errorf("%s: accounts %q, people %q", name, m.Accounts, m.Users)
		}
	}
	if !slices.Contains(m.Groups, "crew") || !slices.Contains(m.Groups, "wheel") || m.MutableUsers {
		t.Errorf("groups %q, mutable %t", m.Groups, m.MutableUsers)
	}
}

func judgeHomes(t *testing.T, homes []evaluation.Home) {
	if len(homes) != 1 || homes[0].User != "ada-l" || homes[0].Home != "/home/ada-l" {
		t.Fatalf("%+v", homes)
	}
	home := homes[0]
	for name, want := range map[string]bool{
		".config/git/config": true, "notes/a.txt": true, ".config/there": true,
		".config/renamed": false, "forced": false, "off": false, "filled": false,
	} {
		if slices.Contains(home.Files, name) != want {
			t.Errorf("%s among the files: want %t: %q", name, want, home.Files)
		}
	}
	if !slices.Equal(home.Folders, []string{"filled"}) || !slices.IsSorted(home.Files) {
		t.Errorf("folders %q, files %q", home.Folders, home.Files)
	}
	if !slices.Equal(home.Forced, []string{"forced"}) {
		t.Errorf("forced %q", home.Forced)
	}
	if home.Generation.Name() != "home-manager-generation" {
		t.Errorf("generation %q", home.Generation)
	}
}

func judgeSecrets(t *testing.T, got []event.Secret) {
	want := []event.Secret{
		{Feature: "grafana", Name: "grafana-admin-password", File: "secrets/orion/grafana-admin-password.age"},
		{Feature: "grafana", Name: "grafana-secret-key", File: "secrets/orion/grafana-secret-key.age"},
		{Feature: "mine", Name: "key", File: "secrets/orion/key.age"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// What a boot puts in place is told as text; what there is not is null.
func TestManifestOfBoot(t *testing.T) {
	const kernel = `with config.boot.kernelPackages; [ (manifest.boot.kernel == kernel.name) (manifest.boot.kernel_path == "${kernel}") ]`
	const machine = `{ boot.kernelParams = [ "quiet" ]; services.displayManager.gdm.enable = true; services.dbus.implementation = "dbus"; }`
	askAll(t, []hostCase{
		{
			name: "machine", local: machine,
			ask: `removeAttrs manifest.boot [ "gpu" "inhibitors" "kernel" "kernel_path" "modules" "systemd" ]`,
			want: `{"dbus":"dbus","display_manager":"gdm","gpu_version":null,"init_interface":"systemd 2","initrd":null,` +
				`"kernel_params":["loglevel=4","quiet","zswap.enabled=0"]}`,
		},
		{name: "kernel", ask: kernel, want: `[true,true]`},
		{
			name: "inhibitors", local: `{ system.switch.inhibitors = { mine = "1"; outPath = "x"; }; }`,
			ask: `manifest.boot.inhibitors`, want: `{"dbus-implementation":"broker","mine":"1"}`,
		},
		{name: "systemd", ask: `manifest.boot.systemd == pkgs.systemd.version`, want: `true`},
		{
			name: "container", local: `{ boot.isContainer = true; services.dbus.enable = false; }`,
			ask:  `lib.filterAttrs (_: value: value == null) manifest.boot`,
			want: `{"dbus":null,"display_manager":null,"gpu_version":null,"initrd":null,"kernel":null,"kernel_path":null,"modules":null}`,
		},
		{
			name: "nvidia", more: allow(closedNames),
			local: `{ services.xserver.videoDrivers = [ "nvidia" ]; hardware.nvidia.open = false; services.greetd.enable = true; }`,
			ask:   `{ inherit (manifest.boot) display_manager gpu gpu_version; }`,
			want:  `{"display_manager":"greetd","gpu":["nvidia"],"gpu_version":"590.48.01"}`,
		},
	})
}

// The tree that a plan evaluates and the commit that is deployed are one system, and told alike, whatever else is in
// them. To ask builds nothing.
func TestManifestOfPathAndCommit(t *testing.T) {
	reads(t, filepath.Join(root, "nixlib"), filepath.Join(root, "testing/nixpkgs"), filepath.Join(root, "testing/home-manager"))
	inputs, err := sandbox.Prepare(t.Context(), t.TempDir(), sandbox.Release)
	if err != nil {
		t.Fatal(err)
	}
	host := richHost().prepare(t, "", sandbox.Release)
	dir := filepath.Dir(filepath.Dir(host.Directory))
	if err := os.CopyFS(filepath.Join(dir, "nixlib"), nixlib.FS); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "flake.nix"), `{
		inputs = {
			nixpkgs.url = "`+inputs.Nixpkgs+`";
			home-manager.url = "`+inputs.HomeManager+`";
			home-manager.inputs.nixpkgs.follows = "nixpkgs";
		};
		outputs = inputs: (import ./nixlib { inherit inputs; }).mkFlake ./hosts;
	}`)
	nixes.Each(t, func(t *testing.T, bin string) {
		tree, repository, store := t.TempDir(), t.TempDir(), t.TempDir()
		for _, copied := range []string{tree, repository} {
			if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
		}
		evaluate := func(flake string) string {
			return run(t, filepath.Join(bin, "nix"), "--extra-experimental-features", "nix-command flakes", "eval", "--json",
				"--store", "local?root="+store, "--option", "substituters", "", "--option", "max-jobs", "0", flake+"#nqd.orion")
		}
		write(t, filepath.Join(repository, "README.md"), "A file that the host has nothing of.\n")
		temporary := evaluate("path:" + tree)
		run(t, "git", "-C", repository, "init", "-q")
		run(t, "git", "-C", repository, "add", ".")
		run(t, "git", "-C", repository, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "x")
		if committed := evaluate("git+file://" + repository); committed != temporary {
			t.Errorf("told differently:\n%s\n%s", temporary, committed)
		}
		e, err := evaluation.Parse([]byte(temporary))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Lstat(filepath.Join(store, string(e.System))); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the system was built: %v", err)
		}
	})
}

// run runs a program to its end and returns what it prints.
func run(t *testing.T, program string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", program, args, err, stderr.String())
	}
	return string(out)
}
