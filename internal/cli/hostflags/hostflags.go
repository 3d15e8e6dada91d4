// Package hostflags is the options of the command line that say what a host should be.
package hostflags

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/setup"
)

// Flags has an option for every key of host.toml. What is empty is detected, or is the
// default.
type Flags struct {
	NonInteractive bool
	// DryRun writes nothing. Answers is a file with keys of host.toml. Adopt is yes, no or auto.
	DryRun         bool
	Answers, Adopt string

	// HostName is the name of the machine; StateVersion is the release that it was installed with.
	HostName, StateVersion string

	preset, system, release, timezone, locale, keymap          string
	user, fullName, gitName, gitEmail, github, editor, compile string
	enable, disable, set, flatpaks, allowUnfree                []string

	// Nixpkgs and HomeManager are flake references.
	Nixpkgs, HomeManager string
}

// The options of init that say nothing of the host file.
const (
	NonInteractive    = "non-interactive"
	NixpkgsOption     = "nixpkgs"
	HomeManagerOption = "home-manager"
)

// Add makes the options.
func (o *Flags) Add(flags *pflag.FlagSet) {
	flags.BoolVar(&o.NonInteractive, NonInteractive, false, "ask nothing, as --yes: take what is detected and what the options say")
	flags.StringVar(&o.Answers, "answers", "", "take answers from `FILE`: TOML with the keys of host.toml, as many as you like")
	flags.StringVar(&o.Adopt, "adopt", "auto", "take over /etc/nixos/configuration.nix: yes, no, or auto, which is yes if it can be done")
	flags.StringVar(&o.preset, "preset", "", "named set of features")
	flags.StringVar(&o.HostName, "host-name", "", "name of the machine (default: --host, or the machine's name)")
	flags.StringVar(&o.system, "system", "", "x86_64-linux or aarch64-linux")
	flags.StringVar(&o.release, "release", "", "NixOS release")
	flags.StringVar(&o.timezone, "timezone", "", "time zone, such as Europe/Berlin")
	flags.StringVar(&o.locale, "locale", "", "locale, such as en_US.UTF-8")
	flags.StringVar(&o.keymap, "keymap", "", "console keymap")
	flags.StringVar(&o.StateVersion, "state-version", "", "release that the machine was installed with")
	flags.StringVar(&o.user, "user", "", "name of the user account")
	flags.StringVar(&o.fullName, "full-name", "", "full name of the user")
	flags.StringVar(&o.gitName, "git-name", "", "name that git writes into commits")
	flags.StringVar(&o.gitEmail, "git-email", "", "e-mail address that git writes into commits")
	flags.StringVar(&o.github, "github", "", "user name on GitHub")
	flags.StringVar(&o.editor, "editor", "", "editor")
	flags.StringVar(&o.compile, "compile", "", "what may be compiled here: never, small or always")
	flags.StringArrayVar(&o.enable, "enable", nil, "turn `FEATURE` on; may be repeated")
	flags.StringArrayVar(&o.disable, "disable", nil, "turn `FEATURE` off; may be repeated")
	flags.StringArrayVar(&o.set, "set", nil, "`FEATURE.OPTION=VALUE`, a TOML value or a bare word; may be repeated")
	flags.StringArrayVar(&o.flatpaks, "flatpak", nil, "Flatpak `APP` to install; may be repeated")
	flags.StringArrayVar(&o.allowUnfree, "allow-unfree", nil, "unfree `PACKAGE` to allow; may be repeated")
	flags.StringVar(&o.Nixpkgs, NixpkgsOption, "", "flake reference to take nixpkgs from (default: the release's channel)")
	flags.StringVar(&o.HomeManager, HomeManagerOption, "", "flake reference to take Home Manager from (default: the release's branch)")
}

// Said is what the options say of a host, each held against its rules.
func (o Flags) Said(known *catalog.Catalog) (setup.Said, error) {
	said := setup.Said{
		From: "an option", Texts: map[string]string{}, Features: map[string]map[string]any{},
		Apps: o.flatpaks, Unfree: o.allowUnfree,
	}
	for _, field := range []struct{ option, key, value string }{
		{"preset", "preset", o.preset},
		{"host-name", "host.name", o.HostName},
		{"system", "host.system", o.system},
		{"release", "host.release", o.release},
		{"timezone", "host.timezone", o.timezone},
		{"locale", "host.locale", o.locale},
		{"keymap", "host.keymap", o.keymap},
		{"state-version", "host.state_version", o.StateVersion},
		{"user", "user.name", o.user},
		{"full-name", "user.full_name", o.fullName},
		{"git-name", "user.git_name", o.gitName},
		{"git-email", "user.git_email", o.gitEmail},
		{"github", "user.github", o.github},
		{"editor", "user.editor", o.editor},
		{"compile", "build.compile", o.compile},
	} {
		if field.value == "" {
			continue
		}
		if err := host.CheckText(field.key, field.value); err != nil {
			return setup.Said{}, &exit.UsageError{Cause: fmt.Errorf("--%s: %w", field.option, err)}
		}
		said.Texts[field.key] = field.value
	}
	if _, there := known.Presets[o.preset]; o.preset != "" && !there {
		return setup.Said{}, &exit.UsageError{Cause: fmt.Errorf("--preset: %s: no such preset; there are %s", o.preset,
			strings.Join(slices.Sorted(maps.Keys(known.Presets)), ", "))}
	}
	return said, o.features(known, said.Features)
}

// features puts --enable, --disable and --set into the host file's tables.
func (o Flags) features(known *catalog.Catalog, tables map[string]map[string]any) error {
	put := func(id, name string, value any) error {
		if known.Features[id] == nil {
			return &exit.UsageError{Cause: fmt.Errorf("%s: no such feature", id)}
		}
		if tables[id] == nil {
			tables[id] = make(map[string]any)
		}
		tables[id][name] = value
		return nil
	}
	for _, id := range o.enable {
		if err := put(id, "enable", true); err != nil {
			return err
		}
	}
	for _, id := range o.disable {
		if err := put(id, "enable", false); err != nil {
			return err
		}
	}
	for _, assignment := range o.set {
		key, text, found := strings.Cut(assignment, "=")
		id, name, dotted := strings.Cut(key, ".")
		if !found || !dotted {
			return &exit.UsageError{Cause: fmt.Errorf("--set %s: want FEATURE.OPTION=VALUE", assignment)}
		}
		value, err := typed(known, id, name, tomlValue(text))
		if err != nil {
			return &exit.UsageError{Cause: fmt.Errorf("--set %s: %w", assignment, err)}
		}
		if err := put(id, name, value); err != nil {
			return err
		}
	}
	return nil
}

// typed holds a value against the option that it is for, and makes a list of texts one. Where there is no such option it is
// as it was: the host file's rules say so, and name others.
func typed(known *catalog.Catalog, id, name string, value any) (any, error) {
	option, there := catalog.Option{Type: "bool"}, name == "enable"
	if feature := known.Features[id]; feature != nil && !there {
		option, there = feature.Options[name]
	}
	if !there {
		return value, nil
	}
	if problem := option.Mismatch(value); problem != "" {
		return nil, errors.New(problem)
	}
	elements, is := value.([]any)
	if !is {
		return value, nil
	}
	texts := make([]string, 0, len(elements))
	for _, element := range elements {
		text, is := element.(string)
		if !is {
			return value, nil
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// tomlValue reads a TOML value; what is none is the text itself, so that nobody has to quote
// twice for the shell.
func tomlValue(text string) any {
	var document struct {
		Value any `toml:"value"`
	}
	decoder := toml.NewDecoder(strings.NewReader("value = " + text)).DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil {
		return text
	}
	return document.Value
}
