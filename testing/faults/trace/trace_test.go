package trace

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// child is set for the program that is traced, which is this test binary.
const child = "NQD_TRACE_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(child); dir != "" {
		if err := work(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// work changes files, after several threads made calls that change nothing.
func work(dir string) error {
	var others sync.WaitGroup
	for range 4 {
		others.Go(func() {
			for range 200 {
				_, _ = os.Stat(dir)
			}
		})
	}
	others.Wait()
	temporary := filepath.Join(dir, "state.tmp-1234567890")
	if err := os.WriteFile(temporary, []byte("new"), 0o600); err != nil {
		return err
	}
	if err := os.Rename(temporary, filepath.Join(dir, "state")); err != nil {
		return err
	}
	_ = os.Mkdir(filepath.Join(dir, "state"), 0o700) // fails: it changes nothing
	if err := os.WriteFile(os.DevNull, []byte("elsewhere"), 0o600); err != nil {
		return err
	}
	return os.Mkdir(filepath.Join(dir, "folder"), 0o700)
}

// traced runs the program in a folder of its own.
func traced(t *testing.T, point *Point, act func() bool) (string, Result) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	said, err := os.Create(filepath.Join(t.TempDir(), "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	me, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	result, err := Run(t.Context(), Program{
		Argv: []string{me}, Env: append(os.Environ(), child+"="+dir), Dir: "/", Said: said, Below: dir, Processor: -1,
	}, point, act)
	if err != nil {
		t.Skipf("this computer does not let a program be traced: %v", err)
	}
	return dir, result
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, entry := range entries {
		list = append(list, entry.Name())
	}
	return strings.Join(list, " ")
}

// kinds are the calls without their processors' names.
func kinds(calls []Call) []string {
	var list []string
	for _, call := range calls {
		list = append(list, strings.TrimSuffix(strings.TrimSuffix(call.Name, "2"), "at")+" "+call.Path)
	}
	return list
}

// Every call that changes something in the folder is seen, in order, and no other.
func TestRun(t *testing.T) {
	dir, result := traced(t, nil, nil)
	if result.ExitCode != 3 || result.Met {
		t.Fatalf("exit code %d, met %t; want 3 and false", result.ExitCode, result.Met)
	}
	want := []string{"open state.tmp-N", "write state.tmp-N", "rename state", "mkdir folder"}
	if got := kinds(result.Calls); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := names(t, dir); got != "folder state" {
		t.Errorf("the folder has %q", got)
	}
}

// What is killed before a call has not done it, behind it has, and has done nothing more.
func TestKill(t *testing.T) {
	_, whole := traced(t, nil, nil)
	if len(whole.Calls) != 4 {
		t.Fatalf("calls: %v", whole.Calls)
	}
	for n, want := range []string{
		"", "state.tmp-1234567890",
		"state.tmp-1234567890", "state.tmp-1234567890",
		"state.tmp-1234567890", "state",
		"state", "folder state",
	} {
		point := Points(whole.Calls)[n]
		dir, result := traced(t, &point, Kill)
		if !result.Met || result.ExitCode != -1 {
			t.Errorf("%s: met %t, exit code %d", point, result.Met, result.ExitCode)
		}
		if got := names(t, dir); got != want {
			t.Errorf("%s: the folder has %q, want %q", point, got, want)
		}
		if text, err := os.ReadFile(filepath.Join(dir, "state.tmp-1234567890")); err == nil && (len(text) > 0) != (n >= 3) {
			t.Errorf("%s: the file has %q", point, text)
		}
	}
}

// The program goes on where it is not to be killed.
func TestAct(t *testing.T) {
	_, whole := traced(t, nil, nil)
	point := Point{Before, whole.Calls[2]}
	dir, result := traced(t, &point, func() bool { return false })
	if !result.Met || result.ExitCode != 3 || names(t, dir) != "folder state" {
		t.Errorf("met %t, exit code %d, the folder has %q", result.Met, result.ExitCode, names(t, dir))
	}
}
