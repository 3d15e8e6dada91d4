package nixcli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/retry"
	"github.com/masterofnull/nixos-quick-deploy/internal/retry/outage"
)

// retries is how often a nix is run whose network fails. By itself nix asks five times for each address, within four
// seconds (download-attempts; nix, src/libstore/filetransfer.hh): the first run does that, each further one asks twice.
// So a server gets 13 requests for one file, and not 25. What was downloaded and built is kept in between.
func retries(clock retry.Clock) retry.Policy {
	return retry.Policy{
		Tries: 5, First: time.Second, Factor: 2, Cap: 30 * time.Second, Jitter: 0.3, Deadline: 2 * time.Minute, Clock: clock,
	}
}

// fewer is what a nix gets that is not the first one.
var fewer = []string{"--option", "download-attempts", "2"}

// work runs a nix that may take long as once does, and again where it failed for a network that may come back. Offline
// there is none.
func (n *Nix) work(ctx context.Context, doing string, args ...string) (out []byte, err error) {
	if n.Offline {
		return n.once(ctx, doing, args...)
	}
	var settings []string
	policy := retries(n.clock)
	policy.Tell = func(rest retry.Rest) {
		var failed *Error
		if errors.As(rest.After, &failed) {
			n.Sink(event.Note{Text: fmt.Sprintf("%s: %s: %s", doing, rest, failed.outage)})
		}
		settings = fewer
	}
	err = retry.Do(ctx, policy, func(ctx context.Context) (err error) {
		out, err = n.once(ctx, doing, append(append([]string{}, settings...), args...)...)
		return err
	})
	var gave *retry.Error
	if !errors.As(err, &gave) {
		return out, err
	}
	if gave.Stopped != nil {
		return nil, fmt.Errorf("%s: %w", doing, gave.Stopped)
	}
	var failed *Error
	if errors.As(gave.Last, &failed) {
		failed.Tries = gave.Tries
	}
	return nil, gave.Last
}

// MayPass reports whether nix failed for a network that may come back.
func (e *Error) MayPass() bool { return e.outage != "" }

// judge looks for such a failure in nix's errors, and in what git and ssh said, which is no error of nix.
func (e *Error) judge(messages []string, plain string) {
	said := append([]string{}, messages...)
	for line := range strings.Lines(plain) {
		if strings.HasPrefix(line, "fatal: ") || strings.HasPrefix(line, "ssh: ") {
			said = append(said, line)
		}
	}
	for _, line := range e.Lines {
		said = append(said, "> "+line) // as nix itself shows it
	}
	e.outage, _ = outage.Find(said)
}
