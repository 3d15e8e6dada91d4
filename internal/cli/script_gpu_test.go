package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// program puts a program into the machine that says what a file of the script holds, in place of one that cannot run here:
// program nvidia-smi 0 FILE. Where what it says depends on its first word, that is in the name: podman_run.
func program(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: program NAME CODE FILE")
	}
	dir := filepath.Join(ts.Getenv("M"), "run/wrappers/bin")
	ts.Check(os.MkdirAll(dir, 0o755))
	name, _, _ := strings.Cut(args[0], "_")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", filepath.Join(dir, name), "../gpu/proof/testdata/fake")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		ts.Fatalf("%v\n%s", err, out)
	}
	file := filepath.Join(dir, strings.ReplaceAll(args[0], "_", "-"))
	ts.Check(os.WriteFile(file+".out", []byte(ts.ReadFile(args[2])), 0o644))
	ts.Check(os.WriteFile(file+".code", []byte(args[1]), 0o644))
}
