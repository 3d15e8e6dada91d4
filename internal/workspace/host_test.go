package workspace

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
)

// wanted is the text of a host file; mine is a feature of the user's that needs a secret.
func wanted(t *testing.T, name string, more string) string {
	t.Helper()
	h := host.Default()
	h.Host.Name, h.Preset = name, "minimal"
	known, err := Workspace{Dir: t.TempDir()}.Catalog()
	if err != nil {
		t.Fatal(err)
	}
	text, err := h.Format(known)
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + more
}

const (
	mine = `id = "mine"
title = "Mine"
summary = "Of my own"
category = "development"
[[secrets]]
name = "mine-key"
doc = "A key."
`
	mineOn = "[features.mine]\nenable = true\n"
)

func TestRead(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: t.TempDir()}
	put(t, w, map[string]string{
		"hosts/orion/host.toml": wanted(t, "orion", mineOn), "features/mine/feature.toml": mine, "secrets/orion/mine-key.age": "age",
	})
	h, err := w.Read("orion")
	if err != nil || h.Host.Name != "orion" {
		t.Fatalf("%+v, %v", h, err)
	}
	known, err := w.Catalog()
	if err != nil || known.Features["mine"] == nil || known.Features["base"] == nil {
		t.Fatalf("%v", err)
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		want  []string // in the message, after the directory
	}{
		"another name": {
			map[string]string{"hosts/orion/host.toml": wanted(t, "vega", "")},
			[]string{"hosts/orion/host.toml:1:1: host.name: not the name of the folder, orion"},
		},
		"host file": {
			map[string]string{"hosts/orion/host.toml": wanted(t, "orion", "[x]\n")},
			[]string{"hosts/orion/host.toml:", "x: unknown key"},
		},
		"own feature": {
			map[string]string{"hosts/orion/host.toml": wanted(t, "orion", mineOn), "features/mine/feature.toml": "x = 1\n" + mine},
			[]string{"features/mine/feature.toml:1:1: x: unknown key"},
		},
		"own feature that is off": {
			map[string]string{"hosts/orion/host.toml": wanted(t, "orion", ""), "features/mine/feature.toml": "id = mine"},
			[]string{"features/mine/feature.toml:1:"},
		},
		"no such feature": {
			map[string]string{"hosts/orion/host.toml": wanted(t, "orion", mineOn)},
			[]string{"features.mine: unknown feature"},
		},
		"secret of another host": {
			map[string]string{
				"hosts/orion/host.toml": wanted(t, "orion", mineOn), "features/mine/feature.toml": mine, "secrets/vega/mine-key.age": "age",
			},
			[]string{"hosts/orion/host.toml:", "features.mine: needs the secret mine-key, and there is no secrets/orion/mine-key.age", "nqd secrets"},
		},
	} {
		w := Workspace{Dir: t.TempDir()}
		put(t, w, c.files)
		h, err := w.Read("orion")
		var one *document.Error
		if h != nil || !errors.As(err, &one) || one.Hint() == "" {
			t.Errorf("%s: %+v, %v", name, h, err)
			continue
		}
		for _, text := range c.want {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: got %v, want it to say %s", name, err, text)
			}
		}
	}
	if _, err := (Workspace{Dir: t.TempDir()}).Read("orion"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no host file: %v", err)
	}
}

// Only the configuration itself counts: the hardware alone is taken over from each machine.
func TestHasAdopted(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: t.TempDir()}
	for _, c := range []struct {
		file string
		want bool
	}{
		{"hosts/orion/imported/hardware-configuration.nix", false}, {"hosts/vega/imported/configuration.nix", false},
		{"hosts/orion/imported/configuration.nix", true},
	} {
		if err := w.Write([]File{{Path: c.file, Data: []byte("{ }")}}); err != nil {
			t.Fatal(err)
		}
		if got := w.HasAdopted("orion"); got != c.want {
			t.Errorf("with %s: %t", c.file, got)
		}
	}
}

func TestWriteExecutable(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: t.TempDir()}
	if err := w.Write([]File{{Path: "run", Executable: true}, {Path: "read"}}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"run": 0o755, "read": 0o644} {
		if info, err := os.Stat(w.path(name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}
