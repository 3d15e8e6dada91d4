// Command nixlogs records what nix writes with --log-format internal-json, for the tests of internal/nixlog:
//
//	scripts/prepare sh -c 'go run ./testing/nixlogs -to internal/nixlog/testdata -nix $NQD_TEST_NIX'
//
// Builds happen in a store below a temporary directory, with the builder of ./builder and the derivations of ./cases.nix.
// For a full disk it mounts a small tmpfs, which asks for root. Each log gets a folder of its version, and beside it, as
// NAME.txt, the text that the same nix writes for people.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

func main() {
	to := flag.String("to", "", "the directory of the logs")
	bins := flag.String("nix", "", "the directories of every nix, as in PATH")
	flag.Parse()
	if err := record(context.Background(), *to, filepath.SplitList(*bins)); err != nil {
		fmt.Fprintln(os.Stderr, "nixlogs:", err)
		os.Exit(1)
	}
}

func record(ctx context.Context, to string, bins []string) error {
	dir, err := os.MkdirTemp("", "nixlogs-")
	if err != nil {
		return err
	}
	defer remove(dir)
	builder := filepath.Join(dir, "builder")
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", builder, "./testing/nixlogs/builder")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := compile.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the builder: %w\n%s", err, out)
	}
	cases, err := filepath.Abs("testing/nixlogs/cases.nix")
	if err != nil {
		return err
	}
	for _, bin := range bins {
		version, err := nixes.Version(bin)
		if err != nil {
			return err
		}
		r := &recorder{bin: bin, dir: filepath.Join(dir, version), builder: builder, cases: cases}
		r.to = filepath.Join(to, short(version))
		if err := errors.Join(os.MkdirAll(r.to, 0o755), os.MkdirAll(r.dir, 0o755)); err != nil {
			return err
		}
		if err := r.all(ctx); err != nil {
			return fmt.Errorf("nix %s: %w", version, err)
		}
	}
	return nil
}

// short is 2.34 of 2.34.8.
func short(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// remove deletes what nix made read-only, too.
func remove(dir string) {
	_ = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			_ = os.Chmod(path, 0o755)
		}
		return nil
	})
	os.RemoveAll(dir)
}

// recorder records the logs of one nix.
type recorder struct {
	bin, dir, to, builder, cases string
	stores                       int
}

// all records every case.
func (r *recorder) all(ctx context.Context) error {
	for _, c := range []call{
		{name: "build", attribute: "build"}, {name: "evaluation-error", attribute: "evaluation"},
		{name: "build-failure", attribute: "failure"}, {name: "hash-mismatch", attribute: "hash"},
		{name: "disk-full", attribute: "full", storeSize: 16 << 20},
		{name: "interrupted", attribute: "interrupted", interruptAt: "waiting"},
	} {
		if err := r.both(ctx, c); err != nil {
			return err
		}
	}
	return r.substitutions(ctx)
}

// substitutions records downloads from a directory, and from a server on this machine.
func (r *recorder) substitutions(ctx context.Context) error {
	full, err := r.store(0)
	if err != nil {
		return err
	}
	cache := filepath.Join(r.dir, "cache")
	if err := r.nix(ctx, full, "build", "--file", r.cases, "--argstr", "builder", r.builder, "--out-link", filepath.Join(r.dir, "result"), "build").Run(); err != nil {
		return fmt.Errorf("filling the cache: %w", err)
	}
	made, err := os.Readlink(filepath.Join(r.dir, "result"))
	if err != nil {
		return err
	}
	if out, err := r.nix(ctx, full, "copy", "--no-check-sigs", "--to", "file://"+cache, made).CombinedOutput(); err != nil {
		return fmt.Errorf("filling the cache: %w\n%s", err, out)
	}
	if err := r.both(ctx, call{name: "substitute-file", attribute: "build", substituter: "file://" + cache}); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.FileServer(http.Dir(cache))}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	return r.both(ctx, call{name: "substitute-http", attribute: "build", substituter: "http://" + listener.Addr().String()})
}

// call is one call of nix whose log is kept.
type call struct {
	name, attribute string
	// substituter is a cache; empty for none.
	substituter string
	// interruptAt gets SIGINT sent once the log holds it.
	interruptAt string
	// storeSize is that of the store's file system in bytes; 0 for a directory.
	storeSize int
}

// both records the log of a call and the text that it writes for people.
func (r *recorder) both(ctx context.Context, c call) error {
	for format, file := range map[string]string{"internal-json": ".log", "raw-with-logs": ".txt"} {
		if err := r.one(ctx, c, format, filepath.Join(r.to, c.name+file)); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

func (r *recorder) one(ctx context.Context, c call, format, file string) error {
	store, err := r.store(c.storeSize)
	if err != nil {
		return err
	}
	if c.storeSize > 0 {
		defer func() { _ = syscall.Unmount(store, 0) }()
	}
	cmd := r.nix(ctx, store, "build", "--file", r.cases, "--argstr", "builder", r.builder, "--no-link",
		"--log-format", format, "--option", "substituters", c.substituter, "--print-build-logs", c.attribute)
	log := &recording{}
	if c.interruptAt != "" {
		log.wait = c.interruptAt
		// A moment later: nix 2.34 missed one that came along with the line, and went on waiting.
		interrupt := func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
		log.found = func() { time.AfterFunc(time.Second, interrupt) }
	}
	cmd.Stdout, cmd.Stderr = log, log
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	fmt.Printf("%s: exit code %d\n", file, cmd.ProcessState.ExitCode())
	return os.WriteFile(file, []byte(r.neutral(log.String(), store, c.substituter)), 0o644)
}

// nix is a call of nix with a store of its own, and nothing of this machine's configuration.
func (r *recorder) nix(ctx context.Context, store string, args ...string) *exec.Cmd {
	options := []string{"--store", "local?root=" + store, "--extra-experimental-features", "nix-command",
		"--option", "require-sigs", "false", "--option", "build-users-group", "", "--option", "substituters", "",
		"--option", "sandbox", "true", "--option", "sandbox-paths", "", "--option", "max-jobs", "2"}
	cmd := exec.CommandContext(ctx, filepath.Join(r.bin, "nix"), append(args[:1:1], append(options, args[1:]...)...)...)
	home := filepath.Join(r.dir, "home")
	cmd.Env = []string{"HOME=" + home, "NIX_CONF_DIR=" + home, "PATH=" + r.bin, "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd
}

// store makes an empty store; SIZE is that of its file system.
func (r *recorder) store(size int) (string, error) {
	r.stores++
	store := filepath.Join(r.dir, fmt.Sprint("store-", r.stores))
	if err := os.MkdirAll(store, 0o755); err != nil || size == 0 {
		return store, err
	}
	return store, syscall.Mount("nixlogs", store, "tmpfs", 0, fmt.Sprint("size=", size))
}

// neutral takes what only this machine has out of a log.
func (r *recorder) neutral(log, store, substituter string) string {
	replace := []string{store, "/tmp/machine", r.cases, "/tmp/cases.nix", r.builder, "/tmp/builder"}
	if host, found := strings.CutPrefix(substituter, "http://"); found {
		replace = append(replace, host, "127.0.0.1:8080")
	}
	return strings.NewReplacer(append(replace, r.dir, "/tmp")...).Replace(log)
}

// recording keeps what is written and calls found once, as soon as wait is in it.
type recording struct {
	strings.Builder
	wait  string
	found func()
}

func (r *recording) Write(p []byte) (int, error) {
	n, err := r.Builder.Write(p)
	_, after, _ := strings.Cut(r.String(), r.wait)
	if r.found != nil && strings.ContainsAny(after, "\"\n") {
		r.found()
		r.found = nil
	}
	return n, err
}
