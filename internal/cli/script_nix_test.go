package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// scriptLimit is how long a script waits for anything.
const scriptLimit = time.Minute

// cache copies the running system of a machine with all that it needs, or only those of its store paths whose names
// begin so, into a binary cache: cache DIR MACHINE NAME...
func cache(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: cache DIR MACHINE NAME...")
	}
	machine := ts.MkAbs(args[1])
	nix := func(argv ...string) []byte {
		options := []string{"--extra-experimental-features", "nix-command", "--store", "local?root=" + machine, "--option", "substituters", ""}
		cmd := exec.Command(filepath.Join(strings.Split(ts.Getenv("PATH"), ":")[0], "nix"), append(options, argv...)...)
		cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+ts.MkAbs("cache-of-nix"))
		var messages strings.Builder
		cmd.Stderr = &messages
		out, err := cmd.Output()
		if err != nil {
			ts.Fatalf("nix %s: %v\n%s", argv[0], err, &messages)
		}
		return out
	}
	system, err := os.Readlink(filepath.Join(machine, "run/current-system"))
	ts.Check(err)
	paths := []string{system}
	if names := args[2:]; len(names) > 0 {
		paths = slices.DeleteFunc(strings.Fields(string(nix("path-info", "--recursive", system))), func(path string) bool {
			_, name, _ := strings.Cut(path, "-")
			return !slices.ContainsFunc(names, func(begin string) bool { return strings.HasPrefix(name, begin) })
		})
		if len(paths) < len(names) {
			ts.Fatalf("of %q the system has only %q", names, paths)
		}
	}
	nix(append([]string{"copy", "--no-check-sigs", "--to", "file://" + ts.MkAbs(args[0]) + "?compression=zstd"}, paths...)...)
}

// serve serves a binary cache on a port of the loopback until the script ends: serve PORT DIR HOW. HOW is whole, or how
// narinfos are answered: missing (404), unavailable (503), truncated; hangs answers nothing at all. What it
// is asked for is written to asked-PORT.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: serve PORT DIR HOW")
	}
	dir, over := ts.MkAbs(args[1]), make(chan struct{})
	log, err := os.Create(ts.MkAbs("asked-" + args[0]))
	ts.Check(err)
	whole := http.FileServer(http.Dir(dir))
	handlers := map[string]http.HandlerFunc{
		"whole":       whole.ServeHTTP,
		"missing":     http.NotFound,
		"unavailable": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"hangs": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-over:
			case <-r.Context().Done():
			}
		},
		"truncated": func(w http.ResponseWriter, r *http.Request) {
			text, err := os.ReadFile(filepath.Join(dir, filepath.Base(r.URL.Path)))
			if err != nil {
				http.NotFound(w, r)
				return
			}
			_, _ = w.Write(text[:len(text)/2])
		},
	}
	handler, known := handlers[args[2]]
	if !known {
		ts.Fatalf("serve: %q is no way to serve", args[2])
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(log, r.URL.Path)
		if args[2] == "hangs" || strings.HasSuffix(r.URL.Path, ".narinfo") {
			handler(w, r)
		} else {
			whole.ServeHTTP(w, r)
		}
	})}
	go func() { _ = server.Serve(listener) }()
	ts.Defer(func() {
		close(over)
		server.Close()
		log.Close()
	})
}

// sees waits until something stands in a file of the script: sees FILE PATTERN.
func sees(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sees FILE PATTERN")
	}
	pattern, err := regexp.Compile(args[1])
	ts.Check(err)
	var data []byte
	until(ts, func() bool {
		data, _ = os.ReadFile(ts.MkAbs(args[0])) // it may not be there yet
		return pattern.Match(data)
	}, func() string { return fmt.Sprintf("%s never had %q:\n%s", args[0], args[1], data) })
}

func until(ts *testscript.TestScript, done func() bool, why func() string) {
	deadline := time.After(scriptLimit)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			ts.Fatalf("%s", why())
		case <-tick.C:
		}
	}
}

// builds waits until a builder of a derivation is at work, or with ! until there is none: builds stuck-1.0.
func builds(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] builds NAME")
	}
	until(ts, func() bool { return len(builders(ts, args[0])) > 0 != neg }, func() string { return fmt.Sprintf("building %s: %v", args[0], neg) })
}

// release lets a builder go on that waits, which has said something: release stuck-1.0.
func release(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: release NAME")
	}
	found := builders(ts, args[0])
	if len(found) != 1 {
		ts.Fatalf("%d builders of %s", len(found), args[0])
	}
	ts.Check(syscall.Kill(found[0], syscall.SIGUSR1))
}

// builders are the processes that build a derivation. They are in namespaces of their own, and only their environment
// says what they are: the name has to be one that no other script uses at the same time.
func builders(ts *testscript.TestScript, name string) (pids []int) {
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	ts.Check(err)
	for _, file := range files {
		text, _ := os.ReadFile(file) // a process may end while it is looked at
		if slices.Contains(strings.Split(string(text), "\x00"), "name="+name) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			ts.Check(err)
			pids = append(pids, pid)
		}
	}
	return pids
}

// freeze stops, as Ctrl-Z would, every process that works on the machine and runs a program of that name: freeze nix.
// It goes on only if somebody ends it.
func freeze(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: freeze PROGRAM")
	}
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	ts.Check(err)
	frozen := 0
	for _, file := range files {
		text, _ := os.ReadFile(file)
		argv := strings.Split(string(text), "\x00")
		if filepath.Base(argv[0]) != args[0] || !strings.Contains(string(text), ts.Getenv("M")) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		ts.Check(err)
		ts.Check(syscall.Kill(pid, syscall.SIGSTOP))
		frozen++
	}
	if frozen == 0 {
		ts.Fatalf("no %s works on the machine", args[0])
	}
}

// onTerminal is a program of the scripts: it runs another one on a terminal of its own, as many columns wide as COLUMNS
// says, and writes what that terminal got to its standard output: exec onterminal nqd plan. Interrupted, it types Ctrl-C.
func onTerminal() {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	columns, err := strconv.ParseUint(os.Getenv("COLUMNS"), 10, 16)
	if err != nil {
		columns = 80
	}
	cmd := exec.Command(os.Args[1], os.Args[2:]...)
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: uint16(columns)})
	if err == nil {
		go func() {
			for range interrupts {
				_, _ = terminal.WriteString("\x03")
			}
		}()
		// It ends with EIO once nobody has the other side open.
		_, _ = io.Copy(os.Stdout, terminal)
		err = cmd.Wait()
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "onterminal:", err)
		os.Exit(1)
	}
}
