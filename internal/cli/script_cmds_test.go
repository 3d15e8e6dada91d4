package cli

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// exits runs a program and compares its exit code: exitcode 4 nqd apply --yes.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode CODE PROGRAM ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// system asks plain Nix, without nqd, for the system of the workspace as it is now, and
// keeps it in the named variable: system A.
func system(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: system NAME")
	}
	cmd := exec.Command("nix", "--extra-experimental-features", "nix-command flakes",
		"eval", "--store", "local?root="+ts.Getenv("M"), "--raw",
		"git+file://"+ts.Getenv("W")+"#nixosConfigurations.nixos.config.system.build.toplevel.outPath")
	cmd.Path = filepath.Join(strings.Split(ts.Getenv("PATH"), ":")[0], "nix")
	cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+ts.MkAbs("cache"))
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		ts.Fatalf("nix eval: %v\n%s", err, messages.Bytes())
	}
	ts.Setenv(args[0], string(out))
}

// is compares the running system, the profile and the boot default with a system: is $A.
// With the words running, profile or boot behind it, only those.
func is(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: [!] is STORE-PATH [running|profile|boot]...")
	}
	readers := map[string]func(string) (string, error){
		"running": sandbox.CurrentSystem, "profile": sandbox.ProfileTarget, "boot": sandbox.BootDefault,
	}
	places := args[1:]
	if len(places) == 0 {
		places = []string{"running", "profile", "boot"}
	}
	for _, place := range places {
		found, err := readers[place](ts.Getenv("M"))
		ts.Check(err)
		if (found == args[0]) == neg {
			ts.Fatalf("%s is %s; compared with %s", place, found, args[0])
		}
	}
}

// holds looks for a text in a file of the machine: holds /etc/hostname nixos.
func holds(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: [!] holds FILE TEXT")
	}
	data, err := sandbox.ReadFile(ts.Getenv("M"), args[0])
	if errors.Is(err, fs.ErrNotExist) && neg {
		return
	}
	ts.Check(err)
	if strings.Contains(string(data), args[1]) == neg {
		ts.Fatalf("%s: looked for %q in:\n%s", args[0], args[1], data)
	}
}

// listens asks whether a port of the loopback answers.
func listens(ts *testscript.TestScript, neg bool, args []string) {
	connection, err := net.Dial("tcp", "127.0.0.1:"+args[0])
	if err == nil {
		connection.Close()
	}
	if (err == nil) == neg {
		ts.Fatalf("port %s: %v", args[0], err)
	}
}

// occupy listens on a port for the rest of the script.
func occupy(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
}

// await waits until deployment ID has a record of ACTION in STATE: await 2 check started.
func await(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: await ID ACTION STATE")
	}
	file := filepath.Join(ts.Getenv("M"), "home/ada/.local/state/nqd/deployments", args[0], "journal")
	record := fmt.Sprintf(`"action":%q,"state":%q`, args[1], args[2])
	deadline := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if data, err := os.ReadFile(file); err == nil && strings.Contains(string(data), record) {
			return
		}
		select {
		case <-deadline:
			ts.Fatalf("deployment %s never said %s", args[0], record)
		case <-tick.C:
		}
	}
}

// cut takes everything behind a record out of a journal, as if nqd had been killed there: cut 2 commit started.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: cut ID ACTION STATE")
	}
	file := filepath.Join(ts.Getenv("M"), "home/ada/.local/state/nqd/deployments", args[0], "journal")
	data, err := os.ReadFile(file)
	ts.Check(err)
	kept := ""
	for line := range strings.Lines(string(data)) {
		kept += line
		if strings.Contains(line, fmt.Sprintf(`"action":%q,"state":%q`, args[1], args[2])) {
			ts.Check(os.WriteFile(file, []byte(kept), 0o600))
			return
		}
	}
	ts.Fatalf("no such record in:\n%s", data)
}

// tree writes a listing of the machine's files, outside of Nix's store and caches, to a file:
// names, modes, link targets and contents. Two listings are equal when nothing changed.
func tree(ts *testscript.TestScript, _ bool, args []string) {
	root := ts.Getenv("M")
	var listing strings.Builder
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		// The evaluation copies its sources into the store and fills its caches.
		if name == "nix" || name == "home/ada/.cache" || name == logFolder {
			return fs.SkipDir
		}
		// And a run leaves its log.
		if strings.HasPrefix(logFolder, name+"/") && strings.HasPrefix(name, "home/ada/.local") {
			return nil
		}
		// It names the process that had it last.
		if filepath.Base(name) == "lock" {
			return nil
		}
		return list(&listing, path, name, entry)
	})
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(listing.String()), 0o600))
}

// logFolder is where nqd keeps its logs.
const logFolder = "home/ada/.local/state/nqd/log"

func list(listing *strings.Builder, path, name string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if err != nil {
		return err
	}
	content := ""
	switch {
	case info.Mode().Type() == fs.ModeSymlink:
		content, err = os.Readlink(path)
	case info.Mode().IsRegular():
		var data []byte
		data, err = os.ReadFile(path)
		content = fmt.Sprintf("%x", sha256.Sum256(data))
	}
	fmt.Fprintf(listing, "%s %s %s\n", info.Mode(), name, content)
	return err
}
