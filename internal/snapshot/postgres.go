package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/masterofnull/nixos-quick-deploy/internal/postgresql"
)

// dumpName is the name of the dump in the folder of its snapshot.
const dumpName = "dump.sql"

// DownError is a server that does not run, so that it cannot be asked for its data.
type DownError struct{ Data Data }

func (e *DownError) Error() string {
	return fmt.Sprintf("a dump of %s: no server runs", e.Data)
}

// Hint says what to do.
func (e *DownError) Hint() string {
	return "systemctl start postgresql.service, or go on without a dump: --accept-risk=state"
}

// dump has the running server write all that it has. A newer PostgreSQL does not touch the folder of an older one: the
// dump is what the newer one is filled from, and what is left should the folder be lost.
func (s *Snapshot) dump(ctx context.Context) error {
	server, err := postgresql.Find(ctx, s.Machine, s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return &DownError{Data: s.Data}
	}
	if err != nil {
		return fmt.Errorf("a dump of %s: %w", s.Data, err)
	}
	_, size, err := members(ctx, s.Machine, postgres, server.Data)
	if err != nil {
		return err
	}
	if size > room(s.Machine) {
		return &RoomError{Data: s.Data, Size: size, Free: room(s.Machine)}
	}
	file := path.Join(s.Dir, dumpName)
	if err := s.Machine.SavePrivate(ctx, postgresql.Dump(s.Machine, server.Port), file); err != nil {
		return err
	}
	tree, err := s.Machine.Tree(ctx, file)
	if err != nil {
		return err
	}
	if tree[0].Size == 0 {
		return fmt.Errorf("a dump of %s: nothing came", s.Data)
	}
	taken := s.begun(server.Data)
	taken.Members, taken.Size = []string{dumpName}, tree[0].Size
	return writeRecord(ctx, s.Machine, path.Join(s.Dir, takenFile), taken)
}
