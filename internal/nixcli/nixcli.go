// Package nixcli drives the nix program: it owns the arguments and the environment of every
// call, and turns what nix answers into typed values.
package nixcli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/retry"
)

// MinVersion is the oldest Nix that is tested (Debian 13 has it; NixOS 26.05 has a newer one).
const MinVersion = "2.26"

// Nix runs nix for one machine.
type Nix struct {
	Machine *machine.Machine
	// Program is the path of nix; nix-env and nix-store are beside it.
	Program string
	// Offline keeps nix from using the network.
	Offline bool
	// Cache is where nix keeps its evaluation and download caches; empty for its default.
	Cache string
	// Substituters are the URLs of the caches that a sandbox has, in their order; without any it
	// builds everything itself. They are for trying things with a cache of one's own: what comes
	// from them is taken without a signature. Outside of a sandbox they mean nothing.
	Substituters []string
	Sink         event.Sink
	// Verbose tells every line of every builder as an event.
	Verbose bool
	// Log gets all that nix says; nil for nowhere.
	Log io.Writer

	answer        string        // of --version, once it was asked for
	asking        sync.Mutex    // guards answer
	configuration configuration // once they were asked for
	ticks         ticker        // nil for the clock's
	clock         retry.Clock
}

// Find looks nix up on PATH and makes its path absolute.
func Find() (string, error) {
	path, err := machine.LookPath("nix")
	if err != nil {
		return "", fmt.Errorf("nix: not found on PATH")
	}
	// nix-env and nix-store are links to nix in the same directory: keep the directory.
	return filepath.Abs(path)
}

// Identity names the nix program without running it: its real path, size and time of change.
// On NixOS the path alone says it, elsewhere a package manager may replace the file.
func (n *Nix) Identity() (string, error) {
	real, err := filepath.EvalSymlinks(n.Program)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %d %d", real, info.Size(), info.ModTime().UnixNano()), nil
}

// Evaluate returns the value of an attribute of a flake as JSON. Reference names the flake,
// such as git+file:///home/ada/.config/nixos?rev=….
func (n *Nix) Evaluate(ctx context.Context, reference, attribute string) (json.RawMessage, error) {
	return n.work(ctx, "evaluating "+attribute, "eval", "--json", "--no-write-lock-file", reference+"#"+attribute)
}

// Lock resolves the inputs of a flake, which lies in a directory, and writes its flake.lock.
func (n *Nix) Lock(ctx context.Context, reference string) error {
	_, err := n.work(ctx, "locking the flake inputs", "flake", "lock", reference)
	return err
}

// Build realises the derivation's output and makes link a garbage collector root of it.
func (n *Nix) Build(ctx context.Context, derivation string, link string) (machine.StorePath, error) {
	out, err := n.work(ctx, "building "+filepath.Base(derivation), "build", "--print-out-paths", "--out-link", link, derivation+"^out")
	if err != nil {
		return "", err
	}
	return machine.ParseStorePath(strings.TrimSpace(string(out)))
}

// Root makes link a garbage collector root of path, which must be in the store.
func (n *Nix) Root(ctx context.Context, path machine.StorePath, link string) error {
	_, err := n.work(ctx, "keeping "+path.Name(), "build", "--out-link", link, string(path))
	return err
}

// command builds a call of nix. The experimental features are passed each time: a fresh
// NixOS has them off (design-review 6).
func (n *Nix) command(doing string, args ...string) machine.Cmd {
	all := append([]string{"--extra-experimental-features", "nix-command flakes"}, n.options()...)
	return machine.Cmd{Doing: doing, Path: n.Program, Args: append(all, args...), Env: n.env()}
}

// options are the settings every nix program gets. In a sandbox the machine's nix.conf must
// not count: its own store, real build sandboxes, no caches but its own and no group of build
// users.
func (n *Nix) options() []string {
	var options []string
	if store := n.Machine.Store(); store != "" {
		options = append(options, "--store", store,
			"--option", "sandbox", "true", "--option", "sandbox-paths", "",
			"--option", "build-users-group", "", "--option", "substituters", strings.Join(n.Substituters, " "))
		if len(n.Substituters) > 0 {
			options = append(options, "--option", "require-sigs", "false")
		}
	}
	if n.Offline {
		options = append(options, "--offline")
	}
	return options
}

// inherited are the variables that nix may take from the user: where it finds itself, its
// daemon and its certificates, and how it reaches the network.
var inherited = []string{
	"HOME", "USER", "LOGNAME", "PATH", "TMPDIR", "SSH_AUTH_SOCK", "NIX_SSL_CERT_FILE", "NIX_REMOTE",
	"SSL_CERT_FILE", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "no_proxy", "NO_PROXY",
	"XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
}

// env is the whole environment of nix. NIX_PATH and NIX_CONFIG stay out: an evaluation must
// not depend on them.
func (n *Nix) env() []string {
	env := []string{"LC_ALL=C.UTF-8", "NO_COLOR=1"}
	if n.Machine.IsSandbox() {
		env = append(env, "NIX_CONF_DIR="+n.Machine.Path("/etc/nix"))
	}
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok && !(name == "XDG_CACHE_HOME" && n.Cache != "") {
			env = append(env, name+"="+value)
		}
	}
	if n.Cache != "" {
		env = append(env, "XDG_CACHE_HOME="+n.Cache)
	}
	return env
}
