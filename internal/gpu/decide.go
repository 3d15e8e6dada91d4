package gpu

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu/chips"
)

// known is a card with what the tables say of it.
type known struct {
	Card
	vendor string // as chips names it
	gfx    string
	rule   Rule
	served bool // there is a rule
}

// Decide decides for all cards that a machine has.
func Decide(found facts.Facts) Decision {
	var cards []known
	for _, device := range found.PCI {
		if device.Display() || accelerator(device) {
			cards = append(cards, look(device))
		}
	}
	slices.SortStableFunc(cards, func(a, b known) int { return cmp.Compare(a.Slot, b.Slot) })
	d := Decision{Cards: []Card{}, Compute: "cpu"}
	d.nvidia(cards)
	d.amd(cards)
	d.intel(cards)
	d.prime(cards, found.Battery)
	for i := range cards {
		d.Cards = append(d.Cards, cards[i].Card)
	}
	return d
}

// accelerator is a card of AMD for computing alone, which is of class 12 (processing accelerators).
func accelerator(device pci.Device) bool {
	_, found := chips.Find(device.Vendor, device.ID)
	return found && device.Vendor == chips.AMD && strings.HasPrefix(device.Class, "12")
}

// look is what the tables say of a device. Its vendor is a number: no word of a name counts.
func look(device pci.Device) known {
	k := known{vendor: device.Vendor, gfx: device.Gfx, Card: Card{
		Slot: device.Slot, Vendor: "other", ID: device.Vendor + ":" + device.ID, Driver: device.Driver, Boot: device.Boot,
		Decision: "nothing to do: the kernel and Mesa serve it, or nothing does",
	}}
	switch device.Vendor {
	case chips.Nvidia:
		k.Vendor = "nvidia"
	case chips.AMD:
		k.Vendor = "amd"
	case chips.Intel:
		k.Vendor = "intel"
	default:
		k.Name, k.Source = virtual(device)
		return k
	}
	chip, found := chips.Find(device.Vendor, device.ID)
	if !found {
		k.Decision = "not known: " + alone
		return k
	}
	k.Name, k.Generation, k.Integrated = chip.Name, chip.Generation, chip.Integrated
	k.gfx = cmp.Or(device.Gfx, chip.Gfx)
	if k.rule, k.served = rule(k.Vendor, chip.Generation); k.served {
		k.Decision, k.Source = k.rule.Decision, k.rule.Source
	}
	return k
}

// virtual names adapters that a machine's own graphics need nothing for: those of virtual machines and of servers' boards.
func virtual(device pci.Device) (name, source string) {
	name = map[string]string{
		"1af4:1050": "Virtio GPU", "1b36:0100": "QXL", "15ad:0405": "SVGA II", "1414:5353": "Hyper-V", "1234:1111": "Bochs",
		"1a03:2000": "ASPEED", "1013:00b8": "GD 5446",
	}[device.Vendor+":"+device.ID]
	if name != "" {
		source = "pci.ids 2026.08.22"
	}
	return name, source
}

// of are the cards of a vendor.
func of(cards []known, vendor string) []*known {
	var list []*known
	for i := range cards {
		if cards[i].Vendor == vendor {
			list = append(list, &cards[i])
		}
	}
	return list
}

// alone is what becomes of a card that nothing is known of.
const alone = "it is left to what the kernel and Mesa do by themselves"

// warnUnknown says what becomes of a card that is in no table, with the id that its owner can report.
func (d *Decision) warnUnknown(k *known, maker, becomes string) {
	number, _, _ := strings.Cut(k.ID, ":")
	id, err := strconv.ParseUint(strings.TrimPrefix(k.ID, number+":"), 16, 16)
	newer := ""
	if err == nil && int(id) > chips.Newest(k.vendor) {
		newer = ", newer than any in the tables"
	}
	text := fmt.Sprintf("The card %s at %s is one of %s that nqd does not know%s: %s. "+
		"Please report its id; docs/hardware.md says how, and how to choose a driver by hand.", k.ID, k.Slot, maker, newer, becomes)
	d.Warnings = append(d.Warnings, text)
}

// better keeps the best that models can run on.
func (d *Decision) better(models string) {
	rank := []string{"cpu", "vulkan", "rocm", "cuda"}
	if slices.Index(rank, models) > slices.Index(rank, d.Compute) {
		d.Compute = models
	}
}
