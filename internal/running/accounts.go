package running

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// User is one line of /etc/passwd.
type User struct {
	Name  string
	UID   int
	Home  string
	Shell string
	// Person marks the account of somebody, not of a service.
	Person bool
}

// Group is one line of /etc/group.
type Group struct {
	Name string
	GID  int
}

// Accounts are the users and groups of a machine, in the order of its files.
type Accounts struct {
	Users  []User
	Groups []Group
}

// People get user numbers from this range (nixpkgs, nixos/modules/config/update-users-groups.pl, allocUid). Above it are
// the builders of Nix, from 30001 on, and nobody, 65534.
const (
	firstPerson = 1000
	lastPerson  = 29999
)

// ReadAccounts reads /etc/passwd and /etc/group. A file that is not there has no accounts; a line that is none is passed
// over, as in the programs that look accounts up.
func ReadAccounts(m *machine.Machine) (Accounts, error) {
	var accounts Accounts
	users, err := lines(m, "/etc/passwd", 7)
	if err != nil {
		return Accounts{}, err
	}
	for _, line := range users {
		accounts.Users = append(accounts.Users, User{
			Name: line.name, UID: line.number, Home: line.fields[5], Shell: line.fields[6],
			Person: line.number >= firstPerson && line.number <= lastPerson,
		})
	}
	groups, err := lines(m, "/etc/group", 4)
	if err != nil {
		return Accounts{}, err
	}
	for _, line := range groups {
		accounts.Groups = append(accounts.Groups, Group{Name: line.name, GID: line.number})
	}
	return accounts, nil
}

// line is one of passwd(5) or group(5), which begin alike.
type line struct {
	name   string
	number int
	fields []string
}

func lines(m *machine.Machine, file string, columns int) ([]line, error) {
	data, err := m.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []line
	for text := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(text, "\n"), ":")
		if len(fields) != columns || fields[0] == "" || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if number, err := strconv.ParseUint(fields[2], 10, 32); err == nil {
			found = append(found, line{fields[0], int(number), fields})
		}
	}
	return found, nil
}

// Declaration are the accounts that the running system declares itself. Others were made by hand, and activation leaves
// them alone where users are mutable.
type Declaration struct {
	Users  []string
	Groups []string
}

// Declared reads what NixOS keeps about that when it makes accounts by its script (nixpkgs,
// nixos/modules/config/update-users-groups.pl): names with a space between them, in files that everybody may read. known
// is false where they are not there, as on a machine that makes accounts by userborn or systemd-sysusers, or may not be
// read after all.
func Declared(m *machine.Machine) (d Declaration, known bool, err error) {
	for file, names := range map[string]*[]string{"declarative-users": &d.Users, "declarative-groups": &d.Groups} {
		data, err := m.ReadFile("/var/lib/nixos/" + file)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return Declaration{}, false, nil
		}
		if err != nil {
			return Declaration{}, false, err
		}
		*names = strings.Fields(string(data))
		slices.Sort(*names)
	}
	return d, true, nil
}
