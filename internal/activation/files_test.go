package activation

import (
	"path"
	"slices"
	"strings"
	"testing"
)

// A system as NixOS builds it: its /etc is a link into the store, the folder of units another, and the units are links to
// what was generated for the system and to those of packages (nixos/lib/systemd-lib.nix, generateUnits).
const (
	etcPath   = "/nix/store/0f5z55vs9swzxwdmcms03qb2nakciwpa-etc"
	unitsPath = "/nix/store/1b2pz7i5gi94r8fmm5wrz6zy0w1b8aay-system-units"
	systemd   = "/nix/store/2zrj5r2fkqxhx2kmbr6ywp15w6xk6wkm-systemd-257.10"
	dbus      = "/nix/store/3sbl7vw6l1qrkgpf0q9bn0sbfvrjvdzj-dbus-1.16.2"
)

// nixos puts such a system at /etc, with entries of the folder of units, and the files that these lead to.
func (b box) nixos(t *testing.T, entries, files units) {
	t.Helper()
	b.write(t, "/etc/static", "->"+etcPath+"/etc")
	b.write(t, "/etc/systemd", "->/etc/static/systemd")
	b.write(t, etcPath+"/etc/systemd/system", "->"+unitsPath)
	for name, text := range entries {
		b.write(t, path.Join(unitsPath, name), text)
	}
	for name, text := range files {
		b.write(t, name, text)
	}
}

const hash = "/nix/store/4jpc0fpqzxsjg1mwhx7gl2x30z5n26gj"

func realSystem(t *testing.T) box {
	b := newBox(t)
	b.nixos(t, units{
		"own.service":                            "->" + hash + "-unit-own.service/own.service",
		"alias.service":                          "->own.service",
		"off.service":                            "->" + hash + "-unit-off.service-disabled/off.service",
		"t@.service":                             "->" + hash + "-unit-t-.service/t@.service",
		"dbus.service":                           "->" + dbus + "/lib/systemd/system/dbus.service",
		"dbus.service.d/overrides.conf":          "->" + hash + "-unit-dbus.service/dbus.service",
		"logind.service":                         "->" + systemd + "/example/systemd/system/logind.service",
		"logind.service.d/10-vendor.conf":        "->" + systemd + "/example/systemd/system/logind.service.d/10-vendor.conf",
		"multi-user.target":                      "->" + systemd + "/example/systemd/system/multi-user.target",
		"multi-user.target.wants/own.service":    "->../own.service",
		"multi-user.target.requires/t@a.service": "->../t@.service",
		"getty.target.upholds/x.service":         "->../x.service",
		"broken.service":                         "->/nix/store/nowhere",
	}, units{
		hash + "-unit-own.service/own.service":                              one,
		hash + "-unit-off.service-disabled/off.service":                     "->/dev/null",
		hash + "-unit-t-.service/t@.service":                                one,
		dbus + "/lib/systemd/system/dbus.service":                           one,
		hash + "-unit-dbus.service/dbus.service":                            two,
		systemd + "/example/systemd/system/logind.service":                  one,
		systemd + "/example/systemd/system/logind.service.d/10-vendor.conf": two,
		systemd + "/example/systemd/system/multi-user.target":               "[Unit]\n",
	})
	b.write(t, "/etc/fstab", "->/etc/static/fstab")
	b.write(t, etcPath+"/etc/fstab", "/dev/a / ext4\n")
	return b
}

// What comes from a package is told from what NixOS wrote.
func TestReadOrigins(t *testing.T) {
	f := realSystem(t).read(t, "/")
	for name, want := range map[string]file{
		"own.service":       {name: "own.service", text: one},
		"alias.service":     {name: "alias.service", text: one},
		"off.service":       {name: "off.service", masked: true},
		"t@.service":        {name: "t@.service", text: one},
		"dbus.service":      {name: "dbus.service", text: one, origin: dbus},
		"logind.service":    {name: "logind.service", text: one, origin: systemd},
		"multi-user.target": {name: "multi-user.target", text: "[Unit]\n", origin: systemd},
	} {
		if got := f.units[name]; got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
	if len(f.units) != 7 {
		t.Errorf("units: %v", f.units)
	}
	if got := f.dropIns["dbus.service"]; !slices.Equal(got, []file{{name: "overrides.conf", text: two}}) {
		t.Errorf("drop-in of NixOS: %+v", got)
	}
	if got := f.dropIns["logind.service"]; !slices.Equal(got, []file{{name: "10-vendor.conf", text: two, origin: systemd}}) {
		t.Errorf("drop-in of a package: %+v", got)
	}
	if got := slices.Sorted(slices.Values(f.pulls["multi-user.target"])); !slices.Equal(got, []string{"own.service", "t@a.service"}) {
		t.Errorf("wanted: %q", got)
	}
	if got := f.pulls["getty.target"]; !slices.Equal(got, []string{"x.service"}) {
		t.Errorf("upheld: %q", got)
	}
	if f.fstab != "/dev/a / ext4\n" {
		t.Errorf("fstab %q", f.fstab)
	}
}

// The stand-in has plain files in the folder, as everything there is its own.
func TestReadPlain(t *testing.T) {
	b := newBox(t)
	b.nixos(t, units{"a.service": one, "a.service.d/overrides.conf": two}, nil)
	f := b.read(t, "/")
	if f.units["a.service"].origin != "" || f.dropIns["a.service"][0].origin != "" {
		t.Errorf("%+v %+v", f.units, f.dropIns)
	}
	other := newBox(t)
	other.write(t, "/etc/systemd/system/a.service", one)
	other.write(t, "/etc/systemd/system/b.service", "->/root/b.service")
	other.write(t, "/root/b.service", one)
	f = other.read(t, "/")
	if f.units["a.service"].origin != "" || f.units["b.service"].origin != "/root/b.service" {
		t.Errorf("outside of the store: %+v", f.units)
	}
}

func TestReadNothing(t *testing.T) {
	b := newBox(t)
	if got := Compare(b.read(t, "/"), b.read(t, toplevel), []string{"a.service"}); len(got.Stop) > 0 {
		t.Errorf("%+v", got)
	}
	b.write(t, "/etc", "->etc")
	if _, err := Read(b.Machine, "/"); err == nil || !strings.HasPrefix(err.Error(), "reading units: ") {
		t.Errorf("a link to itself: %v", err)
	}
}

// Before the build only what the configuration writes is known, and that packages stay.
func TestCompareTexts(t *testing.T) {
	old := realSystem(t).read(t, "/")
	active := []string{"own.service", "alias.service", "off.service", "t@a.service", "dbus.service", "logind.service", "multi-user.target", "other.scope"}
	same := map[string]Source{
		"own.service":   {Text: one, WantedBy: []string{"multi-user.target"}},
		"alias.service": {Text: one},
		"off.service":   {Masked: true},
		"t@.service":    {Text: one},
		"dbus.service":  {Text: two},
	}
	stays := []string{systemd, dbus}
	for name, test := range map[string]struct {
		change   map[string]Source
		without  string
		packages []string
		want     Changes
	}{
		"nothing":             {packages: stays, want: Changes{Stop: []string{"off.service"}}},
		"other packages":      {packages: []string{dbus}, want: Changes{Stop: []string{"off.service"}, Unknown: []string{"logind.service"}}},
		"no packages told":    {want: Changes{Stop: []string{"off.service"}, Unknown: []string{"dbus.service", "logind.service"}}},
		"changed":             {change: map[string]Source{"own.service": {Text: two}}, packages: stays, want: Changes{Stop: []string{"off.service"}, Start: []string{"own.service"}}},
		"gone":                {without: "own.service", packages: stays, want: Changes{Stop: []string{"off.service", "own.service"}}},
		"override":            {change: map[string]Source{"dbus.service": {Text: one}}, packages: stays, want: Changes{Stop: []string{"off.service"}, Start: []string{"dbus.service"}}},
		"override gone":       {without: "dbus.service", packages: stays, want: Changes{Stop: []string{"off.service"}, Start: []string{"dbus.service"}}},
		"override is new":     {change: map[string]Source{"logind.service": {Text: two + "X-RestartIfChanged=no\n"}}, packages: stays, want: Changes{Stop: []string{"off.service"}, Skip: []string{"logind.service"}}},
		"drop-in of instance": {change: map[string]Source{"t@a.service": {Text: two, DropIn: true}}, packages: stays, want: Changes{Stop: []string{"off.service"}, Start: []string{"t@a.service"}}},
		"drop-in, masked":     {change: map[string]Source{"dbus.service": {Text: two, DropIn: true, Masked: true}}, packages: stays, want: Changes{Stop: []string{"off.service"}, Start: []string{"dbus.service"}}},
		"masked now":          {change: map[string]Source{"logind.service": {Masked: true}}, packages: stays, want: Changes{Stop: []string{"logind.service", "off.service"}}},
		"unmasked by package": {without: "off.service", packages: stays, want: Changes{Unknown: []string{"off.service"}}},
		"new": {change: map[string]Source{"new.service": {Text: "[Unit]\nWants=more.service\n", WantedBy: []string{"multi-user.target"}}, "more.service": {Text: one}, "idle.service": {Text: one}},
			packages: stays, want: Changes{Stop: []string{"off.service"}, New: []string{"more.service", "new.service"}}},
	} {
		t.Run(name, func(t *testing.T) {
			sources := map[string]Source{}
			for name, source := range same {
				sources[name] = source
			}
			for name, source := range test.change {
				sources[name] = source
			}
			delete(sources, test.without)
			want(t, Compare(old, FromTexts(sources, test.packages, nil), active), test.want)
		})
	}
}

// Comparing leaves the files as they were: the same answer twice.
func TestCompareTwice(t *testing.T) {
	old := realSystem(t).read(t, "/")
	new := FromTexts(map[string]Source{"dbus.service": {Text: one}, "t@a.service": {Text: two, DropIn: true}}, []string{systemd, dbus}, nil)
	active := []string{"dbus.service", "own.service", "t@a.service"}
	want(t, Compare(old, new, active), Compare(old, new, active))
}

// Drop-ins of packages count as their units do, and in the order of their names.
func TestCompareTextsDropIns(t *testing.T) {
	b := newBox(t)
	b.nixos(t, units{
		"order.service":                  "->" + dbus + "/lib/systemd/system/order.service",
		"order.service.d/10-vendor.conf": "->" + dbus + "/lib/systemd/system/order.service.d/10-vendor.conf",
		"order.service.d/overrides.conf": "->" + hash + "-unit-order.service/order.service",
		"mixed.service":                  "->" + dbus + "/lib/systemd/system/order.service",
		"mixed.service.d/10-vendor.conf": "->" + systemd + "/vendor.conf",
		"t@.service":                     "->" + hash + "-unit-t-.service/t@.service",
		"t@x.service.d/10-vendor.conf":   "->" + systemd + "/vendor.conf",
	}, units{
		dbus + "/lib/systemd/system/order.service":                  "[Service]\n",
		dbus + "/lib/systemd/system/order.service.d/10-vendor.conf": two,
		hash + "-unit-order.service/order.service":                  one,
		systemd + "/vendor.conf":                                    two,
		hash + "-unit-t-.service/t@.service":                        one,
	})
	sources := map[string]Source{"order.service": {Text: one}, "t@.service": {Text: one}}
	active := []string{"order.service", "mixed.service", "t@x.service", "t@y.service"}
	old := b.read(t, "/")
	want(t, Compare(old, FromTexts(sources, []string{systemd, dbus}, nil), active), Changes{})
	want(t, Compare(old, FromTexts(sources, []string{dbus}, nil), active), Changes{Unknown: []string{"mixed.service", "t@x.service"}})
}
