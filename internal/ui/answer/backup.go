package answer

import (
	"fmt"
	"io"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// Backups writes the backups, each with what it was made for.
func Backups(w io.Writer, b event.Backups, width int) {
	if len(b.Backups) == 0 {
		words.Line(w, width, "There is no backup in %s yet.", words.OneLine(b.Dir))
		return
	}
	for _, one := range b.Backups {
		words.Line(w, width, "%s", titleOf(one))
		words.Line(w, width, "  made for: %s", reasonOf(one))
	}
	words.Line(w, width, "They are in %s.", words.OneLine(b.Dir))
}

func titleOf(b event.Backup) string {
	return fmt.Sprintf("Backup %d, made %s: %s, %s", b.ID, moment(b.Made), words.Count(b.Files, "entry", "entries"), words.Size(b.Size))
}

func reasonOf(b event.Backup) string {
	reason := words.OneLine(b.Reason)
	if reason == "" {
		reason = "no reason was given"
	}
	if name := fmt.Sprintf("deployment %d", b.Deployment); b.Deployment > 0 && !strings.HasSuffix(reason, name) {
		reason += " (" + name + ")"
	}
	return reason
}

// BackupShown writes one backup and all that is in it.
func BackupShown(w io.Writer, b event.BackupShown, width int) {
	words.Line(w, width, "%s", titleOf(b.Backup))
	words.Line(w, width, "  made for: %s", reasonOf(b.Backup))
	for _, e := range b.Entries {
		words.Line(w, width, "  %s %s: %s", e.Kind, words.OneLine(e.Path), about(e))
	}
	for _, left := range b.Skipped {
		words.Line(w, width, "  left out: %s: %s", words.OneLine(left.Path), words.OneLine(left.Problem))
	}
}

func about(e event.BackupEntry) string {
	switch e.Kind {
	case "link":
		return "leads to " + words.OneLine(e.Target)
	case "file":
		return fmt.Sprintf("%s, mode %s, changed %s", words.Size(e.Size), e.Mode, moment(e.Modified))
	default:
		return fmt.Sprintf("mode %s, changed %s", e.Mode, moment(e.Modified))
	}
}

// BackupVerified writes what is damaged, or that nothing is.
func BackupVerified(w io.Writer, v event.BackupVerified, width int) {
	looked := fmt.Sprintf("%s with %s", words.Count(v.Backups, "backup", "backups"), words.Count(v.Files, "entry", "entries"))
	if len(v.Damaged) == 0 {
		words.Line(w, width, "Looked through %s: all is as it was kept.", looked)
		return
	}
	words.Line(w, width, "Looked through %s, and found damage:", looked)
	for _, d := range v.Damaged {
		if d.Path == "" {
			words.Line(w, width, "  backup %d: %s", d.Backup, words.OneLine(d.Problem))
			continue
		}
		words.Line(w, width, "  backup %d: %s: %s", d.Backup, words.OneLine(d.Path), words.OneLine(d.Problem))
	}
}

// BackupRestored writes what was put back, and what became of what stood there.
func BackupRestored(w io.Writer, r event.BackupRestored, width int) {
	words.Line(w, width, "Backup %d: %s put back, %s as they should be already.", r.Backup,
		words.Count(len(r.Restored), "entry", "entries"), words.Count(r.Unchanged, "entry", "entries"))
	for _, path := range r.Restored {
		words.Line(w, width, "  put back: %s", words.OneLine(path))
	}
	for _, lost := range r.Lost {
		words.Line(w, width, "  not given back: %s", words.OneLine(lost))
	}
	if r.Replaced > 0 {
		words.Line(w, width, "What stood there is in backup %d.", r.Replaced)
	}
}

// BackupPruned writes which backups go, and what that frees.
func BackupPruned(w io.Writer, p event.BackupPruned, width int) {
	goes, frees := "Removed", "freed"
	if p.DryRun {
		goes, frees = "Would remove", "would be freed"
	}
	for _, one := range p.Removed {
		words.Line(w, width, "%s backup %d, made %s for: %s", goes, one.ID, moment(one.Made), reasonOf(one))
	}
	if len(p.Removed) == 0 {
		words.Line(w, width, "No backup has to go.")
		if p.Freed == 0 {
			return
		}
	}
	words.Line(w, width, "%s %s.", words.Size(p.Freed), frees)
}
