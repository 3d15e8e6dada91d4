package home

import (
	"context"
	"errors"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
)

// Folders keeps the folders of a home on the way to links as they are now, for its Undo: that one removes those that were
// made since and are empty, makes those again that are gone, and gives them their times back.
type Folders struct {
	Tools   `json:"-"`
	Home    string         `json:"home"`
	Folders []files.Folder `json:"folders"` // parents before what is in them
}

// Kind is the action's word.
func (*Folders) Kind() string { return KindFolders }

// Describe says what Do does.
func (a *Folders) Describe() string { return "keep in mind which folders " + a.Home + " has" }

// Do does nothing: what is kept was read when the action was made.
func (*Folders) Do(context.Context) error { return nil }

// Holds is always true.
func (*Folders) Holds(context.Context) (bool, error) { return true, nil }

// Undo makes the folders what they were. It goes on past errors and returns all.
func (a *Folders) Undo(context.Context) error {
	var problems []error
	var made []string
	for _, f := range a.Folders {
		if f.Missing {
			made = append(made, f.Path)
			continue
		}
		problems = append(problems, f.Sweep(a.Machine))
		if now, err := files.FolderAt(a.Machine, f.Path); err != nil {
			problems = append(problems, err)
		} else if now.Missing {
			problems = append(problems, f.Make(a.Machine))
		}
	}
	problems = append(problems, files.Prune(a.Machine, made))
	for _, f := range slices.Backward(a.Folders) {
		if !f.Missing {
			problems = append(problems, f.Restore(a.Machine))
		}
	}
	return errors.Join(problems...)
}
