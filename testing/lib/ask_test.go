package lib

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/nixlib"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// hostCase is a host by its difference from hostToml, with a question and its answer as JSON, or
// with what Nix's error holds. It is asked of every Nix and every release.
type hostCase struct {
	name     string
	old, new string            // in hostToml, once
	more     string            // at its end
	files    map[string]string // in the workspace: "hosts/orion/local.nix"
	local    string            // local.nix
	library  [3]string         // a file of nixlib, a text in it, and what stands there instead
	release  string            // the only one to ask, or "" for all
	ask      string            // Nix, of lib, config, options, pkgs, home (of [user]), homes, manifest, drvPath
	want     string
	wantErr  []string
}

// asked evaluates one question, or many in one process. A file holds the questions, as
// expressions are no JSON.
const asked = `{ nixpkgs, homeManager, cases }:
let
  path = text: /. + text;
  outputs = flake: (import (path flake + "/flake.nix")).outputs { };
  inputs = {
    nixpkgs = outputs nixpkgs // { narHash = "sha256-now"; };
    home-manager = outputs homeManager;
  };
  answer = { nixlib, directory, ask, ... }:
    let
      made = (import (path nixlib) { inherit inputs; }).mkHost (path directory);
      homes = made.system.config.home-manager.users;
    in
    import (path ask) {
      inherit (inputs.nixpkgs) lib;
      inherit (made.system) config options pkgs;
      inherit (made.nqd) drvPath manifest;
      inherit homes;
      home = homes.${made.nqd.host.user.name};
    };
in
map answer (builtins.fromJSON (builtins.readFile (path cases)))`

// hardware is what a machine has been installed with.
const hardware = `{
  boot.loader.systemd-boot.enable = true;
  fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; };
}
`

// question is a hostCase on disk.
type question struct {
	Nixlib    string `json:"nixlib"`
	Directory string `json:"directory"`
	Ask       string `json:"ask"`
}

// askAll asks all cases. Those that have an answer are evaluated in one process for each Nix and
// release: what Nix reads once it need not read for each host.
func askAll(t *testing.T, cases []hostCase) {
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
			var mine []hostCase
			var questions []question
			for _, c := range cases {
				if c.release == "" || c.release == release {
					mine = append(mine, c)
					questions = append(questions, c.prepare(t, library, release))
				}
			}
			nixes.Each(t, func(t *testing.T, bin string) { judgeAll(t, bin, inputs, mine, questions) })
		})
	}
}

func judgeAll(t *testing.T, bin string, inputs sandbox.Inputs, cases []hostCase, questions []question) {
	ask := func(t *testing.T, list ...question) ([]json.RawMessage, error) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "cases.json")
		data, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		write(t, file, string(data))
		out, err := eval(bin, asked,
			"--argstr", "nixpkgs", strings.TrimPrefix(inputs.Nixpkgs, "path:"),
			"--argstr", "homeManager", strings.TrimPrefix(inputs.HomeManager, "path:"),
			"--argstr", "cases", file)
		if err != nil {
			return nil, err
		}
		var answers []json.RawMessage
		return answers, json.Unmarshal(out, &answers)
	}
	var together []question
	for i, c := range cases {
		if len(c.wantErr) == 0 {
			together = append(together, questions[i])
		}
	}
	answers, err := ask(t, together...)
	next := 0
	for i, c := range cases {
		answer, known := json.RawMessage(nil), len(c.wantErr) == 0 && err == nil
		if known {
			answer = answers[next]
			next++
		}
		t.Run(c.name, func(t *testing.T) {
			var err error
			if !known { // an error of one is an error of all: ask this one alone
				var answers []json.RawMessage
				if answers, err = ask(t, questions[i]); err == nil {
					answer = answers[0]
				}
			}
			judge(t, string(answer), err, c.want, c.wantErr)
		})
	}
	if err != nil && !t.Failed() {
		t.Errorf("each case alone passes, but not all in one process: %v", err)
	}
}

// prepare writes the workspace of the case.
func (c hostCase) prepare(t *testing.T, library, release string) question {
	t.Helper()
	dir := t.TempDir()
	if file := c.library[0]; file != "" {
		library = filepath.Join(dir, "nixlib")
		if err := os.CopyFS(library, nixlib.FS); err != nil {
			t.Fatal(err)
		}
		edit(t, filepath.Join(library, file), c.library[1], c.library[2])
	}
	folder := filepath.Join(dir, "hosts", "orion")
	toml := filepath.Join(folder, "host.toml")
	write(t, toml, hostToml+c.more)
	if c.old != "" {
		edit(t, toml, c.old, c.new)
	}
	if release != sandbox.Release {
		edit(t, toml, `release = "`+sandbox.Release+`"`, `release = "`+release+`"`)
	}
	write(t, filepath.Join(folder, "imported", "hardware-configuration.nix"), hardware)
	if c.local != "" {
		write(t, filepath.Join(folder, "local.nix"), c.local)
	}
	for name, text := range c.files {
		write(t, filepath.Join(dir, name), text)
	}
	ask := filepath.Join(dir, "ask.nix")
	write(t, ask, "{ lib, config, options, pkgs, home, homes, manifest, drvPath }:\n"+c.ask)
	return question{Nixlib: library, Directory: folder, Ask: ask}
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
