package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"

	"github.com/masterofnull/nixos-quick-deploy/testing/hardware"
	"github.com/masterofnull/nixos-quick-deploy/testing/terminal"
)

// typist is a fixture machine that nqd init is asked about: a desktop.
const typist = "desktop-rtx3060"

// step is what a page of nqd init says of its place.
var step = regexp.MustCompile(`\d+ of \d+`)

// keystrokes counts the keys that nqd init takes on a terminal of who takes what was detected: Enter, once for each page,
// up to the end.
func keystrokes(ctx context.Context, nqd string) (string, error) {
	dir, err := os.MkdirTemp("", "nqd-bench-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	machine, home, space := filepath.Join(dir, "machine"), filepath.Join(dir, "home"), filepath.Join(dir, "workspace")
	if err := hardware.Write(machine, typist); err != nil {
		return "", err
	}
	if nqd, err = filepath.Abs(nqd); err != nil {
		return "", err
	}
	// Its user and name are no hardware.
	command := exec.CommandContext(ctx, nqd, "--sandbox", machine, "--workspace", space, "init", "--user=ada", "--host-name=orion")
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TERM=xterm-256color", "LC_ALL=C.UTF-8"}
	screen, err := terminal.Start(command, 80, 24)
	if err != nil {
		return "", err
	}
	defer screen.Close()
	keys, page := 0, ""
	for {
		shown, err := screen.WaitFor(func(shown string) bool {
			return screen.Ended() || step.FindString(shown) != "" && step.FindString(shown) != page
		}, "next page")
		if err != nil {
			return "", err
		}
		if screen.Ended() {
			break
		}
		page, keys = step.FindString(shown), keys+1
		if err := screen.Type(terminal.Enter); err != nil {
			return "", err
		}
	}
	shown, err := screen.End()
	if err != nil {
		return "", err
	}
	if code := command.ProcessState.ExitCode(); code != 0 {
		return "", fmt.Errorf("nqd init: exit code %d\n%s", code, shown)
	}
	return fmt.Sprintf("bench init-keystrokes keys=%d pages=%s", keys, page), nil
}
