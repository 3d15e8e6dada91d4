package setup

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/host"
)

const (
	stateVersion = "host.state_version"
	unstable     = "unstable"

	formatKey  = "features.locale.format_locale"
	layoutKey  = "features.locale.xkb_layout"
	variantKey = "features.locale.xkb_variant"
	optionsKey = "features.locale.xkb_options"
	formatsKey = "features.locale.formats"

	assumed = "assumed: the release that runs"
)

// detected are the values that the machine has for the keys of host.toml.
func detected(found Found) []offer {
	f, unknown := found.Facts, host.Default()
	preset, why := preset(found)
	installed := "/etc/nixos/configuration.nix"
	if f.StateVersionAssumed {
		installed = assumed
	}
	return []offer{
		{"user.git_name", found.gitName(), found.gitNameFrom(), ""},
		{"user.git_email", found.Git.Email, gitConfig, ""},
		{"user.editor", found.Editor, found.EditorFrom, ""},
		{"preset", preset, why, ""},
		{"host.name", f.HostName, "/etc/hostname", unknown.Host.Name},
		{"host.timezone", f.Timezone, "/etc/localtime", unknown.Host.Timezone},
		{"host.locale", f.Locale, "/etc/locale.conf", unknown.Host.Locale},
		{"host.keymap", keymap(f.Keymap), "/etc/vconsole.conf", unknown.Host.Keymap},
		{"user.name", f.User, "the account", unknown.User.Name},
		{"user.full_name", f.FullName, "the account", ""},
		{"user.github", found.Git.GitHub, gitConfig, ""},
		{"host.release", f.Release, "the release that runs", unknown.Host.Release},
		{stateVersion, f.StateVersion, installed, unknown.Host.StateVersion},
		{"host.system", f.System, "the processor", unknown.Host.System},
		{"build.compile", "", "", unknown.Build.Compile},
	}
}

// keymap is the console's, unless NixOS made it from an X keyboard layout: then it is a path of the store, and no name.
func keymap(name string) string { return unless(strings.HasPrefix(name, "/"), name) }

// gitName is the author's name. A full name that is the login name over again is nobody's.
func (f Found) gitName() string {
	return cmp.Or(f.Git.Name, unless(f.Facts.FullName == f.Facts.User, f.Facts.FullName))
}

func (f Found) gitNameFrom() string {
	if f.Git.Name == "" {
		return "the account"
	}
	return gitConfig
}

// preset is the set of features that suits the machine, and why.
func preset(found Found) (name, why string) {
	switch compute := found.Decision.Compute; {
	case found.Facts.Desktop != "":
		return "ai-workstation", "the machine has a desktop, " + found.Facts.Desktop
	case found.Facts.Battery:
		return "ai-workstation", "it has a battery: somebody sits at it"
	case compute == "cuda" || compute == "rocm":
		return "inference-server", "no desktop, and a card that models run on with " + compute
	}
	return "minimal", "no desktop, and no card that models run on"
}

// supported is the release that takes the place of the one that runs: of an older one the oldest that nqd builds, of a
// newer one unstable, which bears the number of the release to come.
func supported(runs string) string {
	releases := slices.DeleteFunc(slices.Clone(host.Choices("host.release")), func(r string) bool { return r == unstable })
	switch {
	case slices.Contains(releases, runs) || host.CheckText(stateVersion, runs) != nil:
		return runs
	case runs < releases[0]:
		return releases[0]
	}
	return unstable
}

// warnAboutRelease tells of a release that is not the one that runs, where nobody asked for it.
func (p *Proposal) warnAboutRelease() {
	runs, built := p.found.Facts.Release, p.Value("host.release")
	if _, said := p.text("host.release"); said || runs == "" || runs == built {
		return
	}
	p.Warnings = append(p.Warnings, Warning{
		Text: fmt.Sprintf("the machine runs NixOS %s, and the host file says %s", runs, built),
		Cure: "--release says which release to build", key: "host.release",
	})
}

// formats are the variables that the feature locale sets by its option format_locale (nixlib/features/locale/nixos.nix).
func formats() []string {
	return strings.Fields(`LC_ADDRESS LC_IDENTIFICATION LC_MEASUREMENT LC_MONETARY LC_NAME LC_NUMERIC LC_PAPER
		LC_TELEPHONE LC_TIME`)
}

// locale is the formats and the keyboard of desktops, where they are not what language and keymap make them.
func (p *Proposal) locale() []offer {
	f := p.found.Facts
	layout, variant := f.XkbLayout, f.XkbVariant
	if layout == cmp.Or(keymap(f.Keymap), "us") && variant == "" {
		layout = ""
	}
	format, single := p.formats()
	const desktop = "the keyboard of the desktop"
	return []offer{
		{formatKey, format, "/etc/locale.conf", ""},
		{formatsKey, strings.Join(single, ", "), "/etc/locale.conf", ""},
		{layoutKey, layout, desktop, ""},
		{variantKey, variant, desktop, ""},
		{optionsKey, f.XkbOptions, desktop, ""},
	}
}

// formats is the locale that most formats have, and those that have another one, as the feature locale wants them. Other
// variables are told: host.toml has no place for them.
func (p *Proposal) formats() (most string, single []string) {
	locales, counts := p.found.Facts.Locales, map[string]int{}
	for _, name := range formats() {
		if value := locales[name]; value != "" {
			if counts[value]++; counts[value] > len(formats())/2 {
				most = value
			}
		}
	}
	var others []string
	for _, name := range slices.Sorted(maps.Keys(locales)) {
		one := name + "=" + locales[name]
		if !slices.Contains(formats(), name) {
			others = append(others, one)
		} else if locales[name] != most {
			single = append(single, one)
		}
	}
	if len(others) > 0 && !p.found.Adoption.Possible() {
		p.Warnings = append(p.Warnings, Warning{
			Text: "not taken over: " + strings.Join(others, ", "), Cure: "set i18n.extraLocaleSettings in local.nix",
		})
	}
	return most, single
}

// ofFeature takes the key of a feature's option apart.
func ofFeature(key string) (id, name string, ok bool) {
	rest, ok := strings.CutPrefix(key, "features.")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ".")
}

// xkbOptions are names as xkeyboard-config has them in its rules: "caps:escape,compose:ralt", "terminate:ctrl_alt_bksp".
var xkbOptions = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_]+:[A-Za-z0-9_:,-]+$`) })

// checkFormats holds single formats against the names that there are, and the rules of a locale.
func checkFormats(value string) error {
	for _, one := range list(value) {
		name, locale, _ := strings.Cut(one, "=")
		if !slices.Contains(formats(), name) {
			return &host.TextError{Problem: fmt.Sprintf("not a format: %q", one), Cure: `as "LC_TIME=en_DK.UTF-8"`}
		}
		if err := host.CheckText("host.locale", locale); err != nil {
			return err
		}
	}
	return nil
}

// list takes a text with commas apart.
func list(value string) []string {
	return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
}

// xkb is a layout or variant, or several with commas, as the files of xkeyboard-config name them: "de", "us,ru", "latin9".
var xkb = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_,()-]+$`) })

// The longest that are taken, for rows that can be read.
const (
	longestLayout  = 64
	longestOptions = 256
)

// check holds the value of a setting against the rules of its key.
func check(key, value string) error {
	switch {
	case key == formatKey && value != "":
		return host.CheckText("host.locale", value)
	case key == formatsKey:
		return checkFormats(value)
	case key == optionsKey && value != "" && (len(value) > longestOptions || !xkbOptions().MatchString(value)):
		return &host.TextError{Problem: fmt.Sprintf("not options of a keyboard: %q", value), Cure: `names as "caps:escape,compose:ralt"`}
	case (key == layoutKey || key == variantKey) && value != "" && (len(value) > longestLayout || !xkb().MatchString(value)):
		return &host.TextError{Problem: fmt.Sprintf("not a keyboard layout: %q", value), Cure: `a name as "de" or "us,ru"`}
	case strings.HasPrefix(key, "features."):
		return nil
	}
	return host.CheckText(key, value)
}
