package begin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/adopt"
	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/deploy"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/setup"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/wizard"
)

// look finds out what of the machine's own configuration can be taken over.
func (b *beginning) look(ctx context.Context, proposal setup.Proposal) error {
	if b.opts.Adopt == setup.No {
		return nil
	}
	seen, err := adopt.Look(ctx, b.machine, b.trial(proposal))
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil && seen.From == "" {
		return err
	}
	if err != nil { // what it consists of is known all the same
		b.app.Sink()(event.Note{
			Text: fmt.Sprintf("%s could not be tried: %v", seen.From, err), Hint: "nqd plan tries it together with everything else", Warning: true,
		})
	}
	b.adoption, b.found.Adoption = seen, seen
	if b.opts.Adopt == setup.Yes && !seen.Possible() {
		return refusal(seen)
	}
	return nil
}

// refusal is why a configuration that has to be taken over cannot be.
func refusal(seen adopt.Adoption) error {
	if seen.From == "" {
		return &exit.UsageError{Cause: exit.WithHint(errors.New("--adopt=yes: the machine has no "+adopt.Configuration), "leave the option out")}
	}
	lines := []string{"--adopt=yes: " + seen.From + " cannot be taken over as it is"}
	for _, finding := range seen.Findings {
		place := finding.File
		if finding.Line > 0 {
			place = fmt.Sprintf("%s:%d", finding.File, finding.Line)
		}
		lines = append(lines, fmt.Sprintf("%s: %s", place, finding.Text), "  cure: "+finding.Cure)
	}
	return exit.WithHint(errors.New(strings.Join(lines, "\n")), "nothing was written; --adopt=no goes on without it")
}

// form is the form of a proposal, which takes no host that is there already.
func (b *beginning) form(proposal setup.Proposal) wizard.Form {
	form := proposal.Form(b.space.Dir, b.opts.Adopt == "auto")
	for _, fields := range [][]wizard.Field{form.Questions, form.Settings} {
		if i := slices.IndexFunc(fields, func(f wizard.Field) bool { return f.Key == "host.name" }); i >= 0 {
			rule := fields[i].Check
			fields[i].Check = func(name string) error {
				if err := rule(name); err != nil {
					return err
				}
				return b.unlessExists(name)
			}
		}
		if i := slices.IndexFunc(fields, func(f wizard.Field) bool { return f.Key == setup.AdoptKey }); i >= 0 && b.adopts != "" {
			fields[i].Value = b.adopts
		}
	}
	return form
}

// take does what was answered about the machine's own configuration.
func (b *beginning) take(answer string) error {
	b.adopts = answer
	if answer != setup.No {
		b.found.Adoption = b.adoption
		return nil
	}
	if !b.adoption.Possible() {
		return exit.WithHint(deploy.ErrDeclined, "nothing was written: correct "+b.adoption.From+", and run nqd init again")
	}
	b.found.Adoption = adopt.Adoption{}
	return nil
}

// told is what is told of the adoption; nil where there is nothing to take over, or nobody wanted it.
func (b *beginning) told() *event.Adoption {
	if b.found.Adoption.From == "" {
		return nil
	}
	told := b.found.Adoption.Event()
	return &told
}
