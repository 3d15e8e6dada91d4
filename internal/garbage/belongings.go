package garbage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/snapshot"
)

// belongings are what nqd keeps of the machine's files beside deployments.
type belongings struct {
	backups   []int // by number
	snapshots []int // by deployment
}

// planBackups finds the backups that deployments made and that nothing needs: none that somebody asked for, none with a
// file that a rollback puts back, and none of a deployment that can still be taken back.
func (c *Collector) planBackups(p *plan, needed needs, options Options) error {
	all, err := c.Backups.List()
	if err != nil {
		return err
	}
	displaced, err := c.History.Displaced()
	if err != nil {
		return err
	}
	returned := make(map[int]bool)
	for _, file := range displaced {
		returned[file.Backup] = true
	}
	for i, one := range all {
		switch {
		case one.Reason.Deployment == 0, returned[one.ID], needed.mayUndo(one.Reason.Deployment):
		case len(all)-i <= options.Keep, young(one.Made, options):
		default:
			p.old.backups = append(p.old.backups, one.ID)
			p.told.Goes = append(p.told.Goes, event.GarbageRoot{
				Kind: "backup", Name: fmt.Sprint("backup ", one.ID),
				Why: fmt.Sprintf("older than the last %d backups: %s", options.Keep, one.Reason.Text),
			})
		}
	}
	return nil
}

// planSnapshots finds the data that no rollback to what stays could put back.
func (c *Collector) planSnapshots(ctx context.Context, p *plan, needed needs, options Options) error {
	if len(needed.returns) == 0 {
		return nil
	}
	// Only root sees more than that they are there, and nobody is asked for a password to be told something.
	_, err := os.Stat(c.Machine.Path(snapshot.Root))
	if errors.Is(err, fs.ErrNotExist) || options.DryRun && !c.Machine.IsSandbox() {
		return nil
	}
	sizes, err := snapshot.Sizes(ctx, c.Machine)
	if err != nil {
		return err
	}
	oldest := slices.Min(needed.returns)
	for id := range sizes {
		// That of a deployment has the data as the one before left it.
		if id > oldest || id == needed.newest || needed.mayUndo(id) {
			continue
		}
		p.old.snapshots = append(p.old.snapshots, id)
	}
	slices.Sort(p.old.snapshots)
	for _, id := range p.old.snapshots {
		p.told.Goes = append(p.told.Goes, event.GarbageRoot{
			Kind: "snapshot", Name: fmt.Sprint("data from before deployment ", id), Why: "nothing that stays can be returned to with it",
		})
	}
	return nil
}

// removeBelongings removes what was planned, and nothing that came since.
func (c *Collector) removeBelongings(ctx context.Context, old belongings) error {
	for _, id := range old.snapshots {
		if err := snapshot.Remove(ctx, c.Machine, id); err != nil {
			return err
		}
	}
	if len(old.backups) == 0 {
		return nil
	}
	stays := func(m backup.Manifest) bool { return !slices.Contains(old.backups, m.ID) }
	_, err := c.Backups.Prune(ctx, backup.Retention{Keep: 1}, stays, false)
	return err
}
