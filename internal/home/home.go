// Package home is what a deployment does in the homes of users: what stands in the way of Home Manager goes into a backup,
// and links that nobody else takes away are taken away.
//
// Home Manager runs as a unit of the system. It links the files of a generation into the home, refuses to while
// something else stands there, and does nothing when its unit is gone. All that is left to do is here, as actions of a
// deployment: they are data, and what they have to know to be taken back was read before the deployment began
// (package survey).
package home

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Tools are what the actions work with. They are no data.
type Tools struct {
	Machine *machine.Machine
	Backups *backup.Store
	Sink    event.Sink
}

// Action is an action of a deployment, as the engine takes it.
type Action interface {
	Kind() string
	Describe() string
	Do(ctx context.Context) error
	Undo(ctx context.Context) error
	Holds(ctx context.Context) (bool, error)
}

// The kinds of the actions, in the order in which a deployment takes them. Those behind links come after the new system
// was tried.
const (
	KindFolders = "home.folders"
	KindKeep    = "home.keep"
	KindClear   = "home.clear"
	KindSettle  = "home.settle"
	KindLinks   = "home.links"
	KindUnlink  = "home.unlink"
	KindReturn  = "home.return"
)

// Open makes an action of what the journal has of it. Known is false where the kind is none of this package's.
func Open(kind string, data json.RawMessage, tools Tools) (action Action, known bool, err error) {
	var set *Tools
	switch kind {
	case KindFolders:
		a := &Folders{}
		action, set = a, &a.Tools
	case KindKeep:
		a := &Keep{}
		action, set = a, &a.Tools
	case KindClear:
		a := &Clear{}
		action, set = a, &a.Tools
	case KindSettle:
		a := &Settle{}
		action, set = a, &a.Tools
	case KindLinks:
		a := &Links{}
		action, set = a, &a.Tools
	case KindUnlink:
		a := &Unlink{}
		action, set = a, &a.Tools
	case KindReturn:
		a := &Return{}
		action, set = a, &a.Tools
	default:
		return nil, false, nil
	}
	if err := json.Unmarshal(data, action); err != nil {
		return nil, true, fmt.Errorf("%s: %w", kind, err)
	}
	*set = tools
	return action, true, nil
}

// Home is the home that a system gives a user: the links of a generation of Home Manager, in the directory Dir.
type Home struct {
	User       string
	Dir        string            // absolute, on the machine
	Generation machine.StorePath // what is activated: its home-files are what is linked
}

// The unit of a home names its generation where it starts it (home-manager, nixos/default.nix), and the directory whose
// file system it waits for.
var (
	generationInUnit = regexp.MustCompile(`(?m)^ExecStart=.*?(/nix/store/[0-9a-df-np-sv-z]{32}-home-manager-generation)(?:/activate)?(?:\s|$)`)
	directoryInUnit  = regexp.MustCompile(`(?m)^RequiresMountsFor=(/\S*)$`)
	userInUnit       = regexp.MustCompile(`(?m)^User=(\S+)$`)
)

// Of are the homes of a system in the store, by its units. It is for systems without a manifest that says so.
func Of(m *machine.Machine, system machine.StorePath) ([]Home, error) {
	units := path.Join(string(system), "etc/systemd/system")
	dir, err := files.Followed(m, units) // a link to a link
	if err = files.UnlessMissing(err); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(m.Path(dir))
	if err = files.UnlessMissing(err); err != nil {
		return nil, err
	}
	var homes []Home
	for _, entry := range entries {
		if name := entry.Name(); !strings.HasPrefix(name, "home-manager-") || !strings.HasSuffix(name, ".service") {
			continue
		}
		text, err := m.ReadFile(path.Join(units, entry.Name()))
		if err = files.UnlessMissing(err); err != nil {
			return nil, err
		}
		generation, directory := generationInUnit.FindSubmatch(text), directoryInUnit.FindSubmatch(text)
		user := userInUnit.FindSubmatch(text)
		if generation == nil || directory == nil || user == nil {
			continue
		}
		homes = append(homes, Home{
			User: string(user[1]), Dir: path.Clean(string(bytes.ReplaceAll(directory[1], []byte(`\x20`), []byte(" ")))),
			Generation: machine.StorePath(generation[1]),
		})
	}
	return homes, nil
}

// Displaced is a file that a deployment cleared out of a home and that was not returned since.
type Displaced struct {
	Home   string `json:"home"` // for which it was in the way
	Path   string `json:"path"` // absolute, on the machine; through a link it may lie elsewhere
	Backup int    `json:"backup"`
}

// ChangedError is a file of the user's that is neither what nqd wrote nor what the backup has. It was left alone.
type ChangedError struct {
	Path   string
	What   string // was done to it meanwhile, or is the matter with it
	Backup int    // that has what stood there before; 0 for none
}

// Error says how to get back what stood there: it is told among others, where no hint is.
func (e *ChangedError) Error() string {
	if e.Backup == 0 {
		return e.Path + ": " + e.What
	}
	return fmt.Sprintf("%s: %s, and was left alone; what stood there before: nqd backup restore %d %s", e.Path, e.What, e.Backup, quoted(e.Path))
}

// Hint says how to go on.
func (e *ChangedError) Hint() string {
	if e.Backup == 0 {
		return "nothing was changed there"
	}
	return "move it away first, to get back what stood there"
}

// quoted is a path for a shell.
func quoted(text string) string {
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@%") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func (t Tools) warn(text, hint string) {
	t.Sink(event.Note{Warning: true, Text: text, Hint: hint})
}
