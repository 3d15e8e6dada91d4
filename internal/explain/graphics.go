package explain

// graphics are failures of the drivers of graphics cards, as units log them while a system is tried: the generator of
// CDI specifications, services that compute. `nqd gpu` finds them by looking.
func graphics() []kind {
	return []kind{
		{
			id: "nvidia-version-mismatch", title: "The NVIDIA driver's module and its libraries are of two versions", stage: Activating,
			all: []string{`(?i)driver/library version mismatch`},
			cause: "The driver was updated while the machine ran. The kernel keeps the module that it started with, and programs load " +
				"the new libraries, which refuse it.",
			cure: "Restart the machine: the module is loaded anew then. `nqd gpu` says whether both are of one version.",
		},
		{
			id: "nvidia-nouveau", title: "Another driver has the NVIDIA card", stage: Activating,
			all:   []string{`The NVIDIA probe routine was not called for`, `NVRM: nouveau, rivafb, nvidiafb`},
			cause: "The kernel loaded nouveau before the driver of NVIDIA, and a card has one driver at a time.",
			cure: "Restart the machine, as the feature gpu-nvidia keeps nouveau out from then on. Where nouveau comes back, take it " +
				"out of boot.kernelModules and boot.initrd.kernelModules.",
		},
		{
			id: "nvidia-not-loaded", title: "The NVIDIA driver does not answer", stage: Activating,
			all: []string{`couldn't communicate with the NVIDIA driver`},
			cause: "The module nvidia is not loaded, or its device nodes are missing. That is so until the next start where the driver " +
				"came with this deployment.",
			cure: "Restart the machine. Where that does not help, `nqd gpu` says what keeps the module out.",
		},
		{
			id: "cdi-unresolvable", title: "Containers cannot be given the graphics card", stage: Activating,
			all: []string{`unresolvable CDI devices`, `failed to stat CDI host device`},
			cause: "No specification of the Container Device Interface describes the card, or it names device nodes that are not " +
				"there. It is written when the machine starts, by nvidia-container-toolkit-cdi-generator.service.",
			cure: "`sudo systemctl restart nvidia-container-toolkit-cdi-generator.service` writes it anew; `nqd gpu` says what is wrong with it.",
		},
		{
			id: "kfd-denied", title: "The user may not compute with the AMD card", stage: Activating,
			all:   []string{`Unable to open /dev/kfd read-write: Permission denied`},
			cause: "Only members of the group render may open /dev/kfd, and an account that was added to it is a member from its next login on.",
			cure:  "Add render and video to users.users.NAME.extraGroups, deploy, and log in again.",
		},
	}
}
