package binarycache

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// Reached is what a cache says of itself.
type Reached struct {
	// URL is as it was given, but for a password in it.
	URL string
	// Problem says why it does not answer as a cache; empty where it does.
	Problem string
	// Unread says that nix reads it and nqd does not, as it is neither http, https nor file.
	Unread bool
}

// Reach asks all caches at once what they are (nix-cache-info), and nothing else. The answers are in their order.
// Options.Deadline is how long all of them may take.
func Reach(ctx context.Context, caches []string, options Options) []Reached {
	transport := newTransport()
	defer transport.CloseIdleConnections()
	options = options.filled()
	ctx, cancel := context.WithTimeoutCause(ctx, options.Deadline, fmt.Errorf("no answer within %s", options.Deadline))
	defer cancel()
	answers := make([]Reached, len(caches))
	var work sync.WaitGroup
	for i, address := range caches {
		work.Go(func() {
			from, err := opening{transport, options}.open(address)
			if err == nil {
				err = checkInfo(ctx, from)
			}
			answers[i] = Reached{URL: printable.Text(address), Unread: errors.Is(err, errUnread)}
			if err != nil {
				answers[i].Problem = printable.Line(err.Error(), longestProblem)
			}
		})
	}
	work.Wait()
	return answers
}
