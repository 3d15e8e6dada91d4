// Package trial evaluates a configuration that is to be adopted alone and purely, in a flake of its own, before anything
// of it is written into a workspace.
package trial

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/adopt"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
)

// flake is the one around the files. What it is told is data, beside it. The platform has the priority that host.toml
// gives it later.
const flake = `{
  inputs.nixpkgs.url = %s;
  outputs =
    { nixpkgs, ... }:
    let
      given = builtins.fromJSON (builtins.readFile ./given.json);
      system = nixpkgs.lib.nixosSystem {
        modules = map (name: ./imported + "/${name}") given.modules ++ [
          { nixpkgs.hostPlatform = nixpkgs.lib.mkOverride 90 given.platform; }
        ];
      };
    in
    {
      there = nixpkgs.lib.isAttrs { };
      trial = builtins.unsafeDiscardStringContext system.config.system.build.toplevel.drvPath;
    };
}
`

// reference is a flake reference without any character that means something in a Nix string.
var reference = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:[A-Za-z0-9/._~?=&%+@:-]+$`)

// New evaluates with the nixpkgs of that flake reference, for that platform, such as x86_64-linux.
func New(nix *nixcli.Nix, nixpkgs, platform string) adopt.Evaluate {
	return func(ctx context.Context, files []adopt.File) error {
		if !reference.MatchString(nixpkgs) {
			return fmt.Errorf("%q: not a flake reference", nixpkgs)
		}
		dir, err := os.MkdirTemp("", "nqd-trial-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if err := write(dir, nixpkgs, platform, files); err != nil {
			return err
		}
		at := (&url.URL{Scheme: "path", Path: dir}).String()
		_, err = nix.Evaluate(ctx, at, "trial")
		var failed *nixcli.Error
		if !errors.As(err, &failed) || failed.MayPass() {
			return err
		}
		// Where nixpkgs itself is not to be had, that says nothing about the files.
		if _, err := nix.Evaluate(ctx, at, "there"); err != nil {
			return err
		}
		return &adopt.Refused{Said: inStore.ReplaceAllString(message(failed), "")}
	}
}

// inStore is the copy of the flake, which nobody finds there later.
var inStore = regexp.MustCompile(`[^\s'"(]*/nix/store/[0-9a-df-np-sv-z]{32}-source/|«[^»]*»/`)

// message is the error without what nqd was doing.
func message(err *nixcli.Error) string {
	_, said, found := strings.Cut(err.Error(), "nix: ")
	if !found {
		return err.Error()
	}
	return said
}

// write puts a flake around the files, for the user alone.
func write(dir, nixpkgs, platform string, files []adopt.File) error {
	given := struct {
		Modules  []string `json:"modules"`
		Platform string   `json:"platform"`
	}{[]string{}, platform}
	for _, file := range files {
		name := filepath.Join(dir, "imported", filepath.FromSlash(file.Path))
		if !filepath.IsLocal(file.Path) {
			return fmt.Errorf("%s: not a file below imported/", file.Path)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(name, file.Data, 0o600|file.Mode&0o100); err != nil {
			return err
		}
		// Those that the library imports from imported/.
		if file.Path == "configuration.nix" || file.Path == "hardware-configuration.nix" {
			given.Modules = append(given.Modules, file.Path)
		}
	}
	data, err := json.Marshal(given)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "given.json"), data, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "flake.nix"), fmt.Appendf(nil, flake, `"`+nixpkgs+`"`), 0o600)
}
