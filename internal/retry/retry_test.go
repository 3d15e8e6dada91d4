package retry

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// passing is a failure that may pass, and asks for a rest.
type passing struct {
	text   string
	bidden time.Duration
}

func (p *passing) Error() string             { return p.text }
func (p *passing) MayPass() bool             { return p.text != "never" }
func (p *passing) RetryAfter() time.Duration { return p.bidden }

// clock is time that passes only while somebody waits.
type clock struct {
	now   time.Time
	rests []time.Duration
	draws []float64 // of chance; a half where there are none
}

func (c *clock) clock() Clock {
	return Clock{
		Now: func() time.Time { return c.now },
		Wait: func(ctx context.Context, d time.Duration) error {
			c.rests = append(c.rests, d)
			c.now = c.now.Add(d)
			return ctx.Err()
		},
		Random: func() float64 {
			if len(c.draws) == 0 {
				return 0.5
			}
			draw := c.draws[0]
			c.draws = c.draws[1:]
			return draw
		},
	}
}

// failing is work that fails so, each time once, and then is done.
func failing(tried *int, errs ...error) func(context.Context) error {
	return func(context.Context) error {
		*tried++
		if *tried > len(errs) {
			return nil
		}
		return errs[*tried-1]
	}
}

func usual(c *clock) Policy {
	return Policy{Tries: 5, First: time.Second, Factor: 2, Cap: 5 * time.Second, Jitter: 0.5, Clock: c.clock()}
}

// Rests double up to the cap; each is told before it begins.
func TestAgain(t *testing.T) {
	t.Parallel()
	c, tried := &clock{}, 0
	p := usual(c)
	var told []string
	p.Tell = func(r Rest) {
		told = append(told, fmt.Sprintf("%s: %v", r, r.After))
		if len(told) != len(c.rests)+1 {
			t.Errorf("told %d times before rest %d", len(told), len(c.rests)+1)
		}
	}
	err := Do(t.Context(), p, failing(&tried, &passing{text: "a"}, &passing{text: "b"}, &passing{text: "c"}, fmt.Errorf("d: %w", &passing{text: "e"})))
	if err != nil || tried != 5 {
		t.Errorf("tried %d times: %v", tried, err)
	}
	if want := []time.Duration{1e9, 2e9, 4e9, 5e9}; !slices.Equal(c.rests, want) {
		t.Errorf("rested %v, want %v", c.rests, want)
	}
	want := "trying again in 1 s (2 of 5): a; trying again in 2 s (3 of 5): b; trying again in 4 s (4 of 5): c; trying again in 5 s (5 of 5): d: e"
	if got := strings.Join(told, "; "); got != want {
		t.Errorf("told %q", got)
	}
}

func TestJitter(t *testing.T) {
	t.Parallel()
	c, tried := &clock{draws: []float64{0, math.Nextafter(1, 0), 0.25}}, 0
	fails := &passing{text: "x"}
	if err := Do(t.Context(), usual(c), failing(&tried, fails, fails, fails)); err != nil {
		t.Fatal(err)
	}
	for i, want := range []time.Duration{500 * time.Millisecond, 3 * time.Second, 3 * time.Second} {
		if got := c.rests[i]; (got - want).Abs() > time.Microsecond {
			t.Errorf("rest %d: %s, want %s", i, got, want)
		}
	}
}

// The failure that is returned is the last one, with how often it was tried.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	c, tried := &clock{}, 0
	errs := make([]error, 10)
	for i := range errs {
		errs[i] = &passing{text: fmt.Sprint("failure ", i+1)}
	}
	err := Do(t.Context(), usual(c), failing(&tried, errs...))
	var gave *Error
	if !errors.As(err, &gave) || gave.Tries != 5 || gave.Last != errs[4] || gave.Stopped != nil || tried != 5 || len(c.rests) != 4 {
		t.Errorf("tried %d, rested %v: %#v", tried, c.rests, err)
	}
	if err.Error() != "failure 5 (tried 5 times)" || !errors.Is(err, errs[4]) {
		t.Errorf("error %q", err)
	}
}

// What does not say that it may pass is final at once, and as it is.
func TestLasting(t *testing.T) {
	t.Parallel()
	for _, lasting := range []error{errors.New("x"), &passing{text: "never"}} {
		c, tried := &clock{}, 0
		if err := Do(t.Context(), usual(c), failing(&tried, lasting)); err != lasting || tried != 1 || len(c.rests) != 0 {
			t.Errorf("tried %d, rested %v: %v", tried, c.rests, err)
		}
		tried = 0
		err := Do(t.Context(), usual(c), failing(&tried, &passing{text: "x"}, lasting))
		var gave *Error
		if !errors.As(err, &gave) || gave.Tries != 2 || gave.Last != lasting {
			t.Errorf("later: %v", err)
		}
	}
}

// The deadline counts from the first failure, whatever time the work took before it.
func TestDeadline(t *testing.T) {
	t.Parallel()
	c, tried := &clock{}, 0
	p := usual(c)
	p.Deadline = 7 * time.Second
	err := Do(t.Context(), p, func(context.Context) error {
		if tried++; tried == 1 {
			c.now = c.now.Add(time.Hour)
		}
		return &passing{text: "x"}
	})
	var gave *Error
	if !errors.As(err, &gave) || gave.Tries != 4 || !slices.Equal(c.rests, []time.Duration{1e9, 2e9, 4e9}) {
		t.Errorf("rested %v: %v", c.rests, err)
	}
	c, tried = &clock{}, 0
	p = usual(c)
	p.Deadline = time.Minute
	err = Do(t.Context(), p, func(context.Context) error {
		tried++
		c.now = c.now.Add(time.Minute)
		return &passing{text: "x"}
	})
	if !errors.As(err, &gave) || gave.Tries != 2 {
		t.Errorf("with slow work: %v", err)
	}
}

// A failure asks for a longer rest; for a shorter one it is not asked, and for one that is too long there is none.
func TestBidden(t *testing.T) {
	t.Parallel()
	for bidden, want := range map[time.Duration]time.Duration{3 * time.Second: 3 * time.Second, time.Millisecond: time.Second, 10 * time.Second: 10 * time.Second, 11 * time.Second: 0} {
		c, tried := &clock{}, 0
		p := usual(c)
		p.Bidden = 10 * time.Second
		err := Do(t.Context(), p, failing(&tried, &passing{"x", bidden}))
		if (err == nil) != (want > 0) || want > 0 && !slices.Equal(c.rests, []time.Duration{want}) {
			t.Errorf("%s: rested %v, %v", bidden, c.rests, err)
		}
	}
}

// An end of the context ends the rest at once, and no rest begins after it.
func TestStopped(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	fails := &passing{text: "x"}
	p := Policy{Tries: 3, First: time.Hour, Factor: 2, Tell: func(Rest) { cancel(enough) }}
	tried := 0
	err := Do(ctx, p, failing(&tried, fails, fails))
	var gave *Error
	if !errors.As(err, &gave) || gave.Stopped != enough || gave.Last != fails || gave.Tries != 1 || tried != 1 {
		t.Errorf("tried %d: %#v", tried, err)
	}
	if err.Error() != "enough" || !errors.Is(err, enough) || !errors.Is(err, fails) {
		t.Errorf("error %q", err)
	}
	if tried = 0; Do(ctx, p, failing(&tried, fails)) != fails || tried != 1 {
		t.Errorf("tried %d times after the end", tried)
	}
}

// Without a clock of its own time passes, a little of it here.
func TestTime(t *testing.T) {
	t.Parallel()
	tried := 0
	fails := &passing{text: "x"}
	if err := Do(t.Context(), Policy{Tries: 3, First: 1, Factor: 1, Jitter: 1}, failing(&tried, fails, fails)); err != nil || tried != 3 {
		t.Errorf("tried %d times: %v", tried, err)
	}
}
