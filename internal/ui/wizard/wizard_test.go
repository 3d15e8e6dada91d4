package wizard

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/testing/terminal"
)

// asked is a form that is asked on a terminal.
type asked struct {
	*testing.T
	*terminal.Terminal
	result string
}

// ask starts it without SIGHUP, so that it sees by itself that a terminal went away.
func ask(t *testing.T, form string, columns, rows int, environ ...string) asked {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	a := asked{T: t, result: filepath.Join(t.TempDir(), "result")}
	command := exec.Command("sh", "-c", `trap "" HUP; exec "$0"`, program)
	command.Env = append([]string{"TERM=xterm-256color", "LC_ALL=C.UTF-8", formVariable + "=" + form, resultVariable + "=" + a.result}, environ...)
	if a.Terminal, err = terminal.Start(command, columns, rows); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// sees waits for the texts, then types.
func (a asked) sees(texts []string, keys ...string) string {
	a.Helper()
	shown, err := a.Wait(texts...)
	if err != nil {
		a.Fatal(err)
	}
	if err := a.Type(keys...); err != nil {
		a.Fatal(err)
	}
	return shown
}

// ends waits for the end, and looks whether the terminal is as it was.
func (a asked) ends() (r result) {
	a.Helper()
	shown, err := a.End()
	if err != nil {
		a.Fatal(err)
	}
	if err := a.Restored(); err != nil {
		a.Error(err)
	}
	return a.came(shown)
}

// came is what came of it.
func (a asked) came(shown string) (r result) {
	a.Helper()
	text, err := os.ReadFile(a.result)
	if err != nil {
		a.Fatalf("%v\n%s", err, shown)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		a.Fatal(err)
	}
	return r
}

// defaults are the answers of one who only presses Enter, with these changed.
func defaults(changed map[string]string) map[string]string {
	given := maps.Clone(newAnswers(machineForm()).values)
	maps.Copy(given, changed)
	return given
}

func (a asked) gets(want map[string]string) {
	a.Helper()
	if r := a.ends(); r.Error != "" || !maps.Equal(r.Answers, want) {
		a.Errorf("got %+v, want %v", r, want)
	}
}

const lastQuestion = "Write the workspace to /home/ada/nqd?"

func texts(t ...string) []string { return t }

// The default path is Enter for each question, the page and the confirmation: six keys for four questions.
// 20 columns have no line for all titles, and it is asked all the same.
func TestDefaults(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{80, 40, 20} {
		a := ask(t, "machine", columns, 24)
		keys := 0
		if columns == 20 { // there is no room above the first question
			a.sees(texts("This is a laptop", "enter next"), terminal.Enter)
		}
		for _, title := range []string{"Name for git", "E-mail for git", "Editor", "What is this machine", "Settings", "Write the workspace"} {
			shown := a.sees(texts(title, "enter"), terminal.Enter)
			keys++
			for line := range strings.Lines(shown) {
				if ansi.StringWidth(strings.TrimSpace(line)) > columns {
					t.Errorf("%d columns: %q", columns, line)
				}
			}
		}
		a.gets(defaults(nil))
		if keys != 6 || strings.TrimSpace(a.Screen()) != "" {
			t.Errorf("%d keys; left on the screen: %q", keys, a.Screen())
		}
	}
}

// What was typed ahead counts, and skips nothing.
func TestTypedAhead(t *testing.T) {
	t.Parallel()
	a := ask(t, "machine", 80, 24)
	a.sees(texts("Ada Lovelace"), terminal.Enter, terminal.CtrlU, "a@b", strings.Repeat(terminal.Enter, 5))
	a.gets(defaults(map[string]string{"git-mail": "a@b"}))
}

// A setting is corrected: a text, and one of many choices, which is searched.
func TestCorrection(t *testing.T) {
	t.Parallel()
	a := ask(t, "machine", 80, 24)
	a.sees(texts("Name for git"), strings.Repeat(terminal.Enter, 4))
	a.sees(texts("Settings"), strings.Repeat(terminal.Down, 5))
	a.sees(texts("Host name: orion (/etc/hostname)"), terminal.Enter)
	a.sees(texts("> orion"), terminal.CtrlU, "vega", terminal.Enter)
	a.sees(texts("vega                     yours", "> Go on"), strings.Repeat(terminal.Down, 7), terminal.Enter)
	a.sees(texts("> Europe/Berlin", "type to search", "84 in all"), "bern")
	a.sees(texts("/bern", "> Europe/Bern", "America/New_Bern"), terminal.Enter)
	a.sees(texts("Europe/Bern              yours", "> Go on"), terminal.Enter)
	a.sees(texts(lastQuestion), terminal.Enter)
	a.gets(defaults(map[string]string{"name": "vega", "zone": "Europe/Bern"}))
}

// On a narrow terminal all that is cut on the page is told of the chosen row.
func TestNarrowCorrection(t *testing.T) {
	t.Parallel()
	a := ask(t, "machine", 40, 24)
	a.sees(texts("Name for git"), strings.Repeat(terminal.Enter, 4))
	a.sees(texts("Settings"), strings.Repeat(terminal.Down, 4))
	a.sees(texts("What is this machine for: ai-\nworkstation: the same, with local models\nand agents (it has a desktop)", "enter edit"), terminal.Enter)
	a.sees(texts("> ai-workstation"), terminal.Up, terminal.Enter)
	a.sees(texts("(yours)"), terminal.Enter)
	a.sees(texts(lastQuestion), "y")
	a.gets(defaults(map[string]string{"preset": "workstation"}))
}

func TestBack(t *testing.T) {
	t.Parallel()
	a := ask(t, "machine", 80, 24)
	a.sees(texts("1 of 6"), terminal.CtrlU, "Grace", terminal.Enter)
	a.sees(texts("2 of 6", "shift+tab back"), terminal.ShiftTab)
	a.sees(texts("1 of 6", "> Grace"), " Hopper", strings.Repeat(terminal.Enter, 4))
	a.sees(texts("5 of 6", "Grace Hopper             yours"), terminal.ShiftTab)
	a.sees(texts("4 of 6"), terminal.Enter)
	a.sees(texts("5 of 6"), terminal.Down, terminal.Enter)
	a.sees(texts("> Grace Hopper", "esc back"), "x", terminal.Escape) // a correction is given up
	a.sees(texts("5 of 6", "> Name for git               Grace Hopper"), terminal.Up, terminal.Enter)
	a.sees(texts("6 of 6"), terminal.ShiftTab)
	a.sees(texts("5 of 6"), terminal.Enter)
	a.sees(texts("6 of 6"), terminal.Enter)
	a.gets(defaults(map[string]string{"git-name": "Grace Hopper"}))
}

// What is wrong is said, and what was typed stays.
func TestInvalid(t *testing.T) {
	t.Parallel()
	a := ask(t, "machine", 80, 24)
	a.sees(texts("1 of 6"), terminal.Enter)
	a.sees(texts("2 of 6"), terminal.CtrlU, "ada", terminal.Enter)
	a.sees(texts("> ada", `"ada" has no @ in it`), "@x", terminal.Enter, terminal.Enter, terminal.Enter, terminal.Enter, terminal.Enter)
	a.gets(defaults(map[string]string{"git-mail": "ada@x"}))
}

// A setting that was detected wrong stops the page, which shows it.
func TestDetectedWrong(t *testing.T) {
	t.Parallel()
	a := ask(t, "wrong", 80, 24)
	a.sees(texts("1 of 6"), strings.Repeat(terminal.Enter, 5))
	a.sees(texts("> Host name", `Host name: "not a name!" has a ! in it`), terminal.Enter)
	a.sees(texts("> not a name!"), terminal.CtrlU, "vega", terminal.Enter)
	a.sees(texts("> Go on"), terminal.Enter, terminal.Enter)
	a.gets(defaults(map[string]string{"name": "vega"}))
}

// However it is ended, nothing is returned and the terminal is as it was.
func TestEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(asked) error
		want result
	}{
		"no":        {func(a asked) error { return a.Type("\r\r\r\r\r", terminal.Down, terminal.Enter) }, result{Error: "not confirmed", Declined: true}},
		"n":         {func(a asked) error { return a.Type("\r\r\r\r\rn") }, result{Error: "not confirmed", Declined: true}},
		"ctrl-c":    {func(a asked) error { return a.Type(terminal.CtrlC) }, result{Error: "context canceled", Canceled: true}},
		"escape":    {func(a asked) error { return a.Type(terminal.Escape) }, result{Error: "context canceled", Canceled: true}},
		"late":      {func(a asked) error { return a.Type("\r\r\r\r\r", terminal.CtrlC) }, result{Error: "context canceled", Canceled: true}},
		"ctrl-d":    {func(a asked) error { return a.Type(terminal.CtrlD) }, result{Error: ErrEnded.Error(), Declined: true}},
		"terminate": {func(a asked) error { return a.Command.Process.Signal(syscall.SIGTERM) }, result{Error: "terminated", Expired: true}},
		"panic":     {func(a asked) error { return a.Type(terminal.Enter) }, result{Error: "asking on the terminal: program was killed: program experienced a panic"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := map[string]string{"panic": "panics"}[name]
			if form == "" {
				form = "machine"
			}
			a := ask(t, form, 80, 24)
			a.sees(texts("> Ada Lovelace"))
			if err := test.end(a); err != nil {
				t.Fatal(err)
			}
			if got := a.ends(); got.Error != test.want.Error || got.Canceled != test.want.Canceled ||
				got.Declined != test.want.Declined || got.Expired != test.want.Expired || got.Answers != nil {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// A terminal that goes away ends it, whatever it was doing.
func TestHangUp(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"xterm-256color", "dumb"} {
		a := ask(t, "machine", 80, 60, "TERM="+name)
		a.sees(texts("Ada Lovelace"))
		if err := a.HangUp(); err != nil {
			t.Fatal(err)
		}
		if got := a.came(""); !got.Declined || got.Error != ErrEnded.Error() {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A resize draws all anew and forgets nothing that was typed.
func TestResize(t *testing.T) {
	t.Parallel()
	a := ask(t, "machine", 80, 24)
	a.sees(texts("1 of 6"), terminal.Enter)
	a.sees(texts("ada@example.org"), ".uk")
	a.sees(texts("ada@example.org.uk"))
	for _, size := range []struct {
		columns, rows int
		keys          string
	}{{30, 12, "\nenter next · esc quit"}, {4, 2, "\nent…"}, {100, 30, "shift+tab back"}} {
		if err := a.Resize(size.columns, size.rows); err != nil {
			t.Fatal(err)
		}
		a.sees(texts(size.keys))
	}
	a.sees(texts("ada@example.org.uk", "enter next · shift+tab back · esc quit"), strings.Repeat(terminal.Enter, 5))
	a.gets(defaults(map[string]string{"git-mail": "ada@example.org.uk"}))
}

// Without room above the first question what was found is a page of its own, with as many as it takes.
func TestIntroduction(t *testing.T) {
	t.Parallel()
	a := ask(t, "machine", 40, 8)
	a.sees(texts("This is a laptop", "enter more"), terminal.Enter)
	a.sees(texts("is taken over as it is.", "enter next"), terminal.Enter)
	a.sees(texts("> Ada Lovelace", "1 of 6"), strings.Repeat(terminal.Enter, 6))
	a.gets(defaults(nil))
}

// Values of strangers do nothing to the screen, and are the answer as they are where nobody changed them.
func TestHostile(t *testing.T) {
	t.Parallel()
	a := ask(t, "hostile", 80, 24)
	a.sees(texts("It is red and has lines.", "> 愛田 Ada evilx"), strings.Repeat(terminal.Enter, 4))
	a.sees(texts("長い長…", "שלום עולם"), terminal.Enter, terminal.Enter)
	want := newAnswers(forms()["hostile"]).values
	a.gets(want)
	if raw := a.Raw(); strings.Contains(raw, "\x1b[31m") || strings.Contains(raw, "\u202e") || strings.Contains(raw, "\x1b[5A") {
		t.Errorf("%q", raw)
	}
}

// Pasted lines are one line of text, and answer one question.
func TestPaste(t *testing.T) {
	t.Parallel()
	a := ask(t, "machine", 80, 24)
	a.sees(texts("1 of 6"), terminal.CtrlU, "\x1b[200~Grace\nHopper\n\x1b[201~")
	a.sees(texts("> Grace Hopper", "1 of 6"), strings.Repeat(terminal.Enter, 6))
	a.gets(defaults(map[string]string{"git-name": "Grace Hopper"}))
}

var colour = regexp.MustCompile(`\x1b\[[0-9;:]*\b(3[0-8]|4[0-8]|9[0-7]|10[0-7])\b[0-9;:]*m`)

func TestNoColour(t *testing.T) {
	t.Parallel()
	for _, environ := range [][]string{nil, {"NO_COLOR=1"}} {
		a := ask(t, "machine", 80, 24, environ...)
		a.sees(texts("> Ada"), strings.Repeat(terminal.Enter, 6))
		a.gets(defaults(nil))
		if colour.MatchString(a.Raw()) != (environ == nil) {
			t.Errorf("%q: %q", environ, a.Raw())
		}
	}
}

// What lacks parts is asked without them.
func TestParts(t *testing.T) {
	t.Parallel()
	a := ask(t, "short", 80, 24)
	a.sees(texts("short, 1 of 1", "Settings"), terminal.Enter)
	a.gets(map[string]string{"a": "1"})
	a = ask(t, "empty", 80, 24)
	a.sees(texts("It is nothing."), terminal.Enter)
	a.sees(texts("Write nothing?"), terminal.Enter)
	a.gets(nil)
}

// Ask does nothing where it was ended before, and an input that has ended is told.
func TestNoTerminal(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errTerminated)
	if _, err := Ask(ctx, machineForm(), Terminal{In: strings.NewReader("\n"), Out: &out}); !errors.Is(err, errTerminated) || out.Len() > 0 {
		t.Errorf("%v, %q", err, &out)
	}
	if _, err := Ask(t.Context(), machineForm(), Terminal{In: strings.NewReader("\n"), Out: &out}); !errors.Is(err, ErrEnded) {
		t.Error(err)
	}
	// One who never types.
	in, writer := io.Pipe()
	defer writer.Close()
	ctx, cancel = context.WithCancelCause(t.Context())
	done := make(chan error)
	go func() {
		_, err := Ask(ctx, machineForm(), Terminal{In: in, Out: &out})
		done <- err
	}()
	cancel(errTerminated)
	if err := <-done; !errors.Is(err, errTerminated) {
		t.Error(err)
	}
}
