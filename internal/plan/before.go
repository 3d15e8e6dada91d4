package plan

import (
	"cmp"
	"context"
	"net/netip"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
)

// Old is what a deployment starts from.
type Old struct {
	System machine.StorePath
	// Manifest is that of the system where nqd deployed it, else nil.
	Manifest *evaluation.Manifest
	// Took is how long earlier deployments took.
	Took []event.Effort
}

// before is the machine as it is now. What could not be read is empty, and told in unknown.
type before struct {
	Old
	closure   store.Closure // nil where it is not known
	units     activation.Files
	active    []string
	accounts  *running.Accounts    // nil where they are not known
	declared  *running.Declaration // nil where it is not known who declared them
	listeners []running.Listener
	caches    []string
	unknown   []string
}

// look reads the machine, all at once and while something else goes on. What it returns waits for the answer.
func (p *Planner) look(ctx context.Context, old Old) (wait func() before) {
	b := before{Old: old}
	var work sync.WaitGroup
	var lock sync.Mutex
	// Each of do writes members of b that no other one touches.
	read := func(what string, do func() error) {
		work.Go(func() {
			if err := do(); err != nil && ctx.Err() == nil {
				lock.Lock()
				defer lock.Unlock()
				b.unknown = append(b.unknown, what+": "+err.Error())
			}
		})
	}
	read("the packages of the running system", func() (err error) {
		b.closure, err = store.Read(ctx, p.Machine, p.Nix, old.System)
		return err
	})
	read("the services that run", func() (err error) {
		if b.units, err = activation.Read(p.Machine, "/"); err == nil {
			b.active, err = activation.Active(ctx, p.Machine)
		}
		return err
	})
	read("the accounts of the machine", func() error {
		accounts, err := running.ReadAccounts(p.Machine)
		if err != nil {
			return err
		}
		b.accounts = &accounts
		declared, known, err := running.Declared(p.Machine)
		if known {
			b.declared = &declared
		}
		return err
	})
	read("which ports are in use", func() (err error) {
		b.listeners, err = running.Listening()
		return err
	})
	read("which caches there are", func() (err error) {
		b.caches, err = p.Nix.Caches(ctx)
		return err
	})
	return func() before {
		work.Wait()
		return b
	}
}

// taken is the program that listens now where the service of a port will; empty where none does. One that is on
// loopback only does not meet those that are on another address of the machine, as the name servers of virtual networks.
func (b before) taken(port event.Port) string {
	for _, one := range b.listeners {
		address := one.Address.Unmap()
		meets := len(port.Expose) > 0 || address.IsUnspecified() ||
			address == netip.AddrFrom4([4]byte{127, 0, 0, 1}) || address == netip.IPv6Loopback()
		if meets && one.Protocol == port.Protocol && one.Port == port.Number {
			return cmp.Or(one.Program, "another program")
		}
	}
	return ""
}

// ports are those of the running system, as far as nqd deployed it.
func (b before) ports() []event.Port {
	if b.Manifest == nil {
		return nil
	}
	return b.Manifest.Ports
}

// home is the directory of a user: that of the new home, or else of the account. Empty where neither is known.
func (b before) home(user string, homes []evaluation.Home) string {
	for _, home := range homes {
		if home.User == user {
			return home.Home
		}
	}
	if b.accounts != nil {
		for _, account := range b.accounts.Users {
			if account.Name == user {
				return account.Home
			}
		}
	}
	return ""
}
