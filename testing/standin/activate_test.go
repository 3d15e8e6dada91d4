package main

import (
	"os"
	"strings"
	"testing"
)

func TestActivateEtc(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{etc: map[string]specFile{
		"old":            text("old"),
		"dir/file":       text("1"),
		"dir/gone/file":  text("1"),
		"link":           link("/etc/dir"),
		"becomes-dir":    link("/nix/store"),
		"becomes-link/x": text("1"),
	}})
	two := f.toplevel("bb", systemSpec{etc: map[string]specFile{
		"dir/file":      text("2"),
		"becomes-dir/x": text("2"),
		"becomes-link":  link("/nix/store"),
	}})
	f.write("/etc/foreign", "foreign")
	f.write("/etc/dir/foreign", "foreign")
	f.write("/etc/nixos/configuration.nix", "{ }")
	f.write("/etc/hostname", "by hand")

	f.switchTo(one, "test", 0)
	f.wantLink("/etc/dir/file", "/etc/static/dir/file")
	f.wantFile("/etc/dir/file", "1")
	f.wantFile("/etc/hostname", "nixos\n")
	f.wantLink("/etc/becomes-dir", "/etc/static/becomes-dir")

	r := f.switchTo(two, "test", 0)
	f.wantFile("/etc/dir/file", "2")
	f.wantFile("/etc/becomes-dir/x", "2")
	f.wantLink("/etc/becomes-link", "/etc/static/becomes-link")
	for _, path := range []string{"/etc/old", "/etc/link", "/etc/dir/gone/file"} {
		if f.readLink(path) != "" {
			t.Errorf("%s is still there", path)
		}
	}
	wantLines(t, r.stderr, "removing obsolete symlink ‘/etc/old’...")
	f.wantFile("/etc/foreign", "foreign")
	f.wantFile("/etc/dir/foreign", "foreign")
	f.wantFile("/etc/nixos/configuration.nix", "{ }")
	f.wantLink("/run/current-system", two)
}

func TestActivateEtcKeepsUserFolder(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{etc: map[string]specFile{"app": link("/nix/store")}})
	f.write("/etc/app/mine", "mine")
	r := f.switchTo(one, "test", exitActivation)
	wantLines(t, r.stderr, "/etc/app directory contains user files. Symlinking may fail.")
	f.wantFile("/etc/app/mine", "mine")
}

func TestActivateUsers(t *testing.T) {
	f := newFixture(t)
	uid := 1500
	users := []account{
		{Name: "ada", Normal: true, Home: "/home/ada", Description: "Ada", Shell: "/bin/bash", Group: "users", Groups: []string{"wheel", "own"}},
		{Name: "grace", Normal: true, UID: &uid, Home: "/home/grace", Shell: "/bin/bash", Group: "grace"},
		{Name: "daemon", Home: "/var/lib/daemon", Group: "daemon"},
	}
	f.write("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nold:x:1000:100::/home/old:/bin/sh\n")
	f.write("/etc/group", "wheel:x:1:old\n")
	f.switchTo(f.toplevel("a", systemSpec{users: users}), "test", 0)
	f.wantFile("/etc/passwd", strings.Join([]string{
		"root:x:0:0:root:/root:/bin/sh",
		"daemon:x:999:998::/var/lib/daemon:",
		"old:x:1000:100::/home/old:/bin/sh",
		"ada:x:1001:100:Ada:/home/ada:/bin/bash",
		"grace:x:1500:1500::/home/grace:/bin/bash",
		"",
	}, "\n"))
	f.wantFile("/etc/group", strings.Join([]string{
		"wheel:x:1:old,ada", "users:x:100:", "daemon:x:998:", "own:x:999:ada", "grace:x:1500:", "",
	}, "\n"))
	for _, home := range []string{"/home/ada", "/home/grace"} {
		info, err := os.Stat(f.outside(home))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %o", home, info.Mode().Perm())
		}
	}
	if f.exists("/var/lib/daemon") || f.exists("/home/old") {
		t.Error("a home was made that should not be")
	}
}

// What the last system named and the new one does not goes; what was made by hand stays; and
// who comes back has the id from before, as files still belong to it.
func TestActivateUsersThatGo(t *testing.T) {
	f := newFixture(t)
	ada := account{Name: "ada", Normal: true, Home: "/home/ada", Group: "users", Groups: []string{"wheel"}}
	grace := account{Name: "grace", Normal: true, Home: "/home/grace", Group: "users", Groups: []string{"wheel"}}
	f.write("/etc/passwd", "old:x:1000:100::/home/old:/bin/sh\n")
	f.write("/etc/group", "wheel:x:1:old\nusers:x:100:\n")
	both := f.toplevel("a", systemSpec{users: []account{ada, grace}})
	f.switchTo(both, "test", 0)
	before, groups := f.read("/etc/passwd"), f.read("/etc/group")
	f.wantFile("/var/lib/nixos/declarative-users", "ada grace")

	plain := grace
	plain.Groups = nil
	new := account{Name: "new", Normal: true, Home: "/home/new", Group: "users"}
	f.switchTo(f.toplevel("bb", systemSpec{users: []account{plain, new}}), "test", 0)
	f.wantFile("/etc/passwd", "old:x:1000:100::/home/old:/bin/sh\n"+
		"grace:x:1002:100::/home/grace:\nnew:x:1003:100::/home/new:\n")
	f.wantFile("/etc/group", "wheel:x:1:old\nusers:x:100:\n")
	f.wantFile("/var/lib/nixos/declarative-users", "grace new")
	if !f.exists("/home/ada") {
		t.Error("the home of an account that went is gone")
	}

	f.switchTo(both, "test", 0)
	f.wantFile("/etc/passwd", before)
	f.wantFile("/etc/group", groups)
}

// A group is made because it is named, and goes when it no longer is; one that was made by hand stays.
func TestActivateGroups(t *testing.T) {
	f := newFixture(t)
	ada := account{Name: "ada", Normal: true, Home: "/home/ada", Group: "users"}
	f.write("/etc/group", "mine:x:50:\n")
	f.switchTo(f.toplevel("a", systemSpec{users: []account{ada}, groups: []string{"podman", "users"}}), "test", 0)
	f.wantFile("/etc/group", "mine:x:50:\nusers:x:100:\npodman:x:999:\n")
	f.wantFile("/var/lib/nixos/declarative-groups", "podman users")
	f.switchTo(f.toplevel("bb", systemSpec{users: []account{ada}}), "test", 0)
	f.wantFile("/etc/group", "mine:x:50:\nusers:x:100:\n")
}

func TestActivateAlone(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{})
	if r := f.call(one + "/activate"); r.code != 0 {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	f.wantLink("/run/current-system", one)
	f.write("/standin/fail/activate", "")
	if r := f.call(one + "/activate"); r.code != 1 {
		t.Errorf("exit code %d, want 1", r.code)
	}
}
