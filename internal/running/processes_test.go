package running

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// procWith is a /proc with those files.
func procWith(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// identity is a file as /proc/locks has it.
func identity(t *testing.T, file string) (device, inode string) {
	t.Helper()
	var stat unix.Stat_t
	if err := unix.Stat(file, &stat); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%02x:%02x:", unix.Major(stat.Dev), unix.Minor(stat.Dev)), strconv.FormatUint(stat.Ino, 10)
}

// The lines are in the form of proc_locks(5), with an arrow before whoever waits.
func TestHolderOf(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "lock")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	device, inode := identity(t, file)
	for name, c := range map[string]struct {
		locks string
		want  int
	}{
		"nobody":            {"", 0},
		"held":              {"1: FLOCK  ADVISORY  WRITE 77 " + device + inode + " 0 EOF\n", 77},
		"behind others":     {"1: POSIX  ADVISORY  WRITE 5 00:19:3 0 EOF\n2: FLOCK  ADVISORY  WRITE 77 " + device + inode + " 0 EOF\n", 77},
		"only waited for":   {"1: -> FLOCK  ADVISORY  WRITE 77 " + device + inode + " 0 EOF\n", 0},
		"of another kind":   {"1: POSIX  ADVISORY  WRITE 77 " + device + inode + " 0 EOF\n", 0},
		"of another device": {"1: FLOCK  ADVISORY  WRITE 77 ff:fe:" + inode + " 0 EOF\n", 0},
		"of another file":   {"1: FLOCK  ADVISORY  WRITE 77 " + device + inode + "0 0 EOF\n", 0},
		"cut off":           {"1: FLOCK  ADVISORY  WRITE 77 " + device + inode, 0},
		"no number":         {"1: FLOCK  ADVISORY  WRITE x " + device + inode + " 0 EOF\n", 0},
	} {
		holder, held := holderOf(procWith(t, map[string]string{"locks": c.locks}), file)
		if held != (c.want != 0) || holder.PID != c.want {
			t.Errorf("%s: got %v, %t; want %d", name, holder, held, c.want)
		}
	}
	if holder, held := HolderOf(filepath.Join(t.TempDir(), "none")); held {
		t.Errorf("of no file: %v", holder)
	}
	if holder, held := holderOf(t.TempDir(), file); held {
		t.Errorf("without /proc: %v", holder)
	}
}

// A lock of the real kernel is found, by the name of a link too, and nobody asks for it meanwhile.
func TestHolder(t *testing.T) {
	t.Parallel()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"/run/nixos", "/elsewhere"} {
		if err := os.MkdirAll(m.Path(dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := os.Create(m.Path("/elsewhere/lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := os.Symlink("/elsewhere/lock", m.Path("/run/nixos/lock")); err != nil {
		t.Fatal(err)
	}
	if holder, held := Holder(m, "/run/nixos/lock"); held {
		t.Errorf("held by %v", holder)
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	holder, held := Holder(m, "/run/nixos/lock")
	if !held || !IsMyself(holder) || holder.Command == "" || holder.Since.IsZero() || holder.Since.After(time.Now()) {
		t.Errorf("got %+v, %t", holder, held)
	}
	if _, held := Holder(m, "/run/nixos/none"); held {
		t.Error("a file that is not there is held")
	}
}

func TestProcess(t *testing.T) {
	t.Parallel()
	// proc_pid_stat(5): the second field is the name in brackets, which may have anything in it; the 22nd the ticks since the
	// computer began.
	stat := "7 (a) b) (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 1 1\n"
	const all = "cpu  1 2 3\nbtime 1000000\nprocesses 9\n"
	at := time.Unix(1000123, 0).Local().Format("15:04")
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"all":         {map[string]string{"7/cmdline": "/nix/store/x/bin/nixos-rebuild\x00switch\x00", "7/stat": stat, "stat": all}, "process 7, nixos-rebuild switch, since " + at},
		"no time":     {map[string]string{"7/cmdline": "sleep\x001\x00"}, "process 7, sleep 1"},
		"cut off":     {map[string]string{"7/cmdline": "sleep\x00", "7/stat": "7 (sleep) S 1", "stat": all}, "process 7, sleep"},
		"of a kernel": {map[string]string{"7/cmdline": "", "7/stat": stat, "stat": all}, "process 7"},
		"gone":        {nil, "process 7"},
		"colours":     {map[string]string{"7/cmdline": "a\x1b[31m b\nc\x00"}, "process 7, a b"},
		"long":        {map[string]string{"7/cmdline": "a\x00" + strings.Repeat("b", 500)}, ""},
	} {
		got := process(procWith(t, c.files), 7).String()
		if got != c.want && c.want != "" || len(got) > 120 {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestSwitchers(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]bool{
		"nixos-rebuild switch":                                                    true,
		"/run/current-system/sw/bin/nixos-rebuild":                                true,
		"/nix/store/p/bin/python3 /nix/store/r/bin/.nixos-rebuild-wrapped switch": true,
		"/nix/store/b/bin/bash -e /nix/store/s/bin/switch-to-configuration test":  true,
		"perl /nix/store/s/bin/switch-to-configuration boot":                      true,
		"vim nixos-rebuild":                      false,
		"less /home/ada/switch-to-configuration": false,
		"sh a b /nix/store/r/bin/nixos-rebuild":  false,
		"":                                       false,
		"nixos-rebuild-ng":                       false,
	} {
		if got := switches(strings.ReplaceAll(words, " ", "\x00")); got != want {
			t.Errorf("%s: got %t", words, got)
		}
	}
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if got := Switchers(m); got != nil {
		t.Errorf("without /proc: %v", got)
	}
	me := strconv.Itoa(os.Getpid())
	for name, text := range map[string]string{me: "nixos-rebuild", "12": "nixos-rebuild\x00boot", "13": "sleep", "self": "nixos-rebuild"} {
		file := m.Path("/proc/" + name + "/cmdline")
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if got := Switchers(m); len(got) != 1 || got[0].String() != "process 12, nixos-rebuild boot" {
		t.Errorf("got %v", got)
	}
}

// Of a file system that is nearly empty, or makes files as needed, nothing follows.
func TestFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		Room
		bytes, want int64
	}{
		"ten bytes each":     {Room{Total: 1500, Free: 500, Inodes: 400, FreeInodes: 300}, 250, 25},
		"nothing":            {Room{Total: 1500, Free: 500, Inodes: 400, FreeInodes: 300}, 0, 0},
		"as needed":          {Room{Total: 1500, Free: 500}, 250, 0},
		"empty":              {Room{Total: 500, Free: 500, Inodes: 400, FreeInodes: 300}, 250, 0},
		"none has a file":    {Room{Total: 1500, Free: 500, Inodes: 400, FreeInodes: 400}, 250, 0},
		"more than int64":    {Room{Total: 1 << 50, Free: 1 << 40, Inodes: 1 << 32, FreeInodes: 1 << 31}, 1 << 45, 1 << 26 * 1024 / 1023},
		"more free than all": {Room{Total: 5, Free: 9, Inodes: 4, FreeInodes: 1}, 250, 0},
	} {
		if got := c.Files(c.bytes); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
	var stat syscall.Statfs_t
	dir := t.TempDir()
	if err := syscall.Statfs(dir, &stat); err != nil {
		t.Fatal(err)
	}
	room, err := roomAt(dir)
	if err != nil || room.Inodes != int64(stat.Files) || room.Memory != (stat.Type == unix.TMPFS_MAGIC) {
		t.Errorf("got %+v, %v; statfs says %+v", room, err, stat)
	}
}
