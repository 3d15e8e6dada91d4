package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// homeGeneration makes what testing/home-manager builds for a user, with the files and links
// of the home; PLAN is what stands beside the script.
func (f fixture) homeGeneration(name string, files map[string]specFile, plan homePlan) string {
	f.Helper()
	home := f.build(name+"-home-manager-files", spec{Files: files})
	s := spec{Files: map[string]specFile{
		"activate":   {Program: true},
		"home-files": link(home),
	}}
	if plan.User+plan.Home != "" || plan.Entries != nil {
		data, err := json.Marshal(plan)
		if err != nil {
			f.Fatal(err)
		}
		s.Files["standin.json"] = text(string(data))
	}
	return f.build("home-manager-generation-"+name, s)
}

// texts are files of a home that hold VALUE.
func texts(value string, paths ...string) map[string]specFile {
	files := map[string]specFile{}
	for _, path := range paths {
		files[path] = text(value)
	}
	return files
}

// simpleHome is a generation of nothing but texts.
func (f fixture) simpleHome(name, value string, paths ...string) string {
	f.Helper()
	return f.homeGeneration(name, texts(value, paths...), homePlan{})
}

// activateHome runs the script as the unit of the NixOS module does.
func (f fixture) activateHome(generation string, want int) result {
	f.Helper()
	return f.activateAs("ada", generation, want, "--driver-version", "1")
}

func (f fixture) activateAs(user, generation string, want int, args ...string) result {
	f.Helper()
	f.Setenv("HOME", "/home/"+user)
	f.Setenv("USER", user)
	if err := os.MkdirAll(f.outside("/home/"+user), 0o700); err != nil {
		f.Fatal(err)
	}
	r := f.call(generation+"/activate", args...)
	if r.code != want {
		f.Fatalf("exit code %d, want %d\n%s%s", r.code, want, r.stdout, r.stderr)
	}
	return r
}

func (f fixture) wantHomeLink(generation, below string) {
	f.Helper()
	f.wantLink("/home/ada/"+below, f.real(generation+"/home-files")+"/"+below)
}

func (f fixture) wantNothing(paths ...string) {
	f.Helper()
	for _, path := range paths {
		if f.readLink(path) != "" || f.exists(path) {
			f.Errorf("%s is there", path)
		}
	}
}

// backup lets the unit move files that are in the way.
func (f fixture) backup() { f.Setenv("HOME_MANAGER_BACKUP_EXT", "bak") }

func TestHomeLinks(t *testing.T) {
	f := newFixture(t)
	one := f.simpleHome("a", "1", ".gitconfig", ".config/app/one", ".config/app/both")
	two := f.simpleHome("bb", "2", ".config/app/both", ".zshrc")
	f.activateHome(one, 0)
	f.wantHomeLink(one, ".gitconfig")
	f.wantFile("/home/ada/.config/app/one", "1")

	f.write("/home/ada/.config/app/mine", "mine")
	f.activateHome(two, 0)
	f.wantHomeLink(two, ".config/app/both")
	f.wantFile("/home/ada/.config/app/both", "2")
	f.wantFile("/home/ada/.config/app/mine", "mine")
	f.wantNothing("/home/ada/.gitconfig", "/home/ada/.config/app/one")
}

// A folder that is linked recursively has a link for each of its files.
func TestHomeRecursive(t *testing.T) {
	f := newFixture(t)
	folder := f.build("folder", spec{Files: texts("1", "a", "deep/b")})
	each := f.homeGeneration("a", map[string]specFile{
		".config/app/a":      link(folder + "/a"),
		".config/app/deep/b": link(folder + "/deep/b"),
	}, homePlan{})
	f.activateHome(each, 0)
	f.wantLink("/home/ada/.config/app", "")
	f.wantLink("/home/ada/.config/app/deep", "")
	f.wantHomeLink(each, ".config/app/deep/b")
}

// A folder that was linked as a whole stays so while what is in it is the same; a file more
// cannot be put into it.
func TestHomeFolderBecomesRecursive(t *testing.T) {
	f := newFixture(t)
	folder := f.build("folder", spec{Files: texts("1", "a")})
	whole := f.homeGeneration("a", map[string]specFile{".config/app": link(folder)}, homePlan{})
	f.activateHome(whole, 0)
	f.wantHomeLink(whole, ".config/app")
	f.activateHome(f.homeGeneration("bb", map[string]specFile{".config/app/a": link(folder + "/a")}, homePlan{}), 0)
	f.wantHomeLink(whole, ".config/app")
	r := f.activateHome(f.simpleHome("ccc", "1", ".config/app/a", ".config/app/new"), 1)
	wantLines(t, r.stderr, "ln: failed to create symbolic link '/home/ada/.config/app/new': Read-only file system")
	f.wantNothing(folder + "/new")
}

func TestHomeExecutable(t *testing.T) {
	f := newFixture(t)
	one := "#!/bin/sh"
	f.activateHome(f.homeGeneration("a", map[string]specFile{".local/bin/x": {Text: &one, Mode: "0755"}}, homePlan{}), 0)
	info, err := os.Stat(f.follow("/home/ada/.local/bin/x"))
	if err != nil || info.Mode().Perm()&0o100 == 0 {
		t.Errorf("%v %v", info, err)
	}
}

func TestHomeRemovesEmptyFolders(t *testing.T) {
	f := newFixture(t)
	f.activateHome(f.simpleHome("a", "1", ".config/app/deep/file", ".local/bin/x"), 0)
	f.write("/home/ada/.local/bin/mine", "mine")
	f.activateHome(f.simpleHome("bb", "1", ".zshrc"), 0)
	f.wantNothing("/home/ada/.config")
	f.wantFile("/home/ada/.local/bin/mine", "mine")
}

// A folder that the user replaced with a link is not emptied through it, nor removed.
func TestHomeKeepsLinkedFolders(t *testing.T) {
	f := newFixture(t)
	f.activateHome(f.simpleHome("a", "1", ".config/app/file"), 0)
	if err := os.Rename(f.at("/home/ada/.config"), f.outside("/home/ada/dotfiles")); err != nil {
		t.Fatal(err)
	}
	if err := f.link("dotfiles", "/home/ada/.config"); err != nil {
		t.Fatal(err)
	}
	f.activateHome(f.simpleHome("bb", "1", ".zshrc"), 0)
	f.wantLink("/home/ada/.config", "dotfiles")
	f.wantNothing("/home/ada/dotfiles/app")
}

// A link that the user made his own is not removed.
func TestHomeKeepsReplacedLinks(t *testing.T) {
	f := newFixture(t)
	f.activateHome(f.simpleHome("a", "1", ".zshrc", ".foreign"), 0)
	f.write("/home/ada/.zshrc", "mine")
	if err := f.link("/etc/passwd", "/home/ada/.foreign"); err != nil {
		t.Fatal(err)
	}
	r := f.activateHome(f.simpleHome("bb", "1", ".other"), 0)
	f.wantFile("/home/ada/.zshrc", "mine")
	f.wantLink("/home/ada/.foreign", "/etc/passwd")
	wantLines(t, r.stderr, "Path '/home/ada/.foreign' does not link into a Home Manager generation. Skipping delete.",
		"Path '/home/ada/.zshrc' does not link into a Home Manager generation. Skipping delete.")
}

// All files in the way are named, before anything is written.
func TestHomeCollision(t *testing.T) {
	f := newFixture(t)
	generation := f.simpleHome("a", "1", ".aaa", ".gitconfig", ".zshrc")
	f.write("/home/ada/.gitconfig", "mine")
	f.write("/home/ada/.zshrc", "mine")
	r := f.activateHome(generation, 1)
	wantLines(t, r.stderr, "Please do one of the following:", "Existing file '/home/ada/.gitconfig' would be clobbered",
		"Existing file '/home/ada/.zshrc' would be clobbered")
	f.wantNothing("/home/ada/.aaa", "/home/ada/.local")
	f.wantFile("/home/ada/.zshrc", "mine")
}

// A file that is the same stays what it is.
func TestHomeSkipsTheSame(t *testing.T) {
	f := newFixture(t)
	f.write("/home/ada/.same", "same")
	r := f.activateHome(f.simpleHome("a", "same", ".same"), 0)
	f.wantLink("/home/ada/.same", "")
	if !strings.Contains(r.stderr, "Existing file '/home/ada/.same' is in the way of") || !strings.Contains(r.stderr, "will be skipped since they are the same") {
		t.Error(r.stderr)
	}
}

// A link of another is in the way as a file is; one that leads nowhere is not.
func TestHomeForeignLinks(t *testing.T) {
	f := newFixture(t)
	generation := f.simpleHome("a", "1", ".dangling", ".zshrc")
	f.write("/etc/zshrc", "of the system")
	for path, target := range map[string]string{".zshrc": "/etc/zshrc", ".dangling": "/nowhere"} {
		if err := f.link(target, "/home/ada/"+path); err != nil {
			t.Fatal(err)
		}
	}
	f.backup() // is for files only
	r := f.activateHome(generation, 1)
	wantLines(t, r.stderr, "Existing file '/home/ada/.zshrc' would be clobbered")
	if strings.Contains(r.stderr, ".dangling") {
		t.Error(r.stderr)
	}
	f.write("/etc/zshrc", "1")
	f.activateHome(generation, 0)
	f.wantHomeLink(generation, ".zshrc")
	f.wantHomeLink(generation, ".dangling")
}

func TestHomeBackup(t *testing.T) {
	f := newFixture(t)
	generation := f.simpleHome("a", "1", ".gitconfig")
	f.write("/home/ada/.gitconfig", "mine")
	f.backup()
	f.activateHome(generation, 0)
	f.wantFile("/home/ada/.gitconfig.bak", "mine")
	f.wantHomeLink(generation, ".gitconfig")

	// The second time the backup itself is in the way.
	f.replaceWith(".gitconfig", "mine again")
	r := f.activateHome(generation, 1)
	wantLines(t, r.stderr, "Existing file '/home/ada/.gitconfig.bak' would be clobbered by backing up '/home/ada/.gitconfig'")
	f.wantFile("/home/ada/.gitconfig", "mine again")

	f.Setenv("HOME_MANAGER_BACKUP_OVERWRITE", "1")
	f.activateHome(generation, 0)
	f.wantFile("/home/ada/.gitconfig.bak", "mine again")
}

// With an extension also what is the same is moved, and over a backup that is there: the
// check lets it pass, and what comes after asks no more.
func TestHomeBackupOfTheSame(t *testing.T) {
	f := newFixture(t)
	generation := f.simpleHome("a", "same", ".same")
	f.write("/home/ada/.same", "same")
	f.write("/home/ada/.same.bak", "precious")
	f.backup()
	f.activateHome(generation, 0)
	f.wantFile("/home/ada/.same.bak", "same")
	f.wantHomeLink(generation, ".same")
}

// replaceWith makes the link of the home a file of the user.
func (f fixture) replaceWith(below, content string) {
	f.Helper()
	if err := os.Remove(f.at("/home/ada/" + below)); err != nil {
		f.Fatal(err)
	}
	f.write("/home/ada/"+below, content)
}

// What is forced is replaced; so is, by accident, what only begins so.
func TestHomeForce(t *testing.T) {
	f := newFixture(t)
	plan := homePlan{User: "ada", Home: "/home/ada", Entries: []string{checkLinkTargets, linkGeneration}, Forced: []string{".zsh"}}
	generation := f.homeGeneration("a", texts("1", ".zsh", ".zshrc"), plan)
	f.write("/home/ada/.zsh", "mine")
	f.write("/home/ada/.zshrc", "mine")
	f.activateHome(generation, 0)
	f.wantHomeLink(generation, ".zsh")
	f.wantHomeLink(generation, ".zshrc")
}

// Not even force replaces a folder.
func TestHomeForceOverFolder(t *testing.T) {
	f := newFixture(t)
	plan := homePlan{User: "ada", Home: "/home/ada", Entries: []string{checkLinkTargets, linkGeneration}, Forced: []string{".app"}}
	f.write("/home/ada/.app/file", "mine")
	f.activateHome(f.homeGeneration("a", texts("1", ".app"), plan), 1)
	f.wantFile("/home/ada/.app/file", "mine")
}

// A hook runs after the link is there, where the file was another before.
func TestHomeOnChange(t *testing.T) {
	f := newFixture(t)
	plan := homePlan{
		User: "ada", Home: "/home/ada", Hooks: map[string]string{".app": "reload"},
		Entries: []string{checkLinkTargets, writeBoundary, checkFilesChanged, linkGeneration, "mine", onFilesChange},
	}
	one, two := f.homeGeneration("a", texts("1", ".app"), plan), f.homeGeneration("bb", texts("2", ".app"), plan)
	const ran = "Running onChange hook for .app"
	wantLines(t, f.activateHome(one, 0).stdout, "Activating linkGeneration", "Activating mine", "Activating onFilesChange", ran)
	if r := f.activateHome(one, 0); strings.Contains(r.stdout, ran) {
		t.Errorf("nothing changed:\n%s", r.stdout)
	}
	wantLines(t, f.activateHome(two, 0).stdout, ran)
}

// The generation in place is a root of the store; a profile is for the old driver only.
func TestHomeRoots(t *testing.T) {
	f := newFixture(t)
	one, two := f.simpleHome("a", "1", ".zshrc"), f.simpleHome("bb", "2", ".zshrc")
	const current, profiles = "/home/ada/.local/state/home-manager/gcroots/current-home", "/home/ada/.local/state/nix/profiles/"
	f.activateHome(one, 0)
	f.wantLink(current, one)
	f.wantNothing(profiles)
	f.activateAs("ada", two, 0)
	f.wantLink(current, two)
	f.wantLink(profiles+"home-manager", "home-manager-1-link")
	f.wantLink(profiles+"home-manager-1-link", two)
	f.activateAs("ada", two, 0)
	f.activateAs("ada", one, 0, "--driver-version", "0")
	f.wantLink(profiles+"home-manager", "home-manager-2-link")
}

func TestHomeArguments(t *testing.T) {
	f := newFixture(t)
	generation := f.simpleHome("a", "1", ".zshrc")
	for message, args := range map[string][]string{
		"activate: no driver version specified": {"--driver-version"},
		"activate: unexpected driver version 2": {"--driver-version", "2"},
		"activate: unknown option '--dry-run'":  {"--dry-run"},
	} {
		wantLines(t, f.activateAs("ada", generation, 1, args...).stderr, message)
	}
	f.wantNothing("/home/ada/.zshrc")
}

// A generation is of one user and one home.
func TestHomeOfAnother(t *testing.T) {
	f := newFixture(t)
	entries := []string{checkLinkTargets, writeBoundary, linkGeneration}
	wrong := f.homeGeneration("a", texts("1", ".zshrc"), homePlan{User: "eve", Home: "/home/ada", Entries: entries})
	wantLines(t, f.activateHome(wrong, 1).stderr, `Error: USER is "ada", expected "eve"`)
	wrong = f.homeGeneration("bb", texts("1", ".zshrc"), homePlan{User: "ada", Home: "/home/eve", Entries: entries})
	wantLines(t, f.activateHome(wrong, 1).stderr, `Error: HOME is "/home/ada", expected "/home/eve"`)
	f.wantNothing("/home/ada/.zshrc")
}

// homeUnit is the unit that the NixOS module makes of a generation.
func homeUnit(user, generation string) map[string]string {
	return map[string]string{"home-manager-" + user + ".service": "[Service]\nType=oneshot\nRemainAfterExit=yes\n" +
		"User=" + user + "\nExecStart=" + generation + "/activate --driver-version 1\n"}
}

// Home Manager as a NixOS module: the unit collides, so the switch reports a failed unit; a
// system without the unit leaves the links [R 3].
func TestHomeService(t *testing.T) {
	f := newFixture(t)
	users := []account{{Name: "ada", Normal: true, Home: "/home/ada", Group: "users"}}
	with := f.toplevel("a", systemSpec{
		users: users, units: homeUnit("ada", f.simpleHome("a", "1", ".zshrc")), wanted: []string{"home-manager-ada.service"},
	})
	f.write("/home/ada/.zshrc", "mine")
	r := f.switchTo(with, "test", exitUnits)
	if !strings.Contains(r.stdout, " home-manager-ada[") || !strings.Contains(r.stdout, "]: Existing file '/home/ada/.zshrc' would be clobbered\n") {
		t.Errorf("why it failed is not shown:\n%s", r.stdout)
	}
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

// Each user has a home and a unit: what is in one's way does not stop the other's.
func TestHomesOfSeveral(t *testing.T) {
	f := newFixture(t)
	units := homeUnit("ada", f.simpleHome("a", "1", ".zshrc"))
	for name, unit := range homeUnit("eve", f.simpleHome("bb", "2", ".zshrc")) {
		units[name] = unit
	}
	f.write("/home/ada/.zshrc", "mine")
	r := f.switchTo(f.toplevel("a", systemSpec{
		users: []account{
			{Name: "ada", Normal: true, Home: "/home/ada", Group: "users"},
			{Name: "eve", Normal: true, Home: "/home/eve", Group: "users"},
		},
		units: units, wanted: sortedKeys(units),
	}), "test", exitUnits)
	if !strings.Contains(r.stderr, "home-manager-ada.service") || strings.Contains(r.stderr, "failed: home-manager-eve.service") {
		t.Error(r.stderr)
	}
	f.wantFile("/home/ada/.zshrc", "mine")
	f.wantFile("/home/eve/.zshrc", "2")
}
