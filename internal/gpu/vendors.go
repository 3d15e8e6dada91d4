package gpu

import (
	"fmt"
	"slices"
	"strings"
)

// nvidia chooses the branch that serves all cards of NVIDIA, or as many as one can.
func (d *Decision) nvidia(cards []known) {
	var current, older []*known
	for _, k := range of(cards, "nvidia") {
		switch {
		case !k.served:
			d.warnUnknown(k, "NVIDIA", alone)
		case k.rule.Branch == "":
			d.warnLegacy(k)
		case k.rule.Open:
			current = append(current, k)
		default:
			older = append(older, k)
		}
	}
	switch {
	case len(current)+len(older) == 0:
		return
	case len(older) == 0:
		d.Nvidia = &Nvidia{Branch: "production", Open: true}
	case !slices.ContainsFunc(current, openOnly):
		// The closed modules of 580 serve everything from Maxwell to Ada, and Hopper.
		d.Nvidia = &Nvidia{Branch: "legacy_580"}
		for _, k := range current {
			k.Decision, k.Source = closedWords+", as an older card beside it needs it", closedSource
		}
	default:
		d.Nvidia = &Nvidia{Branch: "production", Open: true}
		for _, k := range older {
			k.served = false
			k.Decision = "not served: a newer card beside it has only open kernel modules, which leave this one out"
			d.Warnings = append(d.Warnings, fmt.Sprintf("The card %s at %s (%s) is not served: no branch of the driver serves it together with the Blackwell card beside it.",
				k.ID, k.Slot, k.Generation))
		}
	}
	d.better("cuda")
}

// openOnly: closed kernel modules know nothing of Blackwell.
func openOnly(k *known) bool { return k.Generation == "Blackwell" }

// warnLegacy names the branch that served a card last.
func (d *Decision) warnLegacy(k *known) {
	text := fmt.Sprintf("The card %s at %s (%s) is left to nouveau: ", k.ID, k.Slot, k.Generation)
	switch k.rule.Legacy {
	case "":
		text += "nixpkgs has no driver of NVIDIA for it."
	case "legacy_470":
		text += "its last driver, legacy_470, gets no updates any more, and nixpkgs wants its licence accepted by name. docs/hardware.md says how to choose it."
	default:
		text += "its last driver, " + k.rule.Legacy + ", does not build for the kernels of NixOS 26.05 and later."
	}
	d.Warnings = append(d.Warnings, text)
}

// amd decides by target: the best card counts.
func (d *Decision) amd(cards []known) {
	rank := -1
	for _, k := range of(cards, "amd") {
		if !k.served {
			if k.gfx == "" {
				d.warnUnknown(k, "AMD", alone)
				continue
			}
			k.rule.Kernel, k.rule.Models = "amdgpu", "vulkan" // the kernel itself tells its target
			k.Decision, k.Source = amdWords, amdSource
			d.warnUnknown(k, "AMD", "nqd goes by the target that the kernel tells, "+k.gfx)
		}
		if k.rule.Kernel == "" {
			continue
		}
		a := AMD{Gfx: k.gfx, Legacy: k.Generation == "GCN 1" || k.Generation == "GCN 2", Override: Overrides()[k.gfx]}
		a.ROCm = slices.Contains(Targets(), k.gfx) || a.Override != ""
		models, value := k.rule.Models, 0
		if a.ROCm {
			models, value = "rocm", 2
		}
		k.Decision = amdDecision(a)
		d.better(models)
		if !k.Integrated {
			value++
		}
		if value > rank {
			rank, d.AMD = value, &a
		}
	}
}

// amdDecision says in words what is decided for a card of AMD.
func amdDecision(a AMD) string {
	switch {
	case a.Legacy:
		return oldAMDWords
	case a.Override != "":
		return "amdgpu and Mesa; models by ROCm (" + a.Gfx + " as " + a.Override + ")"
	case a.ROCm:
		return "amdgpu and Mesa; models by ROCm (" + a.Gfx + ")"
	}
	return "amdgpu and Mesa; models by Vulkan (" + a.Gfx + " is no target that is served by ROCm)"
}

// intel takes the packages for the newest of Intel's cards: one media driver and one runtime serve what they know.
func (d *Decision) intel(cards []known) {
	newest := len(intelRules())
	for _, k := range of(cards, "intel") {
		if !k.served {
			d.warnUnknown(k, "Intel", alone)
			continue
		}
		r := k.rule
		if strings.Contains(k.Name, "Cherry Trail") { // Braswell and Cherry Trail: neither iHD nor the runtime knows them
			r.Media, r.Compute = "intel-vaapi-driver", ""
			k.Decision = "i915; the older media driver (i965); models on the processor"
		}
		d.better(r.Models)
		place := slices.IndexFunc(intelRules(), func(other Rule) bool { return other.Generation == r.Generation })
		if place < newest && r.Generation != "Gen 3 or older" {
			newest, d.Intel = place, &Intel{Media: r.Media, VPL: r.VPL, Compute: r.Compute, Kernel: r.Kernel}
		}
	}
}
