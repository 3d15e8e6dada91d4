// Package bundle makes an archive of what it takes to see what went wrong on a machine, without its secrets.
//
// Every text passes the redactor before it is held, and a file that cannot be read is named and left out: a bundle is
// wanted most where something is damaged.
package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
)

// From is what a bundle is made of.
type From struct {
	Machine *machine.Machine
	// State is the folder of nqd's records, as it is found from here: below it are log and deployments.
	State string
	// Workspace is the flake directory, Hosts are those in it, and With further files of it that somebody asked for.
	Workspace string
	Hosts     []string
	With      []string
	// Answers are made when the bundle is.
	Answers []Answer
	// Secrets takes them out; what is in the workspace's folder of secrets is added to it.
	Secrets *redact.Redactor
}

// Answer is a text that is made for the bundle.
type Answer struct {
	Name, About string
	Make        func(context.Context) ([]byte, error)
}

// Bundle is what goes into the archive, redacted, in its order.
type Bundle struct {
	Entries []Entry
	// Left is what is not in it, and why.
	Left []Left

	secrets *redact.Redactor
}

// Entry is one file of the archive.
type Entry struct {
	Name, About string
	Redacted    int // how many secrets were taken out
	text        string
}

// Left is something that is not in the bundle.
type Left struct{ Name, Why string }

// The number of deployments and of files of logs that are packed: the newest. What went wrong is seldom older.
const (
	deployments = 10
	logFiles    = 15
)

// manifestName is the entry that says what the others are. It comes first.
const manifestName = "MANIFEST"

// Collect reads what goes into a bundle. Only an end of ctx is an error.
func Collect(ctx context.Context, from From) (*Bundle, error) {
	b := &Bundle{secrets: from.Secrets}
	b.learn(from.Workspace)
	for _, answer := range append(from.Answers, failedUnits(from.Machine), release(from.Machine)) {
		text, err := answer.Make(ctx)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			b.Left = append(b.Left, Left{answer.Name, b.secrets.Text(err.Error())})
			continue
		}
		b.add(answer.Name, answer.About, text)
	}
	b.addWorkspace(from)
	b.addState(from.State)
	return b, nil
}

func (b *Bundle) add(name, about string, data []byte) {
	before := b.secrets.Count()
	text := b.secrets.Text(string(data))
	b.Entries = append(b.Entries, Entry{name, about, b.secrets.Count() - before, text})
}

// Redacted is how many secrets were taken out of all of it.
func (b *Bundle) Redacted() (sum int) {
	for _, entry := range b.Entries {
		sum += entry.Redacted
	}
	return sum
}

// Names are those of the files in the archive.
func (b *Bundle) Names() []string {
	names := []string{manifestName}
	for _, entry := range b.Entries {
		names = append(names, entry.Name)
	}
	return names
}

// manifest says what is in the bundle, what is not, and why.
func (b *Bundle) manifest(host string, now time.Time) string {
	var out strings.Builder
	fmt.Fprintf(&out, "nqd bundle of %s, %s\n\nIn it:\n", host, now.Format(time.RFC3339))
	for _, entry := range b.Entries {
		fmt.Fprintf(&out, "  %-32s %s; %d bytes, %d secrets redacted\n", entry.Name, entry.About, len(entry.text), entry.Redacted)
	}
	out.WriteString("\nLeft out:\n")
	for _, left := range b.Left {
		fmt.Fprintf(&out, "  %-32s %s\n", left.Name, strings.ReplaceAll(left.Why, "\n", " "))
	}
	return out.String()
}

// Create writes the archive to a new file, for its owner only. A file that is there already is an error, and stays.
func (b *Bundle) Create(path, host string, now time.Time) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(path)
		}
	}()
	if err := b.write(file, host, now); err != nil {
		return errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return file.Close()
}

// write makes a tar.gz in which nothing depends on the machine but what is packed.
func (b *Bundle) write(to io.Writer, host string, now time.Time) error {
	packed := gzip.NewWriter(to)
	archive := tar.NewWriter(packed)
	all := slices.Concat([]Entry{{Name: manifestName, text: b.manifest(host, now)}}, b.Entries)
	for _, entry := range all {
		header := &tar.Header{Name: "nqd-bundle/" + entry.Name, Mode: 0o600, Size: int64(len(entry.text)), ModTime: now.Truncate(time.Second), Format: tar.FormatPAX}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := io.Copy(archive, bytes.NewReader([]byte(entry.text))); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), packed.Close())
}
