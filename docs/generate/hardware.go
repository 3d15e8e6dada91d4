package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/gpu"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu/chips"
)

const hardwareIntro = `# Graphics hardware

What nqd does for a graphics card, by its generation. ` + "`nqd gpu`" + ` shows what it decides for the cards of a machine, and why.
A card is known by the numbers of its vendor and device in ` + "`/sys/bus/pci`" + `, never by words of its name. Where the kernel
itself tells the target of a card of AMD, that counts before the tables.
This page is written by ` + "`make docs`" + ` out of ` + "`internal/gpu`" + `.

**None of this was ever run on a real card.** It is tested with machines that are made of published ids
(` + "`testing/hardware/machines`" + `), and the programs of the makers are played by fakes.

`

const hardwareMore = `
A machine may have several cards. Models run on the best of them: CUDA before ROCm before Vulkan before the processor.

- **Several of NVIDIA.** The driver has one branch for all. Where cards from Maxwell to Volta are beside newer ones,
  ` + "`legacy_580`" + ` with closed modules serves them all. Blackwell works with open modules alone: beside it, cards before Turing are
  left out, with a warning.
- **Hybrids.** Where the screen hangs on graphics of the processor (the kernel's ` + "`boot_vga`" + `; where no card has it, the
  machine has a battery), the card of NVIDIA is offloaded to (` + "`hardware.nvidia.prime`" + `). Places are written as
  ` + "`PCI:bus@domain:device:function`" + ` in decimal numbers.
- **A proprietary driver** comes with ` + "`safe-graphics`" + `, an entry of the boot menu without it, and with ` + "`gpu-containers`" + `.
- **Virtual and server graphics** (virtio, QXL, VMware, Hyper-V, Bochs, ASPEED) need nothing, and graphics that are no PCI device,
  as on most ARM boards, are left alone.

## To correct a decision

What is in ` + "`hosts/<name>/host.toml`" + ` wins over what was decided:

` + "```toml" + `
[features.gpu-nvidia]
enable = false            # leave the card to nouveau
` + "```" + `

` + "`enable = true` and `driver = \"legacy_470\"`" + ` in the same table choose a branch that nqd does not choose by itself. For
` + "`legacy_470`" + ` nixpkgs wants the licence accepted too: ` + "`nixpkgs.config.nvidia.acceptLicense = true;` in `local.nix`" + `.
All options are in [features.md](features.md). After a card was changed, ` + "`nqd facts --refresh`" + ` decides anew.

## To report a card that is not known

A card that is in no table keeps what the kernel and Mesa do for it; nqd warns and tells its id. Please report the line of
` + "`nqd gpu --json`" + ` with its ` + "`id`" + ` (such as ` + "`10de:2520`" + `), how the card is sold, and whether it works. The line has no serial number.
`

// hardware is the page of what is decided for graphics cards.
func hardware() string {
	var b strings.Builder
	b.WriteString(hardwareIntro)
	for _, vendor := range [][3]string{{"nvidia", "NVIDIA", chips.Nvidia}, {"amd", "AMD", chips.AMD}, {"intel", "Intel", chips.Intel}} {
		b.WriteString("## " + vendor[1] + "\n\n")
		rows := [][]string{}
		for _, rule := range gpu.Rules() {
			if rule.Vendor == vendor[0] {
				rows = append(rows, []string{rule.Generation, names(vendor[2], rule.Generation), decided(rule), rule.Source})
			}
		}
		b.WriteString(table([]string{"generation", "chips", "what nqd does", "source"}, rows))
		b.WriteString("\nIds: " + chips.Source(vendor[2]) + ".\n")
		if vendor[0] == "amd" {
			b.WriteString("\n" + targets())
		}
		b.WriteString("\n")
	}
	return b.String() + "## Several cards, and none" + "\n" + hardwareMore
}

// names are the chips of a generation, each once.
func names(vendor, generation string) string {
	var list []string
	for _, chip := range chips.All(vendor) {
		if chip.Generation == generation && !slices.Contains(list, chip.Name) {
			list = append(list, chip.Name)
		}
	}
	slices.Sort(list)
	if len(list) > 24 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:8], ", "), len(list)-8)
	}
	return strings.Join(list, ", ")
}

// decided says it with the names of packages.
func decided(rule gpu.Rule) string {
	names := slices.DeleteFunc([]string{rule.Media, rule.VPL, rule.Compute}, empty)
	if rule.Legacy != "" {
		names = append(names, rule.Legacy)
	}
	switch {
	case len(names) == 0:
		return rule.Decision
	case rule.Legacy != "":
		return rule.Decision + " (its last was " + strings.Join(codes(names), ", ") + ")"
	}
	return rule.Decision + " (" + strings.Join(codes(names), ", ") + ")"
}

// targets says which cards of AMD run models by ROCm.
func targets() string {
	text := "Targets that models run on by ROCm: " + strings.Join(codes(gpu.Targets()), ", ") + " (Ollama, docs/gpu.mdx)."
	for gfx, version := range gpu.Overrides() {
		text += " " + code(gfx) + " is served with " + code("HSA_OVERRIDE_GFX_VERSION="+version) + ", which is documented there. Others are not guessed."
	}
	return text + "\n"
}
