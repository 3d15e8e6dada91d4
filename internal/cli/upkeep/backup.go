// Package upkeep is the commands that keep, and clear away: backups, the store, the archive for a report, and nqd itself.
package upkeep

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

// NewBackup is nqd backup.
func NewBackup(app *wiring.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Keep files as they are now, and put them back",
		Long: "Keeps files as they are: content, mode, owner, times, attributes and links. Contents that did not\n" +
			"change are stored once, however many backups have them. nqd itself makes a backup before it\n" +
			"moves or replaces a file of yours. Without a further word it lists the backups, as nqd backup list does." +
			exit.Help(exit.Done, exit.Error, exit.Usage),
		Example: "  nqd backup                       the backups there are\n" +
			"  nqd backup create ~/.config      a new one\n" +
			"  nqd backup restore 3 ~/.zshrc    one file out of it",
		Args: wiring.Usage(cobra.NoArgs),
		RunE: onBackups(app, listBackups),
	}
	cmd.AddCommand(newBackupCreateCommand(app), newBackupListCommand(app), newBackupShowCommand(app),
		newBackupRestoreCommand(app), newBackupPruneCommand(app), newBackupVerifyCommand(app))
	return cmd
}

// vault is the backups of the machine that the options name.
type vault struct {
	*backup.Store
	app     *wiring.App
	cmd     *cobra.Command
	machine *machine.Machine
	history engine.History
	args    []string
}

// onBackups makes a command of what do does with the backups.
func onBackups(a *wiring.App, do func(vault) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		m, err := a.Machine()
		if err != nil {
			return err
		}
		state, err := wiring.UserDir(m, "XDG_STATE_HOME", ".local/state")
		if err != nil {
			return err
		}
		history := engine.History{Dir: filepath.Join(state, "nqd", "deployments")}
		return do(vault{wiring.Backups(m, state), a, cmd, m, history, args})
	}
}

func newBackupCreateCommand(app *wiring.App) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "create [PATH…]",
		Short: "Make a backup of files and folders, without PATH of the workspace",
		Long: "Makes a backup of files and of folders with all that is in them; without PATH, of the workspace.\n" +
			"It is made whole or not at all: a file that cannot be read is named, and then there is no backup.\n" +
			"Sockets and devices are left out, which nqd backup show tells." + exit.Help(exit.Done, exit.Error, exit.Usage, exit.Interrupted),
		Example: "  nqd backup create\n  nqd backup create ~/.config ~/.ssh --reason 'before the new laptop'",
		RunE: onBackups(app, func(v vault) error {
			paths := []string{}
			for _, arg := range v.args {
				path, err := v.path(arg)
				if err != nil {
					return err
				}
				paths = append(paths, path)
			}
			if len(paths) == 0 {
				space, err := app.Workspace(v.machine)
				if err != nil {
					return err
				}
				path, err := v.path(space.Dir)
				if err != nil {
					return err
				}
				paths = []string{path}
			}
			made, err := v.Create(v.cmd.Context(), backup.Reason{Text: reason}, paths)
			if errors.Is(err, fs.ErrNotExist) && len(v.args) == 0 {
				return exit.WithHint(err, "there is no workspace yet: name what to keep, nqd backup create PATH")
			}
			if err != nil {
				return err
			}
			app.Sink()(event.Backups{Dir: v.Dir, Backups: []event.Backup{made.Summary()}})
			return nil
		}),
	}
	cmd.Flags().StringVar(&reason, "reason", "asked for", "what the backup is made for, in `WORDS`")
	return cmd
}

func newBackupListCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the backups",
		Long:    "Lists the backups, oldest first: when each was made, what for, and how much is in it." + exit.Help(exit.Done, exit.Error, exit.Usage),
		Example: "  nqd backup list\n  nqd backup list --json",
		Args:    wiring.Usage(cobra.NoArgs),
		RunE:    onBackups(app, listBackups),
	}
}

// listBackups tells of those that can be read also where others cannot.
func listBackups(v vault) error {
	all, err := v.List()
	told := event.Backups{Dir: v.Dir, Backups: []event.Backup{}}
	for _, m := range all {
		told.Backups = append(told.Backups, m.Summary())
	}
	v.app.Sink()(told)
	return err
}

func newBackupShowCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show what is in a backup",
		Long:    "Shows what is in a backup: each file, link and folder, and what was left out." + exit.Help(exit.Done, exit.Error, exit.Usage),
		Example: "  nqd backup show 3",
		Args:    wiring.Usage(cobra.ExactArgs(1)),
		RunE: onBackups(app, func(v vault) error {
			ids, err := backupIDs(v.args)
			if err != nil {
				return err
			}
			m, err := v.Get(ids[0])
			if err != nil {
				return err
			}
			app.Sink()(m.Shown())
			return nil
		}),
	}
}

func newBackupRestoreCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "restore ID [PATH…]",
		Short: "Put back what a backup has, without PATH all of it",
		Long: "Puts back what a backup has of each PATH with all that is in it; without PATH, all. What stands\n" +
			"there and differs is named, and nothing is changed; with --accept-risk=" + backup.Overwrite + " it goes into a new\n" +
			"backup and is replaced. Files that the backup does not have stay. It may be called again after it\n" +
			"was cut off." + exit.Help(exit.Done, exit.Error, exit.Usage, exit.Declined, exit.Interrupted),
		Example: "  nqd backup restore 3\n  nqd backup restore 3 ~/.config/git --accept-risk=" + backup.Overwrite,
		Args:    wiring.Usage(cobra.MinimumNArgs(1)),
		RunE: onBackups(app, func(v vault) error {
			ids, err := backupIDs(v.args[:1])
			if err != nil {
				return err
			}
			m, err := v.Get(ids[0])
			if err != nil {
				return err
			}
			var paths []string
			for _, arg := range v.args[1:] {
				path, err := filepath.Abs(arg)
				if err == nil && !m.Holds(path) {
					path, err = v.path(arg)
				}
				if err != nil {
					return err
				}
				paths = append(paths, path)
			}
			told, err := v.Restore(v.cmd.Context(), m.ID, paths, app.Accepts(risk.Overwrite))
			if len(told.Restored) > 0 || err == nil {
				app.Sink()(told)
			}
			return err
		}),
	}
}

func newBackupVerifyCommand(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [ID…]",
		Short: "Read all that backups hold, and compare it with what was kept",
		Long: "Reads all that the backups hold, without ID of all, and compares it with what was kept. What is\n" +
			"damaged is named, and the exit code is 1." + exit.Help(exit.Done, exit.Error, exit.Usage, exit.Interrupted),
		Example: "  nqd backup verify\n  nqd backup verify 3 4",
		RunE: onBackups(app, func(v vault) error {
			ids, err := backupIDs(v.args)
			if err != nil {
				return err
			}
			told, err := v.Verify(v.cmd.Context(), ids...)
			if err != nil {
				return err
			}
			app.Sink()(told)
			if len(told.Damaged) > 0 {
				return exit.WithHint(errors.New("backups are damaged"),
					"make a new one with nqd backup create; older and newer backups may have the same files whole")
			}
			return nil
		}),
	}
}

func newBackupPruneCommand(app *wiring.App) *cobra.Command {
	var keep int
	var older string
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove old backups, and what only they needed",
		Long: "Removes backups that are neither among the newest nor young enough, and contents that no backup\n" +
			"needs any more. Without options the 10 newest stay, and all that are younger than 90 days; with one\n" +
			"option, only that one counts. Those of deployments in nqd history always stay." +
			exit.Help(exit.Done, exit.Error, exit.Usage, exit.Interrupted),
		Example: "  nqd backup prune --dry-run\n  nqd backup prune --keep 3\n  nqd backup prune --older-than 90d",
		Args:    wiring.Usage(cobra.NoArgs),
		RunE: onBackups(app, func(v vault) error {
			retention, err := retentionOf(v.cmd, keep, older)
			if err != nil {
				return err
			}
			recorded, err := v.history.List()
			if err != nil {
				return err
			}
			protected := func(m backup.Manifest) bool {
				return slices.ContainsFunc(recorded, func(one engine.Deployment) bool { return one.ID == m.Reason.Deployment })
			}
			told, err := v.Prune(v.cmd.Context(), retention, protected, dryRun)
			if err != nil {
				return err
			}
			app.Sink()(told)
			return nil
		}),
	}
	cmd.Flags().IntVar(&keep, "keep", 10, "keep the `N` newest backups")
	cmd.Flags().StringVar(&older, "older-than", "90d", "remove only what is older than `AGE`, such as 36h, 90d or 12w")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "remove nothing, tell what would go")
	return cmd
}

// retentionOf is what the options say: where only one is given, only that one counts.
func retentionOf(cmd *cobra.Command, keep int, older string) (backup.Retention, error) {
	age, err := parseAge(older)
	if err != nil {
		return backup.Retention{}, err
	}
	if keep < 0 {
		return backup.Retention{}, &exit.UsageError{Cause: fmt.Errorf("--keep=%d: not a number of backups", keep)}
	}
	byCount, byAge := cmd.Flags().Changed("keep"), cmd.Flags().Changed("older-than")
	retention := backup.Retention{Keep: keep, MaxAge: age}
	switch {
	case byCount && !byAge:
		retention.MaxAge = 0
	case byAge && !byCount:
		retention.Keep = 0
	}
	if retention.Keep == 0 && retention.MaxAge == 0 {
		return retention, &exit.UsageError{Cause: exit.WithHint(errors.New("that would keep no backup at all"), "--keep 1 keeps the newest")}
	}
	return retention, nil
}

// parseAge reads a span of time with the unit that people count the age of backups in.
func parseAge(text string) (time.Duration, error) {
	for unit, span := range map[string]time.Duration{"h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		number, found := strings.CutSuffix(text, unit)
		// More hours than that are no time.Duration any more.
		if n, err := strconv.Atoi(number); found && err == nil && n >= 0 && n <= 10_000 {
			return time.Duration(n) * span, nil
		}
	}
	return 0, &exit.UsageError{Cause: exit.WithHint(fmt.Errorf("--older-than=%s: not an age", text), "give hours, days or weeks, such as 36h, 90d or 12w")}
}

// backupIDs are the numbers of backups that the arguments name.
func backupIDs(args []string) ([]int, error) {
	var ids []int
	for _, arg := range args {
		id, err := strconv.Atoi(arg)
		if err != nil || id < 1 {
			return nil, &exit.UsageError{Cause: exit.WithHint(fmt.Errorf("%q: not the number of a backup", arg), "nqd backup list shows them")}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// path is what the argument is called on the machine. Backups go through no symbolic link: those on the way to it are
// followed here, once.
func (v vault) path(arg string) (string, error) {
	path, err := filepath.Abs(arg)
	if err != nil {
		return "", err
	}
	if v.Root != "" {
		if inside, found := strings.CutPrefix(path, v.Root+"/"); found {
			path = "/" + inside
		}
		return path, nil
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(folder, filepath.Base(path))
	}
	return path, nil
}
