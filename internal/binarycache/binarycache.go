// Package binarycache asks binary caches over HTTP, or in a directory, what they have and how large it is.
package binarycache

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// Narinfo is what a cache says of one store path (.narinfo).
type Narinfo struct {
	Path machine.StorePath
	// Cache is the cache that has it, as in Cache.URL.
	Cache string
	// FileSize is how many bytes are to be downloaded; 0 where the cache does not say.
	FileSize int64
	// NarSize is how many bytes they are unpacked.
	NarSize    int64
	References []machine.StorePath
}

// Options are how Ask asks. The zero value will do.
type Options struct {
	// Version is nqd's own; the caches see it as the user agent.
	Version string
	// Deadline is how long all caches together may take; 0 is a minute. A cache gets an even share of what is left of
	// it, so that one which hangs leaves time for those after it.
	Deadline time.Duration
	// AnswerTime is how long a cache may take for one answer before it is asked again; 0 is ten seconds.
	AnswerTime time.Duration
	// Once asks no question a second time.
	Once bool
	// Wait rests for d, and returns an error if ctx ends before. Without one, time passes.
	Wait func(ctx context.Context, d time.Duration) error
}

func (o Options) filled() Options {
	if o.Deadline == 0 {
		o.Deadline = time.Minute
	}
	if o.AnswerTime == 0 {
		o.AnswerTime = 10 * time.Second
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	return o
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// Answer is what the caches said. Every path that was asked for is in one of Found, Missing and Unknown.
type Answer struct {
	Found map[machine.StorePath]Narinfo
	// Missing was asked of every cache, and none has it.
	Missing []machine.StorePath
	// Unknown is had by no cache that answered, and one did not.
	Unknown []machine.StorePath
	// Caches are those that were given, in their order.
	Caches []Cache
}

// Cache is how it went with one cache.
type Cache struct {
	// URL is as it was given, but for a password in it.
	URL string
	// Found is how many of the paths it has that the caches before it did not have.
	Found int
	// Problem says why it could not be asked, or not about every path; empty where all went well.
	Problem string
}

// Ask asks caches for paths, each for what those before it did not have. What a cache does not answer is told in
// Answer; an error is a cancelled ctx or something in paths that is no store path.
//
// A file:// cache is a directory of this computer, for a sandbox too: Nix sees it so.
func Ask(ctx context.Context, caches []string, paths []machine.StorePath, options Options) (Answer, error) {
	transport := newTransport()
	defer transport.CloseIdleConnections()
	return ask(ctx, transport, caches, paths, options.filled())
}

func ask(ctx context.Context, transport http.RoundTripper, caches []string, paths []machine.StorePath, options Options) (Answer, error) {
	left, err := unique(paths)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Found: make(map[machine.StorePath]Narinfo)}
	doubted := make(map[machine.StorePath]bool)
	deadline := time.Now().Add(options.Deadline)
	for i, address := range caches {
		cache := Cache{URL: printable.Text(address)}
		if len(left) > 0 {
			r := &round{cache: cache.URL, total: len(left), doubted: doubted, found: answer.Found, left: left}
			r.run(ctx, opening{transport, options}, address, time.Until(deadline)/time.Duration(len(caches)-i))
			if ctx.Err() != nil {
				return Answer{}, context.Cause(ctx)
			}
			left = without(left, answer.Found)
			cache.Found, cache.Problem = r.total-len(left), r.problem()
		}
		answer.Caches = append(answer.Caches, cache)
	}
	for _, path := range left {
		if doubted[path] {
			answer.Unknown = append(answer.Unknown, path)
		} else {
			answer.Missing = append(answer.Missing, path)
		}
	}
	return answer, nil
}

// unique are the paths, each once. Their hashes become parts of URLs, so they are looked at.
func unique(paths []machine.StorePath) ([]machine.StorePath, error) {
	seen := make(map[machine.StorePath]bool, len(paths))
	var once []machine.StorePath
	for _, path := range paths {
		if _, err := machine.ParseStorePath(string(path)); err != nil {
			return nil, fmt.Errorf("asking the caches: %w", err)
		}
		if !seen[path] {
			once = append(once, path)
		}
		seen[path] = true
	}
	return once, nil
}

func without(paths []machine.StorePath, found map[machine.StorePath]Narinfo) []machine.StorePath {
	var rest []machine.StorePath
	for _, path := range paths {
		if _, is := found[path]; !is {
			rest = append(rest, path)
		}
	}
	return rest
}
