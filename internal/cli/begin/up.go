package begin

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/hostflags"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// NewUp is nqd up.
func NewUp(app *wiring.App) *cobra.Command {
	var opts hostflags.Flags
	cmd := &cobra.Command{
		Use:   "up",
		Short: "init if there is no workspace yet, then apply",
		Long: "Makes a workspace for this machine unless there is one, and applies it. Takes the\n" +
			"options of init as long as there is no host." + exit.Help(exit.OfDeployment()...),
		Args: wiring.Usage(cobra.NoArgs),
	}
	cmd.RunE = app.OnMachine(func(ctx context.Context, d *deploy.Deployer, _ []string) error {
		return runUp(ctx, app, d, opts, given(cmd.Flags()))
	})
	opts.Add(cmd.Flags())
	return cmd
}

// given are the options of init that the command line has and that say what a host should be.
func given(flags *pflag.FlagSet) []string {
	var names []string
	own := pflag.NewFlagSet("init", pflag.ContinueOnError)
	new(hostflags.Flags).Add(own)
	own.VisitAll(func(flag *pflag.Flag) {
		if flag.Name != hostflags.NonInteractive && flags.Changed(flag.Name) {
			names = append(names, flag.Name)
		}
	})
	return names
}

// tooLate is the error for an option of init that would change nothing, as the host exists.
func tooLate(option, host string) error {
	err := fmt.Errorf("--%s: the host exists: edit hosts/%s/host.toml", option, host)
	if option == hostflags.NixpkgsOption || option == hostflags.HomeManagerOption {
		err = fmt.Errorf("--%s: the workspace exists: edit flake.nix", option)
	}
	return &exit.UsageError{Cause: exit.WithHint(err, "without options of init, nqd up applies what is written there")}
}

func runUp(ctx context.Context, app *wiring.App, d *deploy.Deployer, opts hostflags.Flags, given []string) error {
	hosts, err := d.Workspace.Hosts()
	if err != nil && !errors.Is(err, workspace.ErrNone) {
		return err
	}
	if len(hosts) > 0 && len(given) > 0 {
		name, err := app.HostName(d)
		if err != nil {
			return err
		}
		return tooLate(given[0], name)
	}
	if err := d.Preflight(); err != nil {
		return err
	}
	if len(hosts) == 0 {
		if err := run(ctx, app, opts); err != nil {
			return err
		}
	}
	name, err := app.HostName(d)
	if err != nil {
		return err
	}
	return d.Apply(ctx, name)
}
