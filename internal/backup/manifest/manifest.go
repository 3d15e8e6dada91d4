// Package manifest is what backups know of what they hold: one manifest for each, in a folder, numbered 1, 2, 3 …
package manifest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Manifest is one backup: what was where.
type Manifest struct {
	Version int       `json:"-"` // of the format that it was read from
	ID      int       `json:"id"`
	Made    time.Time `json:"made"` // when it was begun
	Reason  Reason    `json:"reason"`
	Paths   []string  `json:"paths"`             // what it was asked to keep
	Skipped []Skipped `json:"skipped,omitempty"` // what it does not have
	// Parents are the folders above Paths: how to make them again where they are missing.
	Parents []Entry `json:"parents"`
	Entries []Entry `json:"entries"` // a folder stands before what is in it
}

// Reason says what a backup is made for.
type Reason struct {
	Text string `json:"text"` // in words, such as "before deployment 3"
	// Deployment is the number of the one that it belongs to, or 0.
	Deployment int `json:"deployment,omitempty"`
}

// Skipped is something that is in no backup.
type Skipped struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// Entry is one file, link, folder or fifo of a backup.
type Entry struct {
	Path string `json:"path"` // absolute, on the machine
	disk.Node
	Hash string `json:"hash,omitempty"` // of a file's content: SHA-256, hexadecimal
	Same string `json:"same,omitempty"` // the path of an earlier entry that is the same inode: both are hard links
}

// Holds says whether the backup has an entry for path.
func (m Manifest) Holds(path string) bool {
	for i := range m.Entries {
		if m.Entries[i].Path == path {
			return true
		}
	}
	return false
}

// Below are the entries of path and of everything below it, a folder before what is in it. They are the same as each
// other where they are in the backup, but as nothing that stands elsewhere.
func (m Manifest) Below(path string) []Entry {
	return m.Only(func(at string) bool { return Within(at, path) })
}

// Only are the entries whose path is wanted.
func (m Manifest) Only(wanted func(string) bool) (entries []Entry) {
	first := map[string]string{}
	for _, e := range m.Entries {
		if !wanted(e.Path) {
			continue
		}
		group := cmp.Or(e.Same, e.Path)
		e.Same = first[group]
		if e.Same == "" {
			first[group] = e.Path
		}
		entries = append(entries, e)
	}
	return entries
}

// Within says whether path is above or something below it.
func Within(path, above string) bool {
	rest, found := strings.CutPrefix(path, above)
	return found && (rest == "" || rest[0] == '/')
}

// Summary is what lists tell of the backup.
func (m Manifest) Summary() event.Backup {
	sum := event.Backup{ID: m.ID, Made: m.Made, Reason: m.Reason.Text, Deployment: m.Reason.Deployment, Files: len(m.Entries)}
	for _, e := range m.Entries {
		if e.Same == "" {
			sum.Size += e.Size
		}
	}
	return sum
}

// Shown is all that there is to tell of the backup.
func (m Manifest) Shown() event.BackupShown {
	shown := event.BackupShown{Backup: m.Summary()}
	for _, e := range m.Entries {
		shown.Entries = append(shown.Entries, event.BackupEntry{
			Path: e.Path, Kind: string(e.Kind), Mode: fmt.Sprintf("%04o", e.Mode), Modified: e.ModTime.Time(),
			Size: e.Size, Hash: e.Hash, Target: e.Target,
		})
	}
	for _, skipped := range m.Skipped {
		shown.Skipped = append(shown.Skipped, event.BackupProblem{Backup: m.ID, Path: skipped.Path, Problem: skipped.Why})
	}
	return shown
}

// tick is the longest time between two changes of a file that leave it the same ctime: kernels count time in steps of
// up to 10 ms, and file systems that have no nanoseconds in steps of up to 2 s.
func tick(changed disk.Stamp) time.Duration {
	if changed[1] == 0 {
		return 2 * time.Second
	}
	return 50 * time.Millisecond
}

// Untouched says whether n is the entry, and no system call touched it since the backup was made: each that does sets
// its ctime. That is only known of what was at rest for a while when it was read.
func (m Manifest) Untouched(e Entry, n disk.Node) bool {
	return e.Changed.Time().Add(tick(e.Changed)).Before(m.Made) && e.Unchanged(n)
}
