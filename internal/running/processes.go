package running

import (
	"bytes"
	"fmt"
	"os"
	"os/user"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// Process is a program that runs.
type Process struct {
	PID int
	// Command is its name with its arguments; empty where it may not be known.
	Command string
	// Since is when it began; zero where that is not known.
	Since time.Time
}

// String is the process as a person knows it: "process 77, nixos-rebuild switch, since 12:03".
func (p Process) String() string {
	text := fmt.Sprintf("process %d", p.PID)
	if doing := p.Doing(); doing != "" {
		text += ", " + doing
	}
	return text
}

// Doing is what it does, and since when.
func (p Process) Doing() string {
	text := p.Command
	if text != "" && !p.Since.IsZero() {
		text += ", since " + p.Since.Local().Format("15:04")
	}
	return text
}

// Holder is the process that holds a lock of the file (flock(2)), which need not be readable. The locks are those of the
// kernel of this computer, also for a sandbox. It asks nobody for the lock: who asks holds it for an instant, and keeps
// away whoever needs it.
func Holder(m *machine.Machine, abs string) (holder Process, held bool) {
	end, err := resolve(m, abs)
	if err != nil {
		return Process{}, false
	}
	return HolderOf(m.Path(end))
}

// HolderOf is Holder for a file of this computer.
func HolderOf(file string) (holder Process, held bool) { return holderOf("/proc", file) }

func holderOf(proc, file string) (Process, bool) {
	info, err := os.Stat(file)
	if err != nil {
		return Process{}, false
	}
	about, ok := info.Sys().(*syscall.Stat_t)
	data, err := os.ReadFile(filepath.Join(proc, "locks"))
	if !ok || err != nil {
		return Process{}, false
	}
	device := fmt.Sprintf("%02x:%02x:", unix.Major(about.Dev), unix.Minor(about.Dev))
	inode := strconv.FormatUint(about.Ino, 10)
	var others []int
	for text := range strings.Lines(string(data)) {
		pid, id, is := parseLock(text)
		switch {
		case !is:
		case id == device+inode:
			return process(proc, pid), true
		case strings.HasSuffix(id, ":"+inode):
			others = append(others, pid)
		}
	}
	// A subvolume of btrfs has a device of its own, and its locks have that of the whole file system.
	if len(others) == 1 && isBtrfs(file) {
		return process(proc, others[0]), true
	}
	return Process{}, false
}

// parseLock reads a line of proc_locks(5): number, kind, ADVISORY, WRITE or READ, process, device:inode, …. One that only
// waits has an arrow behind its number, and is none.
func parseLock(text string) (pid int, id string, is bool) {
	fields := strings.Fields(text)
	if len(fields) < 8 || fields[1] != "FLOCK" {
		return 0, "", false
	}
	pid, err := strconv.Atoi(fields[4])
	return pid, fields[5], err == nil
}

func isBtrfs(file string) bool {
	var stat unix.Statfs_t
	return unix.Statfs(file, &stat) == nil && int64(stat.Type) == unix.BTRFS_SUPER_MAGIC
}

// ProcessOf is what this computer tells of a process.
func ProcessOf(pid int) Process { return process("/proc", pid) }

func process(proc string, pid int) Process {
	dir := filepath.Join(proc, strconv.Itoa(pid))
	p := Process{PID: pid}
	if words, err := os.ReadFile(filepath.Join(dir, "cmdline")); err == nil {
		p.Command = command(words)
	}
	p.Since = began(proc, dir)
	return p
}

// ticks are those of a second in proc_pid_stat(5): USER_HZ, which is 100 on every processor that NixOS is for.
const ticks = 100

// began is when a process began: field 22 of its stat, counted from when the computer did (btime of proc_stat(5)).
func began(proc, dir string) time.Time {
	text, _ := os.ReadFile(filepath.Join(dir, "stat"))
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // from the third on: the second may be anything
	all, _ := os.ReadFile(filepath.Join(proc, "stat"))
	_, rest, found := strings.Cut(string(all), "\nbtime ")
	if !found || len(fields) < 20 {
		return time.Time{}
	}
	line, _, _ := strings.Cut(rest, "\n")
	boot, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
	after, errAfter := strconv.ParseInt(fields[19], 10, 64)
	if err != nil || errAfter != nil {
		return time.Time{}
	}
	return time.Unix(boot+after/ticks, 0)
}

// longestCommand is how much of one is told, in bytes.
const longestCommand = 80

// command is the text of proc_pid_cmdline(5), with the program by its name alone.
func command(words []byte) string {
	argv := strings.Split(strings.TrimRight(string(words), "\x00"), "\x00")
	argv[0] = filepath.Base(argv[0])
	if argv[0] == "." {
		return ""
	}
	return printable.Line(strings.Join(argv, " "), longestCommand)
}

// Switchers are the processes of the machine that build or activate a system, without this one: nixos-rebuild, which on
// 25.11 and later is a program of Python (nixpkgs, pkgs/by-name/ni/nixos-rebuild-ng), and switch-to-configuration. A sandbox
// whose /proc is not there has none.
func Switchers(m *machine.Machine) []Process {
	numbers, err := m.Names("/proc")
	if err != nil {
		return nil
	}
	var found []Process
	for _, number := range numbers {
		pid, err := strconv.Atoi(number)
		if err != nil || pid == os.Getpid() {
			continue
		}
		words, err := m.ReadFile(path.Join("/proc", number, "cmdline"))
		if err == nil && switches(string(words)) {
			found = append(found, process(m.Path("/proc"), pid))
		}
	}
	return found
}

// switches reports whether the program, or the script that an interpreter runs, is one of those.
func switches(words string) bool {
	for i, word := range strings.SplitN(words, "\x00", 4) {
		if i == 3 {
			return false
		}
		switch filepath.Base(word) {
		case "nixos-rebuild", ".nixos-rebuild-wrapped", "switch-to-configuration":
			// Only where it is run: an editor may have the file open.
			return i == 0 || strings.HasPrefix(word, "/nix/store/")
		}
	}
	return false
}

// Me is the name of the user whose program this is; empty where nobody knows it.
func Me() string {
	me, err := user.Current()
	if err != nil {
		return ""
	}
	return me.Username
}

// IsMyself reports whether a process is this one.
func IsMyself(p Process) bool { return p.PID == os.Getpid() }
