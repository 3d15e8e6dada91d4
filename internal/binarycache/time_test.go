package binarycache

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// closed is an address that is taken, so that nobody else gets it, and not listened on.
func closed(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	address := closed(t)
	answer, clock := asking(t, []string{"http://" + address}, some(500))
	answer.expect(t, nil, nil, some(500))
	answer.problem(t, 0, "dial tcp "+address+": connect: connection refused")
	if len(clock.rests) != tries-1 {
		t.Errorf("rested %v", clock.rests)
	}
}

// hanging is a cache that answers some of its questions only when the asker has gone.
func hanging(t *testing.T, hangs func(r *http.Request, times int) bool) *cache {
	return serve(t, some(1), func(_ http.ResponseWriter, r *http.Request, times int) bool {
		if !hangs(r, times) {
			return false
		}
		<-r.Context().Done()
		return true
	})
}

func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	c := hanging(t, func(r *http.Request, times int) bool { return r.URL.Path == file(path(0)) && times == 1 })
	clock := &clock{}
	answer, err := Ask(t.Context(), []string{c.URL}, some(1), Options{AnswerTime: 500 * time.Millisecond, Wait: clock.wait})
	if err != nil {
		t.Fatal(err)
	}
	answer.expect(t, map[machine.StorePath]int{path(0): 0}, nil, nil)
	if c.times(file(path(0))) < 2 || len(clock.rests) == 0 {
		t.Errorf("asked %v, rested %v", c.asked, clock.rests)
	}
}

func TestNeverAnAnswer(t *testing.T) {
	t.Parallel()
	c := hanging(t, func(*http.Request, int) bool { return true })
	answer, err := Ask(t.Context(), []string{c.URL}, some(1), Options{AnswerTime: time.Millisecond, Wait: (&clock{}).wait})
	if err != nil {
		t.Fatal(err)
	}
	answer.expect(t, nil, nil, some(1))
	answer.problem(t, 0, "no answer within 1ms")
}

// One that hangs leaves time for the next.
func TestDeadline(t *testing.T) {
	t.Parallel()
	slow := hanging(t, func(*http.Request, int) bool { return true })
	good := serve(t, some(1), nil)
	answer, err := Ask(t.Context(), []string{slow.URL, good.URL}, some(2), Options{Deadline: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	answer.expect(t, map[machine.StorePath]int{path(0): 1}, nil, some(2)[1:])
	if got := answer.Caches[0].Problem; !strings.HasPrefix(got, "no answer within ") {
		t.Errorf("problem %q", got)
	}
	answer.problem(t, 1, "")
}

// The deadline also ends what waits for a cache to recover, and what the cache said is told.
func TestDeadlineWhileResting(t *testing.T) {
	t.Parallel()
	c := serve(t, nil, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.WriteHeader(503)
		return true
	})
	answer, err := Ask(t.Context(), []string{c.URL}, some(1), Options{Deadline: time.Second, Wait: func(ctx context.Context, _ time.Duration) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	if err != nil {
		t.Fatal(err)
	}
	answer.problem(t, 0, "answers 503 Service Unavailable")
	if c.requests() != 1 {
		t.Errorf("asked %v", c.asked)
	}
}

// What the cache said says more than that the time was over while it was asked again.
func TestDeadlineWhileAskingAgain(t *testing.T) {
	t.Parallel()
	c := serve(t, nil, func(w http.ResponseWriter, r *http.Request, times int) bool {
		if times > 1 {
			<-r.Context().Done()
		}
		w.WriteHeader(503)
		return true
	})
	answer, err := Ask(t.Context(), []string{c.URL}, some(1), Options{Deadline: time.Second, Wait: (&clock{}).wait})
	if err != nil {
		t.Fatal(err)
	}
	answer.problem(t, 0, "answers 503 Service Unavailable")
	if c.requests() != 2 {
		t.Errorf("asked %v", c.asked)
	}
}

// wait is what passes time outside of tests.
func TestWait(t *testing.T) {
	t.Parallel()
	if err := wait(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if err := wait(ctx, time.Hour); err == nil || err.Error() != "enough" {
		t.Errorf("error %v", err)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	c := hanging(t, func(r *http.Request, _ int) bool {
		if r.URL.Path == "/"+infoFile {
			return false
		}
		cancel(enough)
		return true
	})
	other := serve(t, nil, nil)
	if answer, err := Ask(ctx, []string{c.URL, other.URL}, some(100), Options{}); !errors.Is(err, enough) || answer.Found != nil {
		t.Errorf("%v, error %v", answer, err)
	}
	if other.requests() != 0 {
		t.Errorf("asked %v", other.asked)
	}
}
