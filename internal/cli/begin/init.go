package begin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/adopt"
	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/hostflags"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/setup"
	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
)

// NewInit is nqd init.
func NewInit(app *wiring.App) *cobra.Command {
	var opts hostflags.Flags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write the workspace for this machine",
		Long: "Writes a flake with nqd's module library and a host file for this machine. What it\n" +
			"is, is detected; it asks for a name and address for git, an editor, a preset, and\n" +
			"whether to take over /etc/nixos/configuration.nix, and shows everything on one page to\n" +
			"correct. An option counts more than the answers file, that more than what is detected.\n" +
			"With --yes nothing is asked. Files that are there stay as they are. The machine itself\n" +
			"is not changed." + exit.Help(exit.Done, exit.Error, exit.Usage, exit.Declined, exit.Interrupted),
		Example: "  nqd init                                 ask\n" +
			"  nqd init --yes --preset=minimal          ask nothing\n" +
			"  nqd init --answers=orion.toml --dry-run  show what that would write",
		Args: wiring.Usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), app, opts) },
	}
	opts.Add(cmd.Flags())
	cmd.Flags().BoolVar(&opts.DryRun, "dry-run", false, "only show what would be written, and ask nothing")
	return cmd
}

// beginning is one run of init.
type beginning struct {
	app      *wiring.App
	opts     hostflags.Flags
	machine  *machine.Machine
	space    workspace.Workspace
	known    *catalog.Catalog
	said     []setup.Said
	found    setup.Found
	asks     bool
	adopts   string         // what was answered to whether it is taken over
	adoption adopt.Adoption // all that was seen; that of found is what will be taken over
}

func run(ctx context.Context, app *wiring.App, opts hostflags.Flags) error {
	b, err := begin(app, opts)
	if err != nil {
		return err
	}
	b.found = setup.Gather(ctx, b.machine, home(), os.Getenv)
	proposal := setup.Propose(b.known, b.found, b.said...)
	if err := b.unlessExists(proposal.Value("host.name")); err != nil {
		return err
	}
	if err := b.look(ctx, proposal); err != nil {
		return err
	}
	proposal = setup.Propose(b.known, b.found, b.said...)
	text, proposal, err := b.answered(ctx, proposal)
	if err != nil {
		return err
	}
	return b.write(proposal, text)
}

// begin reads what options and answers say.
func begin(app *wiring.App, opts hostflags.Flags) (*beginning, error) {
	b := &beginning{app: app, opts: opts, asks: !app.Global.Yes && !opts.NonInteractive && !opts.DryRun}
	if b.asks && !app.CanAsk() {
		return nil, &exit.UsageError{Cause: exit.WithHint(errors.New("no terminal to ask on"),
			"--yes takes what is detected; options and --answers FILE say what is not")}
	}
	switch opts.Adopt {
	case "yes", "no", "auto":
	default:
		return nil, &exit.UsageError{Cause: fmt.Errorf("--adopt=%s: want yes, no or auto", opts.Adopt)}
	}
	var err error
	if b.machine, err = app.Machine(); err != nil {
		return nil, err
	}
	if b.space, err = app.Workspace(b.machine); err != nil {
		return nil, err
	}
	if b.known, err = b.space.Catalog(); err != nil {
		return nil, err
	}
	if b.opts.HostName == "" {
		b.opts.HostName = app.Global.Host
	}
	options, err := b.opts.Said(b.known)
	if err != nil {
		return nil, err
	}
	b.said = append(b.said, options)
	if opts.Answers == "" {
		return b, nil
	}
	data, err := os.ReadFile(opts.Answers)
	if err != nil {
		return nil, &exit.UsageError{Cause: err}
	}
	answers, err := setup.Answers(opts.Answers, data, b.known)
	b.said = append(b.said, answers)
	return b, err
}

// home is that of the user; empty where nothing says it.
func home() string {
	dir, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(dir) {
		return ""
	}
	return dir
}

// unlessExists refuses a host that is there, before anybody is asked anything about it.
func (b *beginning) unlessExists(name string) error {
	if _, err := os.Lstat(b.space.HostFile(name)); err == nil {
		return exists(fmt.Errorf("%s: %w", b.space.HostFile(name), workspace.ErrHostExists))
	}
	return nil
}

func exists(err error) error {
	return &exit.UsageError{Cause: exit.WithHint(err, "edit it, or give another --host-name")}
}

// answered is the host file of the proposal, corrected by whoever is asked. What cannot stand together is told, and asked
// for once more.
func (b *beginning) answered(ctx context.Context, proposal setup.Proposal) ([]byte, setup.Proposal, error) {
	for wrong := []string(nil); ; {
		if b.asks {
			form := b.form(proposal)
			form.Found = append(wrong, form.Found...) // on the form itself: it hides what was told before it
			answers, err := b.app.Form(ctx, form)
			if err != nil {
				return nil, proposal, err
			}
			if err := b.take(answers[setup.AdoptKey]); err != nil {
				return nil, proposal, err
			}
			proposal = proposal.Correct(answers)
		}
		text, err := proposal.Host().Format(b.known)
		var mistakes document.Errors
		if !b.asks || !errors.As(err, &mistakes) {
			return text, proposal, err
		}
		wrong = []string{"These answers cannot stand together:"}
		for _, mistake := range mistakes {
			wrong = append(wrong, mistake.Error(), mistake.Cure)
		}
	}
}

// write writes everything, or tells what it would.
func (b *beginning) write(proposal setup.Proposal, text []byte) error {
	h := proposal.Host()
	host := workspace.Host{Name: h.Host.Name, File: text, Facts: b.found.Facts.JSON(b.found.Decision)}
	if b.found.Adoption.Possible() {
		for _, file := range b.found.Adoption.Files {
			host.Imported = append(host.Imported, workspace.File{Path: file.Path, Data: file.Data, Executable: file.Mode&0o111 != 0})
		}
	}
	files, err := b.space.Init(host, b.inputs(h.Host.Release), b.machine)
	if errors.Is(err, workspace.ErrHostExists) {
		return exists(err)
	}
	if err != nil {
		return err
	}
	done := event.Initialized{Workspace: b.space.Dir, Host: h.Host.Name, Unfree: h.Packages.AllowUnfree, Adoption: b.told()}
	if b.opts.DryRun {
		done.DryRun, done.HostFile = true, string(text)
	} else if err := b.space.Create(files); err != nil {
		return err
	}
	// The library's files are many, and not the user's.
	for _, file := range files {
		if !strings.HasPrefix(file.Path, "nixlib/") {
			done.Files = append(done.Files, filepath.Join(b.space.Dir, file.Path))
		}
	}
	for _, warning := range proposal.Warnings {
		b.app.Sink()(event.Note{Text: warning.Text, Hint: warning.Cure, Warning: true})
	}
	b.warnAssumed(proposal, h.Host.StateVersion)
	b.app.Sink()(done)
	return nil
}

// warnAssumed tells of a release that the machine was perhaps not installed with, as changing it later may cost data.
func (b *beginning) warnAssumed(proposal setup.Proposal, version string) {
	if !proposal.Assumed() {
		return
	}
	b.app.Sink()(event.Note{
		Text: fmt.Sprintf("state_version %s is assumed: /etc/nixos/configuration.nix does not tell it", version),
		Hint: fmt.Sprintf("if the machine was installed with another release, write that into %s before it is applied; "+
			"for a new host, --state-version says it", b.space.HostFile(proposal.Value("host.name"))),
		Warning: true,
	})
}

func (b *beginning) inputs(release string) workspace.Inputs {
	return workspace.Inputs{Release: release, Nixpkgs: b.opts.Nixpkgs, HomeManager: b.opts.HomeManager}.Filled()
}
