package systemd

import (
	"reflect"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// What is run, to the letter.
func TestCommands(t *testing.T) {
	t.Parallel()
	const bin = "/run/current-system/sw/bin/"
	env := []string{"LC_ALL=C.UTF-8"}
	for _, c := range []struct{ got, want machine.Cmd }{
		{showCommand([]string{"a.service"}), machine.Cmd{
			Doing: "asking for a.service", Path: bin + "systemctl",
			Args: []string{"show", "--property=Id,LoadState,ActiveState,RequiredBy,RequisiteOf,BoundBy,ConsistsOf", "a.service"}, Env: env, Inside: true,
		}},
		{controlCommand("stopping", "stop", []string{"a.service", "b.service"}), machine.Cmd{
			Doing: "stopping a.service, b.service", Path: bin + "systemctl", Args: []string{"stop", "a.service", "b.service"}, Env: env, Inside: true, Root: true,
		}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("got  %+v\nwant %+v", c.got, c.want)
		}
	}
}

func TestParseStates(t *testing.T) {
	t.Parallel()
	got := parseStates("Id=a.service\nLoadState=loaded\nActiveState=activating\nRequiredBy=b.service c.target\nBoundBy=\nConsistsOf=d.service\n\n" +
		"Id=none.service\nLoadState=not-found\nActiveState=inactive\n")
	want := []unitState{
		{name: "a.service", loaded: true, active: true, with: []string{"b.service", "c.target", "d.service"}},
		{name: "none.service"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestIsUnit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"grafana.service": true, "nqd-secret@key.service": true, `home-manager-a\x2db.service`: true, "podman.socket": true,
		"grafana": false, "--force": false, "-x.service": false, "a b.service": false, "": false, "a.service\n": false, "*.service": false,
	} {
		if got := IsUnit(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
