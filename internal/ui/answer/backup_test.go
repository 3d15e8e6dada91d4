package answer

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// backupAnswers are all answers about backups, with names that nobody would choose.
func backupAnswers() map[string]func(io.Writer, int) {
	made := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	first := event.Backup{ID: 1, Made: made, Reason: "asked for", Files: 1, Size: 12}
	second := event.Backup{ID: 2, Made: made, Reason: "before\ndeployment 7", Deployment: 7, Files: 120, Size: 3 << 20}
	shown := event.BackupShown{Backup: second, Entries: []event.BackupEntry{
		{Path: "/home/ada/.config/with a name that is longer than a line", Kind: "folder", Mode: "0755", Modified: made},
		{Path: "/home/ada/\x1b[31mred\nline", Kind: "file", Mode: "4755", Modified: made, Size: 4096, Hash: "ab"},
		{Path: "/home/ada/link", Kind: "link", Target: "../else\nwhere"},
		{Path: "/home/ada/pipe", Kind: "fifo", Mode: "0600", Modified: made},
	}, Skipped: []event.BackupProblem{{Path: "/run/soc\nket", Problem: "a socket or device, which has no content of its own"}}}
	return map[string]func(io.Writer, int){
		"list": func(w io.Writer, n int) {
			Backups(w, event.Backups{Dir: "/state/nqd/backups", Backups: []event.Backup{first, second}}, n)
		},
		"no list":  func(w io.Writer, n int) { Backups(w, event.Backups{Dir: "/state/nqd/backups"}, n) },
		"show":     func(w io.Writer, n int) { BackupShown(w, shown, n) },
		"verified": func(w io.Writer, n int) { BackupVerified(w, event.BackupVerified{Backups: 2, Files: 121}, n) },
		"damaged": func(w io.Writer, n int) {
			BackupVerified(w, event.BackupVerified{Backups: 2, Files: 1, Damaged: []event.BackupProblem{
				{Backup: 1, Problem: "its manifest is damaged: it is not what was written"}, {Backup: 2, Path: "/home/a\nda", Problem: "its content is missing"}}}, n)
		},
		"restored": func(w io.Writer, n int) {
			BackupRestored(w, event.BackupRestored{Backup: 1, Restored: []string{"/home/ada/a\nb", "/home/ada/c"}, Unchanged: 1, Replaced: 3, Lost: []string{"/home/ada/c: owner 0:0"}}, n)
		},
		"nothing restored": func(w io.Writer, n int) { BackupRestored(w, event.BackupRestored{Backup: 1, Unchanged: 5}, n) },
		"pruned": func(w io.Writer, n int) {
			BackupPruned(w, event.BackupPruned{Removed: []event.Backup{first, second}, Freed: 1 << 20}, n)
		},
		"would prune": func(w io.Writer, n int) {
			BackupPruned(w, event.BackupPruned{DryRun: true, Removed: []event.Backup{first}}, n)
		},
		"none pruned": func(w io.Writer, n int) { BackupPruned(w, event.BackupPruned{}, n) },
	}
}

// TestBackups holds what is said to testdata/backup-WIDTH.txt, and to the width.
func TestBackups(t *testing.T) {
	all := backupAnswers()
	for _, width := range []int{40, 80} {
		var b bytes.Buffer
		for _, name := range []string{"list", "no list", "show", "verified", "damaged", "restored", "nothing restored", "pruned", "would prune", "none pruned"} {
			fmt.Fprintf(&b, "── %s\n", name)
			all[name](&b, width)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if strings.Contains(line, "\x1b") || ansi.StringWidth(line) > width && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("width %d: %q", width, line)
			}
		}
		file := fmt.Sprintf("testdata/backup-%d.txt", width)
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || b.String() != string(want) {
			t.Errorf("%s (%v): got\n%s", file, err, b.String())
		}
	}
}
