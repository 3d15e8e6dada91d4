// Package retry does again what may pass: the one policy for everything that goes over a network.
package retry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Policy says how often something is tried, and how long to rest in between. Tries, First and Factor have to be set.
type Policy struct {
	// Tries is how often in all, the first time included.
	Tries int
	// First is the rest after the first failure; each further one is Factor times as long, up to Cap (0 for no cap).
	First  time.Duration
	Factor float64
	Cap    time.Duration
	// Jitter is by how much of it a rest may be longer or shorter, from 0 to 1, so that many who failed at the same time
	// do not come back at the same time.
	Jitter float64
	// Deadline is for how long after the first failure a try may still begin; 0 for ever. It does not begin with the work:
	// what ran for an hour before the network went is worth another try.
	Deadline time.Duration
	// Bidden is the longest rest that a failure may ask for itself, as a server does with Retry-After; after one that asks
	// for more there is no other try. 0 is as long as Deadline allows.
	Bidden time.Duration
	// Tell is called before each rest; nil for nobody.
	Tell func(Rest)
	// Clock is the time; the zero value is that of the computer.
	Clock Clock
}

// Clock is time and chance, which tests replace. Each field may be nil.
type Clock struct {
	Now func() time.Time
	// Wait lets d pass. If ctx ends before, it returns an error at once.
	Wait func(ctx context.Context, d time.Duration) error
	// Random is a number from 0 up to 1, without 1.
	Random func() float64
}

// Rest is what comes between two tries.
type Rest struct {
	Next, Tries int // the try that follows, and how many there are in all
	For         time.Duration
	After       error // the failure before it
}

// String says when the next try is: "trying again in 4 s (2 of 5)".
func (r Rest) String() string {
	return fmt.Sprintf("trying again in %.0f s (%d of %d)", math.Ceil(r.For.Seconds()), r.Next, r.Tries)
}

// Error is work that was tried more than once and did not succeed, or that was stopped while it waited for another try.
type Error struct {
	Last  error // the failure of the last try
	Tries int   // how often it was tried
	// Stopped is why it was not tried again, where the end of the context is the reason; else nil.
	Stopped error
}

// Error is the last failure and how often it was tried, or why it was stopped.
func (e *Error) Error() string {
	if e.Stopped != nil {
		return e.Stopped.Error()
	}
	return fmt.Sprintf("%v (tried %d times)", e.Last, e.Tries)
}

// Unwrap returns the last failure, and what stopped it.
func (e *Error) Unwrap() []error {
	if e.Stopped != nil {
		return []error{e.Stopped, e.Last}
	}
	return []error{e.Last}
}

// Do works until there is success, or no hope of it. Only a failure that says of itself that it may pass, by a method
// MayPass() bool, is followed by another try; one with a method RetryAfter() time.Duration may ask for a longer rest.
//
// A failure of the first try that is not followed by another is returned as it is; everything else is an *Error.
func Do(ctx context.Context, p Policy, work func(context.Context) error) error {
	p.Clock = p.Clock.filled()
	rests := &backoff.ExponentialBackOff{InitialInterval: p.First, Multiplier: p.Factor, MaxInterval: p.Cap}
	if p.Cap == 0 {
		rests.MaxInterval = math.MaxInt64
	}
	var until time.Time
	for try := 1; ; try++ {
		err := work(ctx)
		if err == nil {
			return nil
		}
		if try == 1 {
			until = p.Clock.Now().Add(p.Deadline)
		}
		rest, another := p.rest(rests, err)
		late := p.Deadline > 0 && p.Clock.Now().Add(rest).After(until)
		if !another || late || try >= p.Tries || ctx.Err() != nil {
			return final(err, try)
		}
		if p.Tell != nil {
			p.Tell(Rest{Next: try + 1, Tries: p.Tries, For: rest, After: err})
		}
		if p.Clock.Wait(ctx, rest) != nil {
			return &Error{Last: err, Tries: try, Stopped: context.Cause(ctx)}
		}
	}
}

func final(err error, tries int) error {
	if tries == 1 {
		return err
	}
	return &Error{Last: err, Tries: tries}
}

// rest is how long to rest after a failure, and whether there is any hope.
func (p Policy) rest(rests *backoff.ExponentialBackOff, err error) (rest time.Duration, another bool) {
	var passing interface{ MayPass() bool }
	if !errors.As(err, &passing) || !passing.MayPass() {
		return 0, false
	}
	// The jitter is ours: that of backoff takes no other chance.
	usual := rests.NextBackOff()
	rest = usual + time.Duration(p.Jitter*float64(usual)*(2*p.Clock.Random()-1))
	var asks interface{ RetryAfter() time.Duration }
	if errors.As(err, &asks) {
		bidden := asks.RetryAfter()
		if p.Bidden > 0 && bidden > p.Bidden {
			return 0, false
		}
		rest = max(rest, bidden)
	}
	return rest, true
}

func (c Clock) filled() Clock {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Wait == nil {
		c.Wait = wait
	}
	if c.Random == nil {
		c.Random = rand.Float64
	}
	return c
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
