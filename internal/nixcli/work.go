package nixcli

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixlog"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// logFormat makes nix write what it does as JSON, one message a line, for nixlog.
var logFormat = []string{"--log-format", "internal-json"}

const (
	// heartbeat is how often a nix at work is told of, so that silence is never a riddle.
	heartbeat = 30 * time.Second
	// refresh is how often what the reader holds back is told.
	refresh = time.Second / 4
)

// ticker gives a tick each time the given time has passed, until stop is called.
type ticker func(every time.Duration) (ticks <-chan time.Time, stop func())

func clock(every time.Duration) (<-chan time.Time, func()) {
	t := time.NewTicker(every)
	return t.C, t.Stop
}

// once runs a nix that may take long: it tells what nix does while it does it, and returns its
// standard output. A failure is an *Error.
func (n *Nix) once(ctx context.Context, doing string, args ...string) ([]byte, error) {
	c := n.command(doing, append(append([]string{}, logFormat...), args...)...)
	reader := &nixlog.Reader{Sink: n.Sink, Log: n.Log, Verbose: n.Verbose}
	var said tail
	file, wait, err := machine.Gather(io.MultiWriter(reader, &said))
	if err != nil {
		return nil, err
	}
	c.Stderr = file
	out, err := n.timed(ctx, c, reader, func() {
		_ = wait() // neither writer fails
		reader.Close()
	})
	if code := machine.ExitCode(err); err != nil && code >= 0 {
		messages := reader.Errors()
		if len(messages) == 0 {
			messages = split(printable.Text(said.plain())) // it ended before it could write JSON
		}
		failed := failure(doing, code, messages, reader.Failed())
		failed.store = n.Machine.Store()
		failed.judge(messages, printable.Text(said.plain()))
		return nil, failed
	}
	return out, err
}

// output runs a nix that answers a question, passes its messages on line by line, and returns its
// standard output. A failure is an *Error.
func (n *Nix) output(ctx context.Context, c machine.Cmd) ([]byte, error) {
	return n.listen(ctx, c, func(line string) { n.Sink(event.Output{Program: "nix", Line: line}) })
}

// listen is output with each message for heard.
func (n *Nix) listen(ctx context.Context, c machine.Cmd, heard func(line string)) ([]byte, error) {
	var messages bytes.Buffer
	lines := &machine.Lines{Each: func(line string) {
		line = printable.Text(line)
		messages.WriteString(line + "\n")
		if n.Log != nil {
			_, _ = io.WriteString(n.Log, line+"\n") // nothing nix does depends on the log
		}
		heard(line)
	}}
	c.Stderr = lines
	// Without JSON it is not known what is under way, but that something is.
	out, err := n.timed(ctx, c, &nixlog.Reader{Sink: n.Sink}, lines.Flush)
	if code := machine.ExitCode(err); err != nil && code >= 0 {
		return nil, failure(c.Doing, code, split(messages.String()), nil)
	}
	return out, err
}

// timed runs nix and tells how long it took, after ended has told all that nix said. While it runs
// the reader tells what is under way.
func (n *Nix) timed(ctx context.Context, c machine.Cmd, reader *nixlog.Reader, ended func()) ([]byte, error) {
	start := time.Now()
	stop := n.watch(reader)
	out, err := n.Machine.Output(ctx, c)
	stop()
	ended()
	n.Sink(event.Program{Name: filepath.Base(c.Path), Seconds: time.Since(start).Seconds()})
	return out, err
}

// watch gives the reader its ticks and beats until what it returns is called.
func (n *Nix) watch(reader *nixlog.Reader) (stop func()) {
	every := n.ticks
	if every == nil {
		every = clock
	}
	reader.Tick() // its clock begins
	beats, stopBeats := every(heartbeat)
	ticks, stopTicks := every(refresh)
	over := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			select {
			case <-beats:
				reader.Beat()
			case <-ticks:
				reader.Tick()
			case <-over:
				return
			}
		}
	})
	return func() {
		stopBeats()
		stopTicks()
		close(over)
		watching.Wait()
	}
}

// tail keeps the end of what is written to it: a nix that dies before it speaks JSON says why in
// few words.
type tail struct{ kept []byte }

const tailSize = 8 << 10

func (t *tail) Write(p []byte) (int, error) {
	written := len(p)
	p = p[max(0, written-tailSize):]
	drop := min(len(t.kept), max(0, len(t.kept)+len(p)-tailSize))
	t.kept = append(t.kept[:copy(t.kept, t.kept[drop:])], p...) // in the same memory
	return written, nil
}

// plain are the lines that are no JSON of nix.
func (t *tail) plain() string {
	var lines []string
	for line := range strings.Lines(string(t.kept)) {
		if !strings.HasPrefix(line, "@nix ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}
