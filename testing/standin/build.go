package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
)

// spec is what a derivation wants in its output; testing/nixpkgs writes it.
type spec struct {
	Program          string              // store path of this program
	Files            map[string]specFile // by path below the output
	Merge            []string            // trees to merge into the output, see farm
	IgnoreCollisions bool                // of files in Merge, the first wins, as in buildEnv
	Fill             int64               // bytes of filler, so that packages differ in size

	Say  []string // lines to write while it builds
	Wait bool     // goes on until SIGUSR1 comes
	Exit int      // fails with this code, where it is not 0
}

// failedBuild is a build that was told to fail.
type failedBuild int

func (e failedBuild) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// specFile is one file: exactly one of Text, Link and Program.
type specFile struct {
	Text    *string
	Mode    string // octal; of a Text only
	Link    string
	Program bool
}

// build makes the output of one derivation. The environment is that of a Nix builder:
// "spec" as JSON and "out".
func build(getenv func(string) string) error {
	var s spec
	if err := json.Unmarshal([]byte(getenv("spec")), &s); err != nil {
		return fmt.Errorf("spec: %w", err)
	}
	out := getenv("out")
	if out == "" {
		return errors.New("out: not set")
	}
	if err := s.perform(os.Stderr); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, path := range sortedKeys(s.Files) {
		if err := s.write(out, path, s.Files[path]); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := (farm{out: out, ignoreCollisions: s.IgnoreCollisions}).merge(s.Merge); err != nil {
		return err
	}
	name := getenv("pname")
	if name == "" {
		name = getenv("name")
	}
	return fill(filepath.Join(out, "share", name, "data"), name, s.Fill)
}

// perform does what a build is watched for.
func (s spec) perform(log io.Writer) error {
	goOn := make(chan os.Signal, 1)
	signal.Notify(goOn, syscall.SIGUSR1) // before it says anything: then it can be told to go on
	defer signal.Stop(goOn)
	for _, line := range s.Say {
		fmt.Fprintln(log, line)
	}
	if s.Wait {
		<-goOn
	}
	if s.Exit != 0 {
		return failedBuild(s.Exit)
	}
	return nil
}

func (s spec) write(out, path string, f specFile) error {
	if !filepath.IsLocal(path) {
		return errors.New("not a path below the output")
	}
	target := filepath.Join(out, path)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	switch {
	case f.Text != nil:
		mode, err := f.mode()
		if err != nil {
			return err
		}
		return os.WriteFile(target, []byte(*f.Text), mode)
	case f.Link != "":
		return os.Symlink(f.Link, target)
	case f.Program:
		if s.Program == "" {
			return errors.New("the spec names no program")
		}
		return os.Symlink(s.Program, target)
	}
	return errors.New("neither text, link nor program")
}

func (f specFile) mode() (os.FileMode, error) {
	if f.Mode == "" {
		return 0o644, nil
	}
	mode, err := strconv.ParseUint(f.Mode, 8, 9)
	if err != nil {
		return 0, fmt.Errorf("mode %q: %w", f.Mode, err)
	}
	return os.FileMode(mode), nil
}

// fill writes SIZE bytes that depend on NAME only and do not compress.
func fill(path, name string, size int64) error {
	if size == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	if _, err := io.CopyN(w, rand.NewChaCha8(sha256.Sum256([]byte(name))), size); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Close()
}
