package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/wiring"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

// completions say what a shell may offer where an option or an argument is no name of a file.
func completions(root *cobra.Command) {
	root.CompletionOptions.HiddenDefaultCmd = true
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	// These are there, as root was just made with them: the only error would be that they are not.
	_ = root.MarkPersistentFlagDirname("workspace")
	_ = root.MarkPersistentFlagDirname("sandbox")
	_ = root.RegisterFlagCompletionFunc("accept-risk", cobra.FixedCompletions(wiring.RiskNames(risk.Known()), cobra.ShellCompDirectiveNoFileComp))
}

// completeDeployments offers the numbers of deployments for the first so many arguments.
func completeDeployments(a *wiring.App, most int, fits func(engine.Deployment) bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		const nothing = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		if len(args) >= most {
			return nil, nothing
		}
		d, err := a.Deployer()
		if err != nil {
			return nil, nothing
		}
		all, err := d.History.All()
		if err != nil {
			return nil, nothing
		}
		var found []cobra.Completion
		for _, one := range all {
			if fits(one.Deployment) {
				about := fmt.Sprintf("%s of %s, %s", one.Header.Kind, one.Header.Host, one.Result)
				found = append(found, cobra.CompletionWithDesc(strconv.Itoa(one.ID), about))
			}
		}
		return found, nothing
	}
}

func anyDeployment(engine.Deployment) bool { return true }

func committed(one engine.Deployment) bool { return one.Result == engine.Committed }
