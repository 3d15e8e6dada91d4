// Package nixcli drives the nix program: it owns the arguments and the environment of every
// call, and turns what nix answers into typed values.
package nixcli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
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
	Sink  event.Sink
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

// CheckVersion refuses a nix older than MinVersion.
func (n *Nix) CheckVersion(ctx context.Context) error {
	c := machine.Cmd{Doing: "asking nix for its version", Path: n.Program, Args: []string{"--version"}, Env: n.env()}
	out, err := n.output(ctx, c)
	if err != nil {
		return err
	}
	return supported(string(out))
}

// supported reads "nix (Nix) 2.34.8", "nix (Determinate Nix 3.11) 2.31.1" and the like: the
// last word is the version.
func supported(answer string) error {
	words := strings.Fields(answer)
	if len(words) == 0 {
		return fmt.Errorf("nix --version: empty answer")
	}
	version := words[len(words)-1]
	var major, minor, wantMajor, wantMinor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return fmt.Errorf("nix --version: %q: no version number at the end", strings.TrimSpace(answer))
	}
	fmt.Sscanf(MinVersion, "%d.%d", &wantMajor, &wantMinor)
	if major < wantMajor || major == wantMajor && minor < wantMinor {
		return fmt.Errorf("nix %s: too old, nqd needs %s or newer", version, MinVersion)
	}
	return nil
}

// Evaluate returns the value of an attribute of a flake as JSON. Reference names the flake,
// such as git+file:///home/ada/.config/nixos?rev=….
func (n *Nix) Evaluate(ctx context.Context, reference, attribute string) (json.RawMessage, error) {
	return n.output(ctx, n.command("evaluating "+attribute, "eval", "--json", "--no-write-lock-file", reference+"#"+attribute))
}

// Lock resolves the inputs of a flake, which lies in a directory, and writes its flake.lock.
func (n *Nix) Lock(ctx context.Context, reference string) error {
	_, err := n.output(ctx, n.command("locking the flake inputs", "flake", "lock", reference))
	return err
}

// Build realises the derivation's output and makes link a garbage collector root of it.
func (n *Nix) Build(ctx context.Context, derivation string, link string) (machine.StorePath, error) {
	c := n.command("building "+filepath.Base(derivation), "build", "--print-out-paths", "--out-link", link, derivation+"^out")
	out, err := n.output(ctx, c)
	if err != nil {
		return "", err
	}
	return machine.ParseStorePath(strings.TrimSpace(string(out)))
}

// Root makes link a garbage collector root of path, which must be in the store.
func (n *Nix) Root(ctx context.Context, path machine.StorePath, link string) error {
	_, err := n.output(ctx, n.command("keeping "+path.Name(), "build", "--out-link", link, string(path)))
	return err
}

// command builds a call of nix. The experimental features are passed each time: a fresh
// NixOS has them off (design-review 6).
func (n *Nix) command(doing string, args ...string) machine.Cmd {
	all := append([]string{"--extra-experimental-features", "nix-command flakes"}, n.options()...)
	return machine.Cmd{Doing: doing, Path: n.Program, Args: append(all, args...), Env: n.env()}
}

// options are the settings every nix program gets. In a sandbox the machine's nix.conf must
// not count: its own store, real build sandboxes, no caches and no group of build users.
func (n *Nix) options() []string {
	var options []string
	if store := n.Machine.Store(); store != "" {
		options = append(options, "--store", store,
			"--option", "sandbox", "true", "--option", "sandbox-paths", "",
			"--option", "build-users-group", "", "--option", "substituters", "")
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

// output runs nix, tells how long it took, passes its messages on line by line, and returns
// its standard output.
func (n *Nix) output(ctx context.Context, c machine.Cmd) ([]byte, error) {
	var messages bytes.Buffer
	lines := &machine.Lines{Each: func(line string) {
		messages.WriteString(line + "\n")
		n.Sink(event.Output{Program: "nix", Line: line})
	}}
	c.Stderr = lines
	start := time.Now()
	out, err := n.Machine.Output(ctx, c)
	lines.Flush()
	n.Sink(event.Program{Name: filepath.Base(c.Path), Seconds: time.Since(start).Seconds()})
	if err != nil && machine.ExitCode(err) >= 0 {
		return nil, &Error{Doing: c.Doing, Message: lastError(messages.String()), Code: machine.ExitCode(err)}
	}
	return out, err
}

// Error is a nix that ended with an error of its own.
type Error struct {
	Doing   string
	Message string // nix's own last error, without its trace
	Code    int
}

func (e *Error) Error() string { return fmt.Sprintf("%s: nix: %s", e.Doing, e.Message) }

// messageLines bounds how much of nix's last error is shown; assertions may be many.
const messageLines = 30

// lastError is what went wrong, out of all messages: the last error that is not merely about
// the failure of something else, without its trace. An error begins at the start of a line,
// its further lines are indented; in a trace, what went wrong comes last, indented too. What
// a builder printed (behind "> ") may contain anything.
func lastError(messages string) string {
	lines := strings.Split(strings.TrimSpace(messages), "\n")
	var found []string
	for i := len(lines) - 1; i >= 0; i-- {
		if !strings.HasPrefix(lines[i], "error:") {
			continue
		}
		candidate := withoutTrace(message(lines[i:]))
		if found == nil {
			found = candidate
		}
		if !aboutDependency(candidate) {
			found = candidate
			break
		}
	}
	if found == nil {
		found = lines
	}
	if len(found) > messageLines {
		found = append(found[:messageLines:messageLines], "…")
	}
	text := make([]string, len(found))
	for i, line := range found {
		text[i] = strings.TrimPrefix(strings.TrimRight(line, " "), indent)
	}
	text[0] = strings.TrimPrefix(text[0], "error:")
	if joined := strings.TrimSpace(strings.Join(text, "\n")); joined != "" {
		return joined
	}
	return "ended without saying why"
}

// indent is what nix puts before the further lines of an error.
const indent = "       "

// message is the error that the first line begins, without what nix said after it.
func message(lines []string) []string {
	for i, line := range lines[1:] {
		if line != "" && !strings.HasPrefix(line, " ") {
			return lines[:i+1]
		}
	}
	return lines
}

// withoutTrace is the error at the end of a trace. A trace has nothing beside its "error:".
func withoutTrace(lines []string) []string {
	if strings.TrimSpace(lines[0]) != "error:" {
		return lines
	}
	for i, line := range lines {
		if strings.HasPrefix(line, indent+"error:") {
			return lines[i:]
		}
	}
	return lines
}

// dependencyFailed is how nix says that a derivation was not built since another one failed:
// up to Nix 2.30 or so in one line, then as a reason.
var dependencyFailed = regexp.MustCompile(`^error: \d+ dependenc(y|ies) of derivation |^ *Reason: \d+ dependenc(y|ies) failed`)

func aboutDependency(lines []string) bool {
	return slices.ContainsFunc(lines[:min(2, len(lines))], dependencyFailed.MatchString)
}
