package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
)

// Busy is another nqd that works on the same machine.
type Busy struct {
	PID string // as far as it is known
	// Doing is its command and since when it runs; empty where that is not known.
	Doing string
}

func (b *Busy) Error() string {
	if b.PID == "" {
		return "another nqd is working on this machine"
	}
	text := "another nqd is working on this machine (process " + b.PID + ")"
	if b.Doing != "" {
		text += ": " + b.Doing
	}
	return text
}

// Hint says when it is this one's turn.
func (*Busy) Hint() string { return "wait until it is done, which nqd status says" }

// Lock lets one run at a time of this user change the machine; between users, the unit in
// which systems are switched does that. It waits for an instant only: the error is *Busy
// where another one holds it. The lock ends with the process, however that ends.
func (h History) Lock() (unlock func(), err error) {
	if err := atomicfile.MkdirAll(h.Dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(h.Dir, "lock")
	lock := flock.New(path, flock.SetPermissions(0o600))
	// Busy holds it for an instant: somebody who only asks must not stop a deployment.
	instant, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	held, err := lock.TryLockContext(instant, 10*time.Millisecond)
	if err != nil && instant.Err() == nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if !held {
		pid, _ := os.ReadFile(path) // only to name it
		return nil, &Busy{PID: strings.TrimSpace(string(pid))}
	}
	// Written in place: a new file would be another lock. It is a name for others to read: a full disk must not keep a
	// machine between two systems for want of it.
	_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
	return func() { lock.Unlock() }, nil
}

// Busy reports whether a run is under way.
func (h History) Busy() bool {
	path := filepath.Join(h.Dir, "lock")
	if _, err := os.Stat(path); err != nil {
		return false
	}
	lock := flock.New(path)
	held, err := lock.TryRLock()
	lock.Unlock()
	return err == nil && !held
}
