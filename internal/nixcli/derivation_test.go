package nixcli

import (
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func TestDerivationsAnswersForAll(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.answer(t, "stdout", `{"`+curl+`.drv":{}}`)
	got, err := f.Derivations(t.Context(), []machine.StorePath{curl + ".drv", curl34 + ".drv"})
	if err == nil || err.Error() != "nix derivation show: says nothing of "+curl34+".drv" {
		t.Errorf("got %v, %v", got, err)
	}
	f = newFake(t)
	f.answer(t, "fails", "") // nix would look for a flake
	if got, err := f.Derivations(t.Context(), nil); err != nil || len(got) > 0 || len(f.events) > 0 {
		t.Errorf("of none: got %v, %v, events %v", got, err, f.events)
	}
}
