// Package postgresql knows where a running PostgreSQL has its data, and how it is dumped.
package postgresql

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// sockets is where PostgreSQL of nixpkgs has its sockets (nixos/modules/services/databases/postgresql.nix,
// RuntimeDirectory).
const sockets = "/run/postgresql"

// Server is a running PostgreSQL: its folder, and the port that its socket is called by.
type Server struct {
	Data string
	Port int
}

// Find finds the server that runs and has its folder at or below path, else the only one there is; errors.Is(err,
// fs.ErrNotExist) where none runs. It asks for root. Beside its socket it has a file with its process, its folder, when it was started and
// its port, one to a line (PostgreSQL, src/include/utils/pidfile.h).
func Find(ctx context.Context, m *machine.Machine, below string) (Server, error) {
	entries, err := os.ReadDir(m.Path(sockets))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Server{}, err
	}
	var found, others []Server
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), ".s.PGSQL.") || !strings.HasSuffix(entry.Name(), ".lock") {
			continue
		}
		text, err := m.ReadPrivate(ctx, path.Join(sockets, entry.Name()))
		if err != nil {
			return Server{}, err
		}
		one, err := parseLock(string(text))
		if err != nil {
			return Server{}, fmt.Errorf("%s: %w", path.Join(sockets, entry.Name()), err)
		}
		if one.Data == below || strings.HasPrefix(one.Data, below+"/") {
			found = append(found, one)
		} else {
			others = append(others, one)
		}
	}
	if len(found) == 0 {
		found = others // somebody gave it another folder (services.postgresql.dataDir)
	}
	switch len(found) {
	case 0:
		return Server{}, fmt.Errorf("%s: no server runs: %w", sockets, fs.ErrNotExist)
	case 1:
		return found[0], nil
	}
	return Server{}, fmt.Errorf("%d servers run, in %s and %s", len(found), found[0].Data, found[1].Data)
}

func parseLock(text string) (Server, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return Server{}, fmt.Errorf("unknown content: %q", text)
	}
	port, err := strconv.Atoi(lines[3])
	if err != nil || !path.IsAbs(lines[1]) {
		return Server{}, fmt.Errorf("unknown content: %q", text)
	}
	return Server{Data: lines[1], Port: port}, nil
}

// Dump runs pg_dumpall of the running system, which nixpkgs has on everybody's PATH, as the user that the server
// lets in without a password (postgresql.nix, environment.systemPackages and identMap). setpriv(1) of util-linux asks
// nobody for that, and leaves no session behind. In a sandbox everything runs as one user.
func Dump(m *machine.Machine, port int) machine.Cmd {
	return dump(m.IsSandbox(), port)
}

func dump(sandbox bool, port int) machine.Cmd {
	const bin = "/run/current-system/sw/bin/"
	c := machine.Cmd{
		Doing: "dumping the databases of PostgreSQL", Path: bin + "pg_dumpall", Args: []string{"--host=" + sockets, "--port=" + strconv.Itoa(port)},
		Env: []string{"LC_ALL=C.UTF-8", "PATH=" + strings.TrimSuffix(bin, "/")}, Dir: "/", Inside: true,
	}
	if !sandbox {
		c.Args = append([]string{"--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", c.Path}, c.Args...)
		c.Path, c.Root = bin+"setpriv", true
	}
	return c
}
