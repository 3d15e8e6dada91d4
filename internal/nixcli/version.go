package nixcli

import (
	"context"
	"fmt"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Version is the version of nix, such as "2.34.8". Nix is asked once.
func (n *Nix) Version(ctx context.Context) (string, error) {
	answer, err := n.version(ctx)
	if err != nil {
		return "", err
	}
	words := strings.Fields(answer)
	if len(words) == 0 {
		return "", fmt.Errorf("nix --version: empty answer")
	}
	return words[len(words)-1], nil
}

// version is what nix says of its version: "nix (Nix) 2.34.8", "nix (Determinate Nix 3.11) 2.31.1"
// and the like. The last word is the version.
func (n *Nix) version(ctx context.Context) (string, error) {
	n.asking.Lock()
	defer n.asking.Unlock()
	if n.answer == "" {
		c := machine.Cmd{Doing: "asking nix for its version", Path: n.Program, Args: []string{"--version"}, Env: n.env()}
		out, err := n.output(ctx, c)
		if err != nil {
			return "", err
		}
		n.answer = string(out)
	}
	return n.answer, nil
}

// CheckVersion refuses a nix older than MinVersion.
func (n *Nix) CheckVersion(ctx context.Context) error {
	version, err := n.Version(ctx)
	if err != nil {
		return err
	}
	return Supported(version)
}

// Supported refuses a version of nix older than MinVersion.
func Supported(version string) error {
	newEnough, err := reaches(version, MinVersion)
	if err == nil && !newEnough {
		err = fmt.Errorf("nix %s: too old, nqd needs %s or newer", version, MinVersion)
	}
	return err
}

// reaches compares the first two numbers of versions.
func reaches(version, wanted string) (bool, error) {
	var major, minor, wantMajor, wantMinor int
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil {
		return false, fmt.Errorf("nix --version: %q: no version number at the end", version)
	}
	if _, err := fmt.Sscanf(wanted, "%d.%d", &wantMajor, &wantMinor); err != nil {
		return false, fmt.Errorf("%q: no version number", wanted)
	}
	return major > wantMajor || major == wantMajor && minor >= wantMinor, nil
}

// has reports whether this is a Nix of at least the given version. Lix counts its versions in
// another way, and is none.
func (n *Nix) has(ctx context.Context, wanted string) bool {
	answer, err := n.version(ctx)
	if err != nil || strings.Contains(answer, "Lix") {
		return false // what is asked next tells the error
	}
	words := strings.Fields(answer)
	is := false
	if len(words) > 0 {
		is, err = reaches(words[len(words)-1], wanted)
	}
	return is && err == nil
}
