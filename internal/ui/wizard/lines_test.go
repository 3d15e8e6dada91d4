package wizard

import (
	"maps"
	"strings"
	"syscall"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/terminal"
)

// Plain lines are asked on a dumb terminal and where a screen reader asks for them: the same, in the same order.
func TestLines(t *testing.T) {
	t.Parallel()
	const help = "It stands in every commit that you make.\n"
	for _, environ := range [][]string{{"TERM=dumb"}, {"TERM="}, {"ACCESSIBLE=1"}} {
		a := ask(t, "machine", 80, 60, environ...)
		a.sees(texts("This is a laptop", "Question 1 of 4: Name for git", "Answer [Ada Lovelace]:"), "\n")
		a.sees(texts("Question 2 of 4: E-mail for git", "Answer [ada@example.org]:"), "<\n")
		a.sees(texts("[ada@example.org]: <\n\nQuestion 1 of 4: Name for git\n"+help+"Answer [Ada Lovelace]:"), "Grace\n")
		a.sees(texts("[Ada Lovelace]: Grace\n\nQuestion 2 of 4: E-mail for git\n"+help+"Answer [ada@example.org]:"), "grace\n")
		a.sees(texts("\"grace\" has no @ in it\nAnswer [ada@example.org]:"), "\n")
		a.sees(texts(" 1. Helix\n 2. Neovim\n 3. nano\n 4. none\nNumber [1]:"), "9\n")
		a.sees(texts("give a number from 1 to 4\n 1. Helix"), "2\n")
		a.sees(texts("Question 4 of 4", "Number [3]:"), "\n")
		a.sees(texts(" 1. Name for git: Grace (yours)\n", " 7. Time zone: Europe/Berlin (/etc/localtime)", "Enter to go on, or a number to correct:"), "7\n")
		a.sees(texts("A part of the name, of 84 [Europe/Berlin]:"), "bern\n")
		a.sees(texts(" 1. Europe/Bern\n 2. America/New_Bern\nNumber:"), "1\n")
		a.sees(texts(" 7. Time zone: Europe/Bern (yours)"), "\n")
		a.sees(texts(lastQuestion+" yes or no [yes]:"), "\n")
		a.gets(defaults(map[string]string{"git-name": "Grace", "editor": "neovim", "zone": "Europe/Bern"}))
		if raw := a.Raw(); strings.Contains(strings.TrimSuffix(raw, "\x1b]0;end\a"), "\x1b") || strings.ContainsAny(raw, "─│┃┌╭") {
			t.Errorf("%q: %q", environ, raw)
		}
	}
}

func TestLinesEnd(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(asked) error
		want result
	}{
		"no":        {func(a asked) error { return a.Type("\n\n\n\n\nno\n") }, result{Error: "not confirmed", Declined: true}},
		"ctrl-c":    {func(a asked) error { return a.Type(terminal.CtrlC) }, result{Error: "context canceled", Canceled: true}},
		"ctrl-d":    {func(a asked) error { return a.Type(terminal.CtrlD) }, result{Error: ErrEnded.Error(), Declined: true}},
		"terminate": {func(a asked) error { return a.Command.Process.Signal(syscall.SIGTERM) }, result{Error: "terminated", Expired: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := ask(t, "machine", 40, 60, "TERM=dumb")
			a.sees(texts("[Ada Lovelace]:"))
			if err := test.end(a); err != nil {
				t.Fatal(err)
			}
			if got := a.ends(); got.Error != test.want.Error || got.Canceled != test.want.Canceled || got.Declined != test.want.Declined || got.Answers != nil {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// Names are answers as numbers are, - empties what may be empty, and nothing else goes on.
func TestLinesAnswers(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	input := "\n\nnano\n\n" + "20\n9\n-\n" + "7\nmoon\na\neurope/bern\n" + "1\n-\n" + "\nperhaps\ny\n"
	got, err := Ask(t.Context(), machineForm(), Terminal{In: strings.NewReader(input), Out: &out, Columns: func() int { return 60 }})
	want := defaults(map[string]string{"editor": "nano", "keyboard": "", "zone": "Europe/Bern", "git-name": "-"})
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v; got %v, want %v\n%s", err, got, want, &out)
	}
	for _, said := range []string{"give a number from 1 to 13", "no name has “moon” in it", "61 names have “a” in them", "answer yes or no"} {
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), said) {
			t.Errorf("%q is not said:\n%s", said, &out)
		}
	}
}
