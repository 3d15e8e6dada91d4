package binarycache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

const (
	// atOnce is how many questions a cache is asked at the same time. Nix makes 25 connections (http-connections).
	atOnce = 32
	// givenUp is after how many paths in a row without an answer a cache is asked no more.
	givenUp = 3
	// longestProblem is how much of one is told, in bytes.
	longestProblem = 300
)

// source is where a cache keeps its files. file hands the content of one to take; a file that the cache does not have
// is fs.ErrNotExist. An error of take may be reason to ask once more.
type source interface {
	file(ctx context.Context, name string, take func([]byte) error) error
}

// round is one cache that is asked for what is left.
type round struct {
	cache string
	left  []machine.StorePath
	total int

	mu      sync.Mutex
	found   map[machine.StorePath]Narinfo
	doubted map[machine.StorePath]bool
	failed  int   // paths without an answer
	inRow   int   // of them since the last answer
	first   error // of them
	stop    context.CancelFunc
}

// run asks, and takes at most share for it.
func (r *round) run(ctx context.Context, o opening, address string, share time.Duration) {
	ctx, cancel := context.WithTimeoutCause(ctx, share, fmt.Errorf("no answer within %s", share.Round(time.Second/10)))
	defer cancel()
	r.stop = cancel
	from, err := o.open(address)
	if err == nil {
		err = checkInfo(ctx, from)
	}
	if err != nil {
		r.failed, r.first = r.total, err
		for _, path := range r.left {
			r.doubted[path] = true
		}
		return
	}
	queue := make(chan machine.StorePath, len(r.left))
	for _, path := range r.left {
		queue <- path
	}
	close(queue)
	var workers sync.WaitGroup
	for range min(atOnce, len(r.left)) {
		workers.Go(func() {
			for path := range queue {
				info, err := narinfo(ctx, from, path)
				r.note(ctx, path, info, err)
			}
		})
	}
	workers.Wait()
}

// narinfo asks for one path.
func narinfo(ctx context.Context, from source, path machine.StorePath) (info Narinfo, err error) {
	if ctx.Err() != nil {
		return Narinfo{}, context.Cause(ctx)
	}
	base := strings.TrimPrefix(string(path), "/nix/store/")
	hash, _, _ := strings.Cut(base, "-")
	err = from.file(ctx, hash+".narinfo", func(data []byte) error {
		var err error
		if info, err = parse(data); err == nil && info.Path != path {
			err = &damage{text: "is about " + string(info.Path), lasting: true}
		}
		if err != nil {
			return fmt.Errorf("damaged answer for %s: %w", base, err)
		}
		return nil
	})
	return info, err
}

// note takes the answer for one path.
func (r *round) note(ctx context.Context, path machine.StorePath, info Narinfo, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		info.Cache = r.cache
		r.found[path] = info
		r.inRow = 0
	case errors.Is(err, fs.ErrNotExist):
		r.inRow = 0
	default:
		if r.first == nil {
			r.first = err
		}
		r.doubted[path] = true
		r.failed++
		// What the end of ctx cut off is no sign that the cache fails.
		if r.inRow++; r.inRow >= givenUp && ctx.Err() == nil {
			r.stop()
		}
	}
}

// problem has words of the cache in it, such as the text of a status, and fits on a line.
func (r *round) problem() string {
	if r.first == nil {
		return ""
	}
	text := printable.Line(r.first.Error(), longestProblem)
	if r.failed == r.total {
		return text
	}
	return fmt.Sprintf("%d of %d paths: %s", r.failed, r.total, text)
}

// checkInfo asks a cache for what it is. One that cannot be asked is found out here, for the price of one question; and
// a cache for another store has nothing to say about ours.
func checkInfo(ctx context.Context, from source) error {
	err := from.file(ctx, infoFile, func(data []byte) error {
		if strings.HasPrefix(strings.TrimSpace(string(data)), "<") {
			return &damage{text: "is no binary cache: it answers with a page, as a network does that wants a login first", lasting: true}
		}
		for line := range strings.Lines(string(data)) {
			name, value, _ := strings.Cut(line, ":")
			if dir := strings.TrimSpace(value); name == "StoreDir" && dir != "/nix/store" {
				return &damage{text: "is for the store " + dir, lasting: true}
			}
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("is no binary cache: it has no " + infoFile)
	}
	return err
}
