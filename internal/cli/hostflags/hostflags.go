// Package hostflags is the options of the command line that say what a host should be.
package hostflags

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
)

// Flags has an option for every key of host.toml. What is empty is detected, or is the
// default.
type Flags struct {
	NonInteractive bool

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
	flags.BoolVar(&o.NonInteractive, NonInteractive, false, "ask nothing: take what is detected and what the options say")
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

// Host is the host file that the options and the facts make.
func (o Flags) Host(known *catalog.Catalog, found facts.Facts) (host.Host, error) {
	h := host.Default()
	for _, field := range []struct {
		to     *string
		values []string // the first that is not empty counts
	}{
		{&h.Preset, []string{o.preset}},
		{&h.Host.Name, []string{o.HostName, found.HostName}},
		{&h.Host.System, []string{o.system, found.System}},
		{&h.Host.Release, []string{o.release, found.Release}},
		{&h.Host.Timezone, []string{o.timezone, found.Timezone}},
		{&h.Host.Locale, []string{o.locale, found.Locale}},
		{&h.Host.Keymap, []string{o.keymap, found.Keymap}},
		{&h.Host.StateVersion, []string{o.StateVersion, found.StateVersion}},
		{&h.User.Name, []string{o.user, found.User}},
		{&h.User.FullName, []string{o.fullName, found.FullName}},
		{&h.User.GitName, []string{o.gitName}},
		{&h.User.GitEmail, []string{o.gitEmail}},
		{&h.User.GitHub, []string{o.github}},
		{&h.User.Editor, []string{o.editor}},
		{&h.Build.Compile, []string{o.compile}},
	} {
		for _, value := range field.values {
			if value != "" {
				*field.to = value
				break
			}
		}
	}
	h.Flatpak.Apps = append(h.Flatpak.Apps, o.flatpaks...)
	h.Packages.AllowUnfree = append(h.Packages.AllowUnfree, o.allowUnfree...)
	return h, o.features(known, h.Features)
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
		if err := put(id, name, tomlValue(text)); err != nil {
			return err
		}
	}
	return nil
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
