// Package proof asks whether graphics cards work, from the kernel's module to a container that sees them, and knows the
// cause and the cure where one does not.
package proof

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts/pci"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Asker puts questions to one machine. It changes nothing there.
type Asker struct {
	Machine *machine.Machine
	// Found are the facts of the machine: what it does not have is not asked.
	Found facts.Facts
	// Home and RuntimeDir are HOME and XDG_RUNTIME_DIR of the user, where rootless containers are kept.
	Home, RuntimeDir string
}

// Lazy makes an Asker that looks at the machine when it is asked first: most runs of nqd ask nothing.
func Lazy(m *machine.Machine, home, runtimeDir string) func() *Asker {
	return sync.OnceValue(func() *Asker {
		return &Asker{Machine: m, Found: facts.Read(m), Home: home, RuntimeDir: runtimeDir}
	})
}

// Problem is what is wrong with a card, as far as it is known with its cause and cure: sentences without a full stop.
type Problem struct{ Text, Why, Do string }

func (p *Problem) Error() string { return p.Text }

// Cause is where the problem comes from; empty where that is not known.
func (p *Problem) Cause() string { return p.Why }

// Cure is what to do about it; empty where nothing is known to help.
func (p *Problem) Cure() string { return p.Do }

// questions are all that can be asked, by the names that a feature.toml uses.
var questions = map[string]func(*Asker, context.Context, string) (string, error){
	"nvidia-module":  (*Asker).nvidiaModule,
	"nvidia-version": (*Asker).nvidiaVersion,
	"gpu-nodes":      (*Asker).nodes,
	"nvidia-smi":     (*Asker).nvidiaSMI,
	"amd-rocm":       (*Asker).rocm,
	"vulkan":         (*Asker).vulkan,
	"cdi":            (*Asker).cdi,
	"container":      (*Asker).container,
	"ollama-gpu":     (*Asker).ollama,
}

// Ask puts one question; address is host:port of the service that it is about, empty for the others. A remark says of
// what is well why it could not be asked, or from when on it is as it should be. What is wrong is a *Problem, where its
// cause is known.
func (a *Asker) Ask(ctx context.Context, question, address string) (remark string, err error) {
	ask := questions[question]
	if ask == nil {
		return "", fmt.Errorf("%q: no such question about graphics cards", question)
	}
	return ask(a, ctx, address)
}

// ForCards are the questions for a machine of which no deployment is known: what its cards need, and containers where
// something is described for them.
func (a *Asker) ForCards() []string {
	var list []string
	if a.has(nvidia) {
		list = append(list, "nvidia-module", "nvidia-version", "nvidia-smi")
	}
	if a.has(nvidia, amd, intel) {
		list = append(list, "gpu-nodes")
	}
	if a.has(amd) {
		list = append(list, "amd-rocm")
	}
	if a.has(nvidia, amd, intel) {
		list = append(list, "vulkan")
	}
	if files, _ := a.specFiles(); a.has(nvidia) && len(files) > 0 {
		list = append(list, "cdi", "container")
	}
	return list
}

// The vendors, as PCI numbers them.
const (
	nvidia = "10de"
	amd    = "1002"
	intel  = "8086"
)

// cards are the display controllers of a vendor.
func (a *Asker) cards(vendor string) []pci.Device {
	var cards []pci.Device
	for _, device := range a.Found.PCI {
		if device.Display() && device.Vendor == vendor {
			cards = append(cards, device)
		}
	}
	return cards
}

// has reports whether there is a card of one of the vendors.
func (a *Asker) has(vendors ...string) bool {
	return slices.ContainsFunc(vendors, func(vendor string) bool { return len(a.cards(vendor)) > 0 })
}

// decision is what nqd decides for the cards.
func (a *Asker) decision() gpu.Decision { return gpu.Decide(a.Found) }

// The remarks that several questions share.
const (
	noNvidia  = "not asked: no card of NVIDIA"
	noAMD     = "not asked: no card of AMD"
	noCard    = "not asked: no graphics card"
	noModule  = "not asked: the module nvidia is not loaded"
	nextStart = "from the next start on"
)

// notThere is the remark of a question whose program the machine does not have.
func notThere(program string) string { return "not asked: " + program + " is not installed" }

// switched reports whether another system was switched to since the machine started: what a kernel loads only when it
// starts is not the new one's then.
func (a *Asker) switched() bool {
	booted, err := a.Machine.ReadLink("/run/booted-system")
	if err != nil {
		return false
	}
	running, err := a.Machine.ReadLink("/run/current-system")
	return err == nil && booted != running
}
