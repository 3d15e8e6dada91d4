package garbage

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// loader makes systemd-boot start a system.
func (b *box) loader(name string) {
	b.must(os.WriteFile(filepath.Join(b.root, "boot/loader/entries/x.conf"), fmt.Appendf(nil, "options init=%s/init\n", b.systems[name]), 0o600))
	b.must(os.WriteFile(filepath.Join(b.root, "boot/loader/loader.conf"), []byte("default x.conf\n"), 0o600))
}

// holds starts a process that holds a system open until the test ends, and waits until it runs.
func (b *box) holds(cmd *exec.Cmd) {
	stdin, err := cmd.StdinPipe()
	b.must(err)
	stdout, err := cmd.StdoutPipe()
	b.must(err)
	b.must(cmd.Start())
	b.t.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	if text, err := io.ReadAll(io.LimitReader(stdout, 1)); err != nil || len(text) != 1 {
		b.t.Fatalf("it says %q, %v", text, err)
	}
}

// TestNever: of the systems that a machine cannot do without none goes, however little is kept, and it is said why. In
// each case system a would go without it; nothing else of the machine keeps it.
func TestNever(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		act func(b *box)
		why string
	}{
		"running":      {func(b *box) { b.link("/run/current-system", string(b.systems["a"])) }, "it runs"},
		"booted":       {func(b *box) { b.link("/run/booted-system", string(b.systems["a"])) }, "the machine was booted with it"},
		"boot default": {func(b *box) { b.loader("a") }, "the boot loader starts it"},
		"profile": {func(b *box) { b.must(b.Guard.Profile.Switch(b.t.Context(), 1)) },
			"the system profile is at it"},
		"trial": {func(b *box) {
			b.link("/nix/var/nix/profiles/system-profiles/nqd-trial", "nqd-trial-1-link")
			b.link("/nix/var/nix/profiles/system-profiles/nqd-trial-1-link", string(b.systems["a"]))
		}, "it is in the profile /nix/var/nix/profiles/system-profiles/nqd-trial-1-link"},
		"unfinished": {func(b *box) { b.record("c", "a", engine.Interrupted, nil) }, "deployment 3 is neither committed nor taken back"},
		"unfinished, from it": {func(b *box) { b.record("a", "c", engine.Broken, errors.New("x")) },
			"deployment 3 is neither committed nor taken back"},
		"waits for a reboot": {func(b *box) { b.record("c", "a", engine.Refused, fmt.Errorf("x: %w", guard.ErrRebootNeeded)) },
			"deployment 3 waits for a reboot"},
		"not begun": {func(b *box) { b.roots("c", "a") }, "deployment 3 was cut off before it began"},
		"unreadable": {func(b *box) {
			b.must(os.WriteFile(filepath.Join(b.History.Dir, "1/journal"), []byte("nonsense\nand more\n"), 0o600))
		}, "the record of deployment 1 cannot be read"},
		"rollback target": {func(b *box) { b.record("c", "a", engine.Committed, nil); b.record("a", "c", engine.Committed, nil) },
			"it ran before deployment 4, and nqd rollback returns to it"},
		"environment of a process": {func(b *box) {
			cmd := exec.Command(mustProgram(b.t), "wait")
			cmd.Env = []string{"HOLDS=" + string(b.systems["a"]) + "/bin"}
			b.holds(cmd)
		}, "a process holds it open: /proc/"},
		"a process within": {func(b *box) {
			cmd := exec.Command(string(b.systems["a"]) + "/bin/wait")
			cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: b.root}
			cmd.Dir = "/"
			b.holds(cmd)
		}, "a process holds it open: /proc/"},
		"directory of a process within": {func(b *box) {
			cmd := exec.Command(string(b.systems["c"]) + "/bin/wait")
			cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: b.root}
			cmd.Dir = string(b.systems["a"]) + "/bin"
			b.holds(cmd)
		}, "a process holds it open: /proc/"},
		"root of another": {func(b *box) { b.link("/nix/var/nix/gcroots/hers", string(b.systems["a"])) }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBoxFor(t, name)
			b.deploy("b", "c")
			c.act(b)
			told, _ := b.collect(1)
			b.needed("a", "c")
			said := c.why == ""
			for _, root := range told.Stays {
				said = said || root.System == string(b.systems["a"]) && strings.HasPrefix(root.Why, c.why)
			}
			if !said {
				t.Errorf("nothing says %q: %+v", c.why, told)
			}
		})
	}
	t.Run("before nqd came", func(t *testing.T) {
		t.Parallel()
		b := newBox(t)
		b.deploy("b", "c")
		b.must(b.Run(t.Context(), Options{Keep: 1, Now: time.Now()}))
		b.needed("a", "c")
	})
	t.Run("nothing of it", func(t *testing.T) {
		t.Parallel()
		b := newBox(t)
		b.deploy("b", "c")
		b.collect(1)
		b.has("b", "c")
	})
}

// newBoxFor gives the machine of one case systems of its own: what is held by an environment is held on every machine.
func newBoxFor(t *testing.T, name string) *box {
	t.Helper()
	if all := nixes.All(); name == "environment of a process" && len(all) > 0 {
		return newBoxOf(t, all[0])
	}
	return newBox(t)
}

func mustProgram(t *testing.T) string {
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// A sandbox may be given by a link; /proc has it without.
func TestHeldBehindLink(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	cmd := exec.Command(string(b.systems["a"]) + "/bin/wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: b.root}
	cmd.Dir = "/"
	b.holds(cmd)
	link := filepath.Join(t.TempDir(), "link")
	b.must(os.Symlink(b.root, link))
	if held, err := heldWithin(link); err != nil || held[b.systems["a"]] == "" {
		t.Errorf("held %v, %v", held, err)
	}
}

// What nothing keeps but that the machine uses it: a system that is in no profile and that no root leads to.
func TestHold(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.deploy("b", "c")
	b.link("/run/current-system", string(b.systems["d"]))
	b.link("/run/booted-system", string(b.systems["e"]))
	b.collect(1)
	b.has("b", "c", "d", "e")
}
