package gpu

// Rule is what is decided for the cards of a generation, and where that is from.
type Rule struct {
	Vendor, Generation string
	// Branch is of nvidiaPackages; empty where NixOS builds no driver of NVIDIA for them by itself. Legacy names the one that
	// served them last.
	Branch, Legacy string
	Open           bool
	// Media, VPL, Compute and Kernel are of Intel, as in Intel.
	Media, VPL, Compute, Kernel string
	// Models is what local models run on where nothing better is there: cuda, vulkan or cpu (rocm is by target: Targets).
	Models string
	// Decision says it in words.
	Decision, Source string
}

const (
	openSource   = "NVIDIA open-gpu-kernel-modules 595.45.04, README.md (Compatible GPUs: Turing and later); Ollama, docs/gpu.mdx (compute capability 5.0 and later)"
	closedSource = "nixpkgs, pkgs/os-specific/linux/nvidia-x11/default.nix (legacy_580; production is 595, which has dropped them); Ollama, docs/gpu.mdx (compute capability 5.0 and later, driver 570)"
	keplerSource = "nixpkgs, pkgs/os-specific/linux/nvidia-x11/default.nix (legacy_470: the last for Kepler) and generic.nix (acceptLicense); Ollama, docs/gpu.mdx (compute capability 5.0 and later)"
	fermiSource  = "nixpkgs, pkgs/os-specific/linux/nvidia-x11/default.nix (legacy_390: broken from Linux 6.18 on)"
	teslaSource  = "nixpkgs, pkgs/os-specific/linux/nvidia-x11/default.nix (legacy_340: broken from Linux 6.7 on)"
	curieSource  = "nixpkgs, pkgs/os-specific/linux/nvidia-x11/default.nix (no driver for them)"
	amdSource    = "Ollama, docs/gpu.mdx (LLVM targets; others by Vulkan)"
	oldAMDSource = "Linux, drivers/gpu/drm/amd/amdgpu/amdgpu_drv.c (si_support, cik_support)"
	teraSource   = "Linux, drivers/gpu/drm/radeon"
	intelSource  = "intel/media-driver, README.md (iHD: Broadwell and later); intel/vpl-gpu-rt, README.md (Tiger Lake and later); " +
		"intel/compute-runtime, README.md and LEGACY_PLATFORMS.md; Linux, include/drm/intel/pciids.h"
)

const (
	openWords   = "driver of branch production with open kernel modules; models by CUDA"
	closedWords = "driver of branch legacy_580 with closed kernel modules; models by CUDA"
	amdWords    = "amdgpu and Mesa; models by ROCm where the target is served, else by Vulkan"
	oldAMDWords = "Mesa; amdgpu in place of radeon; models on the processor"
)

// Rules are all decisions, newest generation first: docs/hardware.md is made of them.
func Rules() []Rule {
	var rules []Rule
	for _, generation := range []string{"Blackwell", "Hopper", "Ada", "Ampere", "Turing"} {
		rules = append(rules, Rule{Vendor: "nvidia", Generation: generation, Branch: "production", Open: true, Models: "cuda",
			Decision: openWords, Source: openSource})
	}
	for _, generation := range []string{"Volta", "Pascal", "Maxwell"} {
		rules = append(rules, Rule{Vendor: "nvidia", Generation: generation, Branch: "legacy_580", Models: "cuda",
			Decision: closedWords, Source: closedSource})
	}
	rules = append(rules,
		Rule{Vendor: "nvidia", Generation: "Kepler", Legacy: "legacy_470", Models: "cpu", Decision: nouveauWords, Source: keplerSource},
		Rule{Vendor: "nvidia", Generation: "Fermi", Legacy: "legacy_390", Models: "cpu", Decision: nouveauWords, Source: fermiSource},
		Rule{Vendor: "nvidia", Generation: "Tesla", Legacy: "legacy_340", Models: "cpu", Decision: nouveauWords, Source: teslaSource},
		Rule{Vendor: "nvidia", Generation: "Curie or older", Models: "cpu", Decision: nouveauWords, Source: curieSource})
	for _, generation := range []string{"RDNA 4", "RDNA 3.5", "RDNA 3", "RDNA 2", "RDNA 1", "CDNA 4", "CDNA 3", "CDNA 2", "CDNA 1", "GCN 5", "GCN 4", "GCN 3"} {
		rules = append(rules, Rule{Vendor: "amd", Generation: generation, Kernel: "amdgpu", Models: "vulkan", Decision: amdWords, Source: amdSource})
	}
	for _, generation := range []string{"GCN 2", "GCN 1"} {
		rules = append(rules, Rule{Vendor: "amd", Generation: generation, Kernel: "amdgpu", Models: "cpu", Decision: oldAMDWords, Source: oldAMDSource})
	}
	rules = append(rules, Rule{Vendor: "amd", Generation: "TeraScale", Models: "cpu", Decision: "radeon and Mesa, as they are", Source: teraSource})
	return append(rules, intelRules()...)
}

const nouveauWords = "left to nouveau: NixOS builds no driver of NVIDIA for it unasked"

// intelRules are the rows of Intel. Its older media driver is i965, its newer one iHD; models run on the graphics from
// the generation on that the current compute runtime serves.
func intelRules() []Rule {
	row := func(generation, media, vpl, compute, kernel, models, words string) Rule {
		return Rule{Vendor: "intel", Generation: generation, Media: media, VPL: vpl, Compute: compute, Kernel: kernel, Models: models,
			Decision: words, Source: intelSource}
	}
	const ihd, vpl, neo, legacy = "intel-media-driver", "vpl-gpu-rt", "intel-compute-runtime", "intel-compute-runtime-legacy1"
	return []Rule{
		row("Xe3", ihd, vpl, neo, "xe", "vulkan", "xe; iHD, VPL and the compute runtime; models by Vulkan"),
		row("Xe2", ihd, vpl, neo, "xe", "vulkan", "xe; iHD, VPL and the compute runtime; models by Vulkan"),
		row("Xe-HPC", "", "", neo, "xe", "cpu", "xe; the compute runtime"),
		row("Xe-LPG", ihd, vpl, neo, "i915", "vulkan", "i915; iHD, VPL and the compute runtime; models by Vulkan"),
		row("Xe-HPG", ihd, vpl, neo, "i915", "vulkan", "i915; iHD, VPL and the compute runtime; models by Vulkan"),
		row("Xe-LP", ihd, vpl, neo, "i915", "vulkan", "i915; iHD, VPL and the compute runtime; models by Vulkan"),
		row("Gen 11", ihd, "", legacy, "i915", "cpu", "i915; iHD and the older compute runtime; models on the processor"),
		row("Gen 9.5", ihd, "", legacy, "i915", "cpu", "i915; iHD and the older compute runtime; models on the processor"),
		row("Gen 9", ihd, "", legacy, "i915", "cpu", "i915; iHD and the older compute runtime; models on the processor"),
		row("Gen 8", ihd, "", legacy, "i915", "cpu", "i915; iHD and the older compute runtime; models on the processor"),
		row("Gen 7.5", "intel-vaapi-driver", "", "", "i915", "cpu", "i915; the older media driver (i965); models on the processor"),
		row("Gen 7", "intel-vaapi-driver", "", "", "i915", "cpu", "i915; the older media driver (i965); models on the processor"),
		row("Gen 6", "intel-vaapi-driver", "", "", "i915", "cpu", "i915; the older media driver (i965); models on the processor"),
		row("Gen 5", "intel-vaapi-driver", "", "", "i915", "cpu", "i915; the older media driver (i965); models on the processor"),
		row("Gen 4", "intel-vaapi-driver", "", "", "i915", "cpu", "i915; the older media driver (i965); models on the processor"),
		row("Gen 3 or older", "", "", "", "i915", "cpu", "i915 and Mesa, as they are"),
	}
}

// rule is what is decided for a generation.
func rule(vendor, generation string) (Rule, bool) {
	for _, r := range Rules() {
		if r.Vendor == vendor && r.Generation == generation {
			return r, true
		}
	}
	return Rule{}, false
}

// Targets are those of ROCm that models run on (Ollama, docs/gpu.mdx, table of LLVM targets).
func Targets() []string {
	return []string{"gfx908", "gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1101", "gfx1102", "gfx1150", "gfx1151", "gfx1200", "gfx1201"}
}

// Overrides are the values of HSA_OVERRIDE_GFX_VERSION that are documented, by target (Ollama, docs/gpu.mdx, Overrides on
// Linux). What worked for somebody is not in it.
func Overrides() map[string]string { return map[string]string{"gfx1034": "10.3.0"} }
