// Package mistake tells errors of an evaluation as those of the workspace that was evaluated.
package mistake

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/nixcli"
)

// mistake is an error of an evaluation that the workspace is the reason of, in words that its
// owner knows.
type mistake struct {
	cause         error
	message, hint string
}

func (m *mistake) Error() string { return m.message }
func (m *mistake) Unwrap() error { return m.cause }
func (m *mistake) Hint() string  { return m.hint }

// copied is a file of a flake as Nix names it: in the copy in the store, which every flake by path
// or git has under the name "source" (src/libfetchers of Nix), below the root of a sandbox or not;
// or, where it did not copy, behind the flake's reference in «».
var copied = regexp.MustCompile(`(?:[^\s'"(` + "`" + `‘’]*/nix/store/[0-9a-df-np-sv-z]{32}-source|«[^»]*»)/([^\s'"` + "`" + `‘’:,]+)`)

// unfree is what nixpkgs says of a package that nobody allowed, with ways that are not those of
// host.toml, and the name to allow it by (pkgs/stdenv/generic/check-meta.nix).
var unfree = regexp.MustCompile(`(?s)^(.*has an unfree license[^\n]*?), refusing to evaluate\..*lib\.getName pkg\) \[\s*"([^"]+)".*$`)

// Explain tells an error of Nix as one of the workspace in dir. Nix read a copy of that, and names
// files by their places in the store, which the user never sees.
func Explain(err error, dir string) error {
	var failed *nixcli.Error
	if !errors.As(err, &failed) {
		return err
	}
	if found := unfree.FindStringSubmatch(err.Error()); found != nil {
		return &mistake{
			cause: err, message: found[1],
			hint: fmt.Sprintf("to have it, add %q to allow_unfree below [packages] in host.toml; nothing was changed", found[2]),
		}
	}
	first := ""
	message := copied.ReplaceAllStringFunc(err.Error(), func(path string) string {
		name, rest := nameIn(copied.FindStringSubmatch(path)[1], dir)
		if name == "" {
			return path // of another flake
		}
		if first == "" && !strings.HasPrefix(name, "nixlib/") {
			first = name
		}
		return name + rest
	})
	switch {
	case first != "":
		return &mistake{cause: err, message: message, hint: "correct " + first + "; nothing was changed"}
	case message != err.Error():
		return &mistake{cause: err, message: message, hint: "nixlib/ comes with nqd: this is a bug of nqd; nothing was changed"}
	}
	return err
}

// nameIn is the file of the workspace in dir that a path means, or "", and what does not belong to
// its name: the text around it may end with a bracket or a full stop.
func nameIn(path, dir string) (name, rest string) {
	if _, err := os.Lstat(filepath.Join(dir, path)); err == nil {
		return path, ""
	}
	name = strings.TrimRight(path, ").;")
	if _, err := os.Lstat(filepath.Join(dir, name)); err == nil || isMissing(name) {
		return name, path[len(name):]
	}
	return "", ""
}

// isMissing reports whether a name can only be that of a file which somebody forgot to write:
// nixpkgs and Home Manager have neither folder.
func isMissing(name string) bool {
	return strings.HasPrefix(name, "hosts/") || strings.HasPrefix(name, "features/")
}
