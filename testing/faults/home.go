package main

import (
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// homeNix wants files where the user has others.
const homeNix = `{ ... }:
{
  home.file = {
    ".profile".text = "ours\n";
    ".bashrc".text = "ours\n";
    ".vimrc".text = "ours\n";
    ".local/bin/tool".text = "ours\n";
    ".config/app/settings.toml".text = "ours = true\n";
    ".config/app/theme".text = "ours\n";
    ".config/folder".text = "ours\n";
    ".config/new".text = "ours\n";
  };
}
`

// moreFeatures bring files of their own to the home, where the user has others too.
const moreFeatures = `
[features.tmux]
enable = true

[features.shell-zsh]
enable = true
`

// foreign is a file of the user that stands in the way.
type foreign struct {
	name, text, leads string
	mode              os.FileMode
}

// foreigners are of every kind that a home has.
func foreigners() []foreign {
	return []foreign{
		{name: ".profile", text: "mine\n", mode: 0o644},
		{name: ".bashrc", text: "mine as well\n", mode: 0o600},
		{name: ".vimrc", leads: "dotfiles/vimrc"},
		{name: ".zshrc", leads: "gone/zshrc"},
		{name: ".local/bin/tool", text: "#!/bin/sh\n", mode: 0o755},
		{name: ".config/app/settings.toml", text: "mine = true\n", mode: 0o400},
		{name: ".config/app/theme", text: "", mode: 0o644},
		{name: ".config/folder/one", text: "1\n", mode: 0o644},
		{name: ".config/folder/two", leads: "one"},
		{name: ".config/tmux/tmux.conf", text: "set -g mouse on\n", mode: 0o640},
		{name: "dotfiles/vimrc", text: "set nocompatible\n", mode: 0o644}, // in nobody's way
	}
}

// The first user of a machine, as its installer numbers them.
const userID, groupID = 1000, 100

// furnish puts the user's files into the home, and what wants others into the workspace.
func furnish(root string) error {
	home := filepath.Join(root, "home/ada")
	when := time.Date(2021, 2, 3, 4, 5, 6, 789, time.UTC)
	for _, f := range foreigners() {
		if err := f.make(home, when); err != nil {
			return err
		}
		when = when.Add(time.Hour)
	}
	if err := unix.Lsetxattr(filepath.Join(home, ".profile"), "user.nqd.faults", []byte("kept"), 0); err != nil {
		return err
	}
	host := filepath.Join(home, ".config/nixos/hosts/nixos")
	if err := os.WriteFile(filepath.Join(host, "home.nix"), []byte(homeNix), 0o644); err != nil {
		return err
	}
	return addToHost(root, moreFeatures)
}

// addToHost adds lines to the host file.
func addToHost(root, lines string) error {
	file := filepath.Join(root, "home/ada/.config/nixos/hosts/nixos/host.toml")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, lines...), 0o644)
}

func (f foreign) make(home string, when time.Time) error {
	path := filepath.Join(home, f.name)
	if err := makeFolders(home, filepath.Dir(f.name)); err != nil {
		return err
	}
	var err error
	if f.leads != "" {
		err = os.Symlink(f.leads, path)
	} else if err = os.WriteFile(path, []byte(f.text), f.mode); err == nil {
		err = os.Chmod(path, f.mode)
	}
	if err != nil {
		return err
	}
	if err := os.Lchown(path, userID, groupID); err != nil {
		return err
	}
	stamp := unix.NsecToTimespec(when.UnixNano())
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{stamp, stamp}, unix.AT_SYMLINK_NOFOLLOW)
}

// makeFolders makes the missing folders of a home, the user's.
func makeFolders(home, name string) error {
	if name == "." {
		return nil
	}
	if err := makeFolders(home, filepath.Dir(name)); err != nil {
		return err
	}
	path := filepath.Join(home, name)
	if err := os.Mkdir(path, 0o755); err != nil {
		if os.IsExist(err) {
			return nil
		}
		return err
	}
	return os.Chown(path, userID, groupID)
}
