// Package survey finds out what a deployment has to do in homes: it reads them as they are, and makes the actions of package
// home out of that. It changes nothing.
package survey

import (
	"fmt"
	"os"
	"path"

	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

// Change is what a deployment does to homes.
type Change struct {
	// Was are the homes of the system that runs, Will those of the one that comes.
	Was, Will []home.Home
	// Displaced are the files that earlier deployments cleared away, the latest backup of each.
	Displaced []home.Displaced
	// Login is what the next login of the user whose home is LoginHome runs after a reboot in the middle, by an
	// absolute path; empty for nothing.
	Login     []string
	LoginHome string
}

// Survey is what there is to do in homes. Nothing was changed for it.
type Survey struct {
	tools home.Tools
	homes []*oneHome
}

// Look finds out what there is to do. Both systems are in the store. Homes that belong to somebody else than whoever runs
// this, and is not root, are left out.
func Look(tools home.Tools, change Change) (*Survey, error) {
	s := &Survey{tools: tools}
	for _, one := range homesOf(change) {
		mine, err := running.IsMine(tools.Machine, one.dir, os.Geteuid())
		if err != nil {
			return nil, fmt.Errorf("looking at the home %s: %w", one.dir, err)
		}
		if !mine {
			continue
		}
		if path.Clean(change.LoginHome) == one.dir {
			one.login = change.Login
		}
		if one.dir, err = files.Followed(tools.Machine, one.dir); err != nil {
			return nil, err
		}
		if err := one.look(tools, change.Displaced); err != nil {
			return nil, fmt.Errorf("looking at the home %s: %w", one.dir, err)
		}
		if one.isToDo() {
			s.homes = append(s.homes, one)
		}
	}
	return s, nil
}

// isToDo reports whether the deployment changes anything in the home.
func (h *oneHome) isToDo() bool {
	if h.will == "" {
		return len(h.leaving)+len(h.back) > 0
	}
	return h.will != h.old || len(h.foreign)+len(h.back) > 0
}

// InTheWay are the files, links and folders that a backup has to be made of, before the deployment begins.
func (s *Survey) InTheWay() []string {
	var places []string
	for _, one := range s.homes {
		places = append(append(places, one.foreign...), one.kept...)
	}
	return places
}

// Before are the actions before the new system is tried. Backup is the one of InTheWay.
func (s *Survey) Before(backup int) []home.Action {
	var actions []home.Action
	for _, one := range s.homes {
		actions = append(actions, &home.Folders{Tools: s.tools, Home: one.dir, Folders: one.folders})
	}
	for _, one := range s.homes {
		for _, place := range one.kept {
			actions = append(actions, &home.Keep{Tools: s.tools, Path: place, Backup: backup})
		}
		for _, place := range one.foreign {
			actions = append(actions, &home.Clear{Tools: s.tools, Home: one.dir, Path: place, Backup: backup, Blocks: one.blocking[place]})
		}
	}
	for _, one := range s.homes {
		if one.settles != nil {
			actions = append(actions, one.settles)
		}
	}
	for _, one := range s.homes {
		actions = append(actions, &home.Links{
			Tools: s.tools, Home: one.dir, Generation: one.will, Files: one.willFiles,
			OldGeneration: one.old, OldFiles: one.oldFiles, Places: one.places, Before: one.links, Made: files.Missing(one.folders), Folders: one.folders,
		})
	}
	return actions
}

// After are the actions after the new system was tried.
func (s *Survey) After() []home.Action {
	var actions []home.Action
	for _, one := range s.homes {
		if one.will == "" && len(one.leaving) > 0 {
			var places []string
			for _, back := range one.back {
				places = append(places, back.Path)
			}
			actions = append(actions, &home.Unlink{Tools: s.tools, Home: one.dir, Links: one.leaving, Keep: files.Parents(one.dir, places)})
		}
	}
	for _, one := range s.homes {
		for _, back := range one.back {
			actions = append(actions, back)
		}
	}
	return actions
}
