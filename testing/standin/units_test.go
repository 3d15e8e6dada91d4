package main

import (
	"maps"
	"reflect"
	"slices"
	"testing"
)

func TestParseUnit(t *testing.T) {
	u := parseUnit("x.service", `# comment
; comment
[Unit]
Description=An example = with sign
After=a.service b.service
After=c.service

[Service]
Environment="A=1"
Environment=
Environment="B=2" \
  "C=3"
RemainAfterExit=yes
`)
	if got := u.last("Unit", "Description"); got != "An example = with sign" {
		t.Errorf("Description %q", got)
	}
	if got, want := u.words("Unit", "After"), []string{"a.service", "b.service", "c.service"}; !slices.Equal(got, want) {
		t.Errorf("After %q, want %q", got, want)
	}
	if got, want := u.all("Service", "Environment"), []string{`"B=2"    "C=3"`}; !slices.Equal(got, want) {
		t.Errorf("Environment %q, want %q", got, want)
	}
	if !u.flag("Service", "RemainAfterExit", false) || u.flag("Service", "Missing", false) || !u.flag("Service", "Missing", true) {
		t.Error("a boolean was read wrongly")
	}
}

// set makes a unitSet of one text by name.
func set(texts map[string]string) unitSet {
	s := newUnitSet()
	maps.Copy(s.texts, texts)
	for name := range texts {
		s.load(name)
	}
	return s
}

func TestCompare(t *testing.T) {
	const a, b = "[Service]\nExecStart=/a\n", "[Service]\nExecStart=/b\n"
	old := map[string]string{
		"changed.service": a, "same.service": a, "removed.service": a, "inactive.service": a,
		"kept.service": "[Unit]\nX-StopOnRemoval=false\n",
		"skip.service": a, "restart.service": a, "reload.service": a, "renamed.service": "[Unit]\nDescription=A\n" + a,
		"some.target": "[Unit]\nWants=x\n",
	}
	new := map[string]string{
		"changed.service": b, "same.service": a, "inactive.service": b, "new.service": a,
		"skip.service":    b + "X-RestartIfChanged=false\n",
		"restart.service": b + "X-StopIfChanged=false\n",
		"reload.service":  b + "X-ReloadIfChanged=true\n",
		"renamed.service": "[Unit]\nDescription=B\n" + a + "[Install]\nWantedBy=x\n",
		"some.target":     "[Unit]\nWants=y\n",
	}
	active := []string{
		"systemd-journald.service", "changed.service", "same.service", "removed.service", "kept.service",
		"skip.service", "restart.service", "reload.service", "renamed.service", "some.target",
	}
	got := compare(set(old), set(new), active)
	want := changes{
		stop:    []string{"changed.service", "removed.service"},
		start:   []string{"changed.service"},
		targets: []string{"some.target"},
		restart: []string{"restart.service"},
		reload:  []string{"reload.service"},
		skip:    []string{"skip.service"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// Each kind of unit that is not treated as a service is.
func TestCompareKinds(t *testing.T) {
	const a, b = "[Unit]\nWants=a\n", "[Unit]\nWants=b\n"
	old := set(map[string]string{
		"-.mount": a, "data.mount": a, "opts.mount": "[Mount]\nOptions=ro\n", "tick.timer": a, "look.path": a, "part.slice": a, "x.socket": a,
		"by-socket.service": a, "by-socket.socket": "", "both.service": a, "both.socket": "", "gone.service": a, "gone.socket": "",
		"named.service": a, "n.socket": "", "idle.service": a, "idle.socket": "",
		"t@.service": a, "drop.service": a, "mask.service": a,
		"stop.target": a, "manual.target": a, "hibernate.target": a,
		"Big.service": a, "trigger.service": "[Unit]\nX-Reload-Triggers=1\n",
	})
	old.dropIns["t@one.service"] = []string{"[Service]\nA=1\n"}
	old.fstab = "/dev/a / ext4 rw 0 1\n/dev/b /home ext4\n/dev/c /a-b ext4 rw 0 2\n# /dev/d /d ext4\n/dev/e none swap\n/dev/f none swap\n"
	new := set(map[string]string{
		"-.mount": b, "data.mount": b, "opts.mount": "[Mount]\nOptions=rw\n", "tick.timer": b, "look.path": b, "part.slice": b, "x.socket": b,
		"by-socket.service": b, "by-socket.socket": "", "both.service": b + "[Service]\nX-NotSocketActivated=true\n", "both.socket": "",
		"gone.service": b, "named.service": b + "[Service]\nSockets=n.socket m.socket\n", "n.socket": "", "idle.service": b, "idle.socket": "",
		"t@.service": a, "drop.service": a, "mask.service": "",
		"stop.target": "[Unit]\nX-StopOnReconfiguration=yes\n", "manual.target": "[Unit]\nX-OnlyManualStart=1\nX-StopOnReconfiguration=1\n", "hibernate.target": a,
		"Big.service": b, "trigger.service": "[Unit]\nX-Reload-Triggers=2\n",
	})
	new.dropIns["drop.service"] = []string{"[Service]\nA=1\n"}
	new.masked["mask.service"] = true
	new.fstab = "/dev/a / ext4 ro 0 1\n/dev/b /home xfs\n/dev/f none swap\n"
	active := append(slices.DeleteFunc(sortedKeys(old.texts), func(name string) bool {
		return name == "t@.service" || name == "idle.socket"
	}), "t@one.service", "t@two.service", "late.socket")
	got := compare(old, new, active)
	want := changes{
		stop: []string{`a\x2db.mount`, "Big.service", "both.service", "both.socket", "by-socket.service", "by-socket.socket", "drop.service",
			"gone.service", "gone.socket", "idle.service", "manual.target", "mask.service", "n.socket", "named.service", "t@one.service"},
		start: []string{"Big.service", "both.service", "both.socket", "by-socket.socket", "drop.service",
			"gone.service", "idle.service", "n.socket", "t@one.service"},
		restart: []string{"data.mount", "home.mount", "look.path", "tick.timer"},
		reload:  []string{"-.mount", "opts.mount", "trigger.service"},
		targets: []string{"stop.target"}, quiet: []string{"stop.target"},
		swapOff: []string{"/dev/e"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestClosure(t *testing.T) {
	s := set(map[string]string{
		"a.service":    "[Unit]\nRequires=b.service\nAfter=b.service c.service\n",
		"b.service":    "",
		"c.service":    "[Unit]\nAfter=a.service\n", // a cycle with a
		"z.service":    "[Unit]\nBefore=b.service\n",
		"late.target":  "[Unit]\nAfter=multi-user.target\n",
		"late.service": "",
		"off.service":  "",
	})
	s.pulls["multi-user.target"] = []string{"a.service", "c.service", "z.service", "late.target", "missing.service"}
	s.pulls["late.target"] = []string{"late.service"}
	got := s.closure([]string{"multi-user.target"})
	want := []string{"z.service", "b.service", "c.service", "a.service", "late.service", "late.target", "multi-user.target"}
	position := func(name string) int { return slices.Index(got, name) }
	if len(got) != len(want) {
		t.Fatalf("got %q, want the units %q", got, want)
	}
	for _, pair := range [][2]string{{"z.service", "b.service"}, {"b.service", "a.service"}, {"late.service", "late.target"}} {
		if position(pair[0]) < 0 || position(pair[0]) > position(pair[1]) {
			t.Errorf("%s is not before %s in %q", pair[0], pair[1], got)
		}
	}
}

func TestDependents(t *testing.T) {
	s := set(map[string]string{
		"db.service":    "",
		"setup.service": "[Unit]\nRequires=db.service\nPartOf=db.service\n",
		"db.target":     "[Unit]\nRequires=db.service setup.service\n",
		"app.service":   "[Unit]\nBindsTo=db.service\n",
		"wants.service": "[Unit]\nWants=db.service\nAfter=db.service\n",
	})
	got := s.dependents([]string{"db.service"})
	want := []string{"setup.service", "db.target", "app.service", "db.service"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for setting, want := range map[string]string{"Requires": "db.target setup.service", "PartOf": "setup.service", "BindsTo": "app.service", "Wants": "wants.service"} {
		if got := s.having(setting, "db.service"); got != want {
			t.Errorf("%s: got %q, want %q", setting, got, want)
		}
	}
}

func TestSplitWords(t *testing.T) {
	for text, want := range map[string][]string{
		``:                            nil,
		`a  b`:                        {"a", "b"},
		`"A=x y" 'B="q"' C=`:          {"A=x y", `B="q"`, "C="},
		`a\ b "c\"d" \\ ""`:           {"a b", `c"d`, `\`, ""},
		"/bin/x\t--name=ü 'über all'": {"/bin/x", "--name=ü", "über all"},
	} {
		got, err := splitWords(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("splitWords(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{`"a`, `a\`} {
		if got, err := splitWords(text); err == nil {
			t.Errorf("splitWords(%q) = %q, want an error", text, got)
		}
	}
}

func TestCommand(t *testing.T) {
	m := machine{root: "/"}
	got, err := m.command(`-/no/such/program $$5 ${PORT} x$NONE 50%% %n`, "x.service", []string{"PORT=1 2"})
	want := command{Path: "/no/such/program", Args: []string{"/no/such/program", "$5", "1 2", "x", "50%", "x.service"}, IgnoreFailure: true}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}
