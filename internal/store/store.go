// Package store reads a machine's Nix store by its database, without nix and without writing: closures, sizes and what
// refers to what.
//
// # How the database is read
//
// Found with Nix 2.26.3 and 2.34.8 on 2026-11-23. Nix keeps the database in SQLite's write-ahead mode (bytes 18 and 19
// of its header are 2), and leaves db.sqlite-wal and db.sqlite-shm beside it when it ends, the log empty. All three are
// 0644, their directory is 0755 and belongs to root: a user may read them and make nothing there.
//
// SQLite opened with mode=ro alone writes: it opens -shm for writing, and as root makes -wal and -shm where they are
// missing. With readonly_shm=1 besides, it opens -shm for reading; where no writer holds that index it makes one of its
// own in memory, and holds off checkpoints with a read lock while it reads (sqlite, src/wal.c, walBeginShmUnreliable).
// So root and anybody else read alike, also while nix writes; one statement sees one state; and no byte changes. What a
// nix wrote that ends in that moment stays in the log until the next one ends. immutable=1 is not used: it takes no
// locks, so a checkpoint in the middle of a read would give half of each state.
//
// The lock is one of POSIX: a process loses it when it closes the file by any other descriptor. So nothing else in nqd
// opens db.sqlite, not even to look at its header; that was seen to end in reads of a log that nix was emptying.
//
// Everything else is an error, and nix is asked (Read): no database, one of another schema, a damaged one, and one
// without a write-ahead log (use-sqlite-wal = false in nix.conf), of which SQLite would make an empty one as root.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Info is what the database knows of one store path.
type Info struct {
	Size int64 // of its NAR, in bytes
	// References are the store paths that it names, itself too where it does, sorted.
	References []machine.StorePath
}

// Closure is a store path with everything that it refers to, itself included.
type Closure map[machine.StorePath]Info

// ErrAbsent is a path that is not in the store: files without an entry in the database are not.
var ErrAbsent = errors.New("not in the store")

// DB is a store's database, opened for reading. It may be used by several goroutines at once.
type DB struct{ sql *sql.DB }

const (
	dir      = "/nix/var/nix/db"
	database = dir + "/db.sqlite"
	// schema is that of the tables ValidPaths and Refs as they are read here, since Nix 2.0 (nix,
	// src/libstore/include/nix/store/local-store.hh, nixSchemaVersion).
	schema = "10"
	// patience is how long SQLite waits for a lock, in milliseconds: nix writes for a moment only.
	patience = "1000"
)

// Open opens the database of the machine's store.
func Open(m *machine.Machine) (*DB, error) {
	version, err := os.ReadFile(m.Path(dir + "/schema"))
	if err != nil {
		return nil, err
	}
	if found := strings.TrimSpace(string(version)); found != schema {
		return nil, fmt.Errorf("%s: schema %q, and nqd knows %s", dir, found, schema)
	}
	file := m.Path(database)
	// Of a log that is missing SQLite would make an empty one, where it may.
	for _, part := range []string{file, file + "-wal"} {
		if _, err := os.Stat(part); err != nil {
			return nil, err
		}
	}
	name := url.URL{Scheme: "file", Path: file, RawQuery: "mode=ro&readonly_shm=1&_pragma=busy_timeout(" + patience + ")"}
	opened, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, err
	}
	// Nothing was opened so far: the driver does when it is first asked.
	if err := opened.Ping(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", file, err), opened.Close())
	}
	return &DB{opened}, nil
}

// Close gives the database up.
func (d *DB) Close() error { return d.sql.Close() }

// Asker is who knows closures without the database: nix.
type Asker interface {
	Closure(ctx context.Context, path machine.StorePath) (Closure, error)
}

// Read is the closure of a path: out of the machine's database, or as nix says where that gives no answer.
func Read(ctx context.Context, m *machine.Machine, nix Asker, path machine.StorePath) (Closure, error) {
	closures, err := ReadAll(ctx, m, nix, path)
	if err != nil {
		return nil, err
	}
	return closures[0], nil
}

// ReadAll is Read for several paths at once, which costs hardly more than one where they share most of what they need.
// The closures are in the order of the paths.
func ReadAll(ctx context.Context, m *machine.Machine, nix Asker, paths ...machine.StorePath) ([]Closure, error) {
	closures, problem := fromDatabase(ctx, m, paths)
	if problem == nil || ctx.Err() != nil {
		return closures, problem
	}
	// Nix decides too whether a path is absent: it may have a store of which this is only a part.
	for _, path := range paths {
		closure, err := nix.Closure(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%w (and its database: %v)", err, problem)
		}
		closures = append(closures, closure)
	}
	return closures, nil
}

func fromDatabase(ctx context.Context, m *machine.Machine, paths []machine.StorePath) ([]Closure, error) {
	db, err := Open(m)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return db.Closures(ctx, paths...)
}
