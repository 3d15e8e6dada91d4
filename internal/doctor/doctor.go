// Package doctor runs health checks. It knows the kinds of checks and nothing of what they
// are about: which ones there are comes from the manifest of a deployment.
package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Check is one question about health. Its JSON form is that of the manifest
// (nixlib/manifest.nix), with every value filled in.
type Check struct {
	Feature string `json:"feature"`
	ID      string `json:"id"`
	Kind    Kind   `json:"kind"`
	// Critical checks decide whether a deployment is committed.
	Critical bool `json:"critical"`
	// Grace is for how many seconds a failing check is asked again. One about graphics cards is asked once, and has as long
	// to answer: what is wrong with a driver does not go away by waiting.
	Grace int `json:"grace"`

	// Target is what is asked: a URL, host:port, a unit, a command as text, or a question about graphics cards.
	Target string   `json:"target"`
	Status int      `json:"status,omitempty"` // http: the status code that passes
	Argv   []string `json:"argv,omitempty"`   // command: what is run; exit code 0 passes
	// Address is host:port of the service that a question about graphics cards is put to; empty for the others.
	Address string `json:"address,omitempty"`
}

// Kind is how a check asks.
type Kind string

// The kinds of checks.
const (
	HTTP    Kind = "http"
	TCP     Kind = "tcp"
	Unit    Kind = "unit"
	Command Kind = "command"
	GPU     Kind = "gpu"
)

// Parse reads the checks of a manifest.
func Parse(data json.RawMessage) ([]Check, error) {
	var checks []Check
	if err := json.Unmarshal(data, &checks); err != nil {
		return nil, fmt.Errorf("checks: %w", err)
	}
	for _, check := range checks {
		if problem := check.problem(); problem != "" {
			return nil, fmt.Errorf("check %s.%s: %s", check.Feature, check.ID, problem)
		}
	}
	return checks, nil
}

// problem says what keeps the check from being asked. A check that could not fail, or not
// pass, must not be taken for an answer.
func (c Check) problem() string {
	switch {
	case !slices.Contains([]Kind{HTTP, TCP, Unit, Command, GPU}, c.Kind):
		return fmt.Sprintf("unknown kind %q", c.Kind)
	case c.Target == "":
		return "has no target"
	case c.Kind == HTTP && (c.Status < 100 || c.Status > 599):
		return fmt.Sprintf("%d is no HTTP status", c.Status)
	case c.Kind == Command && len(c.Argv) == 0:
		return "has no argv"
	case c.Grace < 1:
		return "has no grace"
	}
	return ""
}

// Inside runs a program within the machine that is checked and returns what it printed. An
// error is a program that could not run or did not exit with 0.
type Inside interface {
	Output(ctx context.Context, argv ...string) ([]byte, error)
}

// Doctor asks checks of one machine.
type Doctor struct {
	Inside Inside
	Sink   event.Sink
	// Asks are the kinds of checks that others ask, once each.
	Asks map[Kind]Ask
}

// Ask puts one question. The remark says of what is well why it could not be asked, or from when on it is as it should
// be; it is empty for a plain yes. An error may know more: see Known.
type Ask func(context.Context, Check) (remark string, err error)

// Unhealthy is the error of checks that are critical and did not pass.
type Unhealthy struct{ Failed []event.Checked }

func (e *Unhealthy) Error() string {
	var texts []string
	for _, check := range e.Failed {
		texts = append(texts, fmt.Sprintf("%s.%s: %s: %s", check.Feature, check.ID, check.Target, check.Problem))
	}
	return strings.Join(texts, "; ")
}

// pause is how long a failing check rests before it is asked again.
const pause = 250 * time.Millisecond

// Run asks all checks at the same time, each again and again until it passes or its grace is
// over, and tells every result when it is there. It returns *Unhealthy when a critical one did not pass.
func (d Doctor) Run(ctx context.Context, checks []Check) error {
	results, err := d.Results(ctx, checks)
	if err != nil {
		return err
	}
	var failed []event.Checked
	for _, result := range results {
		if result.Critical && !result.OK {
			failed = append(failed, result)
		}
	}
	if failed != nil {
		return &Unhealthy{Failed: failed}
	}
	return nil
}

// Results asks like Run, and returns what came out in the order of the checks. A failure is no error.
func (d Doctor) Results(ctx context.Context, checks []Check) ([]event.Checked, error) {
	results := make([]event.Checked, len(checks))
	var wait sync.WaitGroup
	for i, check := range checks {
		wait.Go(func() {
			results[i] = d.examine(ctx, check)
			if ctx.Err() == nil {
				d.Sink(results[i])
			}
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return results, nil
}

// examine asks one check until it is answered for good.
func (d Doctor) examine(ctx context.Context, check Check) event.Checked {
	start := time.Now()
	var remark string
	var problem error
	if ask := d.Asks[check.Kind]; ask != nil {
		remark, problem = askOther(ctx, ask, check)
	} else {
		problem = d.askUntil(ctx, check)
	}
	result := event.Checked{
		Feature: check.Feature, ID: check.ID, Kind: string(check.Kind), Target: check.Target,
		Critical: check.Critical, OK: problem == nil, Remark: remark, Seconds: time.Since(start).Seconds(),
	}
	if problem != nil {
		result.Problem, result.Remark = problem.Error(), ""
		result.Cause, result.Cure = explained(problem)
	}
	return result
}

// askOther puts a question once, within the check's grace.
func askOther(ctx context.Context, ask Ask, check Check) (string, error) {
	grace := time.Duration(check.Grace) * time.Second
	once, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	remark, err := ask(once, check)
	if err != nil && once.Err() != nil && ctx.Err() == nil {
		return "", fmt.Errorf("no answer within %s", grace)
	}
	return remark, err
}

func (d Doctor) askUntil(ctx context.Context, check Check) error {
	start := time.Now()
	deadline := start.Add(time.Duration(check.Grace) * time.Second)
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	// The last real answer says more than "deadline exceeded" while asking once more. A connection
	// that is being made ends at the deadline by itself, maybe before ctx says so.
	var problem error
	for {
		err := d.askOnce(ctx, check)
		if problem == nil || ctx.Err() == nil && time.Now().Before(deadline) {
			problem = err
		}
		if err == nil || !rest(ctx) {
			return problem
		}
	}
}

// rest waits for pause; it is false when ctx ended instead.
func rest(ctx context.Context) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// answerTime is how long one question may take: a service that hangs while it starts is
// asked again.
const answerTime = 5 * time.Second

func (d Doctor) askOnce(ctx context.Context, check Check) error {
	once, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	err := d.ask(once, check)
	if err != nil && once.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("no answer within %s", answerTime)
	}
	return err
}

func (d Doctor) ask(ctx context.Context, check Check) error {
	switch check.Kind {
	case HTTP:
		return askHTTP(ctx, check.Target, check.Status)
	case TCP:
		return askTCP(ctx, check.Target)
	case Unit:
		return d.askUnit(ctx, check.Target)
	case Command:
		_, err := d.Inside.Output(ctx, check.Argv...)
		return err
	}
	return fmt.Errorf("unknown kind of check %q", check.Kind)
}

// client asks the service itself: no proxy, no redirects, no connection kept for the next
// question.
var client = &http.Client{
	Transport:     &http.Transport{Proxy: nil, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func askHTTP(ctx context.Context, url string, status int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return listening(withoutURL(err))
	}
	response.Body.Close()
	if response.StatusCode != status {
		problem := fmt.Errorf("answers %s instead of %d", response.Status, status)
		return &known{problem, "the service is not well, or another program answers in its place", portCure(request.URL.Host)}
	}
	return nil
}

// withoutURL takes the operation and the URL off an error of net/http: the target is named
// beside it already.
func withoutURL(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

func askTCP(ctx context.Context, address string) error {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return listening(err)
	}
	return connection.Close()
}

func (d Doctor) askUnit(ctx context.Context, unit string) error {
	out, err := d.Inside.Output(ctx, "systemctl", "is-active", unit)
	state := strings.TrimSpace(string(out))
	switch {
	case err == nil:
		return nil
	case state != "":
		return &known{fmt.Errorf("is %s", state), "", unitCure(unit)}
	default:
		return err
	}
}
