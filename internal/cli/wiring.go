package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// errRoot is a nqd that was started as root on a real machine. The workspace and the records
// would belong to root then, and Nix would evaluate as root what a user may write.
var errRoot = hintedError{errors.New("started as root"), "run nqd as the user of this machine; it asks for root where that is needed"}

// machine is the one that the options name.
func (a *app) machine() (*machine.Machine, error) {
	if a.global.sandbox == "" && os.Geteuid() == 0 {
		return nil, errRoot
	}
	m := machine.Local()
	if a.global.sandbox != "" {
		var err error
		if m, err = machine.Sandbox(a.global.sandbox); err != nil {
			return nil, &usageError{err}
		}
	}
	m.Hurry = a.hurry
	return m, nil
}

// workspace is --workspace, NQD_WORKSPACE, or ~/.config/nixos on the machine.
func (a *app) workspace(m *machine.Machine) (workspace.Workspace, error) {
	dir := a.global.workspace
	if dir == "" {
		dir = os.Getenv("NQD_WORKSPACE")
	}
	if dir == "" {
		home, err := homeDir()
		if err != nil {
			return workspace.Workspace{}, err
		}
		dir = m.Path(filepath.Join(home, ".config/nixos"))
	}
	abs, err := filepath.Abs(dir)
	return workspace.Workspace{Dir: abs}, err
}

// userDir is a directory of the XDG base directory specification on the machine: that of the
// variable, or else fallback below the home directory.
func userDir(m *machine.Machine, variable, fallback string) (string, error) {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return m.Path(dir), nil
	}
	home, err := homeDir()
	if err != nil {
		return "", err
	}
	return m.Path(filepath.Join(home, fallback)), nil
}

// homeDir is $HOME, or without it, as in a unit of systemd, what the user database says.
func homeDir() (string, error) {
	home, err := os.UserHomeDir()
	if err == nil {
		return home, nil
	}
	if me, unknown := user.Current(); unknown == nil && filepath.IsAbs(me.HomeDir) {
		return me.HomeDir, nil
	}
	return "", hintedError{err, "set HOME to the home of the user whose workspace it is"}
}

// deployer wires everything together for the machine that the options name.
func (a *app) deployer() (*deploy.Deployer, error) {
	m, err := a.machine()
	if err != nil {
		return nil, err
	}
	space, err := a.workspace(m)
	if err != nil {
		return nil, err
	}
	state, err := userDir(m, "XDG_STATE_HOME", ".local/state")
	if err != nil {
		return nil, err
	}
	cache, err := userDir(m, "XDG_CACHE_HOME", ".cache")
	if err != nil {
		return nil, err
	}
	program, err := nixcli.Find()
	if err != nil {
		return nil, hintedError{err, "nqd runs on NixOS, where it is; elsewhere nix has to be on PATH"}
	}
	a.log.Dir = filepath.Join(cache, "nqd", "log")
	sink := a.stopwatch.Watch(a.heard.Watch(a.sink()))
	nix := &nixcli.Nix{
		Machine: m, Program: program, Offline: a.global.offline, Substituters: a.global.caches,
		Verbose: a.global.verbose, Log: &a.log, Sink: sink,
	}
	if m.IsSandbox() {
		nix.Cache = cache
	}
	return &deploy.Deployer{
		Machine:     m,
		Nix:         nix,
		Git:         &git.Repository{Machine: m, Dir: space.Dir, Sink: sink},
		Guard:       &guard.Guard{Machine: m, Profile: nixcli.SystemProfile{Nix: nix}, Sink: sink},
		Workspace:   space,
		History:     engine.History{Dir: filepath.Join(state, "nqd", "deployments")},
		Sink:        sink,
		Stopwatch:   &a.stopwatch,
		Evaluations: filepath.Join(cache, "nqd", "evaluations"),
		Version:     a.version,
		Risks:       risks(a.global.risks),
		Confirm:     a.confirm,
	}, nil
}

// onMachine makes a command of what do does with the machine that the options name.
func (a *app) onMachine(do func(context.Context, *deploy.Deployer, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		d, err := a.deployer()
		if err != nil {
			return err
		}
		return do(cmd.Context(), d, args)
	}
}

// onHost makes a command of what do does with the host that the options name.
func (a *app) onHost(do func(*deploy.Deployer, context.Context, string) error) func(*cobra.Command, []string) error {
	return a.onMachine(func(ctx context.Context, d *deploy.Deployer, _ []string) error {
		name, err := a.hostName(d)
		if err != nil {
			return err
		}
		return do(d, ctx, name)
	})
}

func risks(names []string) []deploy.Risk {
	var accepted []deploy.Risk
	for _, name := range names {
		accepted = append(accepted, deploy.Risk(name))
	}
	return accepted
}

// hostName is the host of the workspace that the command is about.
func (a *app) hostName(d *deploy.Deployer) (string, error) {
	hosts, err := d.Workspace.Hosts()
	if errors.Is(err, workspace.ErrNone) || err == nil && len(hosts) == 0 {
		return "", hintedError{fmt.Errorf("%s: %w", d.Workspace.Dir, workspace.ErrNone), "nqd init makes one"}
	}
	if err != nil {
		return "", err
	}
	wanted, all := a.global.host, strings.Join(hosts, ", ")
	problem := fmt.Errorf("host %s: the workspace has none of that name, only %s", wanted, all)
	if wanted == "" {
		if len(hosts) == 1 {
			return hosts[0], nil
		}
		wanted = facts.Read(d.Machine).HostName
		problem = fmt.Errorf("which host? the workspace has %s", all)
	}
	if !slices.Contains(hosts, wanted) {
		return "", &usageError{hintedError{problem, "name one with --host"}}
	}
	return wanted, nil
}

// hintedError adds what to do to an error.
type hintedError struct {
	error
	hint string
}

func (e hintedError) Hint() string  { return e.hint }
func (e hintedError) Unwrap() error { return e.error }

// confirm asks on a terminal whether to go on. Without one, or for JSON, only --yes does.
func (a *app) confirm(ctx context.Context, _ event.Difference) (bool, error) {
	if a.global.yes {
		return true, nil
	}
	if _, interactive := terminal(a.stdin); a.global.json || !interactive {
		return false, hintedError{fmt.Errorf("no terminal to ask on: %w", deploy.ErrDeclined), "--yes goes on without asking"}
	}
	if a.view != nil {
		a.view.Pause()
		defer a.view.Resume()
	}
	fmt.Fprint(a.stderr, "Try this system now, and keep it if its checks pass? [y/N] ")
	answers := make(chan string, 1)
	go func() {
		// An end of input is an empty answer, which is no.
		answer, _ := bufio.NewReader(a.stdin).ReadString('\n')
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case <-ctx.Done():
		return false, context.Cause(ctx)
	case answer := <-answers:
		return answer == "y" || answer == "yes", nil
	}
}
