// Command reader measures what it costs to read a long log as nqd does: a real nix builds a derivation whose builder
// writes a million lines.
//
//	reader -nix DIRECTORY [-lines 1000000]
//
// It prints one JSON object: build_cpu and reader_cpu are seconds of CPU time (user and system) of nix with its builder,
// and of a process that does nothing but start nix and read what it writes; peak_rss_kib is the largest memory of that
// process. The same names with _at_ten_thousand are what it is where the builder writes 10,000 lines: the start of both
// sides and little else. It has to be called inside the module of nqd.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixlog"
)

// expression is the derivation: BUILDER is the program of ../builder.
const expression = `{ builder, lines }: derivation {
  name = "lines-${lines}";
  system = "x86_64-linux";
  builder = builtins.path { path = builder; name = "builder"; };
  script = "lines ${lines}";
}`

// few is the number of lines that the memory for many is compared with.
const few = 10_000

func main() {
	nix := flag.String("nix", "", "the directory of nix")
	lines := flag.Int("lines", 1_000_000, "how many lines the builder writes")
	child := flag.String("in", "", "a prepared directory: measure this process there")
	flag.Parse()
	if err := run(context.Background(), *nix, *child, *lines); err != nil {
		fmt.Fprintln(os.Stderr, "reader:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, nix, child string, lines int) error {
	if child == "" {
		return compare(ctx, nix, lines)
	}
	c, err := build(ctx, nix, child, lines)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(c)
}

// cost is what one build cost.
type cost struct {
	Build  float64 `json:"build_cpu"`
	Reader float64 `json:"reader_cpu"`
	Peak   int64   `json:"peak_rss_kib"`
}

// answer is the cost of many lines, and that of few.
type answer struct {
	cost
	FewBuild  float64 `json:"build_cpu_at_ten_thousand"`
	FewReader float64 `json:"reader_cpu_at_ten_thousand"`
	FewPeak   int64   `json:"peak_rss_kib_at_ten_thousand"`
}

func compare(ctx context.Context, nix string, lines int) error {
	dir, err := os.MkdirTemp("", "nqd-reader-")
	if err != nil {
		return err
	}
	defer remove(dir)
	compile := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, "builder"), "./testing/nixlogs/builder")
	compile.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := compile.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the builder: %w\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(dir, "lines.nix"), []byte(expression), 0o644); err != nil {
		return err
	}
	little, err := again(ctx, nix, dir, few)
	if err != nil {
		return err
	}
	much, err := again(ctx, nix, dir, lines)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer{much, little.Build, little.Reader, little.Peak})
}

// again measures one build in a process of its own.
func again(ctx context.Context, nix, dir string, lines int) (c cost, err error) {
	self, err := os.Executable()
	if err != nil {
		return c, err
	}
	cmd := exec.CommandContext(ctx, self, "-nix", nix, "-in", dir, "-lines", strconv.Itoa(lines))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return c, fmt.Errorf("%d lines: %w", lines, err)
	}
	return c, json.Unmarshal(out, &c)
}

// build builds and reads as nqd does, and measures this process and its children.
func build(ctx context.Context, nix, dir string, lines int) (c cost, err error) {
	told := 0
	reader := &nixlog.Reader{Sink: func(event.Event) { told++ }}
	file, wait, err := machine.Gather(reader)
	if err != nil {
		return c, err
	}
	reader.Tick()
	ticks := time.NewTicker(250 * time.Millisecond) // as for a live view
	defer ticks.Stop()
	go func() {
		for range ticks.C {
			reader.Tick()
		}
	}()
	err = machine.Local().Run(ctx, machine.Cmd{
		Doing: "building", Path: filepath.Join(nix, "nix"), Stderr: file,
		Args: []string{"build", "--store", "local?root=" + filepath.Join(dir, "store"), "--extra-experimental-features", "nix-command",
			"--option", "build-users-group", "", "--option", "substituters", "", "--option", "sandbox", "true",
			"--option", "sandbox-paths", "", "--log-format", "internal-json", "--no-link",
			"--file", filepath.Join(dir, "lines.nix"), "--argstr", "builder", filepath.Join(dir, "builder"),
			"--argstr", "lines", strconv.Itoa(lines)},
		Env: []string{"HOME=" + dir, "NIX_CONF_DIR=" + dir, "PATH=" + nix, "LC_ALL=C.UTF-8"},
	})
	if read := wait(); err == nil {
		err = read
	}
	reader.Close()
	if err != nil {
		return c, fmt.Errorf("%w\n%s", err, strings.Join(reader.Errors(), "\n"))
	}
	var self, children syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &self); err != nil {
		return c, err
	}
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children); err != nil {
		return c, err
	}
	c = cost{Build: seconds(children), Reader: seconds(self)}
	c.Peak, err = peak()
	return c, err
}

func seconds(r syscall.Rusage) float64 {
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}

// peak is the largest memory of this process in KiB (proc(5), VmHWM). The figure of getrusage(2) would count that of the
// process before exec too.
func peak() (kib int64, err error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	_, err = fmt.Sscan(line, &kib)
	return kib, err
}

// remove deletes what nix made read-only, too.
func remove(dir string) {
	_ = filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			_ = os.Chmod(path, 0o755)
		}
		return nil
	})
	os.RemoveAll(dir)
}
