// Package content keeps the contents of files, each once, by their SHA-256: objects/<first two digits>/<SHA-256>. What
// stands there is whole on the disk. What is not yet stands in the folder unfinished: where that is found, somebody was
// killed, and there may be contents that nobody needs.
package content

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
)

// Contents are those below a folder.
type Contents struct {
	Dir string
	Hook
}

// Hook lets tests do something before a change, or instead of it. None lets all happen.
type Hook func(point, path string) error

// At says which change comes next, and to what.
func (h Hook) At(point, path string) error {
	if h == nil {
		return nil
	}
	return h(point, path)
}

// Folder is where the contents are.
func (c Contents) Folder() string { return filepath.Join(c.Dir, "objects") }

// Unfinished is the folder of what is not whole on the disk yet.
func (c Contents) Unfinished() string { return filepath.Join(c.Dir, "unfinished") }

// File is the content of that hash.
func (c Contents) File(hash string) string { return filepath.Join(c.Folder(), hash[:2], hash) }

// Problem is a content that is missing or is not what it was.
type Problem string

func (p Problem) Error() string { return string(p) }

// What can be wrong with a content.
const (
	Missing Problem = "its content is missing"
	Damaged Problem = "its content is damaged"
)

// Copy writes the content of that hash. A damaged one is a Problem, though it may be written by then.
func (c Contents) Copy(ctx context.Context, to io.Writer, hash string) error {
	f, err := os.Open(c.File(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return Missing
	}
	if err != nil {
		return err
	}
	defer f.Close()
	got, err := Copy(ctx, to, f)
	if err == nil && got != hash {
		return Damaged
	}
	return err
}

// Copy copies until the end of from, and says the SHA-256 of it in hexadecimal.
func Copy(ctx context.Context, to io.Writer, from io.Reader) (string, error) {
	sum := sha256.New()
	_, err := io.Copy(io.MultiWriter(to, sum), reader{ctx, from})
	return hex.EncodeToString(sum.Sum(nil)), err
}

// reader ends when the context does: a file may be larger than anybody's patience.
type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// Begin marks that something is being changed, until End or Sweep.
func (c Contents) Begin() error { return atomicfile.MkdirAll(c.Unfinished(), 0o700) }

// End takes the mark away.
func (c Contents) End() error {
	if err := c.At("end", c.Unfinished()); err != nil {
		return err
	}
	return os.RemoveAll(c.Unfinished())
}

// Begun says whether the mark is there.
func (c Contents) Begun() bool {
	_, err := os.Lstat(c.Unfinished())
	return !errors.Is(err, fs.ErrNotExist)
}

// Unneeded are the files of contents that are not needed, and their sizes in bytes.
func (c Contents) Unneeded(needed func(hash string) bool) (map[string]int64, error) {
	found := map[string]int64{}
	err := filepath.WalkDir(c.Folder(), func(path string, file fs.DirEntry, err error) error {
		if err != nil || file.IsDir() || needed(file.Name()) {
			return err
		}
		info, err := file.Info()
		if err == nil {
			found[path] = info.Size()
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return found, err
}

// Sweep removes what is not needed, and then the mark of what was unfinished.
func (c Contents) Sweep(needed func(hash string) bool) error {
	unneeded, err := c.Unneeded(needed)
	if err != nil {
		return err
	}
	for path := range unneeded {
		if err := c.At("sweep", path); err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return c.End()
}
