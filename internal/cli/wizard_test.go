package cli

import (
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/workspace"
	"github.com/masterofnull/nixos-quick-deploy/testing/terminal"
)

// person runs nqd init on a terminal, about a machine of which nothing is left to doubt.
type person struct {
	*testing.T
	*terminal.Terminal
	dir    string // holds machine, home and workspace
	space  workspace.Workspace
	before map[string]string
}

func sitsDown(t *testing.T, columns, rows int, environ ...string) person {
	t.Helper()
	files := maps.Clone(installed)
	files["etc/nixos/hardware-configuration.nix"] = "{ }\n"
	p := person{T: t, dir: t.TempDir()}
	p.space.Dir = filepath.Join(p.dir, "workspace")
	home := filepath.Join(p.dir, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("nqd", "--sandbox", computer(t, files), "--workspace", p.space.Dir, "init", "--adopt=no", "--state-version=25.11")
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TERM=xterm-256color", "LC_ALL=C.UTF-8"}, environ...)
	p.before = contents(t, p.dir)
	var err error
	if p.Terminal, err = terminal.Start(command, columns, rows); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// contents is every file below a directory, with its mode and text.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		var text []byte
		if info.Mode().IsRegular() {
			text, err = os.ReadFile(path)
		}
		all[path] = info.Mode().String() + " " + string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// sees waits for a text, then types.
func (p person) sees(text string, keys ...string) {
	p.Helper()
	if _, err := p.Wait(text); err != nil {
		p.Fatal(err)
	}
	if err := p.Type(keys...); err != nil {
		p.Fatal(err)
	}
}

// introduces answers the two questions of which nothing is known here, as the home is new.
func (p person) introduces(enter string) {
	p.Helper()
	p.sees("1 of ", terminal.CtrlU, "Ada Lovelace", enter)
	p.sees("2 of ", "ada@example.org", enter)
}

// leaves waits for the end and holds it against an exit code; with none but 0 nothing was written.
func (p person) leaves(code int) string {
	p.Helper()
	shown, err := p.End()
	if err != nil {
		p.Fatal(err)
	}
	if err := p.Restored(); err != nil {
		p.Error(err)
	}
	if got := p.Command.ProcessState.ExitCode(); got != code {
		p.Errorf("exit code %d, want %d\n%s", got, code, shown)
	}
	if code != 0 && !maps.Equal(p.before, contents(p.T, p.dir)) {
		p.Errorf("something was written:\n%v", contents(p.T, p.dir))
	}
	return shown
}

func (p person) hostFile(name string, want ...string) {
	p.Helper()
	text, err := os.ReadFile(p.space.HostFile(name))
	if err != nil {
		p.Fatal(err)
	}
	for _, line := range want {
		if !strings.Contains(string(text), line) {
			p.Errorf("%q is not in\n%s", line, text)
		}
	}
}

// Enter takes what was detected, on a terminal of any width.
func TestInitByDefault(t *testing.T) {
	t.Parallel()
	for _, columns := range []int{80, 40} {
		p := sitsDown(t, columns, 24)
		p.introduces(terminal.Enter)
		p.sees("3 of ", terminal.Enter)
		p.sees("4 of ", terminal.Enter)
		p.sees("Settings", terminal.Enter)
		p.sees("> Yes", terminal.Enter)
		p.leaves(0)
		p.hostFile("orion", `name = 'orion'`, `'Ada Lovelace'`, `'ada@example.org'`, `'25.11'`)
	}
}

func TestInitCorrected(t *testing.T) {
	t.Parallel()
	p := sitsDown(t, 80, 40)
	p.introduces(terminal.Enter)
	p.sees("3 of ", terminal.Enter)
	p.sees("4 of ", terminal.Enter)
	shown, err := p.Wait("> Go on", "orion")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(shown[strings.Index(shown, "> Go on"):], "\n")
	for i, row := range rows {
		if strings.Contains(row, " orion ") {
			p.sees("> Go on", strings.Repeat(terminal.Down, i), terminal.Enter)
			break
		}
	}
	p.sees("> orion", terminal.CtrlU, "vega", terminal.Enter)
	p.sees("yours", terminal.Enter)
	p.sees("> Yes", terminal.Enter)
	p.leaves(0)
	p.hostFile("vega", `name = 'vega'`)
	if _, err := os.Lstat(p.space.HostFile("orion")); err == nil {
		t.Error("the name that was corrected has a host too")
	}
}

// Who says no, or leaves at any place, finds all as it was.
func TestInitNothingWritten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		keys string
		code int
	}{
		"no":             {strings.Repeat(terminal.Enter, 3) + "n", 3},
		"ctrl-c":         {terminal.CtrlC, 130},
		"ctrl-c at last": {strings.Repeat(terminal.Enter, 3) + terminal.CtrlC, 130},
		"escape":         {terminal.Escape, 130},
		"ctrl-d":         {terminal.CtrlD, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := sitsDown(t, 80, 24)
			p.introduces(terminal.Enter)
			p.sees("3 of ", test.keys)
			if shown := p.leaves(test.code); !strings.Contains(shown, "nothing was written") {
				t.Errorf("it does not say that nothing was written:\n%s", shown)
			}
		})
	}
}

// A terminal that cannot be drawn on, and a screen reader, get the same by lines.
func TestInitByLines(t *testing.T) {
	t.Parallel()
	for _, environ := range []string{"TERM=dumb", "ACCESSIBLE=1"} {
		p := sitsDown(t, 80, 80, environ)
		p.introduces("\n")
		p.sees("Question 3 of ", "\n")
		p.sees("Question 4 of ", "\n")
		p.sees("Enter to go on, or a number to correct:", "\n")
		p.sees("[yes]:", "\n")
		p.leaves(0)
		p.hostFile("orion", `name = 'orion'`, `'Ada Lovelace'`, `'ada@example.org'`)
		if raw := strings.TrimSuffix(p.Raw(), "\x1b]0;end\a"); strings.Contains(raw, "\x1b") {
			t.Errorf("%s: %q", environ, raw)
		}
	}
	p := sitsDown(t, 80, 80, "TERM=dumb")
	p.introduces("\n")
	p.sees("Question 3 of ", terminal.CtrlC)
	p.leaves(130)
}
