package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// homeGeneration makes what testing/home-manager builds for a user.
func (f fixture) homeGeneration(name string, files map[string]string) string {
	f.Helper()
	s := spec{Files: map[string]specFile{}}
	for path, content := range files {
		s.Files[path] = text(content)
	}
	home := f.build(name+"-home-manager-files", s)
	return f.build("home-manager-generation-"+name, spec{Files: map[string]specFile{
		"activate":   {Program: true},
		"home-files": link(home),
	}})
}

func (f fixture) activateHome(generation string, want int) result {
	f.Helper()
	f.Setenv("HOME", "/home/ada")
	if err := os.MkdirAll(f.outside("/home/ada"), 0o700); err != nil {
		f.Fatal(err)
	}
	r := f.call(generation + "/activate")
	if r.code != want {
		f.Fatalf("exit code %d, want %d\n%s%s", r.code, want, r.stdout, r.stderr)
	}
	return r
}

func TestHomeLinks(t *testing.T) {
	f := newFixture(t)
	one := f.homeGeneration("a", map[string]string{".gitconfig": "1", ".config/app/one": "1", ".config/app/both": "1"})
	two := f.homeGeneration("bb", map[string]string{".config/app/both": "2", ".zshrc": "2"})
	f.activateHome(one, 0)
	f.wantLink("/home/ada/.gitconfig", f.real(one+"/home-files")+"/.gitconfig")
	f.wantFile("/home/ada/.config/app/one", "1")
	f.wantLink("/home/ada/.local/state/nix/profiles/home-manager", "home-manager-1-link")
	f.wantLink("/home/ada/.local/state/nix/profiles/home-manager-1-link", one)

	f.write("/home/ada/.config/app/mine", "mine")
	f.activateHome(two, 0)
	f.wantFile("/home/ada/.config/app/both", "2")
	f.wantFile("/home/ada/.config/app/mine", "mine")
	f.wantLink("/home/ada/.local/state/nix/profiles/home-manager", "home-manager-2-link")
	for _, path := range []string{"/home/ada/.gitconfig", "/home/ada/.config/app/one"} {
		if f.readLink(path) != "" {
			t.Errorf("%s is still there", path)
		}
	}
	f.activateHome(two, 0)
	f.wantLink("/home/ada/.local/state/nix/profiles/home-manager", "home-manager-2-link")
}

func TestHomeRemovesEmptyFolders(t *testing.T) {
	f := newFixture(t)
	f.activateHome(f.homeGeneration("a", map[string]string{".config/app/deep/file": "1"}), 0)
	f.activateHome(f.homeGeneration("bb", map[string]string{".zshrc": "1"}), 0)
	if f.exists("/home/ada/.config") {
		t.Error("an empty folder stayed")
	}
}

func TestHomeCollision(t *testing.T) {
	f := newFixture(t)
	generation := f.homeGeneration("a", map[string]string{".aaa": "1", ".gitconfig": "1", ".zshrc": "1", ".same": "same"})
	f.write("/home/ada/.gitconfig", "mine")
	f.write("/home/ada/.same", "same")
	if err := f.link("/etc/zshrc", "/home/ada/.zshrc"); err != nil {
		t.Fatal(err)
	}
	f.write("/etc/zshrc", "foreign link")

	r := f.activateHome(generation, 1)
	wantLines(t, r.stderr, "Existing file '/home/ada/.gitconfig' would be clobbered",
		"Existing file '/home/ada/.zshrc' would be clobbered")
	if strings.Contains(r.stderr, ".same'") {
		t.Errorf("an equal file collides:\n%s", r.stderr)
	}
	if f.exists("/home/ada/.aaa") || f.exists("/home/ada/.local") {
		t.Error("something was written before the collision was found")
	}

	f.Setenv("HOME_MANAGER_BACKUP_EXT", "bak")
	f.activateHome(generation, 0)
	f.wantFile("/home/ada/.gitconfig.bak", "mine")
	f.wantFile("/home/ada/.gitconfig", "1")
	f.wantLink("/home/ada/.same", "")

	// The second time the backup itself is in the way.
	if err := os.Remove(f.at("/home/ada/.gitconfig")); err != nil {
		t.Fatal(err)
	}
	f.write("/home/ada/.gitconfig", "mine again")
	r = f.activateHome(generation, 1)
	wantLines(t, r.stderr, "Existing file '/home/ada/.gitconfig.bak' would be clobbered by backing up '/home/ada/.gitconfig'")
}

// A link that the user made his own is not removed.
func TestHomeKeepsReplacedLinks(t *testing.T) {
	f := newFixture(t)
	f.activateHome(f.homeGeneration("a", map[string]string{".zshrc": "1"}), 0)
	f.write("/home/ada/.zshrc", "mine")
	r := f.activateHome(f.homeGeneration("bb", map[string]string{".other": "1"}), 0)
	f.wantFile("/home/ada/.zshrc", "mine")
	if !strings.Contains(r.stdout, "Path '/home/ada/.zshrc' does not link into a Home Manager generation. Skipping delete.") {
		t.Errorf("nothing was said:\n%s", r.stdout)
	}
}

// Home Manager as a NixOS module: the unit collides, so the switch reports a failed unit; a
// system without the unit leaves the links [R 3].
func TestHomeService(t *testing.T) {
	f := newFixture(t)
	generation := f.homeGeneration("a", map[string]string{".zshrc": "1"})
	users := []account{{Name: "ada", Normal: true, Home: "/home/ada", Group: "users"}}
	const name = "home-manager-ada.service"
	with := f.toplevel("a", systemSpec{
		users:  users,
		units:  map[string]string{name: "[Service]\nType=oneshot\nRemainAfterExit=yes\nUser=ada\nExecStart=" + generation + "/activate\n"},
		wanted: []string{name},
	})
	f.write("/home/ada/.zshrc", "mine")
	f.switchTo(with, "test", exitUnits)
	f.wantFile("/home/ada/.zshrc", "mine")
	if log := f.read(filepath.Join(logFolder, "home-manager-ada.log")); !strings.Contains(log, "would be clobbered") {
		t.Errorf("log: %s", log)
	}
	if err := os.Remove(f.at("/home/ada/.zshrc")); err != nil {
		t.Fatal(err)
	}
	f.switchTo(with, "test", 0)
	f.wantFile("/home/ada/.zshrc", "1")
	f.switchTo(f.toplevel("bb", systemSpec{users: users}), "test", 0)
	f.wantFile("/home/ada/.zshrc", "1")
}
