package binarycache

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// What may pass is asked again, with longer and longer rests.
func TestAgain(t *testing.T) {
	t.Parallel()
	for _, code := range []int{408, 429, 500, 502, 503, 504} {
		c := serve(t, some(1), status(code, 3))
		answer, clock := asking(t, []string{c.URL}, some(1))
		answer.expect(t, map[machine.StorePath]int{path(0): 0}, nil, nil)
		answer.problem(t, 0, "")
		if c.times(file(path(0))) != 4 || len(clock.rests) != 3 {
			t.Errorf("%d: asked %v, rested %v", code, c.asked, clock.rests)
		}
		for i, rest := range clock.rests {
			if usual := firstRest << i; rest < usual/2 || rest > usual*3/2 {
				t.Errorf("rest %d: %s, usually %s", i, rest, usual)
			}
		}
	}
}

// What will not pass is asked once.
func TestNotAgain(t *testing.T) {
	t.Parallel()
	for code, text := range map[int]string{
		401: "answers 401 Unauthorized", 400: "answers 400 Bad Request", 501: "answers 501 Not Implemented",
		304: "answers 304 Not Modified", 302: "answers 302 Found",
	} {
		c := serve(t, some(1), status(code, always))
		answer, _ := asking(t, []string{c.URL}, some(1))
		answer.expect(t, nil, nil, some(1))
		answer.problem(t, 0, text)
		if c.times(file(path(0))) != 1 {
			t.Errorf("%d: asked %v", code, c.asked)
		}
	}
}

// What a cache says of itself is told without what only a terminal understands, and not without end.
func TestProblemIsPrintable(t *testing.T) {
	t.Parallel()
	r := &round{total: 1, failed: 1, first: errors.New("is for the store \x1b]0;title\x07/x" + strings.Repeat("y", 1000) + "\nz")}
	want := "is for the store /x" + strings.Repeat("y", longestProblem-19) + "…"
	if got := r.problem(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if r.total = 2; r.problem() != "1 of 2 paths: "+want {
		t.Errorf("got %q", r.problem())
	}
}

// A password is not told of an address that is none either.
func TestBrokenAddress(t *testing.T) {
	t.Parallel()
	answer, _ := asking(t, []string{"https://ada:s3cret@cache.example/%zz"}, some(1))
	if got := answer.Caches[0]; got.URL != "https://ada:xxxxx@cache.example/%zz" || got.Problem == "" || strings.Contains(got.Problem, "s3cret") {
		t.Errorf("got %+v", got)
	}
}

// A cache that answers nothing any more costs no more than the questions that are under way, and is told of once. What
// it may have is looked for elsewhere, and not called missing.
func TestGivenUp(t *testing.T) {
	t.Parallel()
	bad := serve(t, nil, status(503, always))
	good := serve(t, some(300)[299:], nil)
	answer, _ := asking(t, []string{bad.URL, good.URL}, some(300))
	answer.expect(t, map[machine.StorePath]int{path(299): 1}, nil, some(299))
	answer.problem(t, 0, "answers 503 Service Unavailable")
	answer.problem(t, 1, "")
	if most := 1 + (atOnce+givenUp)*tries; bad.requests() > most {
		t.Errorf("%d requests, at most %d", bad.requests(), most)
	}
}

// Any answer ends a row of failures, also that there is nothing; the first failure is the one that is told.
func TestRow(t *testing.T) {
	t.Parallel()
	stopped := false
	r := &round{total: 100, found: map[machine.StorePath]Narinfo{}, doubted: map[machine.StorePath]bool{}, stop: func() { stopped = true }}
	note := func(err error, times int) {
		for range times {
			r.note(t.Context(), path(0), Narinfo{}, err)
		}
	}
	note(errors.New("first"), givenUp-1)
	note(nil, 1)
	note(errors.New("second"), givenUp-1)
	note(fs.ErrNotExist, 1)
	note(errors.New("third"), givenUp-1)
	if stopped || r.problem() != "6 of 100 paths: first" {
		t.Errorf("stopped %t, problem %q", stopped, r.problem())
	}
	if note(errors.New("third"), 1); !stopped {
		t.Error("not given up")
	}
}

// A few paths without an answer are no reason to give a cache up.
func TestSomeFail(t *testing.T) {
	t.Parallel()
	for _, failing := range []int{1, givenUp - 1} {
		c := serve(t, some(100), func(w http.ResponseWriter, r *http.Request, _ int) bool {
			for i := range failing {
				if r.URL.Path == file(path(i)) {
					w.WriteHeader(500)
					return true
				}
			}
			return false
		})
		answer, _ := asking(t, []string{c.URL}, some(100))
		if len(answer.Found) != 100-failing || len(answer.Unknown) != failing || answer.Caches[0].Found != 100-failing {
			t.Errorf("found %d, unknown %v", len(answer.Found), answer.Unknown)
		}
		answer.problem(t, 0, fmt.Sprintf("%d of 100 paths: answers 500 Internal Server Error", failing))
		if c.top > atOnce {
			t.Errorf("%d questions at once", c.top)
		}
	}
}

// A cache says itself when it wants to be asked again; for long is for never.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	const now = "Mon, 23 Nov 2026 12:00:00 GMT"
	for name, c := range map[string]struct {
		header []string
		rest   time.Duration // 0 for none
	}{
		"seconds":     {[]string{"Retry-After", "7"}, 7 * time.Second},
		"date":        {[]string{"Retry-After", "Mon, 23 Nov 2026 12:00:09 GMT", "Date", now}, 9 * time.Second},
		"too long":    {[]string{"Retry-After", "11"}, 0},
		"hours":       {[]string{"Retry-After", "Mon, 23 Nov 2026 15:00:00 GMT", "Date", now}, 0},
		"overflowing": {[]string{"Retry-After", "2147483647"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, some(1), status(429, 1, c.header...))
			answer, clock := asking(t, []string{server.URL}, some(1))
			if c.rest == 0 {
				answer.expect(t, nil, nil, some(1))
				answer.problem(t, 0, "answers 429 Too Many Requests")
				if len(clock.rests) != 0 {
					t.Errorf("rested %v", clock.rests)
				}
				return
			}
			answer.expect(t, map[machine.StorePath]int{path(0): 0}, nil, nil)
			if len(clock.rests) != 1 || clock.rests[0] != c.rest {
				t.Errorf("rested %v, want %s", clock.rests, c.rest)
			}
		})
	}
	for _, odd := range []string{"", "-1", "soon", "1.5", now, "99999999999999999999"} {
		if got := bidden(http.Header{"Retry-After": {odd}}); got != 0 {
			t.Errorf("%q: %s", odd, got)
		}
	}
	if got := bidden(http.Header{"Retry-After": {now}, "Date": {"Mon, 23 Nov 2026 13:00:00 GMT"}}); got != 0 {
		t.Errorf("in the past: %s", got)
	}
}

// raw answers a question with these bytes and hangs up.
func raw(t *testing.T, w http.ResponseWriter, text string) bool {
	connection, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return true
	}
	fmt.Fprint(buffer, text)
	buffer.Flush()
	connection.Close()
	return true
}

// What breaks off is asked for again, however it breaks off, and if it always does it is told.
func TestBrokenOff(t *testing.T) {
	t.Parallel()
	whole := about(path(0))
	half := whole[:strings.Index(whole, "sh: sha256:2")]
	for name, c := range map[string]struct{ text, problem string }{
		"no answer":        {"", "EOF"},
		"half a header":    {"HTTP/1.1 200 OK\r\nConte", `net/http: HTTP/1.x transport connection broken: malformed MIME header: missing colon: "Conte"`},
		"less than said":   {fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(whole), half), "the answer breaks off: unexpected EOF"},
		"in a chunk":       {fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s", len(whole), half), "the answer breaks off: unexpected EOF"},
		"nobody says":      {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + half, `damaged answer for ` + string(path(0))[11:] + `: broken line "NarHa"`},
		"after a line":     {"HTTP/1.1 200 OK\r\n\r\n" + whole[:strings.Index(whole, "NarSize")], "damaged answer for " + string(path(0))[11:] + ": NarSize is missing"},
		"nothing inside":   {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "damaged answer for " + string(path(0))[11:] + ": StorePath is missing"},
		"in a number":      {"HTTP/1.1 200 OK\r\n\r\n" + whole[:strings.Index(whole, "\nReferences")], "damaged answer for " + string(path(0))[11:] + `: broken line "NarSize: 100"`},
		"a page of a shop": {"HTTP/1.1 200 OK\r\n\r\n<html>\n", "damaged answer for " + string(path(0))[11:] + `: broken line "<html>"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, times := range []int{1, always} {
				server := serve(t, some(1), func(w http.ResponseWriter, r *http.Request, asked int) bool {
					return strings.HasSuffix(r.URL.Path, ".narinfo") && asked <= times && raw(t, w, c.text)
				})
				answer, _ := asking(t, []string{server.URL}, some(1))
				want := 2
				if times == always {
					want = tries
					answer.expect(t, nil, nil, some(1))
					answer.problem(t, 0, c.problem)
				} else {
					answer.expect(t, map[machine.StorePath]int{path(0): 0}, nil, nil)
				}
				// net/http itself asks once more where a kept connection answered nothing at all.
				if got := server.times(file(path(0))); got < want || name != "no answer" && name != "half a header" && got != want {
					t.Errorf("asked %d times, want %d", got, want)
				}
			}
		})
	}
}

func TestDamaged(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		about(path(1)): "is about " + string(path(1)),
		strings.Replace(about(path(0)), "NarSize: 100", "NarSize: -1", 1): `NarSize is "-1"`,
		strings.Repeat("x", largest) + ":\n":                              "more than 8388608 bytes",
	} {
		c := serve(t, nil, func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if r.URL.Path != file(path(0)) {
				return false
			}
			fmt.Fprint(w, text)
			return true
		})
		answer, _ := asking(t, []string{c.URL}, some(1))
		answer.expect(t, nil, nil, some(1))
		answer.problem(t, 0, "damaged answer for "+string(path(0))[11:]+": "+want)
		if n := c.times(file(path(0))); n != 1 && !strings.HasPrefix(want, "NarSize") {
			t.Errorf("asked %d times", n)
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]bool{
		&net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}:  false,
		&net.OpError{Op: "dial", Err: &net.DNSError{IsTemporary: true}}: true,
		&net.OpError{Op: "read", Err: syscall.ECONNRESET}:               true,
		errors.New("stopped after 10 redirects"):                        false,
	} {
		var again *passing
		if got := errors.As(judge(err), &again); got != want {
			t.Errorf("%v: %t", err, got)
		}
	}
}
