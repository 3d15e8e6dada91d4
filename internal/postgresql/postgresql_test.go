package postgresql

import (
	"reflect"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// What is run on a real machine, to the letter.
func TestCommands(t *testing.T) {
	t.Parallel()
	const bin = "/run/current-system/sw/bin/"
	for _, c := range []struct{ got, want machine.Cmd }{
		{dump(false, 5432), machine.Cmd{
			Doing: "dumping the databases of PostgreSQL", Path: bin + "setpriv",
			Args: []string{"--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", bin + "pg_dumpall", "--host=/run/postgresql", "--port=5432"},
			Env:  []string{"LC_ALL=C.UTF-8", "PATH=/run/current-system/sw/bin"}, Dir: "/", Inside: true, Root: true,
		}},
		{dump(true, 5432), machine.Cmd{
			Doing: "dumping the databases of PostgreSQL", Path: bin + "pg_dumpall", Args: []string{"--host=/run/postgresql", "--port=5432"},
			Env: []string{"LC_ALL=C.UTF-8", "PATH=/run/current-system/sw/bin"}, Dir: "/", Inside: true,
		}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("got  %+v\nwant %+v", c.got, c.want)
		}
	}
}
