package host

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a Nix build and a fresh machine may have no zone files
	"unicode"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// shaped is the rule that a text matches the pattern and is not longer than limit bytes.
func shaped(pattern string, limit int, what, cure string) document.Rule {
	shape := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return func(value string) (string, string) {
		if len(value) <= limit && shape.MatchString(value) {
			return "", ""
		}
		return fmt.Sprintf("not %s: %q", what, document.Abridged(value)), cure
	}
}

// maybe lets "" through, which says that there is none.
func maybe(r document.Rule) document.Rule {
	return func(value string) (string, string) {
		if value == "" {
			return "", ""
		}
		return r(value)
	}
}

// both is the rule that a text keeps both rules.
func both(first, second document.Rule) document.Rule {
	return func(value string) (string, string) {
		if problem, cure := first(value); problem != "" {
			return problem, cure
		}
		return second(value)
	}
}

var (
	// RFC 1123, section 2.1; networking.hostName of NixOS allows "_" as well, DNS does not.
	hostName = shaped(`[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?`, 63, "a host name",
		"up to 63 letters, digits and hyphens, with a letter or digit at both ends")

	// useradd(8), without the "$" at the end that Samba wants; NixOS stops at 31 characters too.
	loginName = shaped(`[a-z_][a-z0-9_-]*`, 31, "a user name",
		`up to 31 lower case letters, digits, "_" and "-", not beginning with a digit or "-"`)

	locale = shaped(`C\.UTF-8|[a-z]{2,3}_[A-Z]{2}\.UTF-8(?:@[a-z]+)?`, 32, "a locale",
		`language, country and encoding, as "en_US.UTF-8"`)

	// The files of kbd: "us", "de-latin1", "mac-de_CH", "br-abnt2".
	keymap = shaped(`[A-Za-z0-9][A-Za-z0-9_.+-]*`, 64, "a keyboard layout",
		`the name of a console keymap, as "us" or "de-latin1"`)

	stateVersion = shaped(`[0-9]{2}\.(?:0[1-9]|1[0-2])`, 5, "a release", `year and month, as "26.05"`)

	// GitHub's words: alphanumeric characters or single hyphens, no hyphen at either end.
	gitHubName = shaped(`[A-Za-z0-9](?:-?[A-Za-z0-9])*`, 39, "a GitHub name",
		"up to 39 letters and digits, with single hyphens between them")

	editor = shaped(`[A-Za-z][A-Za-z0-9._+-]*`, 64, "the name of an editor", `a name as "vscodium" or "neovim"`)

	// A part of the names that lib.getName delivers.
	packageName = shaped(`[A-Za-z0-9_][A-Za-z0-9._+-]*`, 128, "the name of a package",
		`the name without a version, as "claude-code"`)

	// D-Bus names as Flatpak takes them: three parts or more, a hyphen only in the last.
	flatpakApp = shaped(`[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+\.[A-Za-z_][A-Za-z0-9_-]*`, 255,
		"the id of a Flatpak app", `the id as Flathub shows it, as "md.obsidian.Obsidian"`)

	// The kernel allows 15 bytes and nearly anything (dev_valid_name in net/core/dev.c), but NixOS
	// puts the name into the firewall's script without quotes.
	interfaceShape = shaped(`[A-Za-z0-9_][A-Za-z0-9_.-]*`, 15, "a network interface",
		"the name as `ip link` shows it: up to 15 letters, digits, dots and hyphens; or \"*\" for every one")

	zoneShape = shaped(`UTC|[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z0-9_+-]*){1,2}`, 64, "a time zone", zoneCure)
)

const zoneCure = `area and city, as "Europe/Berlin", or "UTC"; timedatectl list-timezones prints them all`

// timezone holds a zone against the zone files of the machine, or else Go's own. The shape comes
// first: LoadLocation takes "" and "Local" for the zone of this machine.
var timezone = both(zoneShape, func(value string) (string, string) {
	if _, err := time.LoadLocation(value); err != nil {
		return fmt.Sprintf("not a time zone: %q", value), zoneCure
	}
	return "", ""
})

// networkInterface is the name of an interface, or "*" for every one. It refuses "default":
// networking.firewall.interfaces.default of NixOS stands for all interfaces, and would replace the
// ports that are open on them.
func networkInterface(value string) (string, string) {
	switch value {
	case "*":
		return "", ""
	case "default":
		return `"default" is no interface`, "name interfaces as `ip link` shows them, or \"*\" for every one"
	}
	return interfaceShape(value)
}

// systemUsers are accounts that NixOS and common services make for themselves
// (nixos/modules/misc/ids.nix and the services' modules).
var systemUsers = strings.Fields(`root nobody messagebus polkituser dhcpcd nscd sshd rtkit avahi colord
	geoclue gdm sddm lightdm greeter cosmic-greeter cups lp flatpak usbmux tss fwupd-refresh nm-openvpn
	nm-iodine ntp chrony postgres redis ollama qdrant open-webui nginx caddy docker podman`)

var userName = both(loginName, func(value string) (string, string) {
	if slices.Contains(systemUsers, value) || strings.HasPrefix(value, "systemd-") || strings.HasPrefix(value, "nixbld") {
		return fmt.Sprintf("%q is an account of the system", value), "name the account of a person"
	}
	return "", ""
})

// line is the rule of free texts: one line, no control characters, otherwise anything.
func line(value string) (string, string) {
	for _, r := range value {
		if unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) {
			return fmt.Sprintf("%U is a line break or control character", r), "write one line of plain text"
		}
	}
	return "", ""
}

// fullName goes into the description of the account, a field of /etc/passwd.
var fullName = both(line, func(value string) (string, string) {
	if strings.Contains(value, ":") {
		return `":" cannot stand in the description of an account`, "leave the colon out"
	}
	return "", ""
})

func email(value string) (string, string) {
	address, err := mail.ParseAddress(value)
	if problem, _ := line(value); problem == "" && err == nil && address.Name == "" && address.Address == value {
		return "", ""
	}
	return fmt.Sprintf("not an e-mail address: %q", document.Abridged(value)), `the bare address, as "ada@example.org"`
}
