package workspace

import (
	"os"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

// Catalog is the features of this nqd's library, which Pending brings into the workspace, and the
// user's own.
func (w Workspace) Catalog() (*catalog.Catalog, error) {
	return catalog.Load(nixlib.FS, os.DirFS(w.Dir))
}

// Read reads the host file of that host, and holds it against the rest of the workspace: the
// user's features and the secrets.
func (w Workspace) Read(name string) (*host.Host, error) {
	known, err := w.Catalog()
	if err != nil {
		return nil, err
	}
	h, err := host.Load(w.HostFile(name), known)
	if err != nil {
		return nil, err
	}
	if h.Host.Name != name {
		return nil, misnamed(w.HostFile(name), name)
	}
	if err := h.CheckSecrets(known, w.has); err != nil {
		return nil, err
	}
	return h, nil
}

// HasAdopted reports whether the host takes over the machine's own configuration.
func (w Workspace) HasAdopted(name string) bool {
	return w.has("hosts/" + name + "/imported/configuration.nix")
}

// misnamed is a host file in the folder of another host.
func misnamed(file, folder string) error {
	return &document.Error{
		File: file, Line: 1, Column: 1, Key: "host.name", Problem: "not the name of the folder, " + folder,
		Cure: "rename the one or the other",
	}
}

// has reports whether the workspace has the file of that name. A link that leads out of the
// workspace is none to Nix, but that is for Nix to say.
func (w Workspace) has(name string) bool {
	_, err := os.Stat(w.path(name))
	return err == nil
}
