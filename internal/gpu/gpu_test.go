package gpu

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu/chips"
)

// busIDType is what hardware.nvidia.prime takes (nixpkgs, nixos/modules/hardware/video/nvidia.nix).
var busIDType = regexp.MustCompile(`^([[:print:]]+:[0-9]{1,3}(@[0-9]{1,10})?:[0-9]{1,2}:[0-9])?$`)

func TestBusID(t *testing.T) {
	t.Parallel()
	for slot, want := range map[string]string{
		"0000:00:02.0": "PCI:0@0:2:0", "0000:01:00.0": "PCI:1@0:0:0", "0000:c5:1f.7": "PCI:197@0:31:7", "10000:e1:00.0": "PCI:225@65536:0:0", "0001:ff:1f.7": "PCI:255@1:31:7",
	} {
		got, err := BusID(slot)
		if err != nil || got != want || !busIDType.MatchString(got) {
			t.Errorf("%s: %s, %v; want %s", slot, got, err, want)
		}
	}
	for _, slot := range []string{"", "0000:01:00", "0000:100:00.0", "0000:01:20.0", "0000:01:00.8", "0000:01:00.0.0", "PCI:1:0:0", "0000:-1:00.0", "virtio0"} {
		if got, err := BusID(slot); err == nil || !strings.Contains(err.Error(), slot) {
			t.Errorf("%q: %q, %v", slot, got, err)
		}
	}
}

// TestRules: each generation of the tables has a row with a source, and no row is of one that no table has.
func TestRules(t *testing.T) {
	t.Parallel()
	makers := map[string]string{"nvidia": chips.Nvidia, "amd": chips.AMD, "intel": chips.Intel}
	seen := map[string]bool{}
	for _, r := range Rules() {
		key := r.Vendor + " " + r.Generation
		if seen[key] || r.Decision == "" || r.Source == "" || makers[r.Vendor] == "" || !slices.Contains([]string{"cuda", "vulkan", "cpu"}, r.Models) {
			t.Errorf("%s: %+v", key, r)
		}
		seen[key] = true
	}
	found := map[string]bool{}
	for name, vendor := range makers {
		for _, chip := range chips.All(vendor) {
			found[name+" "+chip.Generation] = true
		}
	}
	if !reflect.DeepEqual(found, seen) {
		t.Errorf("generations of the tables: %v\nrows: %v", found, seen)
	}
}

func TestUnfree(t *testing.T) {
	t.Parallel()
	cuda := []string{"cuda_cccl", "cuda_cudart", "cuda_nvcc", "libcublas"}
	for id, want := range map[string][]string{
		"2520": append(slices.Clone(cuda), "nvidia-settings", "nvidia-x11"),
		"13c2": append(slices.Clone(cuda), "nvidia-kernel-modules", "nvidia-settings", "nvidia-x11"),
		"1180": nil,
	} {
		d := Decide(facts.Facts{PCI: []pci.Device{{Slot: "0000:01:00.0", Class: "030000", Vendor: "10de", ID: id}}})
		if got := d.Unfree(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
}

// TestPrimeOfServedCard: what no driver serves is not offloaded to, wherever it is.
func TestPrimeOfServedCard(t *testing.T) {
	t.Parallel()
	d := Decide(facts.Facts{PCI: []pci.Device{
		{Slot: "0000:00:02.0", Class: "030000", Vendor: "8086", ID: "a780", Boot: true},
		{Slot: "0000:01:00.0", Class: "030000", Vendor: "10de", ID: "1b06"}, // Pascal, left out beside Blackwell
		{Slot: "0000:02:00.0", Class: "030000", Vendor: "10de", ID: "2b85"},
	}})
	if want := (Prime{Nvidia: "PCI:2@0:0:0", Intel: "PCI:0@0:2:0"}); d.Prime == nil || *d.Prime != want {
		t.Errorf("got %+v, want %+v", d.Prime, want)
	}
}

// TestDecideHolds: whatever the kernel shows, in whatever order, the decision is the same, has a word for each card, and
// never a proprietary driver without a known card of NVIDIA.
func TestDecideHolds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		device := rapid.Custom(func(t *rapid.T) pci.Device {
			return pci.Device{
				Slot:   rapid.SampledFrom([]string{"0000:00:02.0", "0000:01:00.0", "0000:c5:00.0", "10000:e1:00.0", "x"}).Draw(t, "slot"),
				Class:  rapid.SampledFrom([]string{"030000", "030200", "038000", "120000", "040300", ""}).Draw(t, "class"),
				Vendor: rapid.SampledFrom([]string{"10de", "1002", "8086", "1af4", "Corporation", ""}).Draw(t, "vendor"),
				ID:     rapid.SampledFrom([]string{"2520", "1b06", "1180", "2b85", "15bf", "744c", "5917", "56a0", "fff0", "ati", ""}).Draw(t, "id"),
				Boot:   rapid.Bool().Draw(t, "boot"),
			}
		})
		list := rapid.SliceOfNDistinct(device, 0, 5, func(d pci.Device) string { return d.Slot }).Draw(t, "devices")
		found := facts.Facts{PCI: list, Battery: rapid.Bool().Draw(t, "battery")}
		d := Decide(found)
		turned := slices.Clone(list)
		slices.Reverse(turned)
		found.PCI = turned
		if again := Decide(found); !reflect.DeepEqual(d, again) {
			t.Fatalf("%+v\n%+v", d, again)
		}
		if _, err := json.Marshal(d); err != nil {
			t.Fatal(err)
		}
		known := false
		for _, card := range d.Cards {
			known = known || card.Vendor == "nvidia" && card.Name != ""
			if card.Decision == "" {
				t.Fatalf("%+v", card)
			}
		}
		if d.Nvidia != nil && !known || d.Prime != nil && d.Nvidia == nil || d.Compute == "cuda" && d.Nvidia == nil || d.Compute == "rocm" && d.AMD == nil {
			t.Fatalf("%+v", d)
		}
		if features := d.Features(); !slices.IsSorted(features) || slices.Contains(features, "safe-graphics") != (d.Nvidia != nil) {
			t.Fatal(features)
		}
	})
}
