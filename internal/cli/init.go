package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/hostflags"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

func newInitCommand(app *wiring.App) *cobra.Command {
	var opts hostflags.Flags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write the workspace for this machine",
		Long: "Writes a flake with nqd's module library and a host file for this machine. Files\n" +
			"that are there stay as they are. The machine itself is not changed." +
			exit.Help(exit.Done, exit.Error, exit.Usage),
		Args: wiring.Usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			if !opts.NonInteractive {
				return &exit.UsageError{Cause: errors.New("init does not ask questions yet: give --non-interactive and options for what is not detected")}
			}
			return runInit(app, opts)
		},
	}
	opts.Add(cmd.Flags())
	return cmd
}

func runInit(app *wiring.App, opts hostflags.Flags) error {
	m, err := app.Machine()
	if err != nil {
		return err
	}
	space, err := app.Workspace(m)
	if err != nil {
		return err
	}
	known, err := space.Catalog()
	if err != nil {
		return err
	}
	if opts.HostName == "" {
		opts.HostName = app.Global.Host
	}
	found := facts.Read(m)
	wanted, err := opts.Host(known, found)
	if err != nil {
		return err
	}
	text, err := wanted.Format(known)
	if err != nil {
		return err
	}
	inputs := workspace.Inputs{Release: wanted.Host.Release, Nixpkgs: opts.Nixpkgs, HomeManager: opts.HomeManager}
	files, err := space.Init(workspace.Host{Name: wanted.Host.Name, File: text, Facts: found.JSON(nil)}, inputs, m)
	if errors.Is(err, workspace.ErrHostExists) {
		return &exit.UsageError{Cause: exit.WithHint(err, "edit it, or give another --host-name")}
	}
	if err != nil {
		return err
	}
	if err := space.Write(files); err != nil {
		return err
	}
	if opts.StateVersion == "" && found.StateVersionAssumed {
		app.Sink()(event.Note{
			Text: fmt.Sprintf("state_version %s is assumed: /etc/nixos/configuration.nix does not tell it", wanted.Host.StateVersion),
			Hint: fmt.Sprintf("if the machine was installed with another release, write that into %s before it is applied; "+
				"for a new host, --state-version says it", space.HostFile(wanted.Host.Name)),
			Warning: true,
		})
	}
	app.Sink()(initialized(space, wanted.Host.Name, files))
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
