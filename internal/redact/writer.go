package redact

import (
	"bytes"
	"io"
)

// longestLine is how much of one line a Writer holds, in bytes. Nothing of a line is written before its end is there:
// a secret may be anywhere in it, and come in two pieces.
const longestLine = 1 << 20

// Writer writes text on without its secrets, line by line. Close writes the last line.
type Writer struct {
	to       io.Writer
	redactor *Redactor
	stream   Stream
	rest     []byte
	dropping bool // the rest of a line that is too long
}

// Writer makes a Writer.
func (r *Redactor) Writer(to io.Writer) *Writer { return &Writer{to: to, redactor: r} }

// Write implements io.Writer. What is there of a line whose end is not there yet is kept.
func (w *Writer) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte("\n"))
		w.hold(line)
		if !ended {
			break
		}
		if err := w.line("\n"); err != nil {
			return 0, err
		}
		rest = after
	}
	return len(p), nil
}

func (w *Writer) hold(piece []byte) {
	if w.dropping || len(w.rest)+len(piece) > longestLine {
		w.dropping, w.rest = true, nil
		return
	}
	w.rest = append(w.rest, piece...)
}

func (w *Writer) line(end string) error {
	text, shown := "(a line of more than 1 MiB was left out)", true
	if !w.dropping {
		text, shown = w.redactor.Line(&w.stream, string(w.rest))
	}
	w.rest, w.dropping = w.rest[:0], false
	if !shown {
		return nil
	}
	_, err := io.WriteString(w.to, text+end)
	return err
}

// Close writes a last line that has no end. It does not close what is written to.
func (w *Writer) Close() error {
	if len(w.rest) == 0 && !w.dropping {
		return nil
	}
	return w.line("")
}
