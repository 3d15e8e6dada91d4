package trace

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// getSyscallInfo is PTRACE_GET_SYSCALL_INFO of linux/ptrace.h (since Linux 5.3): the same on every
// processor, where registers are not.
const getSyscallInfo = 0x420e

// The kinds of a stop that getSyscallInfo knows.
const (
	infoEntry = 1
	infoExit  = 2
)

// info is struct ptrace_syscall_info, of linux/ptrace.h.
type info struct {
	Op      uint8
	_       [3]uint8
	Arch    uint32
	_, _    uint64 // instruction and stack pointer
	Payload [7]uint64
}

// number and arguments are those at the entry of a call.
func (i info) number() uint64        { return i.Payload[0] }
func (i info) argument(n int) uint64 { return i.Payload[1+n] }

// succeeded is what the exit of a call says: the byte behind its answer is 1 for an error.
func (i info) succeeded() bool {
	var flag [8]byte
	binary.NativeEndian.PutUint64(flag[:], i.Payload[1])
	return flag[0] == 0
}

// readInfo asks the kernel in which system call a stopped thread is.
func readInfo(thread int) (info, error) {
	var i info
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PTRACE, getSyscallInfo, uintptr(thread),
		unsafe.Sizeof(i), uintptr(unsafe.Pointer(&i)), 0, 0)
	if errno != 0 {
		return info{}, errno
	}
	return i, nil
}

// readText reads a path in the memory of a stopped thread.
func readText(thread int, address uint64) (string, error) {
	if address == 0 {
		return "", nil
	}
	text := make([]byte, 0, 256)
	for len(text) < unix.PathMax {
		// Up to the end of a page: the next one may not be there.
		chunk := make([]byte, min(256, 4096-int((address+uint64(len(text)))%4096)))
		n, err := unix.ProcessVMReadv(thread,
			[]unix.Iovec{{Base: &chunk[0], Len: uint64(len(chunk))}},
			[]unix.RemoteIovec{{Base: uintptr(address) + uintptr(len(text)), Len: len(chunk)}}, 0)
		if err != nil {
			return "", fmt.Errorf("reading a path of thread %d: %w", thread, err)
		}
		for _, b := range chunk[:n] {
			if b == 0 {
				return string(text), nil
			}
			text = append(text, b)
		}
	}
	return "", fmt.Errorf("thread %d: a path without an end", thread)
}

// openFile is the path of an open file of a thread, as proc(5) has it.
func openFile(thread, fd int) (string, error) {
	if fd == unix.AT_FDCWD {
		return os.Readlink(fmt.Sprintf("/proc/%d/cwd", thread))
	}
	return os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", thread, fd))
}
