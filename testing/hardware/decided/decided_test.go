package decided

import (
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/hardware"
)

// TestDecisions: what is decided for each machine is what its file expects, all of it, and nothing besides.
func TestDecisions(t *testing.T) {
	right := 0
	for _, name := range hardware.Names() {
		t.Run(name, func(t *testing.T) {
			m, err := hardware.Load(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Expected.Sources) == 0 {
				t.Error("the expected decision has no source")
			}
			decision, err := Decide(t.TempDir(), name)
			if err != nil {
				t.Fatal(err)
			}
			differences := Differ(m.Expected, decision)
			for _, text := range differences {
				t.Error(text)
			}
			if len(differences) == 0 {
				right++
			}
		})
	}
	if len(hardware.Names()) < 20 {
		t.Errorf("%d machines: 20 were wanted", len(hardware.Names()))
	}
	t.Logf("fixtures decided right: %d/%d", right, len(hardware.Names()))
}
