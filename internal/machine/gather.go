package machine

import (
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

// Sizes of a Gather. The pipe's is what the kernel gives without privileges unless told otherwise (pipe(7),
// /proc/sys/fs/pipe-max-size); the buffer is small enough that what was read is still in the processor's cache when it is
// looked at; the pause is how long output may gather, so that a program that writes line by line costs some reads a second
// and not one for each line.
const (
	gatherPipe   = 1 << 20
	gatherBuffer = 64 << 10
	gatherPause  = 50 * time.Millisecond
)

// Gather makes a pipe for what a program writes line by line, and hands it over to TO in large pieces, at most 50 ms
// late. The file is for Cmd.Stderr or Cmd.Stdout: given as a file, os/exec does not copy it a second time.
//
// Wait has to be called once the program ended, or was not started: it closes the file, hands over what is still in the
// pipe and returns TO's first error. It does not wait for those that the program left running, even where they keep the
// pipe open and go on writing. TO is written to by one goroutine, and not any more once wait returned; after an error of
// TO the rest is read and dropped, so that the program does not stand still.
func Gather(to io.Writer) (file *os.File, wait func() error, err error) {
	var data, wake [2]int
	if err := pipes(&data, &wake); err != nil {
		return nil, nil, fmt.Errorf("making a pipe: %w", err)
	}
	g := &gather{to: to, read: data[0], wake: wake[0], ended: make(chan struct{}), done: make(chan struct{})}
	g.left = enlarge(data[1])
	file = os.NewFile(uintptr(data[1]), "pipe")
	go g.run()
	return file, sync.OnceValue(func() error {
		file.Close()
		close(g.ended)
		syscall.Close(wake[1]) // it may wait for those who keep the pipe open
		<-g.done
		return g.err
	}), nil
}

// pipes makes both pipes, or none. Of data, only the reading side does not block.
func pipes(data, wake *[2]int) error {
	if err := syscall.Pipe2(data[:], syscall.O_CLOEXEC); err != nil {
		return err
	}
	err := syscall.SetNonblock(data[0], true)
	if err == nil {
		err = syscall.Pipe2(wake[:], syscall.O_CLOEXEC)
	}
	if err != nil {
		syscall.Close(data[0])
		syscall.Close(data[1])
	}
	return err
}

// gather is the reading side of one Gather. It reads the pipe itself: one that package os has opened is in the runtime's
// epoll set, and then every single write to it wakes this process (Linux, fs/pipe.c, poll_usage), which costs more than
// all the rest. Measured with a real build of a million lines, 2026-11-23: 2.2 s of CPU beside the 8 s of nix and its
// builder, against 0.1 s beside 6 s.
type gather struct {
	to    io.Writer
	read  int // the pipe, which does not block
	wake  int // has its end when ended is closed
	left  int // how much may be read once the program ended, in bytes
	ended chan struct{}
	done  chan struct{}
	err   error // of to; read after done
}

// enlarge makes a pipe as large as it may be, and returns its size.
func enlarge(fd int) (size int) {
	// Refused where the user has many pipes: it works as well with a small one, and costs more.
	got, _, refused := syscall.Syscall(syscall.SYS_FCNTL, uintptr(fd), syscall.F_SETPIPE_SZ, gatherPipe)
	if refused != 0 {
		return 64 << 10 // pipe(7)
	}
	return int(got)
}

func (g *gather) run() {
	defer close(g.done)
	defer syscall.Close(g.wake)
	defer syscall.Close(g.read)
	buffer := make([]byte, gatherBuffer)
	pause := time.NewTimer(gatherPause)
	defer pause.Stop()
	for {
		over := g.isOver()
		n, err := g.take(g.room(buffer, over))
		switch {
		case n > 0:
			g.hand(buffer[:n])
			if over {
				g.left -= n
			}
			if n < len(buffer) && !over { // the pipe is empty
				g.rest(pause)
			}
		case err == syscall.EINTR:
		case err == syscall.EAGAIN && !over:
			g.sleep()
		default: // the end; or nothing is there any more
			return
		}
	}
}

// room is where to read to. Once the program ended, what it wrote is no more than the pipe holds; whatever comes on top
// is written by others.
func (g *gather) room(buffer []byte, over bool) []byte {
	if over {
		return buffer[:min(len(buffer), g.left)]
	}
	return buffer
}

func (g *gather) isOver() bool {
	select {
	case <-g.ended:
		return true
	default:
		return false
	}
}

// pollFd is struct pollfd of poll(2).
type pollFd struct {
	fd      int32
	events  int16
	revents int16
}

const readable = 1 // POLLIN; an end is told unasked

// sleep waits until there is something to read, or the program ended.
func (g *gather) sleep() {
	fds := []pollFd{{fd: int32(g.wake), events: readable}, {fd: int32(g.read), events: readable}}
	// An error is a signal that came: the caller looks again anyway.
	_, _, _ = syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), 0, 0, 0, 0)
}

// rest lets output gather, unless the program ended.
func (g *gather) rest(pause *time.Timer) {
	pause.Reset(gatherPause)
	select {
	case <-pause.C:
	case <-g.ended:
	}
}

// take reads what is there, and never waits. So the runtime need not hear of the call: it would look after it every few
// dozen microseconds (runtime, sysmon) where it does. That build had it look 4,600 times, and 300 times like this.
func (g *gather) take(buffer []byte) (n int, err error) {
	if len(buffer) == 0 {
		return 0, nil
	}
	got, _, code := syscall.RawSyscall(syscall.SYS_READ, uintptr(g.read), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	if code != 0 {
		return 0, code
	}
	return int(got), nil
}

func (g *gather) hand(p []byte) {
	if g.err == nil {
		_, g.err = g.to.Write(p)
	}
}
