package begin

import (
	"slices"
	"testing"

	"github.com/spf13/pflag"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/hostflags"
)

// Every option of init counts when it was given, whatever its value.
func TestGiven(t *testing.T) {
	t.Parallel()
	flags := pflag.NewFlagSet("up", pflag.ContinueOnError)
	new(hostflags.Flags).Add(flags)
	flags.Bool("yes", false, "")
	if err := flags.Parse([]string{"--yes", "--user=", "--set=a.b=c", "--non-interactive", "--nixpkgs=path:/x"}); err != nil {
		t.Fatal(err)
	}
	if got, want := given(flags), []string{"nixpkgs", "set", "user"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
