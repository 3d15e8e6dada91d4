package nixcli

import (
	"context"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli/settings"
)

// Caches are the URLs of the caches that nix is configured to fetch from, in the order in which
// they are given; the caches' own priorities are known to them alone. There are none offline.
func (n *Nix) Caches(ctx context.Context) ([]string, error) {
	if n.Offline {
		return nil, nil
	}
	if n.Machine.IsSandbox() {
		return n.Substituters, nil // whatever is configured
	}
	out, err := n.configured(ctx)
	if err != nil {
		return nil, err
	}
	return settings.Caches(out)
}

// configuration is what nix says of its configuration. It is asked once: several want to know at the same time.
type configuration struct {
	lock sync.Mutex
	out  []byte
}

// configured is the answer of nix config show. An error is not kept: the next one asks again.
func (n *Nix) configured(ctx context.Context) ([]byte, error) {
	n.configuration.lock.Lock()
	defer n.configuration.lock.Unlock()
	if n.configuration.out != nil {
		return n.configuration.out, nil
	}
	out, err := n.output(ctx, n.command("reading the configuration of nix", "config", "show", "--json"))
	if err == nil {
		n.configuration.out = out
	}
	return out, err
}

// BuildDir is where a nix of that version unpacks and compiles on the machine, before the result comes into the store.
// The setting build-dir says it, else the version.
func (n *Nix) BuildDir(ctx context.Context, version string) (string, error) {
	if n.Machine.IsSandbox() {
		return settings.BuildDir([]byte("{}"), version)
	}
	out, err := n.configured(ctx)
	if err != nil {
		return "", err
	}
	return settings.BuildDir(out, version)
}
