package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

const (
	passwdFile = "/etc/passwd"

	// What update-users-groups.pl knows from one activation to the next: the accounts and groups
	// that the last system named, and the id of each account that any system ever named.
	declaredFile       = "/var/lib/nixos/declarative-users"
	declaredGroupsFile = "/var/lib/nixos/declarative-groups"
	uidMapFile         = "/var/lib/nixos/uid-map"
)

// The ids that accounts get which ask for none: normal users upwards, others downwards
// (update-users-groups.pl).
const (
	firstUser  = 1000
	lastUser   = 29999
	lastSystem = 999
)

// passwdEntry is one line of /etc/passwd (passwd(5)).
type passwdEntry struct {
	name, password string
	uid, gid       int
	gecos, home    string
	shell          string
}

func (e passwdEntry) String() string {
	return fmt.Sprintf("%s:%s:%d:%d:%s:%s:%s", e.name, e.password, e.uid, e.gid, e.gecos, e.home, e.shell)
}

// passwd reads /etc/passwd; lines it does not understand are left out.
func (m machine) passwd() ([]passwdEntry, error) {
	data, err := m.readFile(passwdFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var entries []passwdEntry
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), ":")
		if len(f) != 7 {
			continue
		}
		uid, errUID := strconv.Atoi(f[2])
		gid, errGID := strconv.Atoi(f[3])
		if errUID != nil || errGID != nil {
			continue
		}
		entries = append(entries, passwdEntry{f[0], f[1], uid, gid, f[4], f[5], f[6]})
	}
	return entries, nil
}

// user finds NAME in /etc/passwd.
func (m machine) user(name string) (passwdEntry, bool) {
	entries, _ := m.passwd()
	for _, e := range entries {
		if e.name == name {
			return e, true
		}
	}
	return passwdEntry{}, false
}

// users brings /etc/passwd and /etc/group to the accounts of the new system and makes their
// homes, as update-users-groups.pl does with mutableUsers: an account that is there keeps its
// ids. One that the system does not name goes if the last system named it, and stays if it was
// made by hand; the same holds for being a member of a group. Homes stay.
func (a activation) users() error {
	m := a.machine
	entries, err := m.passwd()
	if err != nil {
		return err
	}
	groups, err := m.groups()
	if err != nil {
		return err
	}
	ids, err := m.uidMap()
	if err != nil {
		return err
	}
	before := strings.Fields(m.line(declaredFile))
	groups.leave(before)
	var names []string
	for _, wanted := range a.new.info.Users {
		e := merged(entries, ids, wanted)
		e.gid = groups.add(wanted.Group, e.uid)
		entries = append(slices.DeleteFunc(entries, func(there passwdEntry) bool { return there.name == e.name }), e)
		for _, group := range wanted.Groups {
			groups.join(group, e.name)
		}
		ids[e.name] = e.uid
		names = append(names, e.name)
	}
	entries = slices.DeleteFunc(entries, func(there passwdEntry) bool {
		return slices.Contains(before, there.name) && !slices.Contains(names, there.name)
	})
	if err := m.writeUsers(entries, a.declareGroups(groups), ids, names, a.new.info.Groups); err != nil {
		return err
	}
	return a.homes()
}

// declareGroups makes the groups that the system names, and takes away those that only the last one did.
func (a activation) declareGroups(there groups) groups {
	wanted := slices.Clone(a.new.info.Groups)
	for _, user := range a.new.info.Users {
		wanted = append(append(wanted, user.Group), user.Groups...)
	}
	before := strings.Fields(a.machine.line(declaredGroupsFile))
	there = slices.DeleteFunc(there, func(one group) bool {
		return slices.Contains(before, one.name) && !slices.Contains(wanted, one.name)
	})
	for _, name := range a.new.info.Groups {
		there.add(name, there.free())
	}
	return there
}

func (m machine) writeUsers(entries []passwdEntry, groups groups, ids map[string]int, names, declared []string) error {
	slices.SortStableFunc(entries, func(a, b passwdEntry) int { return cmp.Compare(a.uid, b.uid) })
	var lines strings.Builder
	for _, e := range entries {
		fmt.Fprintln(&lines, e)
	}
	idMap, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	slices.Sort(names)
	return errors.Join(
		m.writeFile(declaredFile, []byte(strings.Join(names, " ")), 0o644),
		m.writeFile(declaredGroupsFile, []byte(strings.Join(declared, " ")), 0o644),
		m.writeFile(uidMapFile, idMap, 0o644),
		m.writeFile(passwdFile, []byte(lines.String()), 0o644),
		m.writeFile(groupFile, []byte(groups.String()), 0o644),
	)
}

// uidMap reads the ids that accounts had, those that are gone included.
func (m machine) uidMap() (map[string]int, error) {
	ids := map[string]int{}
	data, err := m.readFile(uidMapFile)
	if errors.Is(err, fs.ErrNotExist) {
		return ids, nil
	}
	if err != nil {
		return nil, err
	}
	return ids, json.Unmarshal(data, &ids)
}

// merged returns what becomes of the account WANTED where ENTRIES are there and accounts had IDS.
func merged(entries []passwdEntry, ids map[string]int, wanted account) passwdEntry {
	e := passwdEntry{name: wanted.Name, password: "x", uid: newUID(entries, ids, wanted)}
	if wanted.UID != nil {
		e.uid = *wanted.UID
	}
	for _, there := range entries {
		if there.name == wanted.Name {
			e = there
		}
	}
	e.gecos, e.home, e.shell = wanted.Description, wanted.Home, wanted.Shell
	return e
}

// newUID is the id that the account had when it was there before, or else one that none had.
func newUID(entries []passwdEntry, ids map[string]int, wanted account) int {
	used := map[int]bool{}
	for _, e := range entries {
		used[e.uid] = true
	}
	if uid, known := ids[wanted.Name]; known && !used[uid] {
		return uid
	}
	for _, uid := range ids {
		used[uid] = true
	}
	uid, step := lastSystem, -1
	if wanted.Normal {
		uid, step = firstUser, 1
	}
	for used[uid] && uid < lastUser {
		uid += step
	}
	return uid
}

// homes makes the homes of normal users.
func (a activation) homes() error {
	for _, wanted := range a.new.info.Users {
		e, ok := a.machine.user(wanted.Name)
		if !ok || !wanted.Normal {
			continue
		}
		if err := a.machine.makeHome(e); err != nil {
			return err
		}
	}
	return nil
}

// makeHome makes a home that is not there. The owner is set where this process may.
func (m machine) makeHome(e passwdEntry) error {
	if e.home == "" || m.exists(e.home) {
		return nil
	}
	home := m.at(e.home)
	if err := os.MkdirAll(filepath.Dir(home), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	return permitted(os.Chown(home, e.uid, e.gid))
}

// permitted drops the error of a step that needs root.
func permitted(err error) error {
	if errors.Is(err, syscall.EPERM) {
		return nil
	}
	return err
}
