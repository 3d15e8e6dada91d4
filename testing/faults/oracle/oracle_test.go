package oracle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// tree makes a small home.
func tree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "home/ada/.config"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "home/ada/.profile"), []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("dotfiles/vimrc", filepath.Join(root, "home/ada/.vimrc")); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2021, 2, 3, 4, 5, 6, 7, time.UTC)
	if err := os.Chtimes(filepath.Join(root, "home/ada/.profile"), when, when); err != nil {
		t.Fatal(err)
	}
	return root
}

func walk(t *testing.T, root string) Tree {
	t.Helper()
	all := matchers(All)
	found, err := Walk(root, func(name string) bool { return matches(all, name) }, func(_ string, text []byte) []byte { return text })
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Each thing that can be wrong with a file is found, by name and by what it is.
func TestDifference(t *testing.T) {
	for name, c := range map[string]struct {
		change func(home string) error
		want   string // part of the one line that is told; nothing is told for ""
	}{
		"nothing": {func(string) error { return nil }, ""},
		"content": {func(home string) error {
			info, err := os.Stat(filepath.Join(home, ".profile"))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(home, ".profile"), []byte("ours\n"), 0o644); err != nil {
				return err
			}
			return os.Chtimes(filepath.Join(home, ".profile"), info.ModTime(), info.ModTime())
		}, "home/ada/.profile: content is"},
		"mode":    {func(home string) error { return os.Chmod(filepath.Join(home, ".profile"), 0o600) }, "mode is 0600, was 0644"},
		"time":    {func(home string) error { return os.Chtimes(filepath.Join(home, ".profile"), time.Time{}, time.Now()) }, "time is"},
		"missing": {func(home string) error { return os.Remove(filepath.Join(home, ".profile")) }, ".profile: is missing, was a file, 0644"},
		"more":    {func(home string) error { return os.Mkdir(filepath.Join(home, "more"), 0o755) }, "home/ada/more: should not be there: a folder"},
		"target": {func(home string) error {
			link := filepath.Join(home, ".vimrc")
			stamp := []unix.Timespec{{}, {}}
			var s unix.Stat_t
			if err := unix.Lstat(link, &s); err != nil {
				return err
			}
			stamp[1] = s.Mtim
			if err := os.Remove(link); err != nil {
				return err
			}
			if err := os.Symlink("elsewhere", link); err != nil {
				return err
			}
			return unix.UtimesNanoAt(unix.AT_FDCWD, link, stamp, unix.AT_SYMLINK_NOFOLLOW)
		}, "home/ada/.vimrc: target is elsewhere, was dotfiles/vimrc"},
		"kind": {func(home string) error {
			if err := os.Remove(filepath.Join(home, ".config")); err != nil {
				return err
			}
			return os.Symlink("x", filepath.Join(home, ".config"))
		}, "kind is link, was folder"},
		"extended attribute": {func(home string) error {
			return unix.Setxattr(filepath.Join(home, ".profile"), "user.x", []byte("1"), 0)
		}, `extended attributes is user.x="1" , was`},
		"an exception": {func(home string) error { return os.MkdirAll(filepath.Join(home, ".cache/nqd/log"), 0o755) }, "home/ada/.cache: should not"},
		"nqd's own":    {func(home string) error { return os.MkdirAll(filepath.Join(home, ".local/state/nqd/x"), 0o755) }, "home/ada/.local"},
	} {
		t.Run(name, func(t *testing.T) {
			root := tree(t)
			before := walk(t, root)
			if err := c.change(filepath.Join(root, "home/ada")); err != nil {
				t.Fatal(err)
			}
			lines := Difference(before, walk(t, root), timeless)
			if c.want == "" && len(lines) > 0 || c.want != "" && (len(lines) == 0 || !strings.Contains(lines[0], c.want)) {
				t.Errorf("got %q, want %q", lines, c.want)
			}
			for _, line := range lines {
				if strings.Contains(line, "state/nqd") || strings.Contains(line, ".cache/nqd") {
					t.Errorf("told of an exception: %s", line)
				}
			}
		})
	}
}

// The time of what a deployment wrote may be any; of what it left alone it may not.
func TestCompareTimes(t *testing.T) {
	file := func(time int64) State {
		return State{Tree: Tree{"home/ada/x": {Kind: "file", Time: time}}}
	}
	before := file(1)
	if lines := Compare(file(2), file(3), &before); len(lines) != 0 {
		t.Errorf("written by the deployment: %q", lines)
	}
	if lines := Compare(file(1), file(3), &before); len(lines) != 1 {
		t.Errorf("left alone by it: %q", lines)
	}
	if lines := Compare(file(2), file(3), nil); len(lines) != 1 {
		t.Errorf("to be as it was: %q", lines)
	}
}

// Docs/reliability.md tells every exception with its reason.
func TestExceptionsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range Exceptions() {
		row := "| `" + strings.ReplaceAll(e.Names, "|", `\|`) + "` | " + string(e.Part) + " | " + e.Why + " |\n"
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/reliability.md does not have the row\n%s", row)
		}
	}
}
