package lib

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	fixtures "github.com/masterofnull/nixos-quick-deploy/testing/hardware"
	"github.com/masterofnull/nixos-quick-deploy/testing/hardware/decided"
)

// Every machine that there is a fixture of, with a desktop, Ollama and what nqd decides for its cards: it evaluates to what
// can be built, and nothing is left out.
func TestDecidedMachines(t *testing.T) {
	var cases []hostCase
	for _, name := range fixtures.Names() {
		decision, err := decided.Decide(t.TempDir(), name)
		if err != nil {
			t.Fatal(err)
		}
		graphics, err := json.Marshal(decision)
		if err != nil {
			t.Fatal(err)
		}
		var quoted []string
		for _, unfree := range decision.Unfree() {
			quoted = append(quoted, strconv.Quote(unfree))
		}
		features := strings.Join(slices.Concat(decision.Features(), []string{"desktop-cosmic", "podman", "ollama"}), " ")
		cases = append(cases, hostCase{
			name: name, files: cards(string(graphics)), ask: builds, want: `[]`,
			more: on(features) + allow(strings.Join(quoted, ", ")),
		})
	}
	askAll(t, cases)
}
