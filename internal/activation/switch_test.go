package activation

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Two texts that need a restart when one follows the other.
const (
	one = "[Service]\nExecStart=/one\n"
	two = "[Service]\nExecStart=/two\n"
)

// compared reads old and new as files of a machine.
func compared(t *testing.T, old, new units, active ...string) Changes {
	t.Helper()
	b := newBox(t)
	b.etc(t, "", old, "")
	b.etc(t, toplevel, new, "")
	return Compare(b.read(t, "/"), b.read(t, toplevel), active)
}

func (b box) read(t *testing.T, system string) Files {
	t.Helper()
	f, err := Read(b.Machine, system)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// want compares the lists that have a unit.
func want(t *testing.T, got, want Changes) {
	t.Helper()
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		if a, b := g.Field(i).Interface().([]string), w.Field(i).Interface().([]string); !slices.Equal(a, b) {
			t.Errorf("%s: %q, want %q", g.Type().Field(i).Name, a, b)
		}
	}
}

// Each rule alone: do_system_switch and handle_modified_unit of main.rs.
func TestCompareRules(t *testing.T) {
	for name, test := range map[string]struct {
		old, new units
		active   string
		want     Changes
	}{
		"changed":             {units{"a.service": one}, units{"a.service": two}, "a.service", Changes{Start: []string{"a.service"}}},
		"same":                {units{"a.service": one}, units{"a.service": one}, "a.service", Changes{}},
		"does not run":        {units{"a.service": one}, units{"a.service": two}, "", Changes{}},
		"systemd's own":       {units{}, units{}, "dev-sda.device session-1.scope", Changes{}},
		"new file":            {units{}, units{"a.service": one}, "a.service", Changes{}},
		"gone":                {units{"a.service": one}, units{}, "a.service", Changes{Stop: []string{"a.service"}}},
		"gone, stays":         {units{"a.service": "[Unit]\nX-StopOnRemoval=no\n"}, units{}, "a.service", Changes{}},
		"masked":              {units{"a.service": one}, units{"a.service": "->/dev/null"}, "a.service", Changes{Stop: []string{"a.service"}}},
		"unmasked":            {units{"a.service": "->/dev/null"}, units{"a.service": one}, "a.service", Changes{Start: []string{"a.service"}}},
		"reload triggers":     {units{"a.service": "[Unit]\nX-Reload-Triggers=1\n"}, units{"a.service": "[Unit]\nX-Reload-Triggers=2\n"}, "a.service", Changes{Reload: []string{"a.service"}}},
		"reloadIfChanged":     {units{"a.service": one}, units{"a.service": two + "X-ReloadIfChanged=true\n"}, "a.service", Changes{Reload: []string{"a.service"}}},
		"restartIfChanged":    {units{"a.service": one}, units{"a.service": two + "X-RestartIfChanged=false\n"}, "a.service", Changes{Skip: []string{"a.service"}}},
		"only of the new":     {units{"a.service": one + "X-RestartIfChanged=false\n"}, units{"a.service": two}, "a.service", Changes{Start: []string{"a.service"}}},
		"RefuseManualStop":    {units{"a.service": one}, units{"a.service": two + "[Unit]\nRefuseManualStop=yes\n"}, "a.service", Changes{Skip: []string{"a.service"}}},
		"X-OnlyManualStart":   {units{"a.service": one}, units{"a.service": two + "[Unit]\nX-OnlyManualStart=1\n"}, "a.service", Changes{Skip: []string{"a.service"}}},
		"stopIfChanged":       {units{"a.service": one}, units{"a.service": two + "X-StopIfChanged=false\n"}, "a.service", Changes{Restart: []string{"a.service"}}},
		"flags in [Unit]":     {units{"a.service": one}, units{"a.service": two + "[Unit]\nX-RestartIfChanged=false\nX-StopIfChanged=false\n"}, "a.service", Changes{Start: []string{"a.service"}}},
		"timer":               {units{"a.timer": one}, units{"a.timer": two}, "a.timer", Changes{Restart: []string{"a.timer"}}},
		"path":                {units{"a.path": one}, units{"a.path": two}, "a.path", Changes{Restart: []string{"a.path"}}},
		"swap":                {units{"a.swap": one}, units{"a.swap": two}, "a.swap", Changes{Restart: []string{"a.swap"}}},
		"slice":               {units{"a.slice": one}, units{"a.slice": two}, "a.slice", Changes{}},
		"socket":              {units{"a.socket": one}, units{"a.socket": two}, "a.socket", Changes{}},
		"mount":               {units{"a.mount": one}, units{"a.mount": two}, "a.mount", Changes{Restart: []string{"a.mount"}}},
		"mount options":       {units{"a.mount": "[Mount]\nOptions=ro\n"}, units{"a.mount": "[Mount]\nOptions=rw\n"}, "a.mount", Changes{Reload: []string{"a.mount"}}},
		"root":                {units{"-.mount": one, "nix.mount": one}, units{"-.mount": two, "nix.mount": two}, "-.mount nix.mount", Changes{Reload: []string{"-.mount", "nix.mount"}}},
		"container":           {units{"systemd-nspawn@a.service": one}, units{"systemd-nspawn@a.service": two}, "systemd-nspawn@a.service", Changes{}},
		"socket-activated":    {units{"a.service": one, "a.socket": one}, units{"a.service": two, "a.socket": one}, "a.service a.socket", Changes{Start: []string{"a.socket"}, OnDemand: []string{"a.service"}}},
		"socket not running":  {units{"a.service": one, "a.socket": one}, units{"a.service": two, "a.socket": one}, "a.service", Changes{Start: []string{"a.service"}}},
		"socket goes":         {units{"a.service": one, "a.socket": one}, units{"a.service": two}, "a.service a.socket", Changes{Stop: []string{"a.socket"}, Start: []string{"a.service"}}},
		"notSocketActivated":  {units{"a.service": one, "a.socket": one}, units{"a.service": two + "X-NotSocketActivated=true\n", "a.socket": one}, "a.service a.socket", Changes{Start: []string{"a.service", "a.socket"}}},
		"Sockets":             {units{"a.service": one, "b.socket": one}, units{"a.service": two + "Sockets=b.socket\n", "b.socket": one}, "a.service b.socket", Changes{Start: []string{"b.socket"}, OnDemand: []string{"a.service"}}},
		"template":            {units{"a@.service": one}, units{"a@.service": two}, "a@b.service", Changes{Start: []string{"a@b.service"}}},
		"dot in an instance":  {units{"a@.service": one}, units{"a@.service": two}, "a@b.c.service", Changes{}}, // by template_unit_re
		"instance":            {units{"a@.service": one, "a@b.service": one}, units{"a@.service": two, "a@b.service": one}, "a@b.service", Changes{}},
		"instance is new":     {units{"a@.service": one}, units{"a@.service": two, "a@b.service": two}, "a@b.service", Changes{}},
		"instance is gone":    {units{"a@.service": one, "a@b.service": one}, units{"a@.service": one}, "a@b.service", Changes{Stop: []string{"a@b.service"}}},
		"template's socket":   {units{"a@.service": one, "a@.socket": one}, units{"a@.service": two, "a@.socket": one}, "a@b.service a@.socket", Changes{Start: []string{"a@.socket"}, OnDemand: []string{"a@b.service"}}},
		"drop-in":             {units{"a.service": one}, units{"a.service": one, "a.service.d/x.conf": two}, "a.service", Changes{Start: []string{"a.service"}}},
		"no drop-in":          {units{"a.service": one}, units{"a.service": one, "a.service.d/x.txt": two, "a.service.d/y.conf": "->nowhere"}, "a.service", Changes{}},
		"drop-in of template": {units{"a@.service": one}, units{"a@.service": one, "a@.service.d/x.conf": two}, "a@b.service", Changes{Start: []string{"a@b.service"}}},
		"drop-in of instance": {units{"a@.service": one}, units{"a@.service": one, "a@b.service.d/x.conf": two}, "a@b.service a@c.service", Changes{Start: []string{"a@b.service"}}},
		"order of drop-ins": {units{"a.service": one, "a.service.d/x.conf": two, "a.service.d/y.conf": "[Service]\nExecStart=\n"},
			units{"a.service": one, "a.service.d/x.conf": "[Service]\nExecStart=\n", "a.service.d/y.conf": two}, "a.service", Changes{Start: []string{"a.service"}}},
		"target":        {units{"a.target": "[Unit]\nAfter=x\n"}, units{"a.target": "[Unit]\nAfter=y\n"}, "a.target", Changes{}},
		"target stops":  {units{"a.target": ""}, units{"a.target": "[Unit]\nX-StopOnReconfiguration=true\nX-OnlyManualStart=true\n"}, "a.target", Changes{Stop: []string{"a.target"}}},
		"target starts": {units{"a.target": ""}, units{"a.target": "[Unit]\nX-StopOnReconfiguration=true\n"}, "a.target", Changes{}},
		"target gone":   {units{"a.target": ""}, units{}, "a.target", Changes{Stop: []string{"a.target"}}},
		"unreadable":    {units{"a.service": one}, units{"a.service": "[Service]\nA=\"\n"}, "a.service", Changes{Unknown: []string{"a.service"}}},
		"dangling link": {units{"a.service": one}, units{"a.service": "->../gone"}, "a.service", Changes{Stop: []string{"a.service"}}},
		"alias":         {units{"a.service": one, "b.service": "->a.service"}, units{"a.service": two, "b.service": "->a.service"}, "a.service", Changes{Start: []string{"a.service"}}},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, compared(t, test.old, test.new, strings.Fields(test.active)...), test.want)
		})
	}
}

// What starts because an active target wants it, and what does not.
func TestCompareNew(t *testing.T) {
	const target = "[Unit]\n"
	old := units{
		"multi-user.target": target, "late.target": "[Unit]\nX-OnlyManualStart=true\n", "suspend.target": target, "idle.target": target,
		"done.service": one, "multi-user.target.wants/done.service": "->../done.service",
		"off.service": one, "changed.service": one,
	}
	new := units{
		"multi-user.target": "[Unit]\nWants=by-text.service\n", "late.target": "[Unit]\nX-OnlyManualStart=true\n", "suspend.target": target, "idle.target": target,
		"done.service": one, "multi-user.target.wants/done.service": "->../done.service",
		"off.service": one, "multi-user.target.requires/off.service": "->../off.service",
		"by-text.service": "[Unit]\nRequires=needed.socket\n", "needed.socket": one,
		"t@.service": "[Unit]\nBindsTo=bound.service\n", "multi-user.target.wants/t@x.service": "->../t@.service", "bound.service": one,
		"more.target": target, "multi-user.target.wants/more.target": "->../more.target", "more.target.upholds/up.service": "->../up.service", "up.service": one,
		"masked.service": "->/dev/null", "multi-user.target.wants/masked.service": "->../masked.service",
		"multi-user.target.wants/none.service": "->../none.service",
		"changed.service":                      two + "[Unit]\nWants=with-changed.service\n", "with-changed.service": one,
		"late.target.wants/late.service": "->../late.service", "late.service": one,
		"suspend.target.wants/asleep.service": "->../asleep.service", "asleep.service": one,
		"idle.target.wants/idle.service": "->../idle.service", "idle.service": one,
		"fileless.target.wants/f.service": "->../f.service", "f.service": one,
		"runs.service": one, "multi-user.target.wants/runs.service": "->../runs.service",
	}
	got := compared(t, old, new, "multi-user.target", "late.target", "suspend.target", "changed.service", "fileless.target", "runs.service", "missing.target")
	want(t, got, Changes{
		Start: []string{"changed.service"},
		New: []string{
			"bound.service", "by-text.service", "f.service", "more.target", "needed.socket", "off.service", "t@x.service", "up.service", "with-changed.service",
		},
	})
}

func TestCompareFstab(t *testing.T) {
	b := newBox(t)
	b.etc(t, "", nil, `# /dev/x /commented ext4
/dev/a / ext4 rw
/dev/n /nix ext4 rw
/dev/b /home ext4 rw 0 2
/dev/c /data ext4
/dev/d /srv/x-y ext4 rw
/dev/e /old ext4
/dev/g /hash ext4 rw # not read
short line
/dev/s none swap
/dev/disk/by-id/x none swap sw
`)
	b.etc(t, toplevel, nil, `/dev/a2 / ext4 rw
/dev/n2 /nix ext4 ro
/dev/b /home xfs rw 0 2
/dev/c /data ext4 ro
/dev/d /srv/x-y ext4 rw
/dev/f /new ext4
/dev/s none swap
`)
	got := Compare(b.read(t, "/"), b.read(t, toplevel), nil)
	want(t, got, Changes{
		Stop: []string{"old.mount"}, Restart: []string{"home.mount"}, Reload: []string{"data.mount", "nix.mount"}, Skip: []string{"-.mount"},
		Swaps: []string{"/dev/disk/by-id/x"},
	})
	if stop := got.Event().Stop; !slices.Equal(stop, []string{`dev-disk-by\x2did-x.swap`, "old.mount"}) {
		t.Errorf("told as %q", stop)
	}
	if got := Compare(b.read(t, "/"), FromTexts(nil, nil, nil), nil); len(got.Stop)+len(got.Swaps) > 0 {
		t.Errorf("without the new fstab: %+v", got)
	}
	same := "/dev/a / ext4 rw\n"
	if got := Compare(b.read(t, "/"), FromTexts(nil, nil, &same), nil); !slices.Equal(got.Stop, []string{"data.mount", "home.mount", "nix.mount", "old.mount", `srv-x\x2dy.mount`}) {
		t.Errorf("with a new fstab from the evaluation: %+v", got)
	}
}

// What systemd-escape --path (systemd 252) answers.
func TestUnitOfPath(t *testing.T) {
	for path, want := range map[string]string{
		"/": "-.mount", "//": "-.mount", "/home/": "home.mount", "/srv//a b": `srv-a\x20b.mount`, "/.hidden/.x": `\x2ehidden-.x.mount`,
		`/a\b-c`: `a\x5cb\x2dc.mount`, "/ü:_": `\xc3\xbc:_.mount`,
	} {
		if got := unitOfPath(path, ".mount"); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

func TestEvent(t *testing.T) {
	got := Changes{
		Stop: []string{"z"}, Start: []string{"s", "a"}, OnDemand: []string{"o"}, Restart: []string{"r", "a"}, Reload: []string{"l"},
		Skip: []string{"k"}, New: []string{"n"}, Unknown: []string{"u"},
	}.Event()
	want := event.Units{Start: []string{"n"}, Stop: []string{"z"}, Restart: []string{"a", "o", "r", "s"}, Reload: []string{"l"}, Later: []string{"k"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	empty := reflect.ValueOf(Changes{}.Event())
	for i := range empty.NumField() {
		if empty.Field(i).IsNil() {
			t.Errorf("%s is null in JSON", empty.Type().Field(i).Name)
		}
	}
}
