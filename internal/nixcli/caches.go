package nixcli

import (
	"context"
	"encoding/json"
	"fmt"
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
	out, err := n.output(ctx, n.command("reading the configuration of nix", "config", "show", "--json"))
	if err != nil {
		return nil, err
	}
	return parseCaches(out)
}

func parseCaches(data []byte) ([]string, error) {
	var settings struct {
		Substituters *struct {
			Value []string `json:"value"`
		} `json:"substituters"`
		Substitute *struct {
			Value bool `json:"value"`
		} `json:"substitute"`
	}
	if err := json.Unmarshal(data, &settings); err != nil {
		return nil, fmt.Errorf("nix config show: unknown answer: %w", err)
	}
	if settings.Substituters == nil {
		return nil, fmt.Errorf("nix config show: names no substituters")
	}
	if settings.Substitute != nil && !settings.Substitute.Value {
		return nil, nil
	}
	return settings.Substituters.Value, nil
}
