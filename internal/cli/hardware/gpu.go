package hardware

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/doctor"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/gpu"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// NewGPU makes the command gpu.
func NewGPU(app *wiring.App) *cobra.Command {
	return &cobra.Command{
		Use:   "gpu",
		Short: "Show the graphics cards, what is decided for them, and whether they work",
		Long: "Names each graphics card with what nqd decides for it and why, and asks whether the cards\n" +
			"work: the module, the driver's version, device nodes, Vulkan, CUDA or ROCm, containers,\n" +
			"Ollama. It asks what the features of the running system ask; where nqd did not deploy\n" +
			"that, what the cards need. It changes nothing, and needs no workspace.\n\n" +
			"What the machine does not have is not asked. Where an answer is wrong, it ends with 1." + exit.Help(exit.Done, exit.Error, exit.Usage),
		Args: wiring.Usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return runGPU(cmd.Context(), app) },
	}
}

func runGPU(ctx context.Context, app *wiring.App) error {
	m, err := app.Machine()
	if err != nil {
		return err
	}
	asker := wiring.Asker(m)
	checks, err := deployedChecks(m)
	if err != nil {
		return err
	}
	if checks == nil {
		checks = checksFor(asker().ForCards())
	}
	asked := doctor.Doctor{Sink: func(event.Event) {}, Asks: wiring.Asks(asker)}
	results, err := asked.Results(ctx, checks)
	if err != nil {
		return err
	}
	app.Sink()(eventOf(gpu.Decide(asker().Found), results))
	return unwell(results)
}

// deployedChecks are the questions about graphics cards that the running system came with; nil where nqd did not deploy
// it, or where it has none.
func deployedChecks(m *machine.Machine) ([]doctor.Check, error) {
	running, err := m.ReadLink("/run/current-system")
	if err != nil {
		return nil, nil // nothing was deployed to such a machine
	}
	state, err := wiring.UserDir(m, "XDG_STATE_HOME", ".local/state")
	if err != nil {
		return nil, nil
	}
	history := deployment.History{History: engine.History{Dir: filepath.Join(state, "nqd", "deployments")}}
	manifest := history.ManifestOf(running)
	if manifest == nil {
		return nil, nil
	}
	all, err := doctor.Parse(manifest.Checks)
	if err != nil {
		return nil, err
	}
	var checks []doctor.Check
	for _, check := range all {
		if check.Kind == doctor.GPU {
			checks = append(checks, check)
		}
	}
	return checks, nil
}

// patience is how many seconds a question may take of which no feature says it: a card that sleeps takes a few to wake,
// and a container more to be made. Our own choice.
const patience = 30

// checksFor makes checks of questions that no feature asked.
func checksFor(questions []string) []doctor.Check {
	checks := []doctor.Check{}
	for _, question := range questions {
		checks = append(checks, doctor.Check{Feature: "gpu", ID: question, Kind: doctor.GPU, Target: question, Grace: patience})
	}
	return checks
}

// eventOf is the answer of the command.
func eventOf(d gpu.Decision, results []event.Checked) event.GPU {
	g := event.GPU{
		Cards: []event.GPUCard{}, Compute: d.Compute, Features: append([]string{}, d.Features()...),
		Warnings: append([]string{}, d.Warnings...), Checks: append([]event.Checked{}, results...),
	}
	for _, card := range d.Cards {
		g.Cards = append(g.Cards, event.GPUCard{
			Slot: card.Slot, ID: card.ID, Vendor: card.Vendor, Name: card.Name, Generation: card.Generation,
			Driver: card.Driver, Boot: card.Boot, Decision: card.Decision, Source: card.Source,
		})
	}
	return g
}

// unwell is the error of answers that are wrong.
func unwell(results []event.Checked) error {
	failed := 0
	for _, result := range results {
		if !result.OK {
			failed++
		}
	}
	if failed == 0 {
		return nil
	}
	problem := fmt.Errorf("graphics cards: %d of %d questions failed", failed, len(results))
	return exit.WithHint(problem, "each says what it comes from and what to do about it")
}
