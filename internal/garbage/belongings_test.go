package garbage

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/home"
)

func historyAt(t *testing.T) deployment.History {
	return deployment.History{History: engine.History{Dir: filepath.Join(t.TempDir(), "deployments")}}
}

// Of backups those go that old deployments made and that no rollback puts back; of snapshots those that nothing that
// stays can be returned to with.
func TestBelongings(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.must(os.WriteFile(filepath.Join(b.root, "file"), nil, 0o600))
	save := func(deployment int) int {
		b.must(os.WriteFile(filepath.Join(b.root, "file"), fmt.Append(nil, time.Now()), 0o600))
		made, err := b.Backups.Create(t.Context(), backup.Reason{Text: "x", Deployment: deployment}, []string{"/file"})
		b.must(err)
		return made.ID
	}
	asked, displaced, old, ours := save(0), save(1), save(2), save(6)
	run := b.roots("a", "b")
	b.must(run.Begin(deployment.Header{Kind: deployment.Apply, Old: b.systems["a"], New: b.systems["b"]},
		[]engine.Action{&home.Clear{Path: "/home/ada/.zshrc", Backup: displaced}}))
	b.must(run.End(engine.Committed, nil))
	b.switchTo("b")
	b.deploy("c", "d", "e")
	last := save(4)
	b.record("e", "d", engine.Interrupted, nil)
	for _, id := range []int{1, 2, 3, 4, 5} {
		b.must(os.MkdirAll(filepath.Join(b.root, "var/lib/nqd/snapshots", fmt.Sprint(id), "1"), 0o700))
	}
	b.collect(1)
	all, err := b.Backups.List()
	b.must(err)
	var stay []int
	for _, one := range all {
		stay = append(stay, one.ID)
	}
	if !slices.Equal(stay, []int{asked, displaced, ours, last}) || slices.Contains(stay, old) {
		t.Errorf("backups %v stay", stay)
	}
	snapshots, err := filepath.Glob(filepath.Join(b.root, "var/lib/nqd/snapshots/*"))
	b.must(err)
	for i, name := range snapshots {
		snapshots[i] = filepath.Base(name)
	}
	if !slices.Equal(snapshots, []string{"4", "5"}) {
		t.Errorf("snapshots of %q stay", snapshots)
	}
}
