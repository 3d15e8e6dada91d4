package home

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
)

// settleUnit is the unit that takes back what a deployment left when the machine was switched off: the system is the old
// one by itself then, the home is not.
const settleUnit = "nqd-settle.service"

// settleMark is how nqd knows the unit for its own.
const settleMark = "# Made by nqd while a deployment is under way, and removed by it.\n"

// Settle lets the next login after a reboot take back a deployment that never ended. Its unit is there only while a
// deployment is under way: whoever ends one calls Undo, after a commit too.
type Settle struct {
	Tools `json:"-"`
	Home  string   `json:"home"`
	Argv  []string `json:"argv"` // what is run, by an absolute path
	Made  []string `json:"made"` // folders that were not there
}

// Kind is the action's word.
func (*Settle) Kind() string { return KindSettle }

// Describe says what Do does.
func (a *Settle) Describe() string {
	return "have the next login after a reboot take back what is unfinished"
}

func (a *Settle) unit() string { return path.Join(a.Home, userUnits, settleUnit) }

// wants is the link by which a login starts the unit, and where it leads.
func (a *Settle) wants() (link, target string) {
	return path.Join(a.Home, userUnits, "default.target.wants", settleUnit), "../" + settleUnit
}

// Places are the files of the unit.
func (a *Settle) Places() []string {
	link, _ := a.wants()
	return []string{a.unit(), link}
}

// Text is the unit (systemd.service(5)).
func (a *Settle) Text() string {
	var command []string
	for _, word := range a.Argv {
		command = append(command, word4unit.Replace(word))
	}
	return settleMark + `[Unit]
Description=Take back what a deployment of nqd left unfinished
ConditionFileIsExecutable=` + strings.ReplaceAll(a.Argv[0], "%", "%%") + `

[Service]
Type=oneshot
ExecStart="` + strings.Join(command, `" "`) + `"
`
}

// word4unit writes what stands between quotes on a command line of a unit (systemd.service(5), "Command lines";
// systemd.unit(5), "Specifiers").
var word4unit = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%", "$", "$$", "\n", `\n`)

// Do writes the unit, unless somebody else's stands there.
func (a *Settle) Do(ctx context.Context) error {
	if done, err := a.Holds(ctx); done || err != nil {
		return err
	}
	if theirs, err := a.isTheirs(); theirs || err != nil {
		return err
	}
	for _, place := range a.Places() {
		if err := files.MakeParents(a.Machine, nil, place); err != nil {
			return err
		}
	}
	owner, err := files.FolderAt(a.Machine, a.Home)
	if err != nil {
		return err
	}
	file, err := files.At(a.Machine, a.unit())
	if err != nil {
		return err
	}
	if err := a.sweepUnit(); err != nil {
		return err
	}
	if err := atomicfile.Write(file, []byte(a.Text()), 0o644); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if err := os.Lchown(file, owner.UID, owner.GID); err != nil {
			return err
		}
	}
	place, target := a.wants()
	now, taken, err := files.ReadLink(a.Machine, place)
	if err != nil || taken || now != nil {
		return err
	}
	link := files.Link{Path: place, Target: target, UID: owner.UID, GID: owner.GID, Modified: time.Now()}
	if err := link.Make(a.Machine); err != nil {
		return err
	}
	if file, err = files.At(a.Machine, place); err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(file))
}

// sweepUnit removes what a write that was cut off left beside the unit.
func (a *Settle) sweepUnit() error {
	file, err := files.At(a.Machine, a.unit())
	if err == nil {
		err = atomicfile.Sweep(filepath.Dir(file), settleUnit)
	}
	return files.UnlessMissing(err)
}

// isTheirs reports whether a unit of that name is there that nqd did not write.
func (a *Settle) isTheirs() (bool, error) {
	info, file, err := files.Look(a.Machine, a.unit())
	if err != nil || info == nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return true, nil
	}
	text, err := os.ReadFile(file)
	return !strings.HasPrefix(string(text), settleMark), err
}

// Holds reports whether the unit is there.
func (a *Settle) Holds(context.Context) (bool, error) {
	_, file, err := files.Look(a.Machine, a.unit())
	if err != nil {
		return false, err
	}
	text, err := os.ReadFile(file)
	link, target := a.wants()
	now, _, errLink := files.ReadLink(a.Machine, link)
	return err == nil && string(text) == a.Text() && now != nil && now.Target == target, errors.Join(files.UnlessMissing(err), errLink)
}

// Undo removes the unit, if it is nqd's, and the folders that were made for it.
func (a *Settle) Undo(context.Context) error {
	if err := a.sweepUnit(); err != nil {
		return err
	}
	theirs, err := a.isTheirs()
	if err != nil || theirs {
		return err
	}
	link, target := a.wants()
	now, _, err := files.ReadLink(a.Machine, link)
	if err == nil && now != nil && now.Target == target {
		err = files.Remove(a.Machine, link)
	}
	if err != nil {
		return err
	}
	if info, _, err := files.Look(a.Machine, a.unit()); err != nil {
		return err
	} else if info != nil {
		if err := files.Remove(a.Machine, a.unit()); err != nil {
			return err
		}
	}
	return files.Prune(a.Machine, a.Made)
}

// RemoveSettle removes the unit that a deployment left in a home whose record is gone, if nqd wrote it.
func RemoveSettle(ctx context.Context, tools Tools, dir string) error {
	return (&Settle{Tools: tools, Home: dir}).Undo(ctx)
}
