package content

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
)

// Batch is contents that come together: whole on the disk before the first of them is in its place.
type Batch struct {
	Contents Contents
	known    map[string]map[string]bool // what there is or is going to be, by the first two digits
	staged   []string
}

// Has says whether the content is stored or going to be.
func (b *Batch) Has(hash string) bool { return b.folder(hash)[hash] }

// folder are the contents with the same first two digits. Reading them all at once is faster than asking for each.
func (b *Batch) folder(hash string) map[string]bool {
	names, read := b.known[hash[:2]]
	if read {
		return names
	}
	names = map[string]bool{}
	// What cannot be listed is stored again.
	list, _ := os.ReadDir(filepath.Dir(b.Contents.File(hash)))
	for _, file := range list {
		names[file.Name()] = true
	}
	if b.known == nil {
		b.known = map[string]map[string]bool{}
	}
	b.known[hash[:2]] = names
	return names
}

// Stage takes up the content that should have that hash, and says whether it has.
func (b *Batch) Stage(ctx context.Context, from io.Reader, hash string) (whole bool, err error) {
	if len(b.staged) == 0 {
		if err := b.Contents.Begin(); err != nil {
			return false, err
		}
	}
	path := filepath.Join(b.Contents.Unfinished(), hash)
	if err := b.Contents.At("stage", path); err != nil {
		return false, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false, err
	}
	got, err := Copy(ctx, f, from)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil || got != hash {
		return false, errors.Join(err, os.Remove(path))
	}
	b.staged = append(b.staged, hash)
	b.folder(hash)[hash] = true
	return true, nil
}

// few is up to how many files are brought to the disk one by one. More are brought there with all else of the file
// system: that takes longer than one file and less than a thousand.
const few = 64

// Keep brings what was staged to the disk, and only then to its place. Somebody has to End the batch.
func (b *Batch) Keep() error {
	if err := b.sync(); err != nil {
		return err
	}
	folders := map[string]bool{}
	for _, hash := range b.staged {
		path := b.Contents.File(hash)
		if err := b.Contents.At("object", path); err != nil {
			return err
		}
		dir := filepath.Dir(path)
		if !folders[dir] {
			if err := atomicfile.MkdirAll(dir, 0o700); err != nil {
				return err
			}
		}
		folders[dir] = true
		if err := os.Rename(filepath.Join(b.Contents.Unfinished(), hash), path); err != nil {
			return err
		}
	}
	for dir := range folders {
		if err := atomicfile.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func (b *Batch) sync() error {
	if len(b.staged) > few {
		dir, err := os.Open(b.Contents.Unfinished())
		if err != nil {
			return err
		}
		defer dir.Close()
		return unix.Syncfs(int(dir.Fd()))
	}
	for _, hash := range b.staged {
		f, err := os.Open(filepath.Join(b.Contents.Unfinished(), hash))
		if err != nil {
			return err
		}
		err = f.Sync()
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}
