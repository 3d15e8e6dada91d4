package deployment

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/evaluation"
	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// write adds a deployment to the history that ended so.
func (h History) write(t *testing.T, header any, result engine.Result, actions ...engine.Action) {
	t.Helper()
	run, err := h.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Begin(header, append(actions, step("commit"))); err != nil {
		t.Fatal(err)
	}
	if result == engine.Committed {
		err = run.Do(t.Context())
	}
	if err := errors.Join(err, run.End(result, nil)); err != nil {
		t.Fatal(err)
	}
}

// damage changes the first record of a deployment.
func (h History) damage(t *testing.T, id int) {
	t.Helper()
	file := filepath.Join(h.Dir, fmt.Sprint(id), "journal")
	data, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, []byte(strings.Replace(string(data), "deployment", "deployments", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// between is a deployment of a host from one system to another.
func between(host, old, next string) Header {
	return Header{
		Kind: Apply, Host: host, Old: machine.StorePath(old), New: machine.StorePath(next), Commit: "commit-of-" + next,
		Manifest: &evaluation.Manifest{User: "user-of-" + next},
	}
}

// TestReturn: two hosts of one workspace were deployed to a machine, and some deployments did not pass.
func TestReturn(t *testing.T) {
	t.Parallel()
	h := History{engine.History{Dir: t.TempDir()}}
	var none *NoneError
	if _, err := h.Return(0); !errors.As(err, &none) || err.Error() != "nothing was deployed yet" {
		t.Errorf("an empty history: %v", err)
	}
	h.write(t, between("orion", "installed", "a"), engine.Committed)
	h.write(t, between("vega", "a", "b"), engine.Committed)
	h.write(t, between("vega", "b", "c"), engine.Reverted)
	for _, c := range []struct {
		name   string
		header func() (Header, error)
		want   string
	}{
		{"before the newest", func() (Header, error) { return h.Return(0) }, "rollback of orion to a of 1 commit-of-a user-of-a"},
		{"a number", func() (Header, error) { return h.Return(2) }, "rollback of vega to b of 2 commit-of-b user-of-b"},
		{"before all", h.ReturnToFirst, "rollback of orion to installed of 0  "},
	} {
		got, err := c.header()
		user := ""
		if got.Manifest != nil {
			user = got.Manifest.User
		}
		if text := fmt.Sprintf("%s of %s to %s of %d %s %s", got.Kind, got.Host, got.New, got.Of, got.Commit, user); err != nil || text != c.want {
			t.Errorf("%s: got %q, %v; want %q", c.name, text, err, c.want)
		}
	}
	for id, want := range map[int]string{3: "deployment 3: was never committed (reverted)", 4: "deployment 4: no such deployment"} {
		if _, err := h.Return(id); !errors.As(err, &none) || err.Error() != want {
			t.Errorf("%d: got %v, want %s", id, err, want)
		}
	}
}

// A record that cannot be read may be of the very deployment that is asked for: nobody is sent to the wrong system.
func TestReturnWithAnUnreadableRecord(t *testing.T) {
	t.Parallel()
	h := History{engine.History{Dir: t.TempDir()}}
	for i := range 4 {
		h.write(t, between("orion", fmt.Sprint("system-", i), fmt.Sprint("system-", i+1)), engine.Committed)
	}
	ways := func() (newest, first string) {
		text := func(header Header, err error) string {
			if err != nil {
				return err.Error()
			}
			return string(header.New)
		}
		return text(h.Return(0)), text(h.ReturnToFirst())
	}
	wants := func(newest, first string) {
		t.Helper()
		if gotNewest, gotFirst := ways(); !strings.HasPrefix(gotNewest, newest) || !strings.HasPrefix(gotFirst, first) {
			t.Errorf("got %q and %q, want %q and %q", gotNewest, gotFirst, newest, first)
		}
	}
	wants("system-3", "system-0")
	h.damage(t, 2)
	wants("system-3", "system-0")
	h.damage(t, 4)
	wants("deployment 4: cannot be read", "system-0")
	h.damage(t, 1)
	wants("deployment 4: cannot be read", "deployment 1: cannot be read")
	if header, err := h.Return(3); err != nil || header.New != "system-3" {
		t.Errorf("by its number: %v, %v", header.New, err)
	}
}

// A header that this nqd cannot read, as a newer one may write it, is one deployment's trouble.
func TestAllWithAnUnreadableHeader(t *testing.T) {
	t.Parallel()
	h := History{engine.History{Dir: t.TempDir()}}
	h.write(t, between("orion", "a", "b"), engine.Committed)
	h.write(t, map[string]any{"host": 7}, engine.Committed)
	all, err := h.All()
	if err != nil || len(all) != 2 || all[0].Header.Host != "orion" || all[1].Result != engine.Unreadable || all[1].Problem == "" {
		t.Errorf("got %+v, %v", all, err)
	}
	if _, err := h.One(2); err == nil || !strings.HasPrefix(err.Error(), "deployment 2: ") {
		t.Errorf("one: %v", err)
	}
}

// moved is an action in a home, with what the journal keeps of it.
type moved struct {
	step
	file home.Displaced
}

func (m moved) MarshalJSON() ([]byte, error) { return json.Marshal(m.file) }

// Only what committed deployments cleared and did not return since is to be returned, from the newest backup.
func TestDisplaced(t *testing.T) {
	t.Parallel()
	h := History{engine.History{Dir: t.TempDir()}}
	clear := func(file string, backup int) engine.Action {
		return moved{home.KindClear, home.Displaced{Home: "/home/ada", Path: "/home/ada/" + file, Backup: backup}}
	}
	back := func(file string) engine.Action {
		return moved{home.KindReturn, home.Displaced{Home: "/home/ada", Path: "/home/ada/" + file, Backup: 1}}
	}
	h.write(t, Header{}, engine.Committed, clear("a", 1), clear("b", 1), clear("c", 1), step(home.KindLinks))
	h.write(t, Header{}, engine.Reverted, clear("d", 2), back("a"))
	h.write(t, Header{}, engine.Committed, back("b"))
	h.write(t, Header{}, engine.Committed, clear("c", 3))
	got, err := h.Displaced()
	want := []home.Displaced{{Home: "/home/ada", Path: "/home/ada/a", Backup: 1}, {Home: "/home/ada", Path: "/home/ada/c", Backup: 3}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	h.write(t, Header{}, engine.Committed, broken{home.KindClear})
	if _, err := h.Displaced(); err == nil || !strings.HasPrefix(err.Error(), "deployment 5: home.clear: ") {
		t.Errorf("damaged data: %v", err)
	}
}

// broken is an action whose data are none.
type broken struct{ step }

func (broken) MarshalJSON() ([]byte, error) { return []byte(`{"path":1}`), nil }
