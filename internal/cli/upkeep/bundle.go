package upkeep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/bundle"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
)

// bundleOptions are those of nqd bundle.
type bundleOptions struct {
	output string
	with   []string
	list   bool
}

// NewBundle is nqd bundle.
func NewBundle(app *wiring.App) *cobra.Command {
	var options bundleOptions
	cmd := &cobra.Command{
		Use:   "bundle",
		Short: "Pack what it takes to see what went wrong, without secrets",
		Long: "Packs logs, journals of the last deployments, host files, flake.lock, versions, failed units and\n" +
			"the status into a new tar.gz, which only you can read. Secrets are taken out of it, by their\n" +
			"values and by what they look like; its MANIFEST says what is in it and what is not. Nothing is\n" +
			"sent anywhere: read it before you give it away.\n\n" +
			"The folder secrets/ is never packed, and no other file of the workspace unless you name it." +
			exit.Help(exit.Done, exit.Error, exit.Usage, exit.Interrupted),
		Example: "  nqd bundle --list                      what would be in it\n" +
			"  nqd bundle --output=/tmp/it.tar.gz     somewhere else\n" +
			"  nqd bundle --with=hosts/orion/local.nix",
		Args: wiring.Usage(cobra.NoArgs),
		RunE: app.OnMachine(func(ctx context.Context, d *deploy.Deployer, _ []string) error {
			return runBundle(ctx, app, d, options)
		}),
	}
	cmd.Flags().StringVar(&options.output, "output", "", "write to `FILE`, which must not be there (default nqd-bundle-HOST-DATE.tar.gz)")
	cmd.Flags().StringArrayVar(&options.with, "with", nil, "pack `FILE` of the workspace too, redacted; may be repeated")
	cmd.Flags().BoolVar(&options.list, "list", false, "say what would be packed, and write nothing")
	return cmd
}

func runBundle(ctx context.Context, app *wiring.App, d *deploy.Deployer, options bundleOptions) error {
	for _, name := range options.with {
		if !filepath.IsLocal(name) {
			return &exit.UsageError{Cause: exit.WithHint(fmt.Errorf("--with=%s: not a file of the workspace", name), "name it as it is found from "+d.Workspace.Dir)}
		}
	}
	hosts, _ := d.Workspace.Hosts() // without any there are no host files to pack
	b, err := bundle.Collect(ctx, bundle.From{
		Machine: d.Machine, State: filepath.Dir(d.History.Dir), Workspace: d.Workspace.Dir, Hosts: hosts, With: options.with,
		Answers: []bundle.Answer{
			{Name: "versions.json", About: "versions of nqd and nix", Make: func(ctx context.Context) ([]byte, error) { return versions(ctx, d) }},
			{Name: "status.json", About: "what nqd status says", Make: func(context.Context) ([]byte, error) { return status(d) }},
		},
		Secrets: &app.Secrets,
	})
	if err != nil {
		return err
	}
	told := event.Bundled{Entries: b.Names(), Redacted: b.Redacted()}
	if !options.list {
		now, host := time.Now(), facts.HostName(d.Machine)
		told.File = options.output
		if told.File == "" {
			told.File = fmt.Sprintf("nqd-bundle-%s-%s.tar.gz", filepath.Base(host), now.Format("2006-01-02"))
		}
		if err := b.Create(told.File, host, now); err != nil {
			return exit.WithHint(err, "name another file with --output")
		}
	}
	d.Sink(told)
	return nil
}

// versions asks for those of the programs that a deployment takes.
func versions(ctx context.Context, d *deploy.Deployer) ([]byte, error) {
	nix, err := d.Nix.Version(ctx)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]string{"nqd": d.Version, "nix": nix})
}

// status is the answer of nqd status, for the bundle and not for the terminal.
func status(d *deploy.Deployer) ([]byte, error) {
	var answer event.Event
	report := d.Report()
	report.Sink = func(e event.Event) { answer = e }
	if err := report.Status(); err != nil {
		return nil, err
	}
	if answer == nil {
		return nil, errors.New("nqd status: says nothing")
	}
	return json.Marshal(answer)
}
