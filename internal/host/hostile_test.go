package host

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/testing/toml"
)

// hostile are values that break a program which pastes them into Nix, TOML, JSON, shell or sed.
var hostile = []string{
	``, ` `, `  two  spaces  `, `'`, `"`, `''`, `""`, `'''`, `"""`, `""""`, `''''`, `it's`, `O'Neil "Bob"`,
	`'"'"'`, `\`, `\\`, `ends in \`, `\n`, `\"`, `\'`, `\u0041`, `\x41`, `\e`, `C:\new\table`, `\${HOME}`,
	`${HOME}`, `${builtins.readFile "/etc/passwd"}`, `''${x}`, `''$${x}`, `''\n`, `'' + abort "x" + ''`, `$${x}`, `$x`, `$`,
	`$(reboot)`, "`reboot`", `; rm -rf ~`, `&& true`, `| cat`, `> /dev/null`, `&`, `!!`, `#`, `# comment`, `//`, `/* c */`, `*/`, `<!--`, `]]>`,
	`%`, `%s%n%d`, `%!v(MISSING)`, `~`, `~root`, `*`, `?`, `[a-z]`, `{a,b}`, `-`, `-rf`, `--help`, `--`, `=`, `a=b`, `@`, `@file`, `..`, `../../etc`,
	`true`, `false`, `null`, `nan`, `inf`, `0`, `1e5`, `0x10`, `1979-05-27`, `07:32:00`, `[table]`, `[[x]]`, `key = "v"`, `{ a = 1 }`, `,`, `x,`,
	`derivation`, `outPath`, `_type`, `Ada Lovelace <ada@example.org>`, `a:b`, `:`, `https://example.org/?q=1&r=2#x`,
	`Ünïcödé`, `Ada Łukasiewicz`, `Γεια`, `Привет`, `你好`, `日本語`, `한국어`, `हिन्दी`, `ไทย`, `עברית`, `العربية`, `🦊`, `👩‍👩‍👧‍👦`, `🇩🇪`, `e` + "\u0301",
	"a\u202eb", "\u200fRTL\u200e", "a\u200bb", "a\u00a0b", "a\u2060b", "\ufeffmark", "a\ufeffb", "\ufffd", "\ufffe", "\U0010ffff", "\ue000", "\u00ad",
	"a\nb", "\n", "a\r\nb", "a\rb", "a\tb", "\t", "a\x00b", "\x00", "\x01", "\x1b[31mred\x1b[0m", "\x7f", "\u0080", "\u0085", "\u009f", "a\u2028b", "a\u2029b",
	"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\x80",
	strings.Repeat("x", 100_000), strings.Repeat(`"'\${`, 1000), strings.Repeat("語", 3000),
}

// places are all texts of a host: how to set one, and where Nix reads it.
var places = []struct {
	path string
	free bool // any single line will do
	set  func(*Host, string)
}{
	{"preset", false, func(h *Host, s string) { h.Preset = s }},
	{"host.name", false, func(h *Host, s string) { h.Host.Name = s }},
	{"host.system", false, func(h *Host, s string) { h.Host.System = s }},
	{"host.release", false, func(h *Host, s string) { h.Host.Release = s }},
	{"host.timezone", false, func(h *Host, s string) { h.Host.Timezone = s }},
	{"host.locale", false, func(h *Host, s string) { h.Host.Locale = s }},
	{"host.keymap", false, func(h *Host, s string) { h.Host.Keymap = s }},
	{"host.state_version", false, func(h *Host, s string) { h.Host.StateVersion = s }},
	{"user.name", false, func(h *Host, s string) { h.User.Name = s }},
	{"user.full_name", false, func(h *Host, s string) { h.User.FullName = s }},
	{"user.git_name", true, func(h *Host, s string) { h.User.GitName = s }},
	{"user.git_email", false, func(h *Host, s string) { h.User.GitEmail = s }},
	{"user.github", false, func(h *Host, s string) { h.User.GitHub = s }},
	{"user.editor", false, func(h *Host, s string) { h.User.Editor = s }},
	{"users.bob.full_name", false, func(h *Host, s string) { h.Users["bob"] = Account{FullName: s} }},
	{"users.bob.git_name", true, func(h *Host, s string) { h.Users["bob"] = Account{GitName: s} }},
	{"users.bob.git_email", false, func(h *Host, s string) { h.Users["bob"] = Account{GitEmail: s} }},
	{"users.bob.github", false, func(h *Host, s string) { h.Users["bob"] = Account{GitHub: s} }},
	{"users.bob.editor", false, func(h *Host, s string) { h.Users["bob"] = Account{Editor: s} }},
	{"features.git.note", true, func(h *Host, s string) { h.Features["git"] = map[string]any{"note": s} }},
	{"features.ollama.models", true, func(h *Host, s string) { h.Features["ollama"] = map[string]any{"models": []string{s}} }},
	{"features.ollama.expose", false, func(h *Host, s string) { h.Features["ollama"] = map[string]any{"expose": []string{s}} }},
	{"flatpak.apps", false, func(h *Host, s string) { h.Flatpak.Apps = []string{s} }},
	{"packages.allow_unfree", false, func(h *Host, s string) { h.Packages.AllowUnfree = []string{s} }},
	{"build.compile", false, func(h *Host, s string) { h.Build.Compile = s }},
}

// A value either is refused, or Nix reads it unchanged.
func TestHostileValues(t *testing.T) {
	c := features(t)
	type written struct{ path, value string }
	var all []written
	var documents [][]byte
	for _, place := range places {
		for _, value := range hostile {
			h := Default()
			place.set(&h, value)
			if value == "" && (h.Preset == "" || h.Build.Compile == "") {
				continue // stands for the default, which is what is written
			}
			data, err := h.Format(c)
			var errs document.Errors
			switch {
			case err == nil:
				all, documents = append(all, written{place.path, value}), append(documents, data)
			case !errors.As(err, &errs) && strings.ToValidUTF8(value, "") == value:
				t.Errorf("%s = %.80q: %.300v", place.path, value, err)
			}
			if problem, _ := line(value); place.free && problem == "" && err != nil && strings.ToValidUTF8(value, "") == value {
				t.Errorf("%s = %.80q is one line of text: %.300v", place.path, value, err)
			}
		}
	}
	t.Logf("%d values in %d places: %d accepted", len(hostile), len(places), len(all))
	toml.EachNix(t, func(t *testing.T, nix toml.Nix) {
		for i, theirs := range nix.ReadAll(t, documents) {
			if got := at(t, theirs, all[i].path); got != all[i].value {
				t.Errorf("%s = %.80q: Nix reads %.80q", all[i].path, all[i].value, got)
			}
		}
	})
}

// at is the text, or the one text of the list, at a dotted path of what Nix read.
func at(t *testing.T, nix json.RawMessage, path string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(nix, &value); err != nil {
		t.Fatal(err)
	}
	for key := range strings.SplitSeq(path, ".") {
		value = value.(map[string]any)[key]
	}
	if list, ok := value.([]any); ok && len(list) == 1 {
		value = list[0]
	}
	return value.(string)
}
