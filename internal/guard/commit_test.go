package guard

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

var before = machine.Generation{Number: 3, System: oldSystem}

// trying is a box that runs newSystem and boots oldSystem.
func trying(t *testing.T) (*box, *profile, Commit) {
	t.Helper()
	b := newBox(t)
	b.link(t, "/run/current-system", string(newSystem))
	b.bootDefault(t, oldSystem)
	return b, b.Profile.(*profile), Commit{Guard: b.Guard, New: newSystem, Before: before}
}

func wantCommitError(t *testing.T, err error, text string) {
	t.Helper()
	var failed *CommitError
	if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), "committing: ") || !strings.HasSuffix(err.Error(), text) {
		t.Errorf("got %v, want a CommitError that ends with %q", err, text)
	}
}

func wantBoots(t *testing.T, b *box, want machine.StorePath) {
	t.Helper()
	if got, err := b.BootDefault(t.Context()); err != nil || got != want {
		t.Errorf("boots %s, %v; want %s", got, err, want)
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	b, profile, commit := trying(t)
	if err := commit.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t, "profile set new", "new boot")
	wantBoots(t, b, newSystem)
	if err := commit.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t, "profile switch 3", "profile delete 4", "old boot")
	wantBoots(t, b, oldSystem)
	if profile.now != before {
		t.Errorf("profile %v, want %v", profile.now, before)
	}
	// Once more: there is nothing left to undo.
	if err := commit.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t)
}

// switch-to-configuration may end with 0 and leave the loader as it was.
func TestCommitReadsBack(t *testing.T) {
	t.Parallel()
	b, _, commit := trying(t)
	b.write(t, "/idle/boot", "")
	wantCommitError(t, commit.Do(t.Context()), "the boot loader's default is still old")
	b.wantCalls(t, "profile set new", "new boot")
	if err := commit.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t, "profile switch 3", "profile delete 4") // the loader never changed

	b, _, commit = trying(t)
	b.write(t, "/idle/boot", "")
	b.write(t, "/boot/loader/loader.conf", "timeout 5\n")
	wantCommitError(t, commit.Do(t.Context()), "/boot/loader/loader.conf: names no default")
}

func TestCommitFails(t *testing.T) {
	t.Parallel()
	t.Run("profile", func(t *testing.T) {
		t.Parallel()
		b, profile, commit := trying(t)
		profile.fail = errors.New("no space left")
		err := commit.Do(t.Context())
		wantCommitError(t, err, "no space left")
		if !errors.Is(err, profile.fail) {
			t.Errorf("%v hides its cause", err)
		}
		b.wantCalls(t, "profile set new")
		wantBoots(t, b, oldSystem)
		if err := commit.Undo(t.Context()); !errors.Is(err, profile.fail) {
			t.Errorf("Undo without a profile: %v", err)
		}
		b.wantCalls(t)
	})
	t.Run("profile, undoing", func(t *testing.T) {
		t.Parallel()
		b, profile, commit := trying(t)
		if err := commit.Do(t.Context()); err != nil {
			t.Fatal(err)
		}
		profile.stay = errors.New("no such generation")
		if err := commit.Undo(t.Context()); err != nil {
			t.Errorf("Undo where old generations were deleted: %v", err)
		}
		b.wantCalls(t, "profile set new", "new boot", "profile switch 3", "profile set old", "profile delete 4", "old boot")
		wantBoots(t, b, oldSystem)
	})
	t.Run("loader", func(t *testing.T) {
		t.Parallel()
		b, profile, commit := trying(t)
		b.write(t, "/exit/boot", "1") // after it wrote the default
		wantCommitError(t, commit.Do(t.Context()), "exit code 1\n  | on stdout: boot\n  | on stderr: boot")
		b.wantCalls(t, "profile set new", "new boot")
		if err := commit.Undo(t.Context()); machine.ExitCode(err) != 1 {
			t.Errorf("Undo hides that the loader could not be installed: %v", err)
		}
		b.wantCalls(t, "profile switch 3", "profile delete 4", "old boot")
		if profile.now != before {
			t.Errorf("profile %v, want %v", profile.now, before)
		}
	})
}

// Where the loader is broken Undo installs it, whatever the profile says.
func TestCommitUndoInstallsABrokenLoader(t *testing.T) {
	t.Parallel()
	b, _, commit := trying(t)
	b.write(t, "/boot/loader/loader.conf", "")
	if err := commit.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t, "old boot")
	wantBoots(t, b, oldSystem)
}

// A `nixos-rebuild switch` of somebody else between TRY and COMMIT is not ours to replace,
// and its generation not ours to take back.
func TestSomebodyElseSwitched(t *testing.T) {
	t.Parallel()
	b, profile, commit := trying(t)
	b.link(t, "/run/current-system", string(thirdSystem))
	b.bootDefault(t, thirdSystem)
	theirs := machine.Generation{Number: 4, System: thirdSystem}
	profile.now = theirs
	wantCommitError(t, commit.Do(t.Context()), "the machine runs third, which somebody else activated")
	if err := commit.Undo(t.Context()); err == nil || err.Error() != "the system profile is at generation 4, third, which somebody else set" {
		t.Errorf("undoing: %v", err)
	}
	b.wantCalls(t)
	wantBoots(t, b, thirdSystem)
	if profile.now != theirs {
		t.Errorf("profile %v, want %v", profile.now, theirs)
	}
}

func TestCommitWithAnUnknownLoader(t *testing.T) {
	t.Parallel()
	b, _, commit := trying(t)
	b.write(t, "/idle/boot", "")
	for _, name := range []string{"loader/loader.conf", "loader/entries/now.conf"} {
		b.remove(t, "/boot/"+name)
	}
	if err := commit.Do(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := event.Note{Warning: true, Text: "the boot loader's default could not be read back", Hint: "nqd reads systemd-boot and GRUB"}
	if last := b.events[len(b.events)-1]; last != event.Event(want) {
		t.Errorf("told %v, want %v", last, want)
	}
	b.wantCalls(t, "profile set new", "new boot")
	if err := commit.Undo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.wantCalls(t, "profile switch 3", "profile delete 4", "old boot")
}

func TestCommitWithoutARunningSystem(t *testing.T) {
	t.Parallel()
	b, _, commit := trying(t)
	b.remove(t, "/run/current-system")
	err := commit.Do(t.Context())
	wantCommitError(t, err, "no such file or directory")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v hides its cause", err)
	}
	b.wantCalls(t)
}

// The words of the journal never change.
func TestNames(t *testing.T) {
	t.Parallel()
	if try, commit := (&Try{}).Kind(), (Commit{}).Kind(); try != "try" || commit != "commit" {
		t.Errorf("%q and %q", try, commit)
	}
}
