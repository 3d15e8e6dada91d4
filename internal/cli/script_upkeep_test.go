package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// notOfNqd is what of a machine an uninstalled nqd leaves otherwise than it was, and why.
var notOfNqd = map[string]string{
	"nix/store":                "the store is collected by its own rules",
	"nix/var/log":              "logs of builders are Nix's",
	"nix/var/nix/builds":       "Nix makes it for its first build",
	"nix/var/nix/db":           "Nix's database",
	"nix/var/nix/gc.lock":      "Nix's own",
	"nix/var/nix/gcroots/auto": "links that lead nowhere are removed by the next collection",
	"nix/var/nix/temproots":    "Nix's own",
	"etc/profiles":             "NixOS leaves folders of /etc behind, empty",
	"home/ada/.cache/nix":      "the cache of Nix, which anybody fills",
	"run/standin":              "the states of units, with their processes",
	"var/lib/nixos":            "NixOS keeps the numbers of accounts that were there once",
	"var/log/standin":          "the journal",
}

// everything writes a listing of the machine to a file, but for what is in notOfNqd: everything before.
func everything(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: everything FILE")
	}
	root := ts.Getenv("M")
	var listing strings.Builder
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name, relErr := filepath.Rel(root, path)
		if err := errors.Join(err, relErr); err != nil {
			return err
		}
		if _, left := notOfNqd[name]; left && entry.IsDir() {
			return fs.SkipDir
		} else if left {
			return nil
		}
		if name == "home/ada/.cache" {
			return nil // there is the cache of Nix in it, but no other
		}
		return list(&listing, path, name, entry)
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(listing.String()), 0o600))
}
