package sandbox

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write writes files below ROOT; a text that starts with "->" is a link.
func write(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, ok := strings.CutPrefix(text, "->"); ok {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

const toplevel = "/nix/store/00000000000000000000000000000000-nixos-system-nixos"

func TestReaders(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"nix/var/nix/profiles/system":                 "->system-2-link",
		"nix/var/nix/profiles/system-2-link":          "->" + toplevel,
		"run/current-system":                          "->" + toplevel,
		"boot/loader/loader.conf":                     "timeout 5\ndefault nixos-generation-2.conf\n",
		"boot/loader/entries/nixos-generation-2.conf": "title NixOS\noptions init=" + toplevel + "/init loglevel=4\n",
	})
	for name, read := range map[string]func(string) (string, error){
		"profile": ProfileTarget, "running": CurrentSystem, "boot": BootDefault,
	} {
		if got, err := read(root); err != nil || got != toplevel {
			t.Errorf("%s: %q, %v; want %q", name, got, err, toplevel)
		}
	}
}

func TestBootDefault(t *testing.T) {
	const other = "/nix/store/11111111111111111111111111111111-nixos-system-nixos"
	for name, test := range map[string]struct {
		files map[string]string
		want  string // of the error, or the store path
	}{
		"GRUB": {map[string]string{"boot/grub/grub.cfg": "menuentry \"NixOS\" {\n  linux /k init=" + toplevel + "/init\n}\n" +
			"menuentry \"NixOS - 1\" {\n  linux /k init=" + other + "/init\n}\n"}, toplevel},
		"no loader":     {nil, "grub.cfg: no such file"},
		"no default":    {map[string]string{"boot/loader/loader.conf": "timeout 5\n"}, "loader.conf: no default"},
		"missing entry": {map[string]string{"boot/loader/loader.conf": "default x.conf\n"}, "x.conf: no such file"},
		"foreign entry": {map[string]string{"boot/loader/loader.conf": "default x.conf\n", "boot/loader/entries/x.conf": "efi /x\n"}, "no init= of a system"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, root, test.files)
			got, err := BootDefault(root)
			if err != nil {
				got = err.Error()
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestReadersRefuseOtherTargets(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{"run/current-system": "->/etc"})
	if got, err := CurrentSystem(root); err == nil {
		t.Errorf("got %q, want an error", got)
	}
}
