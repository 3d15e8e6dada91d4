package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// run runs nqd as a user would, shows what it says, and compares its exit code. Each of told
// must be somewhere in what it said.
func (d *demo) run(ctx context.Context, code int, told []string, args ...string) error {
	fmt.Printf("$ nqd %s\n", strings.Join(args, " "))
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, d.nqd, append([]string{"--sandbox", d.root}, args...)...)
	cmd.Stdout = io.MultiWriter(os.Stdout, &said)
	cmd.Stderr = cmd.Stdout
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		return fmt.Errorf("nqd %s: exit code %d, want %d", args[0], got, code)
	}
	for _, text := range told {
		if !strings.Contains(said.String(), text) {
			return fmt.Errorf("nqd %s: does not say %q", args[0], text)
		}
	}
	return nil
}

// expected is the system of the workspace as plain Nix evaluates it, without nqd.
func (d *demo) expected(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, d.nix, "--extra-experimental-features", "nix-command flakes",
		"eval", "--store", "local?root="+d.root, "--raw",
		"git+file://"+d.workspace("")+"#nixosConfigurations.nixos.config.system.build.toplevel.outPath")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	return string(out), err
}

// is compares the running system, the profile and the boot default with the expected system.
func (d *demo) is(expected string) error {
	for _, place := range []struct {
		name string
		read func(string) (string, error)
	}{
		{"running system", sandbox.CurrentSystem},
		{"system profile", sandbox.ProfileTarget},
		{"boot default", sandbox.BootDefault},
	} {
		found, err := place.read(d.root)
		if err != nil {
			return fmt.Errorf("%s: %w", place.name, err)
		}
		if found != expected {
			return fmt.Errorf("%s: is %s, want %s", place.name, found, expected)
		}
		fmt.Printf("  seen: %s is %s\n", place.name, found)
	}
	return d.activated(expected)
}

// activated compares the files that /etc is made of with those of the expected system.
func (d *demo) activated(expected string) error {
	found, err := os.Readlink(filepath.Join(d.root, "etc/static"))
	if err != nil {
		return err
	}
	want, err := os.Readlink(filepath.Join(d.root, expected, "etc"))
	if err != nil {
		return err
	}
	if found != want {
		return fmt.Errorf("/etc: is made of %s, want %s", found, want)
	}
	fmt.Printf("  seen: /etc is made of %s\n", found)
	return nil
}

// holds looks into an activated file.
func (d *demo) holds(file, text string) error {
	out, err := sandbox.ReadFile(d.root, file)
	if err != nil {
		return err
	}
	if !strings.Contains(string(out), text) {
		return fmt.Errorf("%s: does not hold %q", file, text)
	}
	fmt.Printf("  seen: %s holds %s\n", file, text)
	return nil
}

// lacks looks for a file that must not be there.
func (d *demo) lacks(file string) error {
	if _, err := sandbox.ReadFile(d.root, file); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: is still there (%v)", file, err)
	}
	fmt.Printf("  seen: %s is not there\n", file)
	return nil
}

func (d *demo) workspace(name string) string {
	return filepath.Join(sandbox.Workspace(d.root), name)
}

func appendTo(file, text string) error {
	before, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(before, text...), 0o644)
}

func listens(port string) error {
	connection, err := net.DialTimeout("tcp", address(port), time.Second)
	if err != nil {
		return err
	}
	fmt.Printf("  seen: port %s answers\n", port)
	return connection.Close()
}

func silent(port string) error {
	connection, err := net.DialTimeout("tcp", address(port), time.Second)
	if err == nil {
		connection.Close()
		return fmt.Errorf("port %s still answers", port)
	}
	fmt.Printf("  seen: port %s is silent\n", port)
	return nil
}

func address(port string) string { return net.JoinHostPort("127.0.0.1", port) }

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
