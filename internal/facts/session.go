package facts

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// desktops are the desktops by the names of their session files, in the order in which one is taken where there are
// several: a whole desktop before a window manager.
var desktops = []struct {
	name     string
	sessions []string
}{
	{"cosmic", []string{"cosmic"}},
	{"gnome", []string{"gnome", "gnome-wayland", "gnome-xorg"}},
	{"plasma", []string{"plasma", "plasmawayland", "plasmax11"}},
	{"cinnamon", []string{"cinnamon", "cinnamon-wayland"}},
	{"budgie", []string{"budgie-desktop"}},
	{"pantheon", []string{"pantheon", "pantheon-wayland"}},
	{"mate", []string{"mate", "MATE"}},
	{"xfce", []string{"xfce", "xfce-wayland"}},
	{"lxqt", []string{"lxqt", "lxqt-wayland"}},
	{"hyprland", []string{"hyprland", "hyprland-uwsm"}},
	{"niri", []string{"niri"}},
	{"sway", []string{"sway"}},
	{"i3", []string{"i3", "none+i3"}},
}

// collection finds where NixOS gathers the sessions of a login screen, whichever that is: it is in XDG_DATA_DIRS of every
// session, and so in /etc/set-environment (nixpkgs, nixos/modules/services/display-managers/default.nix, installedSessions,
// and nixos/modules/config/shells-environment.nix). The unit of some login screens names it too; COSMIC's is greetd, which
// has no display-manager.service.
var collection = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`/nix/store/[0-9a-z]{32}-desktops\b`) })

// desktop is the first of the desktops that the machine has a session of.
func desktop(m *machine.Machine) string {
	places := []string{"/run/current-system/sw"}
	for _, file := range []string{"/etc/set-environment", "/etc/systemd/system/display-manager.service"} {
		if found := collection().FindString(read(m, file)); found != "" {
			places = append(places, found)
		}
	}
	has := make(map[string]bool)
	for _, place := range places {
		for _, kind := range []string{"wayland-sessions", "xsessions"} {
			names, _ := m.Names(place + "/share/" + kind)
			for _, name := range names {
				if session, ok := strings.CutSuffix(name, ".desktop"); ok {
					has[session] = true
				}
			}
		}
	}
	for _, one := range desktops {
		if slices.ContainsFunc(one.sessions, func(session string) bool { return has[session] }) {
			return one.name
		}
	}
	return ""
}

// categories are the variables of locale(7) that a language can be set for.
var categories = []string{
	"LC_ADDRESS", "LC_COLLATE", "LC_CTYPE", "LC_IDENTIFICATION", "LC_MEASUREMENT", "LC_MESSAGES", "LC_MONETARY", "LC_NAME",
	"LC_NUMERIC", "LC_PAPER", "LC_TELEPHONE", "LC_TIME",
}

// locales are the categories that are set otherwise than LANG; nil for none.
func locales(config map[string]string) map[string]string {
	maps.DeleteFunc(config, func(name, value string) bool {
		return name != "LANG" && (!slices.Contains(categories, name) || value == "" || value == config["LANG"])
	})
	delete(config, "LANG")
	if len(config) == 0 {
		return nil
	}
	return config
}

// xkb reads the keyboard of graphical sessions from vconsole.conf(5), else from the file that systemd-localed writes for X,
// and NixOS where it has X (nixpkgs, nixos/modules/services/x11/xserver.nix: "localectl looks into 00-keyboard.conf").
func xkb(m *machine.Machine, vconsole map[string]string) (layout, variant, options string) {
	if vconsole["XKBLAYOUT"] != "" {
		return vconsole["XKBLAYOUT"], vconsole["XKBVARIANT"], vconsole["XKBOPTIONS"]
	}
	set := xorgOptions(read(m, "/etc/X11/xorg.conf.d/00-keyboard.conf"))
	return set["xkblayout"], set["xkbvariant"], set["xkboptions"]
}

// xorgOptions are the options of a file in the form of xorg.conf(5), whose names may be in any case.
func xorgOptions(text string) map[string]string {
	set := make(map[string]string)
	for line := range strings.Lines(text) {
		parts := strings.Split(line, `"`)
		if len(parts) == 5 && strings.EqualFold(strings.TrimSpace(parts[0]), "Option") {
			set[strings.ToLower(parts[1])] = parts[3]
		}
	}
	return set
}
