package nixcli

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Root is a garbage collector root: what keeps a store path, a link, a file of /proc or a word in braces, and the path.
type Root struct {
	By   string
	Path machine.StorePath
}

const arrow = " -> "

// Roots are all roots of the store, and what processes hold open. Nix forgets links that lead nowhere meanwhile.
func (n *Nix) Roots(ctx context.Context) ([]Root, error) {
	out, err := n.store(ctx, "listing the garbage collector roots", "--gc", "--print-roots")
	if err != nil {
		return nil, err
	}
	return parseRoots(string(out))
}

func parseRoots(text string) ([]Root, error) {
	var roots []Root
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		at := max(0, strings.LastIndex(line, arrow))
		path, err := machine.ParseStorePath(strings.TrimPrefix(line[at:], arrow))
		if err != nil {
			return nil, fmt.Errorf("nix-store --print-roots: unknown answer %q", line)
		}
		roots = append(roots, Root{strings.Trim(line[:at], `"`), path}) // Nix 2.34 quotes it, 2.26 does not
	}
	return roots, nil
}

// Collect removes every store path that no root keeps.
func (n *Nix) Collect(ctx context.Context) error {
	_, err := n.store(ctx, "collecting garbage", "--gc")
	return err
}

// Switched says whether a setting of nix, such as keep-outputs, is on.
func (n *Nix) Switched(ctx context.Context, setting string) (bool, error) {
	out, err := n.output(ctx, n.command("reading the configuration of nix", "config", "show", setting))
	return strings.TrimSpace(string(out)) == "true", err
}

func (n *Nix) store(ctx context.Context, doing string, args ...string) ([]byte, error) {
	program := filepath.Join(filepath.Dir(n.Program), "nix-store")
	return n.output(ctx, machine.Cmd{Doing: doing, Path: program, Args: append(n.options(), args...), Env: n.env()})
}
