package garbage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
)

// needs are the store paths that the machine cannot do without, each with the first reason found.
type needs struct {
	reasons map[machine.StorePath]string
	current machine.StorePath // of the system profile
	menu    string            // why the boot menu has to stay as it is; empty where it need not
	returns []int             // the deployments that can be returned to, newest first
	first   int               // the first committed deployment, and the newest; 0 for none
	newest  int
	pending map[int]bool // the deployments that may be taken back
}

func (n needs) mayUndo(deployment int) bool { return n.pending[deployment] || deployment > n.newest }

func (n needs) add(path machine.StorePath, why string) {
	if _, known := n.reasons[path]; !known && path != "" {
		n.reasons[path] = why
	}
}

func (n needs) why(path machine.StorePath) (string, bool) {
	why, needed := n.reasons[path]
	return why, needed
}

// all are the needed paths, in order.
func (n needs) all() []machine.StorePath {
	var all []machine.StorePath
	for one := range n.reasons {
		all = append(all, one)
	}
	slices.Sort(all)
	return all
}

// needed reads from the machine what has to stay.
func (c *Collector) needed(ctx context.Context, options Options, roots []nixcli.Root) (needs, error) {
	n := needs{reasons: make(map[machine.StorePath]string), pending: make(map[int]bool)}
	if err := c.needRunning(ctx, &n, options); err != nil {
		return needs{}, err
	}
	if err := c.needTrials(n); err != nil {
		return needs{}, err
	}
	if err := c.needRecorded(&n, options); err != nil {
		return needs{}, err
	}
	for _, root := range roots {
		if strings.HasPrefix(root.By, "/proc/") || strings.HasPrefix(root.By, "{") {
			n.add(root.Path, "a process holds it open: "+root.By)
		}
	}
	if !c.Machine.IsSandbox() {
		return n, nil
	}
	held, err := heldWithin(c.Machine.Path("/"))
	for one, by := range held {
		n.add(one, "a process holds it open: "+by)
	}
	return n, err
}

// needRunning adds what runs, what was booted, what is booted next, and the current generation.
func (c *Collector) needRunning(ctx context.Context, n *needs, options Options) error {
	running, err := c.Guard.Running()
	if err != nil {
		return err
	}
	n.add(running, "it runs")
	booted, err := c.Machine.ReadLink("/run/booted-system")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	n.add(booted, "the machine was booted with it")
	profile, err := c.Guard.Profile.Current()
	if err != nil {
		return err
	}
	loaded, unknown, err := c.bootDefault(ctx, options.DryRun)
	if err != nil {
		return err
	}
	n.add(loaded, "the boot loader starts it")
	n.add(profile.System, "the system profile is at it")
	n.current, n.menu = profile.System, unknown
	if loaded != "" && loaded != profile.System {
		// Whoever writes the menu makes itself the default.
		n.menu = "the boot loader starts another system than the profile is at"
	}
	return nil
}

// trials is where profiles of systems are that are tried once; their generations are boot entries as well.
const trials = "/nix/var/nix/profiles/system-profiles"

func (c *Collector) needTrials(n needs) error {
	entries, err := os.ReadDir(c.Machine.Path(trials))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, entry := range entries {
		if entry.Type() != fs.ModeSymlink || !strings.HasSuffix(entry.Name(), "-link") {
			continue
		}
		system, err := c.Machine.ReadLink(path.Join(trials, entry.Name()))
		if err != nil {
			return err
		}
		n.add(system, "it is in the profile "+path.Join(trials, entry.Name()))
	}
	return nil
}

// needRecorded adds what deployments need: those that did not end, and those that can be returned to.
func (c *Collector) needRecorded(n *needs, options Options) error {
	all, err := c.History.All()
	if err != nil {
		return err
	}
	links, err := c.links()
	if err != nil {
		return err
	}
	for _, one := range slices.Backward(all) {
		if why := pending(one, n.newest > 0); why != "" {
			n.pending[one.ID] = true
			n.add(one.Header.Old, why)
			n.add(one.Header.New, why)
			for _, link := range links {
				if link.id == one.ID {
					n.add(link.system, why)
				}
			}
		}
		if one.Result != engine.Committed {
			continue
		}
		if n.newest == 0 {
			n.newest = one.ID
			n.add(one.Header.Old, fmt.Sprintf("it ran before deployment %d, and nqd rollback returns to it", one.ID))
		}
		if len(n.returns) < options.Keep {
			n.add(one.Header.New, fmt.Sprintf("nqd rollback %d returns to it", one.ID))
			n.returns = append(n.returns, one.ID)
		}
		n.first = one.ID
	}
	if i := slices.IndexFunc(all, func(one deployment.Recorded) bool { return one.ID == n.first }); i >= 0 && !options.ForgetFirst {
		n.add(all[i].Header.Old, "it ran before nqd came, and nqd uninstall returns to it")
	}
	n.needUnbegun(all, links)
	return nil
}

// pending says why a deployment may still need both systems; empty where it does not. Settled is whether a later one
// was committed: what is older is not taken up again then.
func pending(one deployment.Recorded, settled bool) string {
	switch {
	case one.Result == engine.Unreadable:
		return fmt.Sprintf("the record of deployment %d cannot be read", one.ID)
	case settled:
		return ""
	case one.Result == engine.Interrupted, one.Result == engine.Broken:
		return fmt.Sprintf("deployment %d is neither committed nor taken back", one.ID)
	case one.Result == engine.Refused && strings.Contains(one.Problem, guard.ErrRebootNeeded.Error()):
		return fmt.Sprintf("deployment %d waits for a reboot", one.ID)
	}
	return ""
}

// needUnbegun adds what was built for a deployment that was cut off before its record began, where none was committed
// since.
func (n needs) needUnbegun(all []deployment.Recorded, links []link) {
	for _, link := range links {
		recorded := slices.ContainsFunc(all, func(one deployment.Recorded) bool { return one.ID == link.id })
		if !recorded && link.id > n.newest {
			n.add(link.system, fmt.Sprintf("deployment %d was cut off before it began", link.id))
		}
	}
}
