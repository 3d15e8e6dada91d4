package wiring

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/git"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// errRoot is a nqd that was started as root on a real machine. The workspace and the records
// would belong to root then, and Nix would evaluate as root what a user may write.
var errRoot = exit.WithHint(errors.New("started as root"), "run nqd as the user of this machine; it asks for root where that is needed")

// Machine is the one that the options name.
func (a *App) Machine() (*machine.Machine, error) {
	if a.Global.Sandbox == "" && os.Geteuid() == 0 {
		return nil, errRoot
	}
	m := machine.Local()
	if a.Global.Sandbox != "" {
		var err error
		if m, err = machine.Sandbox(a.Global.Sandbox); err != nil {
			return nil, &exit.UsageError{Cause: err}
		}
	}
	m.Hurry = a.Hurry
	return m, nil
}

// Workspace is --workspace, NQD_WORKSPACE, or ~/.config/nixos on the machine.
func (a *App) Workspace(m *machine.Machine) (workspace.Workspace, error) {
	dir := a.Global.Workspace
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

// UserDir is a directory of the XDG base directory specification on the machine: that of the
// variable, or else fallback below the home directory.
func UserDir(m *machine.Machine, variable, fallback string) (string, error) {
	if dir := os.Getenv(variable); filepath.IsAbs(dir) {
		return m.Path(dir), nil
	}
	home, err := homeDir()
	if err != nil {
		return "", err
	}
	return m.Path(filepath.Join(home, fallback)), nil
}

// homeDir is $HOME, or without one that is absolute, as in a unit of systemd, what the user database says.
func homeDir() (string, error) {
	home, err := os.UserHomeDir()
	if err == nil && filepath.IsAbs(home) {
		return home, nil
	}
	if err == nil {
		err = fmt.Errorf("HOME=%s: not an absolute path", home)
	}
	if me, unknown := user.Current(); unknown == nil && filepath.IsAbs(me.HomeDir) {
		return me.HomeDir, nil
	}
	return "", exit.WithHint(err, "set HOME to the home of the user whose workspace it is")
}

// Deployer wires everything together for the machine that the options name.
func (a *App) Deployer() (*deploy.Deployer, error) {
	m, err := a.Machine()
	if err != nil {
		return nil, err
	}
	space, err := a.Workspace(m)
	if err != nil {
		return nil, err
	}
	state, err := UserDir(m, "XDG_STATE_HOME", ".local/state")
	if err != nil {
		return nil, err
	}
	cache, err := UserDir(m, "XDG_CACHE_HOME", ".cache")
	if err != nil {
		return nil, err
	}
	login, home, err := a.login()
	if err != nil {
		return nil, err
	}
	program, err := nixcli.Find()
	if err != nil {
		return nil, exit.WithHint(err, "nqd runs on NixOS, where it is; elsewhere nix has to be on PATH")
	}
	a.log.Dir, a.log.Secrets = filepath.Join(state, "nqd", "log"), &a.Secrets
	sink := a.stopwatch.Watch(a.heard.Watch(a.Sink()))
	nix := &nixcli.Nix{
		Machine: m, Program: program, Offline: a.Global.Offline, Substituters: a.Global.Caches,
		Verbose: a.Global.Verbose, Log: &a.log, Sink: sink,
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
		History:     deployment.History{History: engine.History{Dir: filepath.Join(state, "nqd", "deployments")}},
		Backups:     Backups(m, state),
		Sink:        sink,
		Asks:        Asks(Asker(m)),
		Login:       login,
		Home:        home,
		Secrets:     &a.Secrets,
		Stopwatch:   &a.stopwatch,
		Evaluations: filepath.Join(cache, "nqd", "evaluations"),
		Version:     a.Version,
		Risks:       risks(a.Global.Risks),
		Confirm:     a.confirm,
	}, nil
}

// login is what the next login runs after a reboot in the middle of a deployment, and the home on the machine whose login
// that is.
func (a *App) login() (argv []string, home string, err error) {
	program, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	argv = []string{program}
	if a.Global.Sandbox != "" {
		root, err := filepath.Abs(a.Global.Sandbox)
		if err != nil {
			return nil, "", err
		}
		argv = append(argv, "--sandbox", root)
	}
	// A unit of the user does not have the variables of this shell.
	if state := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) && a.Global.Sandbox == "" {
		argv = append([]string{"/run/current-system/sw/bin/env", "XDG_STATE_HOME=" + state}, argv...)
	}
	home, err = homeDir()
	return append(argv, "abort", "--rebooted", "--yes"), home, err
}

// Backups are those of the machine below the user's directory for state.
func Backups(m *machine.Machine, state string) *backup.Store {
	return &backup.Store{Dir: filepath.Join(state, "nqd", "backups"), Root: strings.TrimSuffix(m.Path("/"), "/")}
}

// OnMachine makes a command of what do does with the machine that the options name.
func (a *App) OnMachine(do func(context.Context, *deploy.Deployer, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		d, err := a.Deployer()
		if err != nil {
			return err
		}
		a.keepLog(cmd, d)
		if !tellsItself(cmd) {
			tellUnfinished(d)
		}
		return do(cmd.Context(), d, args)
	}
}

// OnHost makes a command of what do does with the host that the options name.
func (a *App) OnHost(do func(*deploy.Deployer, context.Context, string) error) func(*cobra.Command, []string) error {
	return a.OnMachine(func(ctx context.Context, d *deploy.Deployer, _ []string) error {
		name, err := a.HostName(d)
		if err != nil {
			return err
		}
		return do(d, ctx, name)
	})
}

func risks(names []string) []risk.Risk {
	var accepted []risk.Risk
	for _, name := range names {
		accepted = append(accepted, risk.Risk(name))
	}
	return accepted
}

// HostName is the host of the workspace that the command is about.
func (a *App) HostName(d *deploy.Deployer) (string, error) {
	hosts, err := d.Workspace.Hosts()
	if errors.Is(err, workspace.ErrNone) || err == nil && len(hosts) == 0 {
		return "", exit.WithHint(fmt.Errorf("%s: %w", d.Workspace.Dir, workspace.ErrNone), "nqd init makes one")
	}
	if err != nil {
		return "", err
	}
	wanted, all := a.Global.Host, strings.Join(hosts, ", ")
	problem := fmt.Errorf("host %s: the workspace has none of that name, only %s", wanted, all)
	if wanted == "" {
		if len(hosts) == 1 {
			return hosts[0], nil
		}
		wanted = facts.HostName(d.Machine)
		problem = fmt.Errorf("which host? the workspace has %s", all)
	}
	if !slices.Contains(hosts, wanted) {
		return "", &exit.UsageError{Cause: exit.WithHint(problem, "name one with --host")}
	}
	return wanted, nil
}
