package home

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Links keeps the links of a home as they are before the new system's Home Manager makes its own, for its Undo.
type Links struct {
	Tools `json:"-"`
	Home  string `json:"home"`
	// Generation and Files are what the new system's Home Manager will link; empty where it has none. Old are those of
	// the system before.
	Generation    machine.StorePath `json:"generation,omitempty"`
	Files         machine.StorePath `json:"files,omitempty"`
	OldGeneration machine.StorePath `json:"old_generation,omitempty"`
	OldFiles      machine.StorePath `json:"old_files,omitempty"`
	// Places are those of both, absolute. One that is reached through a link is there twice, as the link may go.
	Places []string     `json:"places"`
	Before []files.Link `json:"before"`
	Made   []string     `json:"made"` // folders that were not there
	// Folders are those on the way to links as they were. Deployments of older versions do not have them.
	Folders []files.Folder `json:"folders,omitempty"`
}

// Kind is the action's word.
func (*Links) Kind() string { return KindLinks }

// Describe says what Do does.
func (a *Links) Describe() string {
	if a.Generation == "" {
		return "keep in mind which links of Home Manager " + a.Home + " has"
	}
	return "let Home Manager link its files into " + a.Home
}

// Do does nothing: Home Manager makes its links when the new system is tried.
func (*Links) Do(context.Context) error { return nil }

// Holds is always true.
func (*Links) Holds(context.Context) (bool, error) { return true, nil }

// Undo comes after the new system was taken back. Where the old one has a Home Manager that ran, all that is left to do is
// the times of links. Else the links that still point into the new home go, and those before come back. A third
// system's, which somebody switched to meanwhile, are left alone. It goes on past errors and returns all.
func (a *Links) Undo(ctx context.Context) error {
	records, err := files.Records(a.Machine, a.Home)
	if err != nil {
		return err
	}
	before := map[string]files.Link{}
	for _, link := range a.Before {
		before[link.Path] = link
	}
	keepThird := a.isThird(records, before)
	places := slices.Clone(a.Places)
	for _, link := range slices.Concat(records, a.Before) {
		places = append(places, link.Path)
	}
	slices.Sort(places)
	places = slices.Compact(places)
	a.stop(ctx, a.Home, a.going(places, before))
	var problems []error
	for _, place := range places {
		was, had := a.was(before, place)
		if had && !keepThird {
			err = a.bringBack(was)
		} else if !had {
			err = a.takeAway(place)
		}
		problems = append(problems, err)
		err = nil
	}
	problems = append(problems, files.Prune(a.Machine, a.Made))
	return errors.Join(problems...)
}

// was is the link that was at a place, however that is reached now.
func (a *Links) was(before map[string]files.Link, place string) (files.Link, bool) {
	link, had := before[place]
	if !had {
		if end, err := files.Real(a.Machine, place); err == nil {
			link, had = before[end]
		}
	}
	return link, had
}

// isThird reports whether the home has the links of neither the old nor the new generation.
func (a *Links) isThird(records []files.Link, before map[string]files.Link) bool {
	for _, link := range records {
		if path.Base(link.Path) == path.Base(files.CurrentHome) {
			return link.Target != string(a.Generation) && link.Target != string(a.OldGeneration) && link.Target != before[link.Path].Target
		}
	}
	return false
}

// going are the links that takeAway will remove.
func (a *Links) going(places []string, before map[string]files.Link) []string {
	return slices.DeleteFunc(slices.Clone(places), func(place string) bool {
		link, _, err := files.ReadLink(a.Machine, place)
		_, had := a.was(before, place)
		return had || err != nil || link == nil || !a.isOurs(*link)
	})
}

// isOurs reports whether the deployment, or taking it back, made the link.
func (a *Links) isOurs(link files.Link) bool {
	if path.Base(link.Path) == files.Profile && !path.IsAbs(link.Target) {
		leads, _, err := files.ReadLink(a.Machine, path.Join(path.Dir(link.Path), link.Target))
		return err == nil && (leads == nil || leads.Target == string(a.Generation))
	}
	for _, generation := range []machine.StorePath{a.Generation, a.OldGeneration} {
		if generation != "" && link.Target == string(generation) {
			return true
		}
	}
	for _, files := range []machine.StorePath{a.Files, a.OldFiles} {
		if files != "" && strings.HasPrefix(link.Target, string(files)+"/") {
			return true
		}
	}
	return false
}

// takeAway removes a link that was not there before, if it is ours.
func (a *Links) takeAway(place string) error {
	link, _, err := files.ReadLink(a.Machine, place)
	if err != nil || link == nil || !a.isOurs(*link) {
		return err
	}
	return files.Remove(a.Machine, place)
}

// bringBack makes a link what it was.
func (a *Links) bringBack(was files.Link) error {
	now, taken, err := files.ReadLink(a.Machine, was.Path)
	switch {
	case err != nil:
		return err
	case taken:
		return &ChangedError{Path: was.Path, What: "something else stands there now than the link to " + was.Target}
	case now != nil && now.Target == was.Target:
		if now.Modified.Equal(was.Modified) {
			return nil // that comes last, so the owner is right too
		}
		return was.Dress(a.Machine)
	case now != nil && !a.isOurs(*now):
		return &ChangedError{Path: was.Path, What: "it leads to " + now.Target + " now, and led to " + was.Target}
	case now != nil:
		if err := files.Remove(a.Machine, was.Path); err != nil {
			return err
		}
	}
	if err := files.MakeParents(a.Machine, a.open(), was.Path); err != nil {
		return err
	}
	return was.Make(a.Machine)
}

// open are the folders as they were, so that Clear, which is taken back next, knows them for what its backup has; but open to
// their owner, as something comes into them.
func (a *Links) open() []files.Folder {
	open := slices.Clone(a.Folders)
	for i := range open {
		open[i].Mode |= 0o700
	}
	return open
}

// Unlink takes the links of a home away that the new system does not have: Home Manager's unit is gone with the old one,
// its links would stay and lead nowhere one day.
type Unlink struct {
	Tools `json:"-"`
	Home  string       `json:"home"`
	Links []files.Link `json:"links"`
	// Keep are folders that stay even where they are empty then: something else goes there.
	Keep []string `json:"keep"`
}

// Kind is the action's word.
func (*Unlink) Kind() string { return KindUnlink }

// Describe says what Do does.
func (a *Unlink) Describe() string {
	return fmt.Sprintf("remove the links of Home Manager from %s", a.Home)
}

// Do removes the links and, as Home Manager does, the folders that are empty then. What the user put in the place of a
// link stays, and that is told.
func (a *Unlink) Do(ctx context.Context) error {
	var places []string
	for _, link := range a.Links {
		places = append(places, link.Path)
	}
	a.stop(ctx, a.Home, places)
	var problems []error
	for _, link := range a.Links {
		now, taken, err := files.ReadLink(a.Machine, link.Path)
		switch {
		case err != nil:
			problems = append(problems, err)
		case taken || now != nil && now.Target != link.Target:
			a.warn(link.Path+" is not the link of Home Manager any more, and stays", "it is yours")
		case now != nil:
			problems = append(problems, files.Remove(a.Machine, link.Path))
		}
	}
	problems = append(problems, files.Prune(a.Machine, a.emptied()))
	return errors.Join(problems...)
}

// emptied are the folders that may be empty without the links.
func (a *Unlink) emptied() []string {
	var places []string
	for _, link := range a.Links {
		places = append(places, link.Path)
	}
	return slices.DeleteFunc(files.Parents(a.Home, places), func(folder string) bool {
		return folder == a.Home || slices.Contains(a.Keep, folder)
	})
}

// Holds reports whether none of the links is left.
func (a *Unlink) Holds(context.Context) (bool, error) {
	for _, link := range a.Links {
		now, _, err := files.ReadLink(a.Machine, link.Path)
		if err != nil || now != nil && now.Target == link.Target {
			return false, err
		}
	}
	return true, nil
}

// Undo puts the links back, never over anything.
func (a *Unlink) Undo(context.Context) error {
	var problems []error
	for _, link := range a.Links {
		now, taken, err := files.ReadLink(a.Machine, link.Path)
		if err == nil && now == nil && !taken {
			if err = files.MakeParents(a.Machine, nil, link.Path); err == nil {
				err = link.Make(a.Machine)
			}
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
