package binarycache

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// nix is the nix of one directory with a home and a store of its own.
type nix struct {
	t         *testing.T
	bin, root string
}

func (n nix) run(args ...string) string {
	n.t.Helper()
	cmd := exec.Command(filepath.Join(n.bin, "nix"), append([]string{"--extra-experimental-features", "nix-command"}, args...)...)
	cmd.Env = []string{"HOME=" + n.root, "LC_ALL=C.UTF-8"}
	out, err := cmd.Output()
	if err != nil {
		stderr := ""
		if exit, is := err.(*exec.ExitError); is {
			stderr = string(exit.Stderr)
		}
		n.t.Fatalf("nix %q: %v\n%s", args, err, stderr)
	}
	return string(out)
}

// known is what `nix path-info` says of a path in a cache.
type known struct {
	DownloadSize int64    `json:"downloadSize"`
	NarSize      int64    `json:"narSize"`
	References   []string `json:"references"`
}

// A cache that nix wrote is read as nix reads it, from its directory and over HTTP.
func TestCacheOfNix(t *testing.T) {
	t.Parallel()
	nixes.Each(t, func(t *testing.T, bin string) {
		for name, settings := range map[string]string{"compressed": "", "plain": "?compression=none"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				compareWithNix(t, nix{t, bin, t.TempDir()}, settings)
			})
		}
	})
}

func compareWithNix(t *testing.T, n nix, settings string) {
	store, dir := "local?root="+n.root, filepath.Join(n.root, "a cache")
	const expression = `let a = builtins.toFile "a" (builtins.concatStringsSep "\n" (builtins.genList toString 2000));
		b = builtins.toFile "b" "see ${a}"; in builtins.toFile "c" "see ${a} and ${b}"`
	top := n.run("eval", "--store", store, "--raw", "--expr", expression)
	cache := "file://" + strings.ReplaceAll(dir, " ", "%20")
	n.run("copy", "--store", store, "--to", cache+settings, top)

	paths := map[machine.StorePath]known{}
	if err := json.Unmarshal([]byte(n.run("path-info", "--store", cache, "--recursive", "--json", top)), &paths); err != nil {
		t.Fatal(err)
	}
	if len(paths) != 3 {
		t.Fatalf("nix knows %v", paths)
	}
	asked := []machine.StorePath{path(0)}
	for p := range paths {
		asked = append(asked, p)
	}
	server := httptest.NewServer(http.FileServerFS(os.DirFS(dir)))
	defer server.Close()
	for _, address := range []string{cache + settings, server.URL} {
		answer, _ := asking(t, []string{address}, asked)
		answer.problem(t, 0, "")
		if !slices.Equal(answer.Missing, []machine.StorePath{path(0)}) || answer.Caches[0].Found != 3 {
			t.Errorf("%s: missing %v, %+v", address, answer.Missing, answer.Caches)
		}
		for p, want := range paths {
			got := answer.Found[p]
			if want.DownloadSize == 0 || got.FileSize != want.DownloadSize || got.NarSize != want.NarSize ||
				fmt.Sprint(sorted(got.References)) != fmt.Sprint(sorted(want.References)) {
				t.Errorf("%s: got %+v, nix says %+v", address, got, want)
			}
		}
	}
	damageNarinfo(t, dir, top)
	answer, clock := asking(t, []string{cache}, asked)
	if len(answer.Found) != 2 || !slices.Equal(answer.Unknown, []machine.StorePath{machine.StorePath(top)}) || len(clock.rests) != 0 {
		t.Errorf("found %v, unknown %v, rested %v", answer.Found, answer.Unknown, clock.rests)
	}
	answer.problem(t, 0, "1 of 4 paths: damaged answer for "+filepath.Base(top)+": NarSize is missing")
	if err := os.Remove(filepath.Join(dir, infoFile)); err != nil {
		t.Fatal(err)
	}
	if answer, _ = asking(t, []string{cache}, asked); len(answer.Found) != 2 {
		t.Errorf("without %s: %+v", infoFile, answer)
	}
}

func damageNarinfo(t *testing.T, dir, p string) {
	t.Helper()
	name := filepath.Join(dir, file(machine.StorePath(p)))
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), "NarSize", "Narsize", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func sorted[T ~string](paths []T) (texts []string) {
	for _, p := range paths {
		texts = append(texts, string(p))
	}
	slices.Sort(texts)
	return texts
}
