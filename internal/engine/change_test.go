package engine

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// change is an action on real files, written as the contract of Action says: it may be cut off and called again.
type change struct {
	What string // put, link, hard, mkdir, remove; chmod, chown, xattr, touch; fail
	Root string // of the tree
	Path string // below Root
	// Keep is where what stood at Path waits; Had says that something did.
	Keep string
	Had  bool

	Text, Target   string
	Mode, OldMode  fs.FileMode
	Owner, OldUser int
	OldXattr       string
	Time, OldTime  time.Time
	// Folder is the time of the folder around Path before.
	Folder time.Time

	knife *knife
}

// knife ends a run at one of its points: before and after each record, and between the steps of each action.
type knife struct {
	left int // points to pass; 0 for ever
	cut  func()
}

func (k *knife) point() {
	if k == nil || k.left == 0 {
		return
	}
	if k.left--; k.left == 0 {
		k.cut()
	}
}

func (c *change) Kind() string {
	c.knife.point() // a record is about to be written
	return c.What
}

func (c *change) Describe() string { return c.What + " " + c.Path }

func (c *change) path() string { return filepath.Join(c.Root, c.Path) }

func (c *change) moves() bool {
	return slices.Contains([]string{"put", "link", "hard", "mkdir", "remove"}, c.What)
}

var errPlanned = errors.New("planned to fail")

func (c *change) Do(ctx context.Context) error {
	c.knife.point()
	if c.What == "fail" {
		return errPlanned
	}
	if holds, err := c.Holds(ctx); err != nil || holds {
		return err
	}
	if !c.moves() {
		err := c.mark(c.Mode, c.Owner, c.Text, c.Time)
		c.knife.point()
		return err
	}
	if c.Had && !there(c.Keep) {
		if err := os.Rename(c.path(), c.Keep); err != nil {
			return err
		}
	}
	c.knife.point()
	if c.What != "remove" {
		if err := c.fresh(); err != nil {
			return err
		}
		c.knife.point()
		if err := os.Rename(c.Keep+".new", c.path()); err != nil {
			return err
		}
	}
	c.knife.point()
	return nil
}

// fresh makes what is to stand at Path, next to Keep.
func (c *change) fresh() error {
	fresh := c.Keep + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	switch c.What {
	case "put":
		if err := errors.Join(os.WriteFile(fresh, []byte(c.Text), 0o600), os.Chmod(fresh, c.Mode)); err != nil {
			return err
		}
	case "link":
		if err := os.Symlink(c.Target, fresh); err != nil {
			return err
		}
	case "hard":
		return os.Link(filepath.Join(c.Root, c.Target), fresh)
	case "mkdir":
		return os.Mkdir(fresh, 0o755)
	}
	return lutimes(fresh, c.Time)
}

// mark changes what is said of a file.
func (c *change) mark(mode fs.FileMode, owner int, value string, at time.Time) error {
	switch c.What {
	case "chmod":
		return os.Chmod(c.path(), mode)
	case "chown":
		return os.Lchown(c.path(), owner, owner)
	case "xattr":
		if value == "" {
			if err := unix.Removexattr(c.path(), "user.nqd"); !errors.Is(err, unix.ENODATA) {
				return err
			}
			return nil
		}
		return unix.Setxattr(c.path(), "user.nqd", []byte(value), 0)
	}
	return lutimes(c.path(), at)
}

func (c *change) Undo(context.Context) error {
	c.knife.point()
	if c.What == "fail" {
		return nil
	}
	if !c.moves() {
		err := c.mark(c.OldMode, c.OldUser, c.OldXattr, c.OldTime)
		c.knife.point()
		return err
	}
	if err := os.RemoveAll(c.Keep + ".new"); err != nil {
		return err
	}
	switch {
	case !c.Had:
		if err := os.Remove(c.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	case there(c.Keep):
		// A folder cannot be renamed over, nor over a file.
		if err := os.RemoveAll(c.path()); err != nil {
			return err
		}
		c.knife.point()
		if err := os.Rename(c.Keep, c.path()); err != nil {
			return err
		}
	}
	c.knife.point()
	// The folder may be gone: an earlier change made it, and that is undone too.
	if err := lutimes(filepath.Dir(c.path()), c.Folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (c *change) Holds(context.Context) (bool, error) {
	info, err := os.Lstat(c.path())
	if errors.Is(err, fs.ErrNotExist) {
		return c.What == "remove", nil
	}
	if err != nil {
		return false, err
	}
	switch c.What {
	case "put":
		text, _ := os.ReadFile(c.path())
		return info.Mode() == c.Mode && string(text) == c.Text && info.ModTime().Equal(c.Time), nil
	case "link":
		target, _ := os.Readlink(c.path())
		return target == c.Target && info.ModTime().Equal(c.Time), nil
	case "hard":
		other, err := os.Lstat(filepath.Join(c.Root, c.Target))
		return err == nil && os.SameFile(info, other), err
	case "mkdir":
		return info.IsDir() && (!c.Had || there(c.Keep)), nil
	case "chmod":
		return info.Mode().Perm() == c.Mode, nil
	case "chown":
		return int(info.Sys().(*syscall.Stat_t).Uid) == c.Owner, nil
	case "xattr":
		return xattr(c.path()) == c.Text, nil
	case "touch":
		return info.ModTime().Equal(c.Time), nil
	}
	return false, nil
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func xattr(path string) string {
	value := make([]byte, 64)
	n, _ := unix.Getxattr(path, "user.nqd", value)
	return string(value[:max(n, 0)])
}

// open makes the actions of a recorded run out of its journal alone.
func open(k *knife) func(Deployment) ([]Action, error) {
	return func(d Deployment) (actions []Action, err error) {
		for _, planned := range d.Actions {
			c := &change{}
			if err := json.Unmarshal(planned.Data, c); err != nil {
				return nil, err
			}
			c.knife = k
			actions = append(actions, c)
		}
		return actions, nil
	}
}

// planner draws plans by trying each change on a copy of the tree.
type planner struct {
	copy    string
	entries []entry
	touched map[string]string // path: by which change
	plan    []*change
}

// drawPlan draws up to most changes that do not get into each other's way, and leaves copy as they make the tree.
func drawPlan(t *rapid.T, entries []entry, root, copy, keep string, most int) []*change {
	p := &planner{copy: copy, entries: entries, touched: map[string]string{}}
	build(t, copy, entries)
	kinds := []string{"put", "link", "hard", "mkdir", "remove", "chmod", "touch"}
	if userXattrs(copy) {
		kinds = append(kinds, "xattr")
	}
	if os.Getuid() == 0 {
		kinds = append(kinds, "chown")
	}
	paths := []string{"new", "a/new", "a/b/new", "new/1", "a/new/2"}
	for _, e := range entries {
		paths = append(paths, e.path)
	}
	for range rapid.IntRange(1, most).Draw(t, "changes") {
		c := &change{
			What: rapid.SampledFrom(kinds).Draw(t, "what"), Path: rapid.SampledFrom(paths).Draw(t, "path"), Root: copy,
			Mode: rapid.SampledFrom([]fs.FileMode{0o600, 0o644, 0o755}).Draw(t, "new mode"), Owner: 4321,
			Text: rapid.SampledFrom([]string{"new", "1"}).Draw(t, "new text"), Target: rapid.SampledFrom(paths).Draw(t, "new target"),
			Time: time.Unix(rapid.Int64Range(1, 2_000_000_000).Draw(t, "new time"), 5).UTC(),
			Keep: filepath.Join(keep, "copy", string(rune('a'+len(p.plan)))),
		}
		if !p.fits(c) {
			continue
		}
		p.read(c)
		if err := c.Do(context.Background()); err != nil {
			t.Fatalf("%s on the copy: %v", c.Describe(), err)
		}
		p.touch(c)
		p.plan = append(p.plan, c)
	}
	for _, c := range p.plan {
		c.Root, c.Keep = root, filepath.Join(keep, filepath.Base(c.Keep))
	}
	return p.plan
}

// fits reports whether a change can be made now, of something that no other change is about.
func (p *planner) fits(c *change) bool {
	info, err := os.Lstat(filepath.Join(p.copy, c.Path))
	if folder, err := os.Lstat(filepath.Dir(filepath.Join(p.copy, c.Path))); err != nil || !folder.IsDir() {
		return false
	}
	for path, what := range p.touched {
		above := strings.HasPrefix(c.Path, path+"/")
		if path == c.Path || strings.HasPrefix(path, c.Path+"/") || above && what != "mkdir" {
			return false
		}
		if c.What == "hard" && (path == c.Target || strings.HasPrefix(c.Target, path+"/")) {
			return false
		}
	}
	switch c.What {
	case "hard":
		other, err := os.Lstat(filepath.Join(p.copy, c.Target))
		return err == nil && other.Mode().IsRegular() && info == nil && c.Target != c.Path
	case "mkdir":
		return err != nil || !info.IsDir()
	case "remove":
		return err == nil
	case "put", "link":
		return true
	}
	if err != nil || info.Mode()&fs.ModeSymlink != 0 {
		return false
	}
	c.Mode |= map[bool]fs.FileMode{true: 0o700}[info.IsDir()]
	if c.What == "xattr" && info.Mode()&0o200 == 0 {
		return false // takes the permission to write
	}
	return c.What != "touch" || !info.IsDir()
}

// read notes how it is before the change.
func (p *planner) read(c *change) {
	if folder, err := os.Lstat(filepath.Dir(c.path())); err == nil {
		c.Folder = folder.ModTime().UTC()
	}
	info, err := os.Lstat(c.path())
	if err != nil {
		return
	}
	c.Had = true
	c.OldMode, c.OldTime = info.Mode().Perm(), info.ModTime().UTC()
	c.OldUser, c.OldXattr = int(info.Sys().(*syscall.Stat_t).Uid), xattr(c.path())
}

// touch notes what a change is about: the path, and each name of the same file.
func (p *planner) touch(c *change) {
	p.touched[c.Path] = c.What
	file := c.Path
	if c.What == "hard" {
		file = c.Target
	}
	for _, e := range p.entries {
		if e.path == file && e.kind == "hard" {
			file = e.target
		}
	}
	for _, e := range p.entries {
		if e.path == file || e.kind == "hard" && e.target == file {
			if _, known := p.touched[e.path]; !known {
				p.touched[e.path] = c.What
			}
		}
	}
}
