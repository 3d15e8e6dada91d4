package answer

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// gpuAnswers are machines without a card, and with two of which one is not known and does not work.
func gpuAnswers() map[string]func(io.Writer, int) {
	hybrid := event.GPU{
		Cards: []event.GPUCard{
			{Slot: "0000:00:02.0", ID: "8086:46a6", Vendor: "intel", Name: "Alder Lake-P GT2 [Iris Xe Graphics]", Generation: "Gen12",
				Driver: "i915", Boot: true, Decision: "intel-media-driver and vpl-gpu-rt", Source: "a table of Intel's"},
			{Slot: "0000:01:00.0", ID: "10de:ffff", Vendor: "nvidia", Decision: "no driver of NVIDIA:\nthe card is not known"},
		},
		Compute: "cpu", Features: []string{"gpu-intel", "safe-graphics"}, Warnings: []string{"the card 10de:ffff is not known: nothing is decided\x1b[31m for it"},
		Checks: []event.Checked{
			{Target: "gpu-nodes", OK: true},
			{Target: "vulkan", OK: true, Remark: "not asked: vulkaninfo is not installed"},
			{Target: "nvidia-version", Problem: "the module is 550.90.07, the libraries are 570.124.04",
				Cause: "the driver was updated while the machine ran, and the kernel still has the module that it started with", Cure: "restart the machine"},
			{Target: "nvidia-smi", Problem: "nvidia-smi:\nno\x1b[2J words"},
		},
	}
	return map[string]func(io.Writer, int){
		"none":   func(w io.Writer, n int) { GPU(w, event.GPU{Compute: "cpu"}, n) },
		"hybrid": func(w io.Writer, n int) { GPU(w, hybrid, n) },
	}
}

// TestGPU holds what is said to testdata/gpu-WIDTH.txt, and to the width.
func TestGPU(t *testing.T) {
	all := gpuAnswers()
	for _, width := range []int{40, 80} {
		var b bytes.Buffer
		for _, name := range []string{"none", "hybrid"} {
			fmt.Fprintf(&b, "── %s\n", name)
			all[name](&b, width)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if strings.Contains(line, "\x1b") || ansi.StringWidth(line) > width && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("width %d: %q", width, line)
			}
		}
		file := fmt.Sprintf("testdata/gpu-%d.txt", width)
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || b.String() != string(want) {
			t.Errorf("%s (%v): got\n%s", file, err, b.String())
		}
	}
}
