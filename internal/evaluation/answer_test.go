package evaluation

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

const (
	newSystem = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-nixos-system-orion-new"
	newDrv    = "/nix/store/0f5z55vs9swzxwdmcms03qb2nakciwpa-nixos-system-orion-new.drv"
)

// answer is an evaluation as nixlib/manifest.nix gives it.
func answer(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/answer.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestParseEvaluation(t *testing.T) {
	t.Parallel()
	e, err := Parse(json.RawMessage(answer(t)))
	if err != nil {
		t.Fatal(err)
	}
	checks := e.Manifest.Checks
	e.Manifest.Checks = nil
	want := Answer{
		Host:       json.RawMessage(`{"version": 1}`),
		Derivation: newDrv,
		System:     newSystem,
		Manifest: Manifest{
			Version:   1,
			Features:  []string{"base", "git", "ollama"},
			Units:     []string{"home-manager-ada.service", "ollama.service"},
			LateUnits: []string{"ollama-model-loader.service"},
			Ports:     []event.Port{{Feature: "ollama", Name: "api", Protocol: "tcp", Number: 11434, Expose: []string{}}},
			Lost: []event.Lost{{
				Feature: "base", Option: "networking.hostName", Wanted: json.RawMessage(`"orion"`),
				Final: json.RawMessage(`"nixos"`), Files: []string{"local.nix"},
			}},
			Overrides: []event.Override{{
				Feature: "ollama", Option: "services.ollama.port", Value: json.RawMessage(`8080`),
				Replaced: []json.RawMessage{json.RawMessage(`11434`)}, Files: []string{"hosts/orion/local.nix"},
			}},
			Skipped: []event.Skipped{{Feature: "git", Package: "git-absent", Why: "nixpkgs has no such package"}},
			State:   []State{{Feature: "ollama", Path: "/var/lib/ollama", Kind: "files"}},
			Users:   []string{"ada", "bob"},
		},
	}
	if !reflect.DeepEqual(e, want) {
		t.Errorf("got %+v\nwant %+v", e, want)
	}
	if !strings.Contains(string(checks), `"id": "api"`) {
		t.Errorf("checks: %s", checks)
	}
}

func TestParseEvaluationRefuses(t *testing.T) {
	t.Parallel()
	answer := answer(t)
	for name, c := range map[string]struct{ old, new, want string }{
		"no JSON":              {answer, "error", "reading the evaluation"},
		"another shape":        {`"ada", "bob"`, `1`, "reading the evaluation"},
		"an older format":      {`"version": 1,`, `"version": 0,`, "manifest of format 0; this nqd reads 1"},
		"a newer format":       {`"version": 1,`, `"version": 2,`, "manifest of format 2; this nqd reads 1"},
		"no manifest":          {answer, `{"drvPath":"` + newDrv + `","toplevel":"` + newSystem + `"}`, "manifest of format 0"},
		"system elsewhere":     {newSystem + `"`, `/home/ada/result"`, `"/home/ada/result": not a store path`},
		"system below a path":  {newSystem + `"`, newSystem + `/../x"`, "not a store path"},
		"no system":            {newSystem + `"`, `"`, `"": not a store path`},
		"derivation elsewhere": {newDrv, "/home/ada/x.drv", `"/home/ada/x.drv": not a store path`},
		"no derivation":        {newDrv, "", `"": not a store path`},
	} {
		if !strings.Contains(answer, c.old) {
			t.Fatalf("%s: %q is not in the answer", name, c.old)
		}
		got, err := Parse(json.RawMessage(strings.Replace(answer, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
		if !reflect.DeepEqual(got, Answer{}) {
			t.Errorf("%s: got %+v beside the error", name, got)
		}
	}
}

const gitDrv = "/nix/store/nnnvm8rxn5l7j1a0967manl7bxdxkvyi-git-2.53.0.drv"

// whole is an evaluation with all that nixlib/manifest.nix tells for a plan.
const whole = `{
  "host": {"version": 1},
  "drvPath": "` + newDrv + `",
  "toplevel": "` + newSystem + `",
  "manifest": {
    "version": 1,
    "packages": [{"name": "coreutils", "version": "9.8"}, {"feature": "git", "name": "git", "version": "2.53.0"}],
    "programs": {"ollama": [{"name": "ollama", "version": "0.18.2"}]},
    "accounts": ["ada", "root"],
    "groups": ["users", "wheel"],
    "mutable_users": true,
    "home": [{"user": "ada", "home": "/home/ada", "files": [".config/git/config"], "folders": ["bin"]}],
    "secrets": [{"feature": "grafana", "name": "key", "file": "secrets/orion/key.age"}],
    "boot": {"kernel": "linux-6.18.9"}
  },
  "detail": {
    "units": {
      "a.service": {"text": "[Unit]\n", "masked": false, "drop_in": true, "wanted_by": ["multi-user.target"]},
      "b.service": {"text": "", "masked": true, "drop_in": false, "wanted_by": []}
    },
    "unit_packages": ["/nix/store/m79kl22615870lq5v11i5ac3acw266y8-systemd-259.1"],
    "fstab": "/dev/sda1 / ext4\n",
    "roots": {"git": ["` + gitDrv + `"]}
  }
}`

func TestParseEvaluationOfAll(t *testing.T) {
	t.Parallel()
	got, err := Parse(json.RawMessage(whole))
	if err != nil {
		t.Fatal(err)
	}
	fstab := "/dev/sda1 / ext4\n"
	want := Answer{
		Host: json.RawMessage(`{"version": 1}`), Derivation: newDrv, System: newSystem,
		Manifest: Manifest{
			Version:  1,
			Packages: []Package{{Name: "coreutils", Version: "9.8"}, {Feature: "git", Name: "git", Version: "2.53.0"}},
			Programs: map[string][]Package{"ollama": {{Name: "ollama", Version: "0.18.2"}}},
			Accounts: []string{"ada", "root"}, Groups: []string{"users", "wheel"}, MutableUsers: true,
			Home:    []Home{{User: "ada", Home: "/home/ada", Files: []string{".config/git/config"}, Folders: []string{"bin"}}},
			Secrets: []event.Secret{{Feature: "grafana", Name: "key", File: "secrets/orion/key.age"}},
			Boot:    json.RawMessage(`{"kernel": "linux-6.18.9"}`),
		},
		Detail: Detail{
			Units: map[string]activation.Source{
				"a.service": {Text: "[Unit]\n", DropIn: true, WantedBy: []string{"multi-user.target"}},
				"b.service": {Masked: true, WantedBy: []string{}},
			},
			UnitPackages: []string{"/nix/store/m79kl22615870lq5v11i5ac3acw266y8-systemd-259.1"},
			Fstab:        &fstab,
			Roots:        map[string][]machine.StorePath{"git": {gitDrv}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf(" got %+v\nwant %+v", got, want)
	}
}

// What becomes a path on the machine is one where it may be.
func TestParseEvaluationRefusesPaths(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, new, want string }{
		"home below nothing":   {`"/home/ada"`, `"home/ada"`, `home of ada: "home/ada": not an absolute path`},
		"no home":              {`"/home/ada"`, `""`, `home of ada: "": not an absolute path`},
		"file above":           {`".config/git/config"`, `".config/../../x"`, `home of ada: ".config/../../x": not a path below it`},
		"file elsewhere":       {`".config/git/config"`, `"/etc/passwd"`, `home of ada: "/etc/passwd": not a path below it`},
		"no file":              {`".config/git/config"`, `""`, `home of ada: "": not a path below it`},
		"folder above":         {`"bin"`, `".."`, `home of ada: "..": not a path below it`},
		"secret elsewhere":     {`"secrets/orion/key.age"`, `"/secrets/key.age"`, `secret key of grafana: "/secrets/key.age": not a path in the workspace`},
		"secret above":         {`"secrets/orion/key.age"`, `"../key.age"`, `secret key of grafana: "../key.age": not a path in the workspace`},
		"derivation elsewhere": {gitDrv, `/tmp/git.drv`, `derivations of git: "/tmp/git.drv": not a store path`},
		"a name for a unit":    {`{"text": "[Unit]\n", "masked": false, "drop_in": true, "wanted_by": ["multi-user.target"]}`, `"/nix/store/x"`, "reading the evaluation"},
	} {
		if !strings.Contains(whole, c.old) {
			t.Fatalf("%s: %q is not in the answer", name, c.old)
		}
		got, err := Parse(json.RawMessage(strings.Replace(whole, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want an error with %q", name, err, c.want)
		}
		if !reflect.DeepEqual(got, Answer{}) {
			t.Errorf("%s: got %+v beside the error", name, got)
		}
	}
}

// The manifest of a deployment that an older nqd recorded has nothing of it, and is written back as it was.
func TestManifestOfAnOlderDeployment(t *testing.T) {
	t.Parallel()
	const recorded = `{"version":1,"features":["base"],"units":[],"late_units":[],"ports":[],"checks":[],"lost":[],` +
		`"users":["ada"],"user":"ada"}`
	var m Manifest
	if err := json.Unmarshal([]byte(recorded), &m); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(m); err != nil || string(again) != recorded {
		t.Errorf("%s, %v", again, err)
	}
}
