package lib

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// A copy of the stand-in plays the release that its file says.
func TestRelease(t *testing.T) {
	source := filepath.Join(root, "testing/nixpkgs")
	reads(t, source)
	for release, codeName := range map[string]string{"26.05": "Yarara", "26.11": "Zokor"} {
		t.Run(release, func(t *testing.T) {
			flake := t.TempDir()
			if err := os.CopyFS(flake, os.DirFS(source)); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(flake, "release"), release+"\n")
			nixes.Each(t, func(t *testing.T, bin string) {
				out, err := eval(bin, `{ lib }: let l = import (/. + lib); in [ l.release l.version l.trivial.codeName ]`,
					"--argstr", "lib", filepath.Join(flake, "lib"))
				if err != nil {
					t.Fatal(err)
				}
				var got [3]string
				if err := json.Unmarshal(out, &got); err != nil {
					t.Fatal(err)
				}
				if want := [3]string{release, release + ".standin", codeName}; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		})
	}
}
