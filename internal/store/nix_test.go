package store_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/store"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// TestMain makes this binary also a reader of its own, to be run as another user: it prints the closures of its
// arguments.
func TestMain(m *testing.M) {
	if root := os.Getenv("STORE_TEST_ROOT"); root != "" {
		if err := printClosures(root, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func printClosures(root string, paths []string) error {
	m, err := machine.Sandbox(root)
	if err != nil {
		return err
	}
	db, err := store.Open(m)
	if err != nil {
		return err
	}
	var all []store.Closure
	for _, path := range paths {
		closure, err := db.Closure(context.Background(), machine.StorePath(path))
		if err != nil {
			return err
		}
		all = append(all, closure)
	}
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		return err
	}
	return db.Close()
}

// asNobody has a user who owns nothing read the closures.
func asNobody(t *testing.T, s *real, paths ...machine.StorePath) []store.Closure {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("becoming another user needs root")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// Where go put it nobody may look.
	dir := open(t, t.TempDir())
	program := filepath.Join(dir, "store.test")
	// Copied by a program of its own: a file that this one has open for writing may not be run, nor may one that a
	// child of another test inherited.
	if out, err := exec.Command("cp", self, program).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	var args []string
	for _, path := range paths {
		args = append(args, string(path))
	}
	cmd := exec.Command(program, args...)
	cmd.Env = []string{"STORE_TEST_ROOT=" + s.root}
	cmd.Dir = "/"
	const nobody = 65534
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("as nobody: %v: %s", err, messages.Bytes())
	}
	var closures []store.Closure
	if err := json.Unmarshal(out, &closures); err != nil {
		t.Fatal(err)
	}
	return closures
}

// open lets everybody look into a directory of t.TempDir.
func open(t *testing.T, dir string) string {
	t.Helper()
	for _, one := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(one, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// real is a store that a real Nix made.
type real struct {
	t       *testing.T
	bin     string // of nix
	root    string
	machine *machine.Machine
}

// withEach runs a test with each Nix and an empty store.
func withEach(t *testing.T, test func(*testing.T, *real)) {
	t.Helper()
	nixes.Each(t, func(t *testing.T, bin string) { test(t, newReal(t, bin, open(t, t.TempDir()))) })
}

func newReal(t *testing.T, bin, root string) *real {
	t.Helper()
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	return &real{t: t, bin: bin, root: root, machine: m}
}

// command is a call of a nix program for this store.
func (s *real) command(program string, args ...string) *exec.Cmd {
	args = slices.Concat(args[:1], []string{"--store", s.machine.Store(),
		"--option", "build-users-group", "", "--option", "substituters", ""}, args[1:])
	if program == "nix" {
		args = append([]string{"--extra-experimental-features", "nix-command"}, args...)
	}
	cmd := exec.Command(filepath.Join(s.bin, program), args...)
	cmd.Env = []string{"HOME=" + s.t.TempDir(), "NIX_CONF_DIR=" + s.t.TempDir(), "NO_COLOR=1", "LC_ALL=C.UTF-8"}
	return cmd
}

func (s *real) run(input, program string, args ...string) string {
	s.t.Helper()
	cmd := s.command(program, args...)
	cmd.Stdin = strings.NewReader(input)
	var messages bytes.Buffer
	cmd.Stderr = &messages
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s: %v: %s", program, err, messages.Bytes())
	}
	return string(out)
}

// object is a store path to be registered, by name.
type object struct {
	name       string
	size       int64
	references []string
}

// pathOf is a store path of that name.
func pathOf(name string) machine.StorePath {
	const alphabet = "0123456789abcdfghijklmnpqrsvwxyz" // that of Nix's base 32
	sum := sha256.Sum256([]byte(name))
	hash := make([]byte, 32)
	for i := range hash {
		hash[i] = alphabet[sum[i]&31]
	}
	_, plain, copied := strings.Cut(name, ":") // "2:glibc-2.40" is another glibc-2.40
	if !copied {
		plain = name
	}
	return machine.StorePath("/nix/store/" + string(hash) + "-" + plain)
}

// registration is what `nix-store --load-db` reads (nix, src/libstore/store-api.cc, decodeValidPathInfo): path, hash,
// size, deriver, number of references, references. The files need not be there.
func registration(objects []object) string {
	var text strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&text, "%s\n%064d\n%d\n\n%d\n", pathOf(o.name), 0, o.size, len(o.references))
		for _, reference := range o.references {
			fmt.Fprintln(&text, pathOf(reference))
		}
	}
	return text.String()
}

func (s *real) register(objects ...object) {
	s.t.Helper()
	s.run(registration(objects), "nix-store", "--load-db")
}

// said is the closure as nix says it.
func (s *real) said(path machine.StorePath) store.Closure {
	s.t.Helper()
	var infos map[machine.StorePath]struct {
		NarSize    int64
		References []machine.StorePath
	}
	if err := json.Unmarshal([]byte(s.run("", "nix", "path-info", "--recursive", "--json", string(path))), &infos); err != nil {
		s.t.Fatal(err)
	}
	closure := make(store.Closure)
	for path, info := range infos {
		slices.Sort(info.References)
		closure[path] = store.Info{Size: info.NarSize, References: append([]machine.StorePath{}, info.References...)}
	}
	return closure
}

// open opens the database until the test ends.
func (s *real) open() *store.DB {
	s.t.Helper()
	db, err := store.Open(s.machine)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		if err := db.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return db
}

// file is where a file of the database's directory is.
func (s *real) file(name string) string { return s.machine.Path("/nix/var/nix/db/" + name) }

// listing is every file of the database's directory with its mode, time of change and content.
func (s *real) listing() string {
	s.t.Helper()
	var text strings.Builder
	err := filepath.WalkDir(s.file(""), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		var data []byte
		if !entry.IsDir() && entry.Name() != "reserved" {
			data, err = os.ReadFile(path)
		}
		fmt.Fprintf(&text, "%s %s %d %d %x\n", entry.Name(), info.Mode(), info.ModTime().UnixNano(), info.Size(), sha256.Sum256(data))
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.t.Fatal(err)
	}
	return text.String()
}

// unchanged runs read and fails if that changed anything in the database's directory.
func (s *real) unchanged(what string, read func()) {
	s.t.Helper()
	before := s.listing()
	read()
	if after := s.listing(); after != before {
		s.t.Errorf("%s changed the database's directory from\n%sto\n%s", what, before, after)
	}
}
