package machine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// programVariable makes this test binary one of the programs below, run as by a user.
const programVariable = "NQD_TEST_PROGRAM"

var programs = map[string]func() int{
	"env": func() int {
		fmt.Println(strings.Join(os.Environ(), "\n"))
		dir, _ := os.Getwd()
		fmt.Println(dir)
		return 0
	},
	"cat": func() int {
		_, _ = io.Copy(os.Stdout, os.Stdin)
		return 0
	},
	"fail": func() int {
		fmt.Fprint(os.Stderr, "warning: first\nerror: last words\n\n")
		return 7
	},
	"silent": func() int { return 3 },
	"killed": func() int {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	},
	// interrupted says when it is ready and what ended it; so does its child.
	"interrupted": func() int {
		child := exec.Command(os.Args[0])
		child.Env = []string{programVariable + "=child"}
		child.Stdout = os.Stdout
		signals := make(chan os.Signal, 1)
		signal.Notify(signals)
		if err := child.Start(); err != nil {
			return 1
		}
		for s := range signals {
			if s != syscall.SIGURG && s != syscall.SIGCHLD { // the runtime's, and the child's end
				fmt.Println("parent:", s)
				_ = child.Wait()
				return 0
			}
		}
		return 1
	},
	// stubborn says that it was asked to end, and does not; nor does its child.
	"stubborn": func() int {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGINT)
		child := exec.Command(os.Args[0])
		child.Env = []string{programVariable + "=deaf"}
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			return 1
		}
		for s := range signals {
			fmt.Println("parent:", s)
		}
		return 0
	},
	"deaf": func() int {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGINT)
		fmt.Println("ready")
		for range signals {
		}
		return 0
	},
	// echo says ready, and every line that it gets.
	"echo": func() int {
		fmt.Println("ready")
		_, _ = io.Copy(os.Stdout, os.Stdin)
		return 0
	},
	"child": func() int {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
		fmt.Println("ready")
		fmt.Println("child:", <-signals)
		return 0
	},
}

func TestMain(m *testing.M) {
	if name := os.Getenv(programVariable); name != "" {
		os.Exit(programs[name]())
	}
	os.Exit(m.Run())
}

// program is a call of one of programs.
func program(name string) Cmd {
	return Cmd{Doing: "trying", Path: os.Args[0], Env: []string{programVariable + "=" + name}}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	c := program("env")
	c.Env = append(c.Env, "A=b c")
	c.Dir = t.TempDir()
	out, err := Local().Output(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(string(out), "\n")
	if want := []string{programVariable + "=env", "A=b c", c.Dir, ""}; !slices.Equal(got, want) {
		t.Errorf("the program sees %q, want %q and nothing inherited", got, want)
	}
	c = program("cat")
	c.Stdin = strings.NewReader("given")
	if out, err := Local().Output(t.Context(), c); err != nil || string(out) != "given" {
		t.Errorf("got %q, %v", out, err)
	}
}

func TestExitError(t *testing.T) {
	t.Parallel()
	var kept bytes.Buffer
	for _, test := range []struct {
		name   string
		stderr io.Writer
		code   int
		want   string
	}{
		{"fail", nil, 7, "trying: PROGRAM: error: last words (exit code 7)"},
		{"fail", &kept, 7, "trying: PROGRAM: exit code 7"},
		{"silent", nil, 3, "trying: PROGRAM: exit code 3"},
		{"killed", nil, -1, "trying: PROGRAM: exit code -1"},
	} {
		c := program(test.name)
		c.Stderr = test.stderr
		err := Local().Run(t.Context(), c)
		var exit *ExitError
		if !errors.As(err, &exit) {
			t.Errorf("%s: error %v", test.name, err)
			continue
		}
		if want := strings.Replace(test.want, "PROGRAM", os.Args[0], 1); err.Error() != want {
			t.Errorf("%s: got  %s\nwant %s", test.name, err, want)
		}
		if exit.Code != test.code || ExitCode(fmt.Errorf("wrapped: %w", err)) != test.code {
			t.Errorf("%s: code %d, %d, want %d", test.name, exit.Code, ExitCode(err), test.code)
		}
	}
	if want := "warning: first\nerror: last words\n\n"; kept.String() != want {
		t.Errorf("stderr %q, want %q", kept.String(), want)
	}
	if got := ExitCode(errors.New("other")); got != -1 {
		t.Errorf("code of another error: %d", got)
	}
}

func TestRunNoProgram(t *testing.T) {
	t.Parallel()
	err := Local().Run(t.Context(), Cmd{Doing: "trying", Path: filepath.Join(t.TempDir(), "none")})
	var exit *ExitError
	if !errors.Is(err, fs.ErrNotExist) || errors.As(err, &exit) || !strings.HasPrefix(err.Error(), "trying: ") {
		t.Errorf("error %v", err)
	}
}

// TestCancel cancels as soon as the program's child says that it is ready. Both get SIGINT,
// have the time to say so, and the error is what the context was cancelled for.
func TestCancel(t *testing.T) {
	t.Parallel()
	cause := errors.New("the user pressed Ctrl-C")
	ctx, cancel := context.WithCancelCause(t.Context())
	var said []string
	c := program("interrupted")
	c.Stdout = &Lines{Each: func(line string) {
		said = append(said, line)
		if line == "ready" {
			cancel(cause)
		}
	}}
	err := Local().Run(ctx, c)
	var exit *ExitError
	if !errors.Is(err, cause) || errors.As(err, &exit) || err.Error() != "trying: "+cause.Error() {
		t.Errorf("error %v, want %v", err, cause)
	}
	slices.Sort(said)
	if want := []string{"child: interrupt", "parent: interrupt", "ready"}; !slices.Equal(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
}

func TestCancelledBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("cause")
	cancel(cause)
	var out bytes.Buffer
	c := program("env")
	c.Stdout = &out
	if err := Local().Run(ctx, c); !errors.Is(err, cause) || out.Len() > 0 {
		t.Errorf("error %v, output %q", err, &out)
	}
}

// TestCommand compares what would be started, exactly.
func TestCommand(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	sandbox, err := Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	group := syscall.SysProcAttr{Setpgid: true}
	entered := syscall.SysProcAttr{Setpgid: true, Chroot: root}
	if os.Geteuid() != 0 {
		entered.Cloneflags = syscall.CLONE_NEWUSER
		entered.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		entered.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	for name, test := range map[string]struct {
		machine *Machine
		c       Cmd
		dir     string
		attr    syscall.SysProcAttr
	}{
		"outside, this computer": {Local(), Cmd{}, "/var", group},
		"outside, a sandbox":     {sandbox, Cmd{}, "/var", group},
		"inside":                 {sandbox, Cmd{Inside: true}, "/", entered},
		"inside, as root":        {sandbox, Cmd{Inside: true, Root: true}, "/", entered},
	} {
		c := test.c
		c.Path, c.Args, c.Env, c.Dir = "/bin/a b", []string{"--", "-x", "", "$(id)"}, []string{"A=b"}, "/var"
		cmd, err := test.machine.command(t.Context(), c)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := []string{"/bin/a b", "--", "-x", "", "$(id)"}; cmd.Path != want[0] || !slices.Equal(cmd.Args, want) {
			t.Errorf("%s: %s, %q", name, cmd.Path, cmd.Args)
		}
		if !slices.Equal(cmd.Env, []string{"A=b"}) || cmd.Dir != test.dir {
			t.Errorf("%s: environment %q, directory %s", name, cmd.Env, cmd.Dir)
		}
		if !reflect.DeepEqual(*cmd.SysProcAttr, test.attr) {
			t.Errorf("%s: %+v, want %+v", name, *cmd.SysProcAttr, test.attr)
		}
		if cmd.WaitDelay != patience || cmd.Cancel == nil {
			t.Errorf("%s: patience %v", name, cmd.WaitDelay)
		}
	}
}

// TestNoEnvironment: os/exec takes nil for our own.
func TestNoEnvironment(t *testing.T) {
	t.Parallel()
	cmd, err := Local().command(t.Context(), Cmd{Path: "/bin/true"})
	if err != nil || cmd.Env == nil || len(cmd.Env) > 0 {
		t.Errorf("environment %#v (%v), want an empty one", cmd.Env, err)
	}
}

// TestGuard: a test cannot act on the computer that it runs on.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, root := range []bool{false, true} {
		c := program("env")
		c.Inside, c.Root = true, root
		out, err := Local().Output(t.Context(), c)
		if err == nil || err.Error() != "trying: tests act on a sandbox only" || len(out) > 0 {
			t.Errorf("root %v: error %v, output %q", root, err, out)
		}
	}
}

func TestInside(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(root, "inside"), "./testdata/inside")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.Mkdir(filepath.Join(root, "etc"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc", "name"), []byte("the sandbox"), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.Output(t.Context(), Cmd{Doing: "looking", Path: "/inside", Args: []string{"-a", "b c"}, Env: []string{"A=b"}, Inside: true, Root: true})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Args, Env []string
		Dir, Name string
		UID       int
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if !slices.Equal(got.Args, []string{"/inside", "-a", "b c"}) || !slices.Equal(got.Env, []string{"A=b"}) ||
		got.Dir != "/" || got.Name != "the sandbox" || got.UID != 0 {
		t.Errorf("inside: %+v", got)
	}
	// Outside of it the same path is this computer's, and there is none.
	if _, err := m.Output(t.Context(), Cmd{Doing: "looking", Path: "/inside"}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("outside: %v", err)
	}
}
