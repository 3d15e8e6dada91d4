package gpu

import (
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
)

// prime is for machines whose screen hangs on a part of the processor. Where the firmware does not say what it hangs on,
// it is so in a laptop.
func (d *Decision) prime(cards []known, battery bool) {
	if d.Nvidia == nil {
		return
	}
	nvidia := slices.IndexFunc(cards, func(k known) bool { return k.Vendor == "nvidia" && k.served && k.rule.Branch != "" })
	integrated := slices.IndexFunc(cards, func(k known) bool { return k.Integrated && (k.Vendor == "intel" || k.Vendor == "amd") })
	if nvidia < 0 || integrated < 0 {
		return
	}
	told := slices.ContainsFunc(cards, func(k known) bool { return k.Boot })
	if told && !cards[integrated].Boot || !told && !battery {
		return
	}
	first, err := BusID(cards[nvidia].Slot)
	if err != nil {
		return
	}
	second, err := BusID(cards[integrated].Slot)
	if err != nil {
		return
	}
	d.Prime = &Prime{Nvidia: first}
	if cards[integrated].Vendor == "intel" {
		d.Prime.Intel = second
	} else {
		d.Prime.AMD = second
	}
}

// BusID turns the kernel's notation of a place (0000:01:00.0, hexadecimal) into that of hardware.nvidia.prime
// (PCI:1@0:0:0, decimal; nixpkgs, nixos/modules/hardware/video/nvidia.nix, busIDType). The domain is always written, as bus
// numbers come again in each domain.
func BusID(slot string) (string, error) {
	at, ok := pci.ParseSlot(slot)
	if !ok {
		return "", fmt.Errorf("%s: no PCI slot", slot)
	}
	return fmt.Sprintf("PCI:%d@%d:%d:%d", at.Bus, at.Domain, at.Device, at.Function), nil
}

// Features are the features that a host with these cards wants on, sorted.
func (d Decision) Features() []string {
	var list []string
	if d.AMD != nil {
		list = append(list, "gpu-amd")
	}
	if d.Nvidia != nil {
		list = append(list, "gpu-containers")
	}
	if d.Intel != nil {
		list = append(list, "gpu-intel")
	}
	if d.Nvidia != nil {
		list = append(list, "gpu-nvidia", "safe-graphics")
	}
	return list
}

// Unfree are the names of the unfree packages that these features need, sorted: those that nixpkgs asks
// allowUnfreePredicate about (nvidia-x11/generic.nix, settings.nix, kernel-modules.nix and cudaPackages, which ollama-cuda
// is built with).
func (d Decision) Unfree() []string {
	if d.Nvidia == nil {
		return nil
	}
	list := []string{"nvidia-settings", "nvidia-x11"}
	if !d.Nvidia.Open {
		list = append(list, "nvidia-kernel-modules")
	}
	if d.Compute == "cuda" {
		list = append(list, "cuda_cccl", "cuda_cudart", "cuda_nvcc", "libcublas")
	}
	slices.Sort(list)
	return list
}
