package running

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// df is what that program says of a directory: total and free, in bytes.
func df(t *testing.T, dir string) (total, free int64) {
	t.Helper()
	out, err := exec.Command("df", "--block-size=1", "--output=size,avail", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(out))
	total, err = strconv.ParseInt(fields[len(fields)-2], 10, 64)
	must(t, err)
	free, err = strconv.ParseInt(fields[len(fields)-1], 10, 64)
	must(t, err)
	return total, free
}

func TestSpace(t *testing.T) {
	t.Parallel()
	m := with(t, map[string]string{"/dir/file": "x", "/link": "-> /dir", "/dangling": "-> /dir/none/deep", "/to/proc": "-> /proc"})
	must(t, os.Symlink("/proc", m.Path("/outside")))
	total, free := df(t, m.Path("/"))
	info, err := os.Stat(m.Path("/"))
	must(t, err)
	device := info.Sys().(*syscall.Stat_t).Dev
	for _, abs := range []string{"/", "/dir", "/dir/file", "/dir/none/none", "/none/none", "/link/none", "/dangling", "/dangling/x", "/to/proc/1", "/outside", "/dir/../none/.."} {
		room, err := Space(m, abs)
		if err != nil || room.Total != total || room.Device != device {
			t.Errorf("%s: %+v, %v; want %d on %d", abs, room, err, total, device)
		}
		// Others write meanwhile.
		if off := room.Free - free; off < -total/10 || off > total/10 {
			t.Errorf("%s: free %d, df says %d", abs, room.Free, free)
		}
	}
	if room, err := Space(m, "/dir/file/below"); !errors.Is(err, syscall.ENOTDIR) || room != (Room{}) {
		t.Errorf("%+v, %v", room, err)
	}
}

func TestSpaceOfAnother(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/proc/self"); err != nil {
		t.Fatal(err)
	}
	here, err := Space(machine.Local(), t.TempDir()+"/none")
	must(t, err)
	there, err := Space(machine.Local(), "/proc/none/none")
	if err != nil || there.Total != 0 || there.Device == here.Device || here.Device == 0 {
		t.Errorf("%+v, %+v, %v", here, there, err)
	}
}

func TestDirSize(t *testing.T) {
	t.Parallel()
	m := with(t, map[string]string{
		"/data/a": "12345", "/data/deep/b": "123", "/data/empty/": "", "/data/link": "-> /big", "/big": strings.Repeat("x", 1000),
		"/to/data": "-> ../data", "/data/away": "-> /other", "/other/c": "1234567",
	})
	must(t, os.Link(m.Path("/data/a"), m.Path("/data/deep/same")))
	for abs, want := range map[string]int64{"/data": 8, "/to/data": 8, "/data/a": 5, "/data/empty": 0, "/none": 0, "/none/x": 0, "/data/link": 1000} {
		if got, known := DirSize(t.Context(), m, abs); got != want || !known {
			t.Errorf("%s: %d, %t; want %d", abs, got, known, want)
		}
	}
	// The directory, a, deep, b, same, empty, two links.
	for most, want := range map[int]bool{8: true, 7: false} {
		if got, known := dirSize(t.Context(), m, "/data", most); known != want || want == (got == 0) {
			t.Errorf("at most %d: %d, %t", most, got, known)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, known := DirSize(ctx, m, "/data"); known || got != 0 {
		t.Errorf("cancelled: %d, %t", got, known)
	}
	if _, known := DirSize(t.Context(), m, "/data/a/x"); known {
		t.Error("below a file")
	}
}

func TestDirSizeInSecret(t *testing.T) {
	t.Parallel()
	notRoot(t)
	m := with(t, map[string]string{"/data/a": "12345", "/data/secret/b": "123"})
	must(t, os.Chmod(m.Path("/data/secret"), 0))
	defer os.Chmod(m.Path("/data/secret"), 0o755)
	for _, abs := range []string{"/data", "/data/secret", "/data/secret/b"} {
		if got, known := DirSize(t.Context(), m, abs); known || got != 0 {
			t.Errorf("%s: %d, %t", abs, got, known)
		}
	}
}
