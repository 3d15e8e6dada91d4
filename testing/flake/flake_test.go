package flake

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

const root = "../.."

// tested are the directories with the Nix versions to test with.
func tested(t *testing.T) []string {
	t.Helper()
	dirs := nixes.All()
	if len(dirs) == 0 {
		t.Fatal("no Nix to test with: run `scripts/prepare go test ./...`, or `make test`")
	}
	return dirs
}

// TestOutputs evaluates flake.nix with a nixpkgs that hands back what it was given.
func TestOutputs(t *testing.T) {
	reads(t, "flake.nix")
	for _, dir := range tested(t) {
		cmd := exec.Command(filepath.Join(dir, "nix-instantiate"), "--store", "dummy://", "--readonly-mode",
			"--eval", "--strict", "--json", "testdata/stub.nix", "--arg", "flake", "import "+root+"/flake.nix")
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v\n%s", dir, err, stderr.String())
		}
		var got struct {
			Outputs []string
			Systems map[string][]string
			Package struct {
				Pname, VendorHash, PostInstall string
				SubPackages, Ldflags           []string
				Env                            struct{ CGO_ENABLED int }
			}
			App    struct{ Type, Program string }
			Checks map[string]string
		}
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		if want := []string{"apps", "checks", "packages"}; !slices.Equal(got.Outputs, want) {
			t.Errorf("outputs: got %q, want %q", got.Outputs, want)
		}
		for output, systems := range got.Systems {
			if want := []string{"aarch64-linux", "x86_64-linux"}; !slices.Equal(systems, want) {
				t.Errorf("%s: got %q, want %q", output, systems, want)
			}
		}
		if got.App.Type != "app" || got.App.Program != "/store/nqd/bin/nqd" {
			t.Errorf("nix run starts %+v", got.App)
		}
		if want := map[string]string{"package": "nqd", "runs": "nqd-runs"}; !maps.Equal(got.Checks, want) {
			t.Errorf("checks: got %v, want %v", got.Checks, want)
		}
		p := got.Package
		if p.Pname != "nqd" || !slices.Equal(p.SubPackages, []string{"cmd/nqd"}) || p.Env.CGO_ENABLED != 0 {
			t.Errorf("package: got %+v", p)
		}
		if p.VendorHash != vendorHash(t) {
			t.Errorf("vendorHash: got %q, not what go.mod.sri holds", p.VendorHash)
		}
		for _, program := range []string{"git", "openssh", "age"} {
			if !strings.Contains(p.PostInstall, "/store/"+program+"/bin") {
				t.Errorf("%s is not wrapped into PATH: %s", program, p.PostInstall)
			}
		}
		if !slices.ContainsFunc(p.Ldflags, func(f string) bool { return strings.HasSuffix(f, "main.version=abc1234") }) {
			t.Errorf("the version is not set: %q", p.Ldflags)
		}
	}
}

func vendorHash(t *testing.T) string {
	t.Helper()
	hash, err := os.ReadFile(filepath.Join(root, "go.mod.sri"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(hash))
}

// TestReadmeRuns: Nix locks the inputs of a flake that has no flake.lock, and stops when it cannot write that into a
// remote flake. With a flake.lock the option would only be in the way.
func TestReadmeRuns(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = os.Stat(filepath.Join(root, "flake.lock"))
	option := ""
	if err != nil {
		option = " --no-write-lock-file"
	}
	want := "\nnix --extra-experimental-features 'nix-command flakes' run" + option + " github:masterofnull/nixos-quick-deploy -- up\n"
	if !strings.Contains(string(page), want) {
		t.Errorf("README.md does not have the line%s", want)
	}
}

// TestVendorHash fails when go.mod or the imports changed and nobody ran the script.
func TestVendorHash(t *testing.T) {
	reads(t, "go.mod", "go.sum", "scripts", "cmd", "internal", "nixlib", "testing")
	cmd := exec.Command(filepath.Join(root, "scripts/vendor-hash.sh"), "--print")
	cmd.Env = append(os.Environ(), "PATH="+tested(t)[0]+":"+os.Getenv("PATH"))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if got, want := vendorHash(t), strings.TrimSpace(string(out)); got != want {
		t.Errorf("go.mod.sri holds %s, but go.mod makes %s: run `make vendor-hash`", got, want)
	}
}

// reads tells the go command what a program started here reads, so that it does not take an old result for a new one:
// it remembers which files the test itself looked at.
func reads(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		err := filepath.WalkDir(filepath.Join(root, name), func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			_, err = os.Stat(path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
