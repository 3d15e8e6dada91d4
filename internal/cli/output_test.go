package cli

import (
	"bytes"
	"errors"
	"strings"
	"syscall"
	"testing"
)

// failing cannot be written to.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// An answer that could not be written is no success; a reader that had enough is.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		code int
	}{
		"written":    {nil, 0},
		"disk full":  {syscall.ENOSPC, 1},
		"had enough": {syscall.EPIPE, 0},
	} {
		var stdout, stderr bytes.Buffer
		code := Main("1", []string{"version"}, strings.NewReader(""), &stdout, &stderr)
		if c.err != nil {
			code = Main("1", []string{"version"}, strings.NewReader(""), failing{c.err}, &stderr)
		}
		if code != c.code {
			t.Errorf("%s: exit code %d, want %d", name, code, c.code)
		}
		if said := strings.Contains(stderr.String(), "writing to the standard output: no space left"); said != errors.Is(c.err, syscall.ENOSPC) {
			t.Errorf("%s: %s", name, &stderr)
		}
	}
}
