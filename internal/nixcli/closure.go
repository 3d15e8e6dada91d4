package nixcli

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// jsonFormat is the version of Nix that began to ask for --json-format, and warns without it
// (nix, doc/manual/source/release-notes/rl-2.33.md).
const jsonFormat = "2.33"

// Closure asks nix for everything that path refers to, itself included. It is for where the store's
// database cannot be read.
func (n *Nix) Closure(ctx context.Context, path machine.StorePath) (store.Closure, error) {
	args := []string{"path-info", "--recursive", "--json"}
	if n.has(ctx, jsonFormat) {
		args = append(args, "--json-format", "2")
	}
	out, err := n.output(ctx, n.command("listing the closure of "+path.Name(), append(args, string(path))...))
	if err != nil {
		return nil, err
	}
	return parseClosure(out)
}

type pathInfo struct {
	Path       string   `json:"path"`
	Valid      *bool    `json:"valid"`
	NarSize    int64    `json:"narSize"`
	References []string `json:"references"`
}

// parseClosure reads the three shapes of `nix path-info --json`: a list (up to Nix 2.18), a
// map from path to details, and (formats 2 and 3) such a map below "info" where the paths are
// without their directory, "storeDir". Of a path that is not in the store the
// details are null, or say so.
func parseClosure(data []byte) (store.Closure, error) {
	var list []pathInfo
	if json.Unmarshal(data, &list) == nil {
		byPath := make(map[string]*pathInfo, len(list))
		for i := range list {
			byPath[list[i].Path] = &list[i]
		}
		return closureOf(byPath, "")
	}
	var wrapped struct {
		Info     map[string]*pathInfo `json:"info"`
		StoreDir string               `json:"storeDir"`
	}
	if json.Unmarshal(data, &wrapped) == nil && wrapped.Info != nil {
		return closureOf(wrapped.Info, wrapped.StoreDir+"/")
	}
	var byPath map[string]*pathInfo
	if err := json.Unmarshal(data, &byPath); err != nil {
		return nil, fmt.Errorf("nix path-info: unknown answer: %w", err)
	}
	return closureOf(byPath, "")
}

// closureOf reads paths that lack dir where they have no directory of their own.
func closureOf(byPath map[string]*pathInfo, dir string) (store.Closure, error) {
	// A closure has its own path at least.
	if len(byPath) == 0 {
		return nil, fmt.Errorf("nix path-info: names no path")
	}
	whole := func(text string) (machine.StorePath, error) {
		if !strings.Contains(text, "/") {
			text = dir + text
		}
		return machine.ParseStorePath(text)
	}
	closure := make(store.Closure, len(byPath))
	for text, info := range byPath {
		path, err := whole(text)
		if err != nil {
			return nil, fmt.Errorf("nix path-info: %w", err)
		}
		if info == nil || info.Valid != nil && !*info.Valid {
			return nil, fmt.Errorf("nix path-info: %s is not in the store", path)
		}
		known := store.Info{Size: info.NarSize}
		for _, text := range info.References {
			reference, err := whole(text)
			if err != nil {
				return nil, fmt.Errorf("nix path-info: %s: %w", path, err)
			}
			known.References = append(known.References, reference)
		}
		slices.Sort(known.References)
		closure[path] = known
	}
	return closure, nil
}
