package host

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/testing/toml"
)

const wantFormat = `# What this machine should be: read by nqd and by Nix, yours to edit.
version = 1
# A named set of features; [features.*] adds to it or takes away.
preset = 'ai-workstation'

[host]
name = 'nixos'
system = 'x86_64-linux'
release = '26.05'
timezone = 'UTC'
locale = 'en_US.UTF-8'
keymap = 'us'
# The release that the data of this machine began with: never to be changed.
state_version = '26.05'

[user]
name = 'nixos'
full_name = "Ada \"Countess\" O'Lovelace"
git_name = ''
git_email = ''
github = ''
editor = ''

[users]
[users.bob]
full_name = 'Bob'
git_name = ''
git_email = ''
github = ''
editor = ''
admin = true

[features]
[features.git]
enable = false

[features.ollama]
enable = true
models = ['qwen3:8b']
port = 8080

[flatpak]
apps = []

[packages]
# Names of packages, not a blanket yes.
allow_unfree = []

[build]
# never, small or always: what may be compiled when no cache has it.
compile = 'small'
`

func TestFormat(t *testing.T) {
	h := Default()
	h.User.FullName = `Ada "Countess" O'Lovelace`
	h.Users["bob"] = Account{FullName: "Bob", Admin: true}
	h.Features = map[string]map[string]any{
		"ollama": {"models": []string{"qwen3:8b"}, "enable": true, "port": int64(8080)},
		"git":    {"enable": false},
	}
	got, err := h.Format(features(t))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != wantFormat {
		t.Errorf("got\n%s\nwant\n%s", got, wantFormat)
	}
}

func TestFormatRefusesWhatParseDoes(t *testing.T) {
	h := Default()
	h.User.GitEmail = "x"
	_, err := h.Format(features(t))
	var one *document.Error
	if !errors.As(err, &one) || one.Key != "user.git_email" || one.Hint() == "" {
		t.Errorf("%v", err)
	}
}

func TestFormatRefusesAnUntypedValue(t *testing.T) {
	h := Default()
	h.Features["ollama"] = map[string]any{"port": 8080} // an int, not an int64
	if _, err := h.Format(features(t)); err == nil || !strings.Contains(err.Error(), "reads back as") {
		t.Errorf("%v", err)
	}
}

// Every host that Format takes is read back the same, and written the same again.
func TestRoundTrip(t *testing.T) {
	c := features(t)
	oneLine := rapid.StringMatching(`[^\p{Cc}\p{Zl}\p{Zp}:]*`)
	rapid.Check(t, func(t *rapid.T) {
		h := Default()
		h.Preset = rapid.SampledFrom([]string{"minimal", "ai-workstation"}).Draw(t, "preset")
		h.Host.Name = rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?`).Draw(t, "host")
		h.Host.Timezone = rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"}).Draw(t, "zone")
		h.User.Name = rapid.StringMatching(`x[a-z0-9_-]{0,30}`).Draw(t, "user")
		h.User.FullName = oneLine.Draw(t, "full name")
		h.User.GitName = oneLine.Draw(t, "git name")
		h.Users = rapid.MapOf(rapid.StringMatching(`y[a-z0-9_-]{0,30}`), rapid.Custom(func(t *rapid.T) Account {
			return Account{FullName: oneLine.Draw(t, "full name"), GitName: oneLine.Draw(t, "git name"), Admin: rapid.Bool().Draw(t, "admin")}
		})).Draw(t, "users")
		h.Features["git"] = map[string]any{
			"enable":  rapid.Bool().Draw(t, "git"),
			"note":    oneLine.Draw(t, "note"),
			"depth":   rapid.Int64().Draw(t, "depth"),
			"signing": rapid.SampledFrom([]string{"none", "ssh"}).Draw(t, "signing"),
		}
		h.Features["ollama"] = map[string]any{
			"port":   rapid.Int64Range(1, 65535).Draw(t, "port"),
			"models": rapid.SliceOf(oneLine).Draw(t, "models"),
			"expose": rapid.SliceOf(rapid.StringMatching(`eth[0-9]{1,3}`)).Draw(t, "expose"),
		}
		h.Flatpak.Apps = rapid.SliceOf(rapid.StringMatching(`[a-z]{2}\.[a-z]{1,9}\.[A-Z][a-z-]{0,9}`)).Draw(t, "apps")
		data, err := h.Format(c)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse("host.toml", data, c)
		if err != nil {
			t.Fatal(err)
		}
		again.document = nil
		if !reflect.DeepEqual(*again, h) {
			t.Fatalf("got  %+v\nwant %+v", *again, h)
		}
		if twice, err := again.Format(c); err != nil || string(twice) != string(data) {
			t.Fatalf("%v\n%s\n%s", err, data, twice)
		}
	})
}

// Whatever the file, Parse returns a host that can be written and read again, or errors that
// name a place in it on one line each.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.toml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, group := range []map[string]string{toml.Alike, toml.OnlyGo, toml.Code, toml.Neither} {
		for _, text := range group {
			f.Add([]byte(text))
			f.Add([]byte(orion(f) + text))
		}
	}
	c := features(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := Parse("host.toml", data, c)
		if err == nil {
			if _, err := h.Format(c); err != nil {
				t.Errorf("%q: %v", data, err)
			}
			return
		}
		var errs document.Errors
		if !errors.As(err, &errs) {
			t.Fatalf("%q: %v", data, err)
		}
		lines := strings.Count(string(data), "\n") + 1
		for i, e := range errs {
			if e.Line < 1 || e.Line > lines || e.Column < 1 || strings.ContainsAny(e.Error(), "\n\r\x00\x1b") {
				t.Errorf("%q: %q", data, e.Error())
			}
			if i > 0 && errs[i-1].Line > e.Line {
				t.Errorf("%q: %v is not sorted", data, errs)
			}
		}
	})
}
