package mistake

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
)

func TestExplain(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"hosts/orion/local.nix", "features/mine/nixos.nix", "nixlib/lib/want.nix", "lib/own.nix"} {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	const source = "/nix/store/00000000000000000000000000000000-source/"
	for _, test := range []struct{ name, message, want, hint string }{
		{
			"a file", "at " + source + "hosts/orion/local.nix:1:2:", "evaluating x: nix: at hosts/orion/local.nix:1:2:",
			"correct hosts/orion/local.nix; nothing was changed",
		},
		{
			"below a sandbox, in quotes", "in `/tmp/x" + source + "features/mine/nixos.nix': 1\nin `" + source + "hosts/orion/local.nix'",
			"evaluating x: nix: in `features/mine/nixos.nix': 1\nin `hosts/orion/local.nix'",
			"correct features/mine/nixos.nix; nothing was changed",
		},
		{
			"a file that is not there", "path '" + source + "hosts/orion/gpu.nix' does not exist",
			"evaluating x: nix: path 'hosts/orion/gpu.nix' does not exist", "correct hosts/orion/gpu.nix; nothing was changed",
		},
		{
			"an unfree package",
			"Package ‘x-1’ in " + source + "pkgs/x.nix:1 has an unfree license (‘unfree’), refusing to evaluate.\n\na) …\n" +
				"  pkg: builtins.elem (lib.getName pkg) [\n        \"x\"\n      ];\n",
			"evaluating x: nix: Package ‘x-1’ in " + source + "pkgs/x.nix:1 has an unfree license (‘unfree’)",
			`to have it, add "x" to allow_unfree below [packages] in host.toml; nothing was changed`,
		},
		{
			"nqd's own before the user's", "at " + source + "nixlib/lib/want.nix:1, in (" + source + "hosts/orion/local.nix).",
			"evaluating x: nix: at nixlib/lib/want.nix:1, in (hosts/orion/local.nix).", "correct hosts/orion/local.nix; nothing was changed",
		},
		{
			"nqd's own alone", "at " + source + "nixlib/lib/want.nix:1", "evaluating x: nix: at nixlib/lib/want.nix:1",
			"nixlib/ comes with nqd: this is a bug of nqd; nothing was changed",
		},
		{
			"not copied", "at «git+file:///home/ada/.config/nixos?rev=1»/hosts/orion/local.nix:1:2", "evaluating x: nix: at hosts/orion/local.nix:1:2",
			"correct hosts/orion/local.nix; nothing was changed",
		},
		{"of another flake", "at " + source + "lib/options.nix:1:2", "evaluating x: nix: at " + source + "lib/options.nix:1:2", ""},
		{"no file", "no such attribute", "evaluating x: nix: no such attribute", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			cause := &nixcli.Error{Doing: "evaluating x", Message: test.message}
			err := Explain(cause, dir)
			hint := ""
			if hinted, ok := err.(interface{ Hint() string }); ok {
				hint = hinted.Hint()
			}
			if err.Error() != test.want || hint != test.hint {
				t.Errorf("got  %q, hint %q\nwant %q, hint %q", err, hint, test.want, test.hint)
			}
			var kept *nixcli.Error
			if !errors.As(err, &kept) || kept != cause {
				t.Error("the cause is lost")
			}
			var logged interface{ Log() string }
			if !errors.As(err, &logged) {
				t.Error("where the log is is lost")
			}
		})
	}
	other := errors.New("no Nix")
	if Explain(other, dir) != other {
		t.Error("an error that is not Nix's was changed")
	}
}
