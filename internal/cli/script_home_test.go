package cli

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// reboot switches the machine off and on again: reboot.
func reboot(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: reboot")
	}
	ts.Check(sandbox.Reboot(context.Background(), ts.Getenv("M")))
}

// homes writes a listing of all homes of the machine to a file: names, modes, owners, numbers of names, times, extended
// attributes, targets and contents. What nqd keeps for itself, and the workspace, are left out: homes FILE.
func homes(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: homes FILE")
	}
	root := ts.Getenv("M")
	var listing strings.Builder
	err := filepath.WalkDir(filepath.Join(root, "home"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if slices.Contains([]string{"home/ada/.local/state/nqd", "home/ada/.config/nixos", "home/ada/.cache"}, name) {
			return fs.SkipDir
		}
		return listHome(&listing, path, name)
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(listing.String()), 0o600))
}

func listHome(listing *strings.Builder, path, name string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	stat := info.Sys().(*syscall.Stat_t)
	names, content := uint64(0), ""
	switch {
	case info.Mode().Type() == fs.ModeSymlink:
		content, err = os.Readlink(path)
	case info.Mode().IsRegular():
		names = uint64(stat.Nlink)
		var data []byte
		data, err = os.ReadFile(path)
		content = fmt.Sprintf("%q", data)
	}
	fmt.Fprintf(listing, "%s %o %d:%d %d %s %s %s\n", name, stat.Mode, stat.Uid, stat.Gid, names,
		info.ModTime().UTC().Format(time.RFC3339Nano), attributes(path), content)
	return err
}

// attributes are the extended attributes of a file that programs of its user can set.
func attributes(path string) string {
	buffer := make([]byte, 4096)
	n, err := unix.Llistxattr(path, buffer)
	if err != nil {
		return "-"
	}
	var found []string
	for name := range bytes.SplitSeq(buffer[:n], []byte{0}) {
		if value := make([]byte, 4096); strings.HasPrefix(string(name), "user.") {
			n, _ := unix.Lgetxattr(path, string(name), value)
			found = append(found, fmt.Sprintf("%s=%q", name, value[:max(n, 0)]))
		}
	}
	slices.Sort(found)
	return "[" + strings.Join(found, " ") + "]"
}

// mark sets an extended attribute of a file of the script: mark FILE NAME VALUE.
func mark(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: mark FILE NAME VALUE")
	}
	ts.Check(unix.Setxattr(ts.MkAbs(args[0]), args[1], []byte(args[2]), 0))
}

// login runs what the user unit that waits for the next login would, without systemd: login.
func login(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: login")
	}
	units := filepath.Join(ts.Getenv("M"), "home/ada/.config/systemd/user")
	text, err := os.ReadFile(filepath.Join(units, "default.target.wants/nqd-settle.service"))
	ts.Check(err)
	_, command, found := strings.Cut(string(text), "\nExecStart=")
	if !found {
		ts.Fatalf("no ExecStart in:\n%s", text)
	}
	command, _, _ = strings.Cut(command, "\n")
	// Every word is quoted, and none of a script has anything that would have to be escaped.
	words := strings.Split(strings.Trim(command, `"`), `" "`)
	ts.Check(ts.Exec(words[0], words[1:]...))
}
