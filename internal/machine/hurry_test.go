package machine

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"
)

// forever is a patience that no test outlives: what ends earlier did not wait for it.
const forever = 24 * time.Hour

// TestHurry: a program and its child that do not end when they are asked to are killed as soon as
// nobody waits any more. Both hold the pipe that Run reads, so it returns when both are gone.
func TestHurry(t *testing.T) {
	t.Parallel()
	cause := errors.New("the user pressed Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	hurry := make(chan struct{})
	m := &Machine{Hurry: hurry, patience: forever}
	var said []string
	c := program("stubborn")
	c.Stdout = &Lines{Each: func(line string) {
		said = append(said, line)
		switch line {
		case "ready":
			cancel(cause)
		case "parent: interrupt":
			close(hurry)
		}
	}}
	err := m.Run(ctx, c)
	if !errors.Is(err, cause) || err.Error() != "trying: "+cause.Error() {
		t.Errorf("error %v, want %v", err, cause)
	}
	if want := []string{"ready", "parent: interrupt"}; !slices.Equal(said, want) {
		t.Errorf("said %q, want %q: it was not asked first", said, want)
	}
}

// TestInsistence: a program that did not hear the first SIGINT gets more of them, without hurry.
func TestInsistence(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	hurry := make(chan struct{})
	m := &Machine{Hurry: hurry, patience: time.Minute, insistence: time.Millisecond}
	asked := 0
	c := program("stubborn")
	c.Stdout = &Lines{Each: func(line string) {
		switch line {
		case "ready":
			cancel()
		case "parent: interrupt":
			if asked++; asked == 3 {
				close(hurry) // ends the test, too
			}
		}
	}}
	if err := m.Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if asked < 3 {
		t.Errorf("asked %d times to end", asked)
	}
}

// TestHurryBefore: who hurries already does not wait for the next program either.
func TestHurryBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	hurry := make(chan struct{})
	close(hurry)
	m := &Machine{Hurry: hurry, patience: forever}
	c := program("stubborn")
	c.Stdout = &Lines{Each: func(line string) {
		if line == "ready" {
			cancel()
		}
	}}
	if err := m.Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// TestHurryIsNotForAll: a program that may not be cancelled, and one that is not, go on to their
// end, however much hurry there is.
func TestHurryIsNotForAll(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	hurry := make(chan struct{})
	close(hurry)
	m := &Machine{Hurry: hurry, patience: forever}
	for name, ctx := range map[string]context.Context{
		"may not be cancelled": context.WithoutCancel(cancelled), "is not cancelled": t.Context(),
	} {
		stdin, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		c := program("echo")
		c.Stdin = stdin
		var said []string
		c.Stdout = &Lines{Each: func(line string) {
			said = append(said, line)
			if len(said) == 100 {
				write.Close()
				return
			}
			_, _ = write.WriteString("more\n")
		}}
		if err := m.Run(ctx, c); err != nil || len(said) != 100 {
			t.Errorf("%s: %v, said %d lines", name, err, len(said))
		}
		stdin.Close()
		write.Close()
	}
}
