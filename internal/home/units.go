package home

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// userUnits is where the units of a user's manager stand in a home (systemd.unit(5)).
const userUnits = ".config/systemd/user"

// unitSuffixes are those of units that can run (systemd.unit(5)).
var unitSuffixes = []string{".automount", ".mount", ".path", ".service", ".socket", ".swap", ".target", ".timer"}

// unitsAmong are the names of user units among paths of a home, without templates, which do not run themselves.
func unitsAmong(places []string) []string {
	var units []string
	for _, place := range places {
		dir, name := path.Split(place)
		suffix := path.Ext(name)
		stem := name[:len(name)-len(suffix)]
		if strings.HasSuffix(dir, "/systemd/user/") && slices.Contains(unitSuffixes, suffix) && stem != "" && stem[len(stem)-1] != '@' {
			units = append(units, name)
		}
	}
	return units
}

// stop stops the user units whose files go, before they do: afterwards their manager does not know how. Without a
// manager, as where the user is not logged in, nothing runs. What cannot be stopped ends with the login: that is told.
func (t Tools) stop(ctx context.Context, home string, going []string) {
	units := unitsAmong(going)
	owner, err := files.FolderAt(t.Machine, home)
	if len(units) == 0 || err != nil || owner.Missing {
		return
	}
	if there, err := t.Machine.Exists(path.Join(runtimeDir(owner.UID), "systemd/private")); !there || err != nil {
		return
	}
	if err := t.Machine.Run(ctx, stopCommand(owner.UID, units)); err != nil {
		t.warn(err.Error(), "they end when you log out")
	}
}

// runtimeDir is $XDG_RUNTIME_DIR of a user (pam_systemd(8)).
func runtimeDir(uid int) string { return "/run/user/" + strconv.Itoa(uid) }

func stopCommand(uid int, units []string) machine.Cmd {
	return machine.Cmd{
		Doing: "stopping user services", Path: "/run/current-system/sw/bin/systemctl",
		Args:   append([]string{"--user", "--no-ask-password", "stop", "--"}, units...),
		Env:    []string{"LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR=" + runtimeDir(uid)},
		Inside: true,
	}
}
