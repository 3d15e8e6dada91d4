package hostflags_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/hostflags"
	"github.com/masterofnull/nixos-quick-deploy/internal/setup"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

func said(t *testing.T, known *catalog.Catalog, args ...string) (setup.Said, error) {
	t.Helper()
	var o hostflags.Flags
	flags := pflag.NewFlagSet("init", pflag.ContinueOnError)
	o.Add(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return o.Said(known)
}

// A value of the wrong kind is refused by the name of its option: a "no" that is a text must not be taken for nothing said.
func TestSet(t *testing.T) {
	t.Parallel()
	known, err := catalog.Load(nixlib.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"gpu-nvidia.enable=no", "ollama.port=high", "locale.formats=LC_TIME=en_DK.UTF-8", "locale.formats=[1]", "locale=x", "nothing.x=1"} {
		if _, err := said(t, known, "--set="+bad); err == nil || !strings.Contains(err.Error(), strings.Split(bad, ".")[0]) {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := said(t, known, "--preset=bogus"); err == nil || !strings.Contains(err.Error(), "--preset: bogus") {
		t.Errorf("got %v", err)
	}
	got, err := said(t, known, "--set=gpu-nvidia.enable=false", "--set=ollama.port=1", `--set=locale.formats=["LC_TIME=en_DK.UTF-8"]`)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]any{
		"gpu-nvidia": {"enable": false}, "ollama": {"port": int64(1)}, "locale": {"formats": []string{"LC_TIME=en_DK.UTF-8"}},
	}
	if !reflect.DeepEqual(got.Features, want) {
		t.Errorf("got %v", got.Features)
	}
	// What was said is not replaced by what is detected.
	h := setup.Propose(known, setup.Found{}, got).Host()
	if !reflect.DeepEqual(h.Features["locale"]["formats"], want["locale"]["formats"]) {
		t.Errorf("the host has %v", h.Features)
	}
}
