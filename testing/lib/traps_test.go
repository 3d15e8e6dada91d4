package lib

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// trap is a default, an assertion or a conflict of nixpkgs' own that a configuration runs into.
// Exactly one of value, assertion, warning and refusal says what comes out of it. Where each was
// read stands in the module of the stand-in that does it.
type trap struct {
	name      string
	local     string // the user's own module, with lib, pkgs and config
	release   string // the only one to ask, or "" for all
	ask       string // Nix, of lib, config, options and pkgs
	value     string // the answer, as JSON
	assertion string // in the message of one that failed
	warning   string // in config.warnings
	refusal   string // in Nix's error, once the system is asked for
}

const (
	oldest = "26.05"
	newest = "26.11"
)

// trapBase is what every machine has.
const trapBase = `{
  boot.loader.systemd-boot.enable = lib.mkDefault true;
  fileSystems."/" = { device = "/dev/disk/by-label/nixos"; fsType = "ext4"; };
  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  system.stateVersion = lib.mkDefault "26.05";
  users.users.ada = { isNormalUser = true; extraGroups = [ "wheel" ]; };
}`

const trapModule = "{ config, lib, pkgs, ... }:\n"

const askTraps = `{ nixpkgs, base, rows }:
let
  inherit ((import (/. + nixpkgs + "/flake.nix")).outputs { }) lib;
  failed = config: map (a: a.message) (lib.filter (a: !a.assertion) config.assertions);
  answer = row:
    let
      system = lib.nixosSystem { modules = [ (/. + base) (/. + row.local) ]; };
      inherit (system) config;
    in
    {
      value = if row.kind == "value" then import (/. + row.ask) { inherit lib config; inherit (system) options pkgs; } else null;
      told =
        if row.kind == "assertion" then failed config
        else if row.kind == "warning" then config.warnings
        else if row.kind == "refusal" then builtins.seq config.system.build.toplevel.drvPath [ ]
        else [ ];
    };
in
map answer (builtins.fromJSON rows)`

// trapRow is a trap on disk.
type trapRow struct {
	Kind  string `json:"kind"`
	Local string `json:"local"`
	Ask   string `json:"ask"`
}

// outcome is what came out of one.
type outcome struct {
	Value json.RawMessage
	Told  []string
}

// kind says what a trap wants.
func (c trap) kind() string {
	switch {
	case c.value != "":
		return "value"
	case c.assertion != "":
		return "assertion"
	case c.warning != "":
		return "warning"
	}
	return "refusal"
}

// enough is how many traps there have to be.
const enough = 40

func TestTraps(t *testing.T) {
	t.Logf("%d traps", len(traps))
	if len(traps) < enough {
		t.Errorf("want at least %d", enough)
	}
	reads(t, filepath.Join(root, "testing/nixpkgs"))
	for _, release := range sandbox.Releases {
		t.Run(release, func(t *testing.T) {
			inputs, err := sandbox.Prepare(t.Context(), t.TempDir(), release)
			if err != nil {
				t.Fatal(err)
			}
			var mine []trap
			var rows []trapRow
			for _, c := range traps {
				if c.release == "" || c.release == release {
					mine = append(mine, c)
					rows = append(rows, c.write(t))
				}
			}
			base := filepath.Join(t.TempDir(), "base.nix")
			write(t, base, trapModule+trapBase)
			nixes.Each(t, func(t *testing.T, bin string) {
				ask := func(rows ...trapRow) ([]outcome, error) {
					return springTraps(bin, strings.TrimPrefix(inputs.Nixpkgs, "path:"), base, rows)
				}
				judgeTraps(t, mine, rows, ask)
			})
		})
	}
}

// write puts the trap on disk.
func (c trap) write(t *testing.T) trapRow {
	t.Helper()
	dir := t.TempDir()
	row := trapRow{Kind: c.kind(), Local: filepath.Join(dir, "local.nix"), Ask: filepath.Join(dir, "ask.nix")}
	write(t, row.Local, trapModule+c.local)
	write(t, row.Ask, "{ lib, config, options, pkgs }:\n"+c.ask)
	return row
}

// springTraps evaluates rows in one process.
func springTraps(bin, nixpkgs, base string, rows []trapRow) ([]outcome, error) {
	data, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	out, err := eval(bin, askTraps, "--argstr", "nixpkgs", nixpkgs, "--argstr", "base", base, "--argstr", "rows", string(data))
	if err != nil {
		return nil, err
	}
	var answers []outcome
	return answers, json.Unmarshal(out, &answers)
}

// judgeTraps asks all together but those that end in an error, which takes a process each.
func judgeTraps(t *testing.T, traps []trap, rows []trapRow, ask func(...trapRow) ([]outcome, error)) {
	var together []trapRow
	for _, row := range rows {
		if row.Kind != "refusal" {
			together = append(together, row)
		}
	}
	answers, wholeErr := ask(together...)
	next := 0
	for i, c := range traps {
		var one []outcome
		if wholeErr == nil && rows[i].Kind != "refusal" {
			one = answers[next : next+1]
			next++
		}
		t.Run(c.name, func(t *testing.T) {
			var err error
			if one == nil {
				one, err = ask(rows[i])
			}
			if problem := c.judge(one, err); problem != "" {
				t.Error(problem)
			}
		})
	}
}

// judge says what is wrong with what came out.
func (c trap) judge(answers []outcome, err error) string {
	if c.kind() == "refusal" {
		if err == nil {
			return fmt.Sprintf("not refused with %q", c.refusal)
		}
		if !strings.Contains(err.Error(), c.refusal) {
			return fmt.Sprintf("no %q in:\n%v", c.refusal, err)
		}
		return ""
	}
	if err != nil {
		return err.Error()
	}
	answer := answers[0]
	if c.kind() == "value" {
		if got := string(answer.Value); got != c.value {
			return fmt.Sprintf("\n got %s\nwant %s", got, c.value)
		}
		return ""
	}
	wanted := c.assertion + c.warning
	for _, text := range answer.Told {
		if strings.Contains(text, wanted) {
			return ""
		}
	}
	return fmt.Sprintf("no %s %q in %q", c.kind(), wanted, answer.Told)
}

// A trap that does not spring is told, whatever kind it is.
func TestTrapTurnsRed(t *testing.T) {
	answer := []outcome{{Value: json.RawMessage(`1`), Told: []string{"something else"}}}
	for name, c := range map[string]trap{
		"value":     {value: "2"},
		"assertion": {assertion: "never said"},
		"warning":   {warning: "never said"},
		"refusal":   {refusal: "never said"},
	} {
		if c.judge(answer, nil) == "" {
			t.Errorf("%s: not told", name)
		}
	}
}
