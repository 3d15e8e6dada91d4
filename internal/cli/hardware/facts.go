package hardware

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// NewFacts makes the command facts.
func NewFacts(app *wiring.App) *cobra.Command {
	var refresh bool
	cmd := &cobra.Command{
		Use:   "facts",
		Short: "Show what the machine is, and what changed since the last deployment",
		Long: "Reads what the machine is: processor, memory, firmware, cards, disks, language, keyboard.\n" +
			"It says what of that is other than facts.json of the host had it in the last deployment.\n" +
			"Without a workspace it shows what the machine is, and no more.\n\n" +
			"--refresh writes hosts/<name>/facts.json, and no other file; nqd plan shows what that means." +
			exit.Help(exit.Done, exit.Error, exit.Usage),
		Args: wiring.Usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runFacts(cmd.Context(), app, refresh) },
	}
	cmd.Flags().BoolVar(&refresh, "refresh", false, "write what was found into facts.json of the host")
	return cmd
}

func runFacts(ctx context.Context, app *wiring.App, refresh bool) error {
	m, err := app.Machine()
	if err != nil {
		return err
	}
	found := facts.Read(m)
	now := found.JSON(gpu.Decide(found))
	rows, err := facts.Describe(now)
	if err != nil {
		return err
	}
	told := event.Facts{Facts: now, Rows: factsOf(append(found.Personal(), rows...)), Changes: []event.FactChange{}}
	space, name, err := hostOf(app, m)
	if errors.Is(err, workspace.ErrNone) && !refresh && app.Global.Host == "" {
		app.Sink()(told)
		return nil
	}
	if err != nil {
		return err
	}
	file := filepath.Join(filepath.Dir(space.HostFile(name)), "facts.json")
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	there := err == nil
	if !refresh {
		if deployed, id := lastDeployed(ctx, m, space, name); id > 0 {
			before, there, told.Deployment = deployed, true, id
		}
	}
	if there {
		told.Changes, err = changes(before, now)
		if err != nil && !refresh {
			app.Sink()(event.Facts{Facts: now, Rows: told.Rows, Changes: []event.FactChange{}}) // what is so can be told all the same
		}
		if err != nil {
			return fmt.Errorf("%s: %w", compared(file, told.Deployment), err)
		}
		told.File = file
	}
	if refresh && !bytes.Equal(before, now) {
		if err := atomicfile.Write(file, now, 0o644); err != nil {
			return err
		}
		told.File, told.Refreshed = file, true
	}
	app.Sink()(told)
	return nil
}

// compared is what errors call the facts that were compared: those of a deployment, or of the file as it is.
func compared(file string, deployment int) string {
	if deployment > 0 {
		return fmt.Sprintf("facts.json of deployment %d", deployment)
	}
	return file
}

// hostOf is the workspace, and the host of it that the command is about.
func hostOf(app *wiring.App, m *machine.Machine) (workspace.Workspace, string, error) {
	space, err := app.Workspace(m)
	if err != nil {
		return space, "", err
	}
	name, err := app.HostName(&deploy.Deployer{Machine: m, Workspace: space})
	return space, name, err
}

// lastDeployed is facts.json in the commit of the last committed deployment of the host, with its number; 0 where there
// is none, or it cannot be read: then the file itself is what is compared.
func lastDeployed(ctx context.Context, m *machine.Machine, space workspace.Workspace, host string) ([]byte, int) {
	state, err := wiring.UserDir(m, "XDG_STATE_HOME", ".local/state")
	if err != nil {
		return nil, 0
	}
	all, err := deployment.History{History: engine.History{Dir: filepath.Join(state, "nqd", "deployments")}}.All()
	if err != nil {
		return nil, 0
	}
	for _, one := range slices.Backward(all) {
		if one.Result != engine.Committed || one.Header.Host != host || one.Header.Commit == "" {
			continue
		}
		data, err := committed(ctx, m, space.Dir, one.Header.Commit, filepath.Join("hosts", host, "facts.json"))
		if err != nil {
			return nil, 0
		}
		return data, one.ID
	}
	return nil, 0
}

// committed is a file as a commit has it.
func committed(ctx context.Context, m *machine.Machine, dir, name, file string) ([]byte, error) {
	repository := &git.Repository{Machine: m, Dir: dir, Sink: func(event.Event) {}}
	commit, err := repository.Lookup(ctx, name)
	if err != nil {
		return nil, err
	}
	if same, err := repository.Has(ctx, commit, file); err == nil && same {
		return os.ReadFile(filepath.Join(dir, file))
	}
	copied, err := os.MkdirTemp("", "nqd-facts-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(copied)
	if err := repository.Export(ctx, commit, copied); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(copied, file))
}

func changes(before, after []byte) ([]event.FactChange, error) {
	found, err := facts.Compare(before, after)
	all := []event.FactChange{}
	for _, one := range found {
		all = append(all, event.FactChange{Name: one.Name, Before: one.Before, After: one.After})
	}
	return all, err
}

func factsOf(rows []facts.Row) []event.Fact {
	all := []event.Fact{}
	for _, row := range rows {
		all = append(all, event.Fact{Name: row.Name, Value: row.Value})
	}
	return all
}
