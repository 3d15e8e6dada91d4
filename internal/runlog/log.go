// Package runlog keeps what nix and other programs say in one run of nqd, for when it is needed to see why something
// failed, and how long the stations of the run take.
package runlog

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// logsKept is how many logs of earlier runs stay.
const logsKept = 10

// Log is the file that keeps what nix said in one run, which is more than a screen has room for. It is made when
// there is something to keep.
type Log struct {
	Dir string // is made when it is needed

	lock sync.Mutex
	file *os.File
	err  error
}

// Write implements io.Writer. A log that cannot be written is no reason for nix to fail.
func (l *Log) Write(p []byte) (int, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.file == nil && l.err == nil {
		l.file, l.err = l.open()
	}
	if l.err == nil {
		_, l.err = l.file.Write(p)
	}
	return len(p), nil
}

// Path is where the log is; empty where nothing was kept.
func (l *Log) Path() string {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.file == nil {
		return ""
	}
	return l.file.Name()
}

func (l *Log) open() (*os.File, error) {
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return nil, err
	}
	l.prune()
	return os.CreateTemp(l.Dir, "nix-*.log") // with mode 0600
}

// prune removes the oldest logs, so that there is room for one more. One that cannot be removed stays: it is in nobody's
// way.
func (l *Log) prune() {
	logs, _ := filepath.Glob(filepath.Join(l.Dir, "nix-*.log")) // whose only error is a bad pattern
	written := map[string]time.Time{}
	for _, log := range logs {
		if info, err := os.Stat(log); err == nil {
			written[log] = info.ModTime()
		}
	}
	slices.SortFunc(logs, func(a, b string) int { return written[b].Compare(written[a]) })
	for _, log := range logs[min(len(logs), logsKept-1):] {
		os.Remove(log)
	}
}
