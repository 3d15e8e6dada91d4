package nixcli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// systemProfile is the profile that NixOS boots from.
const systemProfile = "/nix/var/nix/profiles/system"

// generationLink is the name of a link to one generation, beside the profile.
const generationLink = "system-%d-link"

// SystemProfile is the profile of the machine's systems, whose newest generation a boot
// loader is told to start.
type SystemProfile struct{ Nix *Nix }

// Current reads which generation the profile points at. A profile that does not exist is
// an error for which errors.Is(err, fs.ErrNotExist) holds.
func (p SystemProfile) Current() (machine.Generation, error) {
	m := p.Nix.Machine
	link, err := os.Readlink(m.Path(systemProfile))
	if err != nil {
		return machine.Generation{}, err
	}
	return p.generation(filepath.Base(link))
}

// generation reads the link to one, which stands beside the profile.
func (p SystemProfile) generation(base string) (machine.Generation, error) {
	var g machine.Generation
	// Sscanf does not mind what follows; writing the number again does.
	if _, err := fmt.Sscanf(base, generationLink, &g.Number); err != nil || fmt.Sprintf(generationLink, g.Number) != base {
		return machine.Generation{}, fmt.Errorf("%s: points at %q, not at a generation", systemProfile, base)
	}
	var err error
	g.System, err = p.Nix.Machine.ReadLink(filepath.Join(filepath.Dir(systemProfile), base))
	return g, err
}

// Generations are all that the profile has, by number.
func (p SystemProfile) Generations() ([]machine.Generation, error) {
	entries, err := os.ReadDir(p.Nix.Machine.Path(filepath.Dir(systemProfile)))
	if err != nil {
		return nil, err
	}
	var all []machine.Generation
	for _, entry := range entries {
		// What is no generation is another profile, or the profile itself.
		if one, err := p.generation(entry.Name()); err == nil {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b machine.Generation) int { return a.Number - b.Number })
	return all, nil
}

// Set makes system the profile's current generation, a new one unless it is already.
func (p SystemProfile) Set(ctx context.Context, system machine.StorePath) error {
	return p.run(ctx, "setting the system profile", "--set", string(system))
}

// Switch goes back to a generation that exists.
func (p SystemProfile) Switch(ctx context.Context, number int) error {
	return p.run(ctx, "switching the system profile back", "--switch-generation", fmt.Sprint(number))
}

// Delete removes a generation that is not the current one.
func (p SystemProfile) Delete(ctx context.Context, number int) error {
	return p.run(ctx, "deleting a generation of the system profile", "--delete-generations", fmt.Sprint(number))
}

func (p SystemProfile) run(ctx context.Context, doing string, args ...string) error {
	_, err := p.Nix.output(ctx, p.command(doing, args...))
	return err
}

// command builds a call of nix-env. The profile of this computer belongs to root; that of a
// sandbox is written from outside, through its own store.
func (p SystemProfile) command(doing string, args ...string) machine.Cmd {
	n := p.Nix
	c := machine.Cmd{Doing: doing, Path: filepath.Join(filepath.Dir(n.Program), "nix-env"), Env: n.env(), Root: true}
	if !n.Machine.IsSandbox() {
		// The machine's own: what is on PATH may be the user's, and this runs as root.
		c.Path, c.Inside = "/run/current-system/sw/bin/nix-env", true
	}
	c.Args = append(n.options(), "-p", n.Machine.Path(systemProfile))
	c.Args = append(c.Args, args...)
	return c
}
