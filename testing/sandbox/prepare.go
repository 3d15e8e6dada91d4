package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Inputs are the flake URLs of a prepared stand-in.
type Inputs struct {
	Nixpkgs     string
	HomeManager string
}

// Of the nixpkgs flake: programName is the builder of its derivations, releaseName holds the
// release that it plays.
const (
	programName = "mk"
	releaseName = "release"
)

// Release is the release of NixOS that a stand-in plays unless a test says otherwise.
const Release = "26.05"

// Releases are all that a stand-in can play.
var Releases = []string{Release, "26.11"}

// Prepare copies the flakes of the stand-in to DIR, where they play a release of NixOS, and
// compiles their program there. It has to be called inside the module of nqd. Where nothing
// changed it writes nothing; calls at the same time wait for each other.
func Prepare(ctx context.Context, dir, release string) (Inputs, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Inputs{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Inputs{}, err
	}
	unlock, err := lock(filepath.Join(dir, ".lock"))
	if err != nil {
		return Inputs{}, err
	}
	defer unlock()
	module, err := moduleRoot(ctx)
	if err != nil {
		return Inputs{}, err
	}
	for _, flake := range []string{"nixpkgs", "home-manager"} {
		if err := mirror(filepath.Join(module, "testing", flake), filepath.Join(dir, flake)); err != nil {
			return Inputs{}, fmt.Errorf("copying the stand-in %s: %w", flake, err)
		}
	}
	if err := updateText([]byte(release+"\n"), filepath.Join(dir, "nixpkgs", releaseName), 0o644); err != nil {
		return Inputs{}, err
	}
	if err := compile(ctx, module, filepath.Join(dir, "nixpkgs", programName)); err != nil {
		return Inputs{}, err
	}
	return Inputs{
		Nixpkgs:     "path:" + filepath.Join(dir, "nixpkgs"),
		HomeManager: "path:" + filepath.Join(dir, "home-manager"),
	}, nil
}

// lock waits until this process has PATH for itself.
func lock(path string) (unlock func() error, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		file.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return file.Close, nil
}

// moduleRoot is the folder of the go.mod that holds the current folder.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("looking for the Go module: %w", err)
	}
	file := strings.TrimSpace(string(out))
	if file == "" || file == os.DevNull {
		return "", errors.New("looking for the Go module: the current folder is in none")
	}
	return filepath.Dir(file), nil
}

// compile builds the program to TARGET. It is static and the same bytes from any folder,
// as its hash is part of every store path of the stand-in.
func compile(ctx context.Context, module, target string) error {
	temp, err := os.MkdirTemp(filepath.Dir(filepath.Dir(target)), "compile-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	made := filepath.Join(temp, programName)
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", made, "./testing/standin")
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling the stand-in: %w\n%s", err, out)
	}
	return update(made, target, 0o755)
}

// mirror makes TARGET a copy of the tree SOURCE. The program is not part of SOURCE and stays, and
// so does the release.
func mirror(source, target string) error {
	wanted := map[string]bool{".": true, programName: true, releaseName: true}
	err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(source, path)
		if err != nil || below == programName || below == releaseName {
			return err
		}
		wanted[below] = true
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(target, below), 0o755)
		}
		return update(path, filepath.Join(target, below), 0o644)
	})
	if err != nil {
		return err
	}
	return prune(target, wanted)
}

// prune removes what is below TARGET and not WANTED.
func prune(target string, wanted map[string]bool) error {
	return filepath.WalkDir(target, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(target, path)
		if err != nil || wanted[below] {
			return err
		}
		if err := os.RemoveAll(path); err != nil {
			return err
		}
		if entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	})
}

// update makes TARGET a file with the content of SOURCE, unless it is already.
func update(source, target string, mode os.FileMode) error {
	want, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	return updateText(want, target, mode)
}

// updateText makes TARGET a file with that content, unless it is already.
func updateText(want []byte, target string, mode os.FileMode) error {
	if there, err := os.ReadFile(target); err == nil && bytes.Equal(there, want) {
		return nil
	}
	temp := target + ".new"
	if err := os.WriteFile(temp, want, mode); err != nil {
		return err
	}
	return os.Rename(temp, target)
}
