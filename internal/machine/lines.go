package machine

import "bytes"

// Lines is a writer that hands over what is written to it line by line, without the line
// ends. Flush hands over a last line that has none.
type Lines struct {
	Each func(line string)
	rest []byte
}

// Write implements io.Writer; it takes everything.
func (l *Lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, whole := bytes.Cut(l.rest, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.Each(string(line))
		l.rest = rest
	}
}

// Flush ends the last line.
func (l *Lines) Flush() {
	if len(l.rest) > 0 {
		l.Each(string(l.rest))
		l.rest = nil
	}
}
