package terminal

import (
	"os/exec"
	"strings"
	"testing"
)

// What sequences make of a screen, by ECMA-48 and xterm's ctlseqs.
func TestScreen(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ written, want string }{
		"text":        {"ab\r\ncd", "ab\ncd"},
		"colour":      {"\x1b[1;31mab\x1b[m", "ab"},
		"edge":        {"abcdefgh", "abcdef\ngh"},
		"wide":        {"a長い\x1b[1;6Hx", "a長いx"},
		"scrolled":    {"1\r\n2\r\n3\r\n4\r\n5", "2\n3\n4\n5"},
		"region":      {"1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[S\x1b[r\x1b[3;1Hx", "1\n3\nx\n4"},
		"reverse":     {"1\r\n2\x1b[H\x1bMx", "x\n1\n2"},
		"lines":       {"1\r\n2\r\n3\x1b[2;1H\x1b[Lx", "1\nx\n2\n3"},
		"no lines":    {"1\r\n2\r\n3\x1b[1;1H\x1b[M", "2\n3"},
		"erased":      {"abcdef\x1b[3D\x1b[K", "ab"},
		"characters":  {"abcdef\x1b[2G\x1b[2X\x1b[5G\x1b[P", "a  df"},
		"inserted":    {"abc\x1b[2G\x1b[2@", "a  bc"},
		"repeated":    {"a\x1b[3b", "aaaa"},
		"all":         {"abc\x1b[2Jd", "   d"},
		"two screens": {"abc\x1b[?1049h\x1b[Hxyz\x1b[?1049ld", "abcd"},
	} {
		s := newScreen(6, 4)
		for _, b := range []byte(test.written) { // in the smallest parts
			s.write([]byte{b})
		}
		if got := s.text(); got != test.want || len(s.unknown) > 0 {
			t.Errorf("%s: got %q, want %q; unknown %s", name, got, test.want, s.unknown)
		}
	}
	s := newScreen(6, 4)
	if s.write([]byte("\x1b[5y")); len(s.unknown) != 1 {
		t.Errorf("not noted: %q", s.unknown)
	}
}

// A program is typed to, and what it leaves switched on is noticed.
func TestTerminal(t *testing.T) {
	t.Parallel()
	for script, restored := range map[string]bool{
		"read line; echo got $line": true, "read line; stty -echo; echo got $line": false, `read line; printf 'got 1 \033[?25l'`: false,
	} {
		term, err := Start(exec.Command("sh", "-c", "echo ready; "+script), 40, 10)
		if err != nil {
			t.Fatal(err)
		}
		defer term.Close()
		if _, err := term.Wait("ready"); err != nil {
			t.Fatal(err)
		}
		if err := term.Type("1\n"); err != nil {
			t.Fatal(err)
		}
		shown, err := term.End()
		if err != nil || !strings.Contains(shown, "got 1") {
			t.Errorf("%v: %q", err, shown)
		}
		if err := term.Restored(); (err == nil) != restored {
			t.Errorf("%s: %v", script, err)
		}
	}
}
