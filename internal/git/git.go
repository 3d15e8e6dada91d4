// Package git commits the files that nqd writes, beside whatever the user does in the same
// repository: through an index of its own, without hooks and signing, and with an identity
// of its own where the user has none. It never resets, rebases or pushes.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Repository is a git work tree.
type Repository struct {
	Machine *machine.Machine
	Dir     string
	Sink    event.Sink
}

// Commit names a commit and the tree it holds.
type Commit struct {
	ID   string
	Tree string
}

// ErrNoCommit is the answer of Head where nothing was committed yet.
var ErrNoCommit = errors.New("nothing is committed yet")

// Ensure makes the directory a repository of its own unless it is one.
func (r *Repository) Ensure(ctx context.Context) error {
	if r.exists() {
		return nil
	}
	_, err := r.run(ctx, "making a git repository", nil, "init", "--quiet", "--initial-branch=main")
	return err
}

// exists reports whether the directory is a repository.
func (r *Repository) exists() bool {
	_, err := os.Stat(filepath.Join(r.Dir, ".git"))
	return err == nil
}

// Head returns the commit that is checked out, or ErrNoCommit.
func (r *Repository) Head(ctx context.Context) (Commit, error) {
	if _, err := os.Stat(filepath.Join(r.Dir, ".git")); errors.Is(err, fs.ErrNotExist) {
		return Commit{}, ErrNoCommit
	}
	out, err := r.run(ctx, "reading the last commit", nil, "rev-parse", "HEAD^{commit}", "HEAD^{tree}")
	if machine.ExitCode(err) == 128 {
		// 128 is any trouble; --verify, which takes one name, tells an empty branch by 1.
		_, empty := r.run(ctx, "reading the last commit", nil, "rev-parse", "--quiet", "--verify", "HEAD")
		if machine.ExitCode(empty) == 1 {
			return Commit{}, ErrNoCommit
		}
	}
	if err != nil {
		return Commit{}, err
	}
	id, tree, _ := strings.Cut(out, "\n")
	return Commit{ID: id, Tree: tree}, nil
}

// Changed lists the files below paths, and of the whole tree where paths is empty, that
// differ from the last commit or are not in it.
func (r *Repository) Changed(ctx context.Context, paths ...string) ([]string, error) {
	entries, err := r.status(ctx, paths)
	var files []string
	for _, e := range entries {
		files = append(files, e.path)
	}
	return files, err
}

// Commit records the state of paths (files and directories, relative to the repository) in
// a commit on top of the one checked out, and returns it. What else the user changed stays
// as it is, staged or not. Where nothing differs it returns the commit that is there.
func (r *Repository) Commit(ctx context.Context, message string, paths ...string) (Commit, error) {
	head, err := r.Head(ctx)
	if err != nil && !errors.Is(err, ErrNoCommit) {
		return Commit{}, err
	}
	index, err := r.privateIndex()
	if err != nil {
		return Commit{}, err
	}
	defer os.RemoveAll(filepath.Dir(index))
	private := []string{"GIT_INDEX_FILE=" + index}

	if head.ID != "" {
		if _, err := r.run(ctx, "reading the last commit", private, "read-tree", head.ID); err != nil {
			return Commit{}, err
		}
	}
	if err := r.add(ctx, private, paths); err != nil {
		return Commit{}, err
	}
	tree, err := r.run(ctx, "writing the tree", private, "write-tree")
	if err != nil {
		return Commit{}, err
	}
	if tree == head.Tree {
		return head, nil
	}
	staged, err := r.staged(ctx, head)
	if err != nil {
		return Commit{}, err
	}
	made, err := r.commitTree(ctx, tree, head, message)
	if err != nil {
		return Commit{}, err
	}
	if err := r.follow(ctx, head, made, staged); err != nil {
		// The commit is made; the index is the user's convenience.
		r.Sink(event.Note{Warning: true, Text: err.Error(), Hint: "git shows reversals of nqd's commit as staged: git reset takes them out"})
	}
	return made, nil
}

// Ref makes the reference name point at the commit.
func (r *Repository) Ref(ctx context.Context, name string, c Commit) error {
	_, err := r.run(ctx, "writing "+name, nil, "update-ref", name, c.ID)
	return err
}

// privateIndex returns the path of an index file that does not exist yet, in a directory of
// its own, as git makes a lock file beside it.
func (r *Repository) privateIndex() (string, error) {
	dir, err := os.MkdirTemp("", "nqd-index-")
	return filepath.Join(dir, "index"), err
}

// add brings the index to the state of paths on the disk. A file that is named is added even
// where the user's ignore rules hide it, as the evaluation needs it; below a directory they
// count. A path that is gone is taken out of the index.
func (r *Repository) add(ctx context.Context, private, paths []string) error {
	var files, directories, removed []string
	for _, path := range paths {
		info, err := os.Lstat(filepath.Join(r.Dir, path))
		switch {
		case gone(err):
			removed = append(removed, path)
		case err != nil:
			return err
		case info.IsDir():
			directories = append(directories, path)
		default:
			files = append(files, path)
		}
	}
	steps := []struct {
		doing string
		args  []string
		paths []string
	}{
		{"taking out removed files", []string{"rm", "-r", "--cached", "--quiet", "--ignore-unmatch", "--"}, removed},
		{"adding directories", []string{"add", "--all", "--"}, directories},
		{"adding files", []string{"add", "--force", "--"}, files},
	}
	for _, step := range steps {
		if len(step.paths) == 0 {
			continue
		}
		if _, err := r.run(ctx, step.doing, private, append(step.args, step.paths...)...); err != nil {
			return err
		}
	}
	return nil
}

// gone reports whether err is that of a file that is not there.
func gone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) }

// staged lists what the user has staged against head and not committed.
func (r *Repository) staged(ctx context.Context, head Commit) (map[string]bool, error) {
	staged := make(map[string]bool)
	if head.ID == "" {
		out, err := r.run(ctx, "looking for staged files", nil, "ls-files", "-z", "--cached")
		return mark(staged, out), err
	}
	out, err := r.run(ctx, "looking for staged files", nil, "diff-index", "--cached", "--name-only", "-z", head.ID)
	return mark(staged, out), err
}

func mark(set map[string]bool, out string) map[string]bool {
	for _, name := range strings.Split(out, "\x00") {
		if name != "" {
			set[name] = true
		}
	}
	return set
}

// commitTree makes the commit and moves the branch, unless it moved meanwhile. commit-tree
// neither runs hooks nor signs.
func (r *Repository) commitTree(ctx context.Context, tree string, head Commit, message string) (Commit, error) {
	args := []string{"commit-tree", tree, "-m", message}
	if head.ID != "" {
		args = append(args, "-p", head.ID)
	}
	identity, err := r.identity(ctx)
	if err != nil {
		return Commit{}, err
	}
	id, err := r.run(ctx, "committing", identity, args...)
	if err != nil {
		return Commit{}, err
	}
	expected := head.ID
	if expected == "" {
		expected = strings.Repeat("0", len(id))
	}
	_, err = r.run(ctx, "moving the branch", identity, "update-ref", "-m", "nqd: "+message, "HEAD", id, expected)
	return Commit{ID: id, Tree: tree}, err
}

// identity is nqd's own name and address for the commit, where the user has none (a fresh
// machine).
func (r *Repository) identity(ctx context.Context) ([]string, error) {
	var env []string
	for _, part := range []struct{ key, variable, ours string }{
		{"user.name", "NAME", "nqd"},
		{"user.email", "EMAIL", "nqd@localhost"},
	} {
		value, err := r.run(ctx, "asking git who commits", nil, "config", "--get", part.key)
		if err != nil && machine.ExitCode(err) != 1 {
			return nil, err
		}
		if value == "" {
			env = append(env, "GIT_AUTHOR_"+part.variable+"="+part.ours, "GIT_COMMITTER_"+part.variable+"="+part.ours)
		}
	}
	return env, nil
}

// follow brings the user's index along for the files that the new commit changed, so that
// they do not look like staged reversals; what the user staged stays staged.
func (r *Repository) follow(ctx context.Context, head, made Commit, staged map[string]bool) error {
	before := head.Tree
	if head.ID == "" {
		empty, err := r.run(ctx, "naming the empty tree", nil, "hash-object", "-t", "tree", "/dev/null")
		if err != nil {
			return err
		}
		before = empty
	}
	out, err := r.run(ctx, "reading what was committed", nil, "diff-tree", "-r", "-z", "--no-renames", before, made.Tree)
	if err != nil {
		return err
	}
	// Entries are ":oldmode newmode oldid newid status NUL path NUL".
	fields := strings.Split(out, "\x00")
	var updates bytes.Buffer
	for i := 0; i+1 < len(fields); i += 2 {
		entry, path := strings.Fields(strings.TrimPrefix(fields[i], ":")), fields[i+1]
		if len(entry) == 5 && !staged[path] {
			fmt.Fprintf(&updates, "%s %s\t%s\x00", entry[1], entry[3], path)
		}
	}
	c := r.command("updating the index", nil, "update-index", "-z", "--index-info")
	c.Stdin = &updates
	_, err = r.output(ctx, c)
	return err
}

// command builds a call of git. core.hooksPath keeps the user's hooks out; LC_ALL makes
// messages readable for us; paths are names and no patterns.
func (r *Repository) command(doing string, extra []string, args ...string) machine.Cmd {
	env := []string{"LC_ALL=C.UTF-8", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=1"}
	for _, name := range []string{"HOME", "PATH", "XDG_CONFIG_HOME", "TMPDIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	all := append([]string{"-C", r.Dir, "-c", "core.hooksPath=/dev/null", "-c", "core.fsync=all"}, args...)
	return machine.Cmd{Doing: doing, Path: "git", Args: all, Env: append(env, extra...)}
}

func (r *Repository) run(ctx context.Context, doing string, extra []string, args ...string) (string, error) {
	return r.output(ctx, r.command(doing, extra, args...))
}

func (r *Repository) output(ctx context.Context, c machine.Cmd) (string, error) {
	start := time.Now()
	out, err := r.Machine.Output(ctx, c)
	r.Sink(event.Program{Name: "git", Seconds: time.Since(start).Seconds()})
	return strings.TrimRight(string(out), "\n"), err
}
