package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// initOptions has an option for every key of host.toml. What is empty is detected, or is the
// default.
type initOptions struct {
	nonInteractive bool

	preset, hostName, system, release, timezone, locale, keymap, stateVersion string
	user, fullName, gitName, gitEmail, github, editor, compile                string
	enable, disable, set, flatpaks, allowUnfree                               []string

	nixpkgs, homeManager string
}

// The options of init that say nothing of the host file.
const (
	nonInteractive    = "non-interactive"
	nixpkgsOption     = "nixpkgs"
	homeManagerOption = "home-manager"
)

func (o *initOptions) addFlags(flags *pflag.FlagSet) {
	flags.BoolVar(&o.nonInteractive, nonInteractive, false, "ask nothing: take what is detected and what the options say")
	flags.StringVar(&o.preset, "preset", "", "named set of features")
	flags.StringVar(&o.hostName, "host-name", "", "name of the machine (default: --host, or the machine's name)")
	flags.StringVar(&o.system, "system", "", "x86_64-linux or aarch64-linux")
	flags.StringVar(&o.release, "release", "", "NixOS release")
	flags.StringVar(&o.timezone, "timezone", "", "time zone, such as Europe/Berlin")
	flags.StringVar(&o.locale, "locale", "", "locale, such as en_US.UTF-8")
	flags.StringVar(&o.keymap, "keymap", "", "console keymap")
	flags.StringVar(&o.stateVersion, "state-version", "", "release that the machine was installed with")
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
	flags.StringVar(&o.nixpkgs, nixpkgsOption, "", "flake reference to take nixpkgs from (default: the release's channel)")
	flags.StringVar(&o.homeManager, homeManagerOption, "", "flake reference to take Home Manager from (default: the release's branch)")
}

func newInitCommand(app *app) *cobra.Command {
	var opts initOptions
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write the workspace for this machine",
		Long: "Writes a flake with nqd's module library and a host file for this machine. Files\n" +
			"that are there stay as they are. The machine itself is not changed." +
			exitHelp(exitDone, exitError, exitUsage),
		Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if !opts.nonInteractive {
				return &usageError{errors.New("init does not ask questions yet: give --non-interactive and options for what is not detected")}
			}
			return runInit(app, opts)
		},
	}
	opts.addFlags(cmd.Flags())
	return cmd
}

func runInit(app *app, opts initOptions) error {
	m, err := app.machine()
	if err != nil {
		return err
	}
	space, err := app.workspace(m)
	if err != nil {
		return err
	}
	known, err := space.Catalog()
	if err != nil {
		return err
	}
	if opts.hostName == "" {
		opts.hostName = app.global.host
	}
	found := facts.Read(m)
	wanted, err := opts.host(known, found)
	if err != nil {
		return err
	}
	text, err := wanted.Format(known)
	if err != nil {
		return err
	}
	inputs := workspace.Inputs{Release: wanted.Host.Release, Nixpkgs: opts.nixpkgs, HomeManager: opts.homeManager}
	files, err := space.Init(workspace.Host{Name: wanted.Host.Name, File: text, Facts: found.JSON()}, inputs, m)
	if errors.Is(err, workspace.ErrHostExists) {
		return &usageError{hintedError{err, "edit it, or give another --host-name"}}
	}
	if err != nil {
		return err
	}
	if err := space.Write(files); err != nil {
		return err
	}
	if opts.stateVersion == "" && found.StateVersionAssumed {
		app.sink()(event.Note{
			Text: fmt.Sprintf("state_version %s is assumed: /etc/nixos/configuration.nix does not tell it", wanted.Host.StateVersion),
			Hint: fmt.Sprintf("if the machine was installed with another release, write that into %s before it is applied; "+
				"for a new host, --state-version says it", space.HostFile(wanted.Host.Name)),
			Warning: true,
		})
	}
	app.sink()(initialized(space, wanted.Host.Name, files))
	return nil
}

// initialized names the files that are the user's; the library's are many and not theirs.
func initialized(space workspace.Workspace, name string, files []workspace.File) event.Initialized {
	done := event.Initialized{Workspace: space.Dir, Host: name}
	for _, file := range files {
		if !strings.HasPrefix(file.Path, "nixlib/") {
			done.Files = append(done.Files, filepath.Join(space.Dir, file.Path))
		}
	}
	return done
}

// host is the host file that the options and the facts make.
func (o initOptions) host(known *catalog.Catalog, found facts.Facts) (host.Host, error) {
	h := host.Default()
	for _, field := range []struct {
		to     *string
		values []string // the first that is not empty counts
	}{
		{&h.Preset, []string{o.preset}},
		{&h.Host.Name, []string{o.hostName, found.HostName}},
		{&h.Host.System, []string{o.system, found.System}},
		{&h.Host.Release, []string{o.release, found.Release}},
		{&h.Host.Timezone, []string{o.timezone, found.Timezone}},
		{&h.Host.Locale, []string{o.locale, found.Locale}},
		{&h.Host.Keymap, []string{o.keymap, found.Keymap}},
		{&h.Host.StateVersion, []string{o.stateVersion, found.StateVersion}},
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
func (o initOptions) features(known *catalog.Catalog, tables map[string]map[string]any) error {
	put := func(id, name string, value any) error {
		if known.Features[id] == nil {
			return &usageError{fmt.Errorf("%s: no such feature", id)}
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
			return &usageError{fmt.Errorf("--set %s: want FEATURE.OPTION=VALUE", assignment)}
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
