package preflight

import (
	"errors"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/running"
)

// Error is a machine that cannot be deployed to. It wraps guard.ErrSwitching where somebody else is at work, and
// *risk.Error where nothing is wrong but what the user may accept.
type Error struct {
	// Failed are the answers that refuse.
	Failed []event.Precondition
	causes []error
}

// refused is an *Error, or nil where no answer refuses.
func refused(rows []row) error {
	e := &Error{}
	unknown := false
	for _, r := range rows {
		if r.Verdict != event.Fail {
			continue
		}
		e.Failed = append(e.Failed, r.Precondition)
		if r.cause == nil {
			unknown = true
			continue
		}
		e.causes = append(e.causes, r.cause)
	}
	if len(e.Failed) == 0 {
		return nil
	}
	if unknown { // to accept the others would not be enough
		e.causes = nil
	}
	return e
}

func (e *Error) Error() string {
	var texts []string
	for _, one := range e.Failed {
		texts = append(texts, one.Name+": "+one.Found)
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns why, as far as that has a kind.
func (e *Error) Unwrap() []error { return e.causes }

// Hint says what to do about each.
func (e *Error) Hint() string {
	var texts []string
	for _, one := range e.Failed {
		texts = append(texts, one.Cure)
	}
	return strings.Join(texts, "\n")
}

// Named says of a lock that another nqd holds what that does, as far as the machine tells.
func Named(err error) error {
	var busy *engine.Busy
	if errors.As(err, &busy) {
		if pid, wrong := strconv.Atoi(busy.PID); wrong == nil {
			busy.Doing = running.ProcessOf(pid).Doing()
		}
	}
	return err
}
