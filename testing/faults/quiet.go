package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// patience is how long programs may go on that a killed nqd had started.
const patience = 2 * time.Minute

// quiet waits until no program works on a machine any more. A program does that has the machine as
// its root or working directory, or in its arguments. Each is waited for by itself, without a clock.
func quiet(ctx context.Context, root string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		busy, err := working(root)
		if err != nil {
			return err
		}
		if len(busy) == 0 {
			return nil
		}
		for _, pid := range busy {
			if err := await(ctx, pid); err != nil {
				return fmt.Errorf("waiting for process %d (%s): %w", pid, commandLine(pid), err)
			}
		}
	}
}

// working lists the programs that work on a machine.
func working(root string) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		if uses(pid, root) {
			found = append(found, pid)
		}
	}
	return found, nil
}

// uses is false for one that ended meanwhile.
func uses(pid int, root string) bool {
	for _, name := range []string{"root", "cwd"} {
		target, err := os.Readlink(fmt.Sprintf("/proc/%d/%s", pid, name))
		if err == nil && (target == root || strings.HasPrefix(target, root+"/")) {
			return true
		}
	}
	return strings.Contains(commandLine(pid)+"\x00", root+"\x00") || strings.Contains(commandLine(pid), root+"/")
}

func commandLine(pid int) string {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return ""
	}
	return string(text)
}

// await waits for the end of any process, a child of ours or not.
func await(ctx context.Context, pid int) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ESRCH {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	deadline, _ := ctx.Deadline()
	for {
		left := time.Until(deadline)
		if left <= 0 || ctx.Err() != nil {
			return context.DeadlineExceeded
		}
		// In pieces, so that an interrupt is noticed.
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(min(left, time.Second)/time.Millisecond))
		if err != nil && err != unix.EINTR {
			return err
		}
		if n > 0 {
			return nil
		}
	}
}
