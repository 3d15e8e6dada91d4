package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// condition knows [mounts]: whether file systems may be mounted here, as root may outside of most containers.
func condition(name string) (bool, error) {
	if name != "mounts" {
		return false, fmt.Errorf("%s: no such condition", name)
	}
	return mounts(), nil
}

var mounts = sync.OnceValue(func() bool {
	dir, err := os.MkdirTemp("", "nqd-mounts-")
	if err != nil {
		return false
	}
	defer os.Remove(dir)
	if unix.Mount("nqd-test", dir, "tmpfs", 0, "size=4k") != nil {
		return false
	}
	return unix.Unmount(dir, 0) == nil
})

// small DIR SIZE makes a folder of the machine a file system of its own of that size; ! small DIR takes it away again.
func small(ts *testscript.TestScript, neg bool, args []string) {
	if neg && len(args) != 1 || !neg && len(args) != 2 {
		ts.Fatalf("usage: small DIR SIZE, or ! small DIR")
	}
	dir := filepath.Join(ts.Getenv("M"), args[0])
	if neg {
		ts.Check(unix.Unmount(dir, 0))
		return
	}
	ts.Check(os.MkdirAll(dir, 0o700))
	ts.Check(unix.Mount("nqd-test", dir, "tmpfs", 0, "mode=0700,size="+args[1]))
	ts.Defer(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
}
