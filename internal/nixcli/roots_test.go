package nixcli

import (
	"slices"
	"testing"
)

// TestParseRoots reads what Nix 2.26.3 and 2.34.8 wrote on 2026-11-23, and what a daemon tells those whom it does not trust.
func TestParseRoots(t *testing.T) {
	t.Parallel()
	text := "/proc/25165/environ -> " + curl + "\n" +
		"/tmp/a -> b/nix/var/nix/profiles/system-1-link -> " + curl + "\n" +
		"\"/home/ada/.local/state/nqd/deployments/1/new\" -> " + curl + "\n" +
		"{censored} -> " + curl + "\n"
	want := []Root{
		{"/proc/25165/environ", curl}, {"/tmp/a -> b/nix/var/nix/profiles/system-1-link", curl},
		{"/home/ada/.local/state/nqd/deployments/1/new", curl}, {"{censored}", curl},
	}
	if got, err := parseRoots(text); err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v", got, err)
	}
	for _, text := range []string{"a root\n", "a -> /etc\n", "\n", "x -> \n"} {
		if got, err := parseRoots(text); err == nil {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}
