package sandbox

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// factory holds what the graphical installer leaves in /etc/nixos (Calamares, without a
// desktop), and how it is built.
//
//go:embed factory
var factory embed.FS

// Options say what Install installs.
type Options struct {
	Root   string // the machine: a folder that is empty or missing
	NixBin string // the folder of the nix programs
	Inputs Inputs
	User   string // the first user, as the installer asks for it
}

// osRelease is what Install needs to be there before the first activation: the real
// switch-to-configuration refuses a machine without it.
const osRelease = `ANSI_COLOR="0;38;2;126;186;228"
ID=nixos
NAME=NixOS
PRETTY_NAME="NixOS 26.05 (standin)"
VERSION="26.05 (standin)"
VERSION_CODENAME=standin
VERSION_ID="26.05"
`

// firstUser is the name of the user in configuration.nix of factory.
const firstUser = "first-user"

// firstPlatform is nixpkgs.hostPlatform in hardware-configuration.nix of factory.
const firstPlatform = "first-platform"

// platforms are the values of nixpkgs.hostPlatform that the stand-in has, by Go's name of the
// processor: the programs of the machine run on this computer.
var platforms = map[string]string{"amd64": "x86_64-linux", "arm64": "aarch64-linux"}

// userName is what NixOS takes as the name of a user.
var userName = regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,30}$`)

// Install makes a machine as the installer of NixOS leaves it after its first boot. It has
// to run as root, for chroot(2).
func Install(ctx context.Context, o Options) error {
	root, err := filepath.Abs(o.Root)
	if err != nil {
		return err
	}
	o.Root = root
	if err := o.check(); err != nil {
		return err
	}
	if err := o.layOut(runtime.GOARCH); err != nil {
		return fmt.Errorf("laying out %s: %w", root, err)
	}
	toplevel, err := o.build(ctx)
	if err != nil {
		return err
	}
	if err := o.nix(ctx, nil, "nix-env", "--profile", filepath.Join(root, profile), "--set", toplevel); err != nil {
		return err
	}
	if err := Chroot(ctx, root, filepath.Join(toplevel, "bin/switch-to-configuration"), "switch"); err != nil {
		return fmt.Errorf("activating the first system: %w", err)
	}
	return os.Symlink(toplevel, filepath.Join(root, "run/booted-system"))
}

func (o Options) check() error {
	if !userName.MatchString(o.User) {
		return fmt.Errorf("user %q: not a name that NixOS takes", o.User)
	}
	if platforms[runtime.GOARCH] == "" {
		return fmt.Errorf("%s: not a processor that the stand-in has", runtime.GOARCH)
	}
	entries, err := os.ReadDir(o.Root)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s: not empty", o.Root)
	}
	return nil
}

// layOut writes what is on the disk before the first system is built, for a processor by Go's
// name.
func (o Options) layOut(arch string) error {
	filled := strings.NewReplacer(firstUser, o.User, firstPlatform, platforms[arch])
	for _, folder := range []string{
		"boot", "etc/nixos", "home", "nix/var/nix/profiles", "root", "run", "var/lib", "var/log", "var/tmp",
	} {
		if err := os.MkdirAll(filepath.Join(o.Root, folder), 0o755); err != nil {
			return err
		}
	}
	if err := os.Mkdir(filepath.Join(o.Root, "tmp"), 0o777|os.ModeSticky); err != nil {
		return err
	}
	files := map[string]string{
		"etc/NIXOS":      "",
		"etc/machine-id": "5f0c6b1e9a4d4f2c8b7a3d2e1f0a9b8c\n",
		"etc/os-release": osRelease,
	}
	for _, name := range []string{"configuration.nix", "hardware-configuration.nix"} {
		text, err := factory.ReadFile("factory/" + name)
		if err != nil {
			return err
		}
		files["etc/nixos/"+name] = filled.Replace(string(text))
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(o.Root, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// build builds the system of /etc/nixos into the store of the machine.
func (o Options) build(ctx context.Context) (string, error) {
	expression, err := factory.ReadFile("factory/install.nix")
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = o.nix(ctx, &out, "nix", "build", "--impure", "--no-link", "--print-out-paths",
		"--expr", string(expression),
		"--argstr", "nixpkgs", o.Inputs.Nixpkgs,
		"--argstr", "configuration", filepath.Join(o.Root, "etc/nixos/configuration.nix"))
	if err != nil {
		return "", err
	}
	toplevel := strings.TrimSpace(out.String())
	if !strings.HasPrefix(toplevel, "/nix/store/") {
		return "", fmt.Errorf("building the first system: unexpected output %q", toplevel)
	}
	return toplevel, nil
}

// nix runs PROGRAM of the nix in use on the store of the machine. Its caches are those of
// root on the machine, so that they go with it.
func (o Options) nix(ctx context.Context, out *bytes.Buffer, program string, args ...string) error {
	options := []string{
		"--extra-experimental-features", "nix-command flakes",
		"--store", "local?root=" + o.Root,
		"--option", "sandbox", "true",
		"--option", "sandbox-paths", "",
		"--option", "build-users-group", "",
		"--option", "substituters", "",
	}
	cmd := exec.CommandContext(ctx, filepath.Join(o.NixBin, program), append(args, options...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(o.Root, "root")}
	var messages bytes.Buffer
	cmd.Stderr = &messages
	if out != nil {
		cmd.Stdout = out
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", program, args[0], err, &messages)
	}
	return nil
}

// Chroot runs a program of the machine ROOT, with the environment of a login of root. The
// error holds what it printed.
func Chroot(ctx context.Context, root, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, "chroot", append([]string{root, program}, args...)...)
	cmd.Env = []string{"PATH=/run/current-system/sw/bin:" + os.Getenv("PATH"), "HOME=/root", "USER=root"}
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%s %s: %w\n%s", program, strings.Join(args, " "), exit, out)
	}
	return err
}
