package deploy

import (
	"fmt"
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/deployment"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// base is the state of the machine that a deployment starts from and returns to.
type base struct {
	old    machine.StorePath
	before machine.Generation
}

// base reads the running system and the system profile.
func (d *Deployer) base() (base, error) {
	running, err := d.Guard.Running()
	if err != nil {
		return base{}, guard.NotNixOS(err)
	}
	before, err := d.Guard.Profile.Current()
	if err != nil {
		return base{}, guard.NotNixOS(err)
	}
	return base{old: running, before: before}, nil
}

// still returns an error where somebody else switched the machine since a deployment looked at it, which may be as long ago
// as a build takes: taken back, it would return to what nobody wants any more.
func (d *Deployer) still(header deployment.Header) error {
	now, err := d.base()
	if err == nil && (now != base{old: header.Old, before: header.Before}) {
		return errSwitched
	}
	return err
}

// errSwitched is a machine that was switched while a deployment was made ready.
var errSwitched = fmt.Errorf("somebody else switched the machine meanwhile: %w", guard.ErrNothingDone)

// settled is base as it will be once cut off deployments are taken back, which a run that deploys does first.
func (d *Deployer) settled() (base, error) {
	b, err := d.base()
	if err != nil {
		return base{}, err
	}
	open, err := d.unfinished()
	for _, one := range open {
		leave := b.leave(one)
		if b.old == one.Header.New && !slices.Contains(leave, guard.TryKind) {
			b.old = one.Header.Old
		}
		if b.before.System == one.Header.New && one.Began(guard.CommitKind) {
			b.before = one.Header.Before
		}
	}
	return b, err
}

// is reports whether the machine runs system, and boots it by its profile.
func (b base) is(system machine.StorePath) bool { return b.old == system && b.before.System == system }

// overtakes reports whether somebody else switched this machine since a deployment was cut off, so that going on with it
// would take away what they have.
func (b base) overtakes(one deployment.Recorded) bool {
	header := one.Header
	runs := b.old == header.Old || b.old == header.New && one.Began(guard.TryKind)
	boots := b.before.System == header.Before.System || b.before.System == header.New && one.Began(guard.CommitKind)
	return !runs || !boots
}

// leave are the kinds of actions of a cut off deployment that are not taken back on this machine, as somebody else
// switched it since: to a third system, or to New for good, or the profile to a third one.
func (b base) leave(one deployment.Recorded) []string {
	header, committing := one.Header, one.Began(guard.CommitKind)
	inProfile := b.before.System == header.New
	var leave []string
	if one.Began(guard.TryKind) && (b.old != header.New && b.old != header.Old || inProfile && !committing) {
		leave = append(leave, guard.TryKind)
	}
	if committing && !inProfile && b.before.System != header.Before.System {
		leave = append(leave, guard.CommitKind)
	}
	return leave
}
