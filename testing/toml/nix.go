package toml

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// Nix is a real Nix with a store of its own.
type Nix struct{ program, store string }

// EachNix runs f with every Nix that there is.
func EachNix(t *testing.T, f func(*testing.T, Nix)) {
	t.Helper()
	nixes.Each(t, func(t *testing.T, bin string) {
		f(t, Nix{filepath.Join(bin, "nix"), "local?root=" + t.TempDir()})
	})
}

// ReadAll is what Nix makes of documents that it reads without error, in one go.
func (n Nix) ReadAll(t *testing.T, documents [][]byte) []json.RawMessage {
	t.Helper()
	dir := t.TempDir()
	for i, data := range documents {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := n.eval(`{ dir, count }: builtins.genList (i: builtins.fromTOML (builtins.readFile (dir + "/${toString i}"))) count`,
		"--argstr", "dir", dir, "--arg", "count", fmt.Sprint(len(documents)))
	var readings []json.RawMessage
	if err == nil {
		err = json.Unmarshal(out, &readings)
	}
	if err == nil {
		return readings
	}
	for _, data := range documents {
		if _, err := n.Read(t, data); err != nil {
			t.Errorf("Nix does not read %.200q: %v", data, err)
		}
	}
	t.Fatal(err)
	return nil
}

// Read is what Nix makes of one document.
func (n Nix) Read(t *testing.T, data []byte) (json.RawMessage, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "document.toml")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := n.eval(`{ file }: builtins.fromTOML (builtins.readFile file)`, "--argstr", "file", file)
	return json.RawMessage(strings.TrimSpace(string(out))), err
}

func (n Nix) eval(expression string, args ...string) ([]byte, error) {
	cmd := exec.Command(n.program)
	cmd.Args = append([]string{"nix-instantiate", "--store", n.store, "--eval", "--strict", "--json", "-E", expression}, args...)
	cmd.Env = []string{"HOME=/homeless-shelter", "PATH=" + os.Getenv("PATH")}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil, fmt.Errorf("nix-instantiate: %w: %s", err, exit.Stderr)
	}
	return out, err
}
