package oracle

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/sandbox"
)

// State is all that is compared of a machine.
type State struct {
	Tree Tree
	// Running, Profile and Boots are the systems that run, that the profile has and that is booted next.
	Running, Profile, Boots string
	// Roots are what the roots of the garbage collector lead to, without those of nqd's records.
	Roots []string
	// Workspace is what git says of the workspace.
	Workspace []string
	// Kept are the trees of the workspace that references of deployments keep; nil where nobody asks.
	Kept []string
}

// Look reads the state of the machine ROOT.
func Look(root string) (State, error) {
	all, content := matchers(All), matchers(Content)
	tree, err := Walk(root, func(name string) bool { return matches(all, name) }, func(name string, text []byte) []byte {
		if matches(content, name) {
			return rewrite(text)
		}
		return text
	})
	if err != nil {
		return State{}, err
	}
	itself := matchers(Itself)
	maps.DeleteFunc(tree, func(name string, _ Entry) bool { return matches(itself, name) })
	s := State{Tree: tree}
	var problems []error
	for _, answer := range []struct {
		to   *string
		read func(string) (string, error)
	}{{&s.Running, sandbox.CurrentSystem}, {&s.Profile, sandbox.ProfileTarget}, {&s.Boots, sandbox.BootDefault}} {
		var err error
		*answer.to, err = answer.read(root)
		problems = append(problems, err)
	}
	s.Roots, err = roots(root)
	problems = append(problems, err)
	return s, errors.Join(append(problems, err, s.git(root))...)
}

// settleUnit is what a deployment puts into a home for the time that it is under way, so that a login after a reboot
// puts the home back.
const settleUnit = "home/ada/.config/systemd"

// aside matches what nqd renames a file to before it removes it: one that was cut off there is the user's, and stays.
var aside = regexp.MustCompile(`/\.nqd-(aside|spent|fresh)-[0-9a-f]+(/|$)`)

// Forgotten is the state of a machine on which a record was lost: its number goes to another deployment, with the
// commits that it keeps, and nobody knows that what it had put for its own time is to go. That finds nothing to do.
func (s State) Forgotten() State {
	rest := s
	rest.Tree, rest.Kept = Tree{}, nil
	for name, e := range s.Tree {
		if !aside.MatchString(name) && name != "run/nqd/trying" && name != settleUnit && !strings.HasPrefix(name, settleUnit+"/") {
			rest.Tree[name] = e
		}
	}
	return rest
}

// Without is the state without the names below a folder, and without what git says.
func (s State) Without(folder string) State {
	rest := s
	rest.Tree, rest.Kept, rest.Workspace = Tree{}, nil, nil
	for name, e := range s.Tree {
		if name != folder && !strings.HasPrefix(name, folder+"/") {
			rest.Tree[name] = e
		}
	}
	return rest
}

// git asks git about the workspace: the tree of its newest commit, what is staged and what differs from that, and the
// trees that deployments keep. It is an error where something that is referred to is missing.
func (s *State) git(root string) error {
	dir := filepath.Join(root, "home/ada/.config/nixos")
	ask := func(args ...string) ([]string, error) {
		cmd := exec.Command("git", append([]string{"-C", dir, "--no-optional-locks", "-c", "safe.directory=*"}, args...)...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null"}
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("git %s: %w", args[0], err)
		}
		return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
	}
	for _, args := range [][]string{
		{"rev-parse", "HEAD^{tree}"}, {"status", "--porcelain"}, {"fsck", "--no-dangling", "--no-progress", "--connectivity-only"},
	} {
		lines, err := ask(args...)
		if err != nil {
			return err
		}
		s.Workspace = append(s.Workspace, args[0]+" "+strings.Join(lines, " "))
	}
	trees, err := ask("for-each-ref", "--format=%(tree)", "refs/nqd/deployments")
	slices.Sort(trees)
	s.Kept = slices.Compact(trees)
	return err
}

// roots reads nix/var/nix/gcroots/auto. A root whose link is gone keeps nothing.
func roots(root string) ([]string, error) {
	auto := filepath.Join(root, "nix/var/nix/gcroots/auto")
	entries, err := os.ReadDir(auto)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		link, err := os.Readlink(filepath.Join(auto, entry.Name()))
		if err != nil {
			return nil, err
		}
		name, inside := strings.CutPrefix(link, root+"/")
		if !inside {
			name, link = strings.TrimPrefix(link, "/"), filepath.Join(root, link)
		}
		target, err := os.Readlink(link)
		if err != nil || matches(matchers(All), strings.SplitAfter(name, "/state/nqd")[0]) {
			continue
		}
		found = append(found, name+" → "+strings.ReplaceAll(target, root, "ROOT"))
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// Compare tells what of GOT is not as in WANT. Before is what ran before a deployment ended in WANT:
// files that the deployment itself wrote may have any time. It is nil where nothing was to be written.
func Compare(want, got State, before *State) []string {
	lines := Difference(want.Tree, got.Tree, func(name string, e Entry) bool {
		written := before != nil && before.Tree[name].Time != e.Time
		return written || timeless(name, e)
	})
	if want.Kept == nil {
		got.Kept = nil
	}
	if want.Workspace == nil {
		got.Workspace = nil
	}
	for _, part := range []struct{ name, want, got string }{
		{"the running system", want.Running, got.Running},
		{"the system profile", want.Profile, got.Profile},
		{"the boot default", want.Boots, got.Boots},
		{"the workspace", strings.Join(want.Workspace, ", "), strings.Join(got.Workspace, ", ")},
		{"the trees that deployments keep", strings.Join(want.Kept, ", "), strings.Join(got.Kept, ", ")},
		{"the roots", strings.Join(want.Roots, ", "), strings.Join(got.Roots, ", ")},
	} {
		if part.want != part.got {
			lines = append(lines, fmt.Sprintf("%s: is %s, was %s", part.name, part.got, part.want))
		}
	}
	return lines
}

// VerifyStore asks Nix whether the store of the machine is whole, and whether everything that the
// machine uses or records is valid in it. NixBin is the folder of the nix programs.
func VerifyStore(root, nixBin string, paths ...string) error {
	store := []string{"--store", "local?root=" + root}
	for _, args := range [][]string{{"--verify"}, append([]string{"--check-validity"}, paths...)} {
		cmd := exec.Command(filepath.Join(nixBin, "nix-store"), append(args, store...)...)
		cmd.Env = []string{"HOME=" + filepath.Join(root, "root"), "PATH=/usr/bin:/bin"}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("nix-store %s: %w\n%s", args[0], err, out)
		}
	}
	return nil
}
