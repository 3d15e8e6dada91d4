package nixcli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Closure maps every store path of a closure to its size in bytes.
type Closure map[machine.StorePath]int64

// Closure asks nix for everything that path refers to, itself included.
func (n *Nix) Closure(ctx context.Context, path machine.StorePath) (Closure, error) {
	out, err := n.output(ctx, n.command("listing the closure of "+path.Name(), "path-info", "--recursive", "--json", string(path)))
	if err != nil {
		return nil, err
	}
	return parseClosure(out)
}

type pathInfo struct {
	Path    string `json:"path"`
	Valid   *bool  `json:"valid"`
	NarSize int64  `json:"narSize"`
}

// parseClosure reads the three shapes of `nix path-info --json`: a list (up to Nix 2.18), a
// map from path to details, and (format 2, newer than 2.33) such a map below "info" where
// the paths are without their directory, "storeDir". Of a path that is not in the store the
// details are null, or say so.
func parseClosure(data []byte) (Closure, error) {
	var list []pathInfo
	if json.Unmarshal(data, &list) == nil {
		byPath := make(map[string]*pathInfo, len(list))
		for i := range list {
			byPath[list[i].Path] = &list[i]
		}
		return closureOf(byPath)
	}
	var wrapped struct {
		Info     map[string]*pathInfo `json:"info"`
		StoreDir string               `json:"storeDir"`
	}
	if json.Unmarshal(data, &wrapped) == nil && wrapped.Info != nil {
		byPath := make(map[string]*pathInfo, len(wrapped.Info))
		for name, info := range wrapped.Info {
			if !strings.Contains(name, "/") {
				name = wrapped.StoreDir + "/" + name
			}
			byPath[name] = info
		}
		return closureOf(byPath)
	}
	var byPath map[string]*pathInfo
	if err := json.Unmarshal(data, &byPath); err != nil {
		return nil, fmt.Errorf("nix path-info: unknown answer: %w", err)
	}
	return closureOf(byPath)
}

func closureOf(byPath map[string]*pathInfo) (Closure, error) {
	// A closure has its own path at least.
	if len(byPath) == 0 {
		return nil, fmt.Errorf("nix path-info: names no path")
	}
	closure := make(Closure, len(byPath))
	for text, info := range byPath {
		path, err := machine.ParseStorePath(text)
		if err != nil {
			return nil, fmt.Errorf("nix path-info: %w", err)
		}
		if info == nil || info.Valid != nil && !*info.Valid {
			return nil, fmt.Errorf("nix path-info: %s is not in the store", path)
		}
		closure[path] = info.NarSize
	}
	return closure, nil
}
