package tui

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// With sceneVariable set, the test program plays that scene on its own terminal instead, and stops at each mark until
// the test lets it go on; socketVariable names the socket of the tmux that it runs in.
const (
	sceneVariable  = "NQD_TUI_SCENE"
	socketVariable = "NQD_TUI_SOCKET"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(sceneVariable); name != "" {
		perform(name)
		return
	}
	os.Exit(m.Run())
}

// perform plays a scene. That of lines, which come while the live part is on the screen, goes on from another.
func perform(name string) {
	lines := name == "lines"
	if lines {
		name = "build"
	}
	size := func(io.Writer) int { columns, _, _ := term.GetSize(int(os.Stderr.Fd())); return columns }
	v, next := scenes()[name].play(Options{Out: os.Stderr, Answers: os.Stderr, Environ: os.Environ(), Verbose: true, Width: size})
	seen := make(chan struct{}, 2)
	v.wrote = func(p []byte) {
		if bytes.Contains(p, []byte("line 60")) || bytes.Contains(p, []byte("line 61")) {
			seen <- struct{}{}
		}
	}
	next.now(v)
	mark("shown")
	if lines {
		columns := size(nil)
		v.Sink(event.Output{Program: "nix", Line: "\x1b[31mred\x1b[0m\x1b[5A\tthat\rmoves"})
		for _, length := range []int{columns - 1, columns, columns + 1, 2 * columns, 5*columns/2 + 1} {
			v.Sink(event.Output{Program: "nix", Line: fmt.Sprintf("%d:%s", length, strings.Repeat("x", length-3))})
			v.Sink(event.Note{Text: strings.Repeat("y", length-len("note: "))})
		}
		for i := range 60 {
			v.Sink(event.Note{Text: fmt.Sprintf("line %d", i+1)})
		}
		<-seen
		mark("lines")
		v.Pause()
		mark("paused")
		v.Resume()
		next.come()
		v.Sink(event.Note{Text: "line 61"}) // ahead of the first frame
		<-seen
		mark("resumed")
	}
	v.Close()
	mark("closed")
}

// mark says that all was written, and waits. The terminal itself says so: it answers a question where the cursor is
// when it has shown what came before.
func mark(name string) {
	state, err := term.MakeRaw(int(os.Stdin.Fd()))
	if err != nil {
		panic(err)
	}
	fmt.Fprint(os.Stderr, ansi.RequestCursorPositionReport)
	if _, err := bufio.NewReader(os.Stdin).ReadString('R'); err != nil {
		panic(err)
	}
	if err := term.Restore(int(os.Stdin.Fd()), state); err != nil {
		panic(err)
	}
	for _, signal := range [][]string{{"-S", name}, {name + "-seen"}} {
		if err := exec.Command("tmux", append([]string{"-S", os.Getenv(socketVariable), "wait-for"}, signal...)...).Run(); err != nil {
			panic(err)
		}
	}
}

// pane is a scene on a terminal of tmux.
type pane struct {
	*testing.T
	context context.Context
	socket  string
}

func performIn(t *testing.T, name string, size canvas) pane {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("no tmux; scripts/prepare installs it where it may")
	}
	// A socket's name has to be short.
	dir, err := os.MkdirTemp("", "tui")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	p := pane{T: t, context: ctx, socket: filepath.Join(dir, "tmux")}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", p.socket, "kill-server").Run()
		cancel()
		os.RemoveAll(dir)
	})
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.tmux("-f", "/dev/null", "new-session", "-d", "-s", "main", "-x", fmt.Sprint(size.width), "-y", fmt.Sprint(size.height),
		"-e", "LC_ALL=C.UTF-8", "-e", sceneVariable+"="+name, "-e", socketVariable+"="+p.socket, program)
	return p
}

func (p pane) tmux(arguments ...string) string {
	p.Helper()
	command := exec.CommandContext(p.context, "tmux", append([]string{"-u", "-S", p.socket}, arguments...)...)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		p.Fatalf("tmux %q: %v", arguments, err)
	}
	return string(out)
}

// at is what stands on the screen at a mark and what was pushed out of it above, and the state of the cursor. What the
// terminal broke at its edge is one line.
func (p pane) at(mark string) (text, cursor string) {
	p.Helper()
	p.tmux("wait-for", mark)
	var lines []string
	for line := range strings.Lines(p.tmux("capture-pane", "-p", "-J", "-S", "-", "-t", "main")) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	cursor = p.tmux("display-message", "-p", "-t", "main", "shown #{cursor_flag}, column #{cursor_x}")
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n", strings.TrimSpace(cursor)
}

func (p pane) goOn(mark string) { p.Helper(); p.tmux("wait-for", "-S", mark+"-seen") }

// A real terminal shows what the golden files say, and when it is over nothing of the live part is left.
func TestScenesInTmux(t *testing.T) {
	t.Parallel()
	for name := range scenes() {
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s.%d", name, size.width), func(t *testing.T) {
				t.Parallel()
				p := performIn(t, name, size)
				shown, _ := p.at("shown")
				want, err := os.ReadFile(filepath.Join("testdata", fmt.Sprintf("%s.%d.txt", name, size.width)))
				if err != nil || shown != string(want) {
					t.Errorf("%v; got\n%s\nwant\n%s", err, shown, want)
				}
				p.goOn("shown")
				closed, cursor := p.at("closed")
				if !strings.HasPrefix(string(want), closed) || strings.Contains(closed, "✓") || cursor != "shown 1, column 0" {
					t.Errorf("after the end, cursor %s:\n%s", cursor, closed)
				}
				p.goOn("closed")
			})
		}
	}
}

// Lines that come while the live part is there are above it, whole and once, however long and many they are.
func TestLinesAboveInTmux(t *testing.T) {
	t.Parallel()
	for _, size := range []canvas{{width: 80, height: 24}, {width: 40, height: 30}, {width: 60, height: 12}} {
		t.Run(fmt.Sprint(size.width), func(t *testing.T) {
			t.Parallel()
			p := performIn(t, "lines", size)
			p.at("shown")
			p.goOn("shown")
			lines, _ := p.at("lines")
			golden(t, "lines", size, lines)
			p.goOn("lines")
			paused, cursor := p.at("paused")
			if !strings.HasPrefix(lines, paused) || !strings.HasSuffix(paused, "\nnote: line 60\n") || cursor != "shown 1, column 0" {
				t.Errorf("while it is paused, cursor %s:\n%s", cursor, paused)
			}
			p.goOn("paused")
			resumed, _ := p.at("resumed")
			if resumed != paused+"note: line 61\n"+strings.TrimPrefix(lines, paused) {
				t.Errorf("after the pause:\n%s", resumed)
			}
			p.goOn("resumed")
			if closed, _ := p.at("closed"); closed != paused+"note: line 61\n" {
				t.Errorf("after the end:\n%s", closed)
			}
			p.goOn("closed")
		})
	}
}
