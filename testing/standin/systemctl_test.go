package main

import (
	"strings"
	"testing"
)

func TestSystemctl(t *testing.T) {
	f := newFixture(t)
	f.switchTo(f.toplevel("a", systemSpec{
		units: map[string]string{
			"run.service": daemonUnit, "bad.service": failingUnit, "off.service": daemonUnit,
		},
		wanted: []string{"run.service", "bad.service"},
	}), "test", exitUnits)

	for _, test := range []struct {
		args   string
		code   int
		stdout string
	}{
		{"is-active run.service", 0, "active\n"},
		{"is-active run off", 0, "active\ninactive\n"},
		{"is-active off", 3, "inactive\n"},
		{"is-active bad", 3, "failed\n"},
		{"is-active multi-user.target", 0, "active\n"},
		{"is-active no-such.service", 3, "inactive\n"},
		{"is-failed bad", 0, "failed\n"},
		{"is-failed run", 1, "active\n"},
		{"list-units --state=failed --output=json", 0,
			`[{"unit":"bad.service","load":"loaded","active":"failed","sub":"failed","description":"Fails always"}]` + "\n"},
		{"list-units --failed -o json --no-pager", 0,
			`[{"unit":"bad.service","load":"loaded","active":"failed","sub":"failed","description":"Fails always"}]` + "\n"},
		{"list-units --state=active,activating --output=json --no-pager", 0,
			`[{"unit":"multi-user.target","load":"loaded","active":"active","sub":"active","description":""},` +
				`{"unit":"run.service","load":"loaded","active":"active","sub":"running","description":""},` +
				`{"unit":"sockets.target","load":"loaded","active":"active","sub":"active","description":""},` +
				`{"unit":"timers.target","load":"loaded","active":"active","sub":"active","description":""}]` + "\n"},
		{"list-units --state failed --plain", 0, "bad.service loaded failed failed Fails always\n"},
		{"show -p ActiveState run.service", 0, "ActiveState=active\n"},
		{"show -p SubState,Result --value bad.service", 0, "failed\nexit-code\n"},
		{"show --property=LoadState,ActiveState none.service", 0, "LoadState=not-found\nActiveState=inactive\n"},
		{"stop run", 0, ""},
		{"is-active run", 3, "inactive\n"},
		{"start run", 0, ""},
		{"is-active run", 0, "active\n"},
		{"start bad", 1, ""},
		{"start none", exitNotFound, ""},
		{"stop none", exitNotFound, ""},
		{"reset-failed", 0, ""},
		{"list-units --state=failed --output=json", 0, "[]\n"},
		{"frob", 1, ""},
		{"is-active --frob run", 1, ""},
	} {
		if r := f.systemctl(strings.Fields(test.args)...); r.code != test.code || r.stdout != test.stdout {
			t.Errorf("systemctl %s: exit code %d, %q; want %d, %q", test.args, r.code, r.stdout, test.code, test.stdout)
		}
	}
}

// A simple service counts as started once it was forked; is-active tells the rest.
func TestSystemctlStartOfSimpleService(t *testing.T) {
	f := newFixture(t)
	dies := strings.Replace(daemonUnit, "sleep infinity", "false", 1)
	f.switchTo(f.toplevel("a", systemSpec{units: map[string]string{"dies.service": dies}}), "test", 0)
	if r := f.systemctl("start", "dies"); r.code != 0 {
		t.Errorf("start: exit code %d, %s", r.code, r.stderr)
	}
	f.wantState("dies.service", stateFailed)
}

func TestSystemctlNoBlock(t *testing.T) {
	f := newFixture(t)
	f.switchTo(f.toplevel("a", systemSpec{units: map[string]string{"slow.service": "[Service]\nType=oneshot\nExecStart=/run/current-system/sw/bin/sleep infinity\n"}}), "test", 0)
	t.Setenv(rootVariable, f.root)
	if r := f.systemctl("start", "--no-block", "slow"); r.code != 0 {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	f.eventually("the unit is being started", func() bool {
		s := f.state("slow.service")
		return s.State == stateActivating && s.Supervisor != 0
	})
}

func TestSystemctlTryRestart(t *testing.T) {
	f := newFixture(t)
	f.switchTo(f.toplevel("a", systemSpec{units: map[string]string{
		"on.service":  "[Service]\nExecStart=/run/current-system/sw/bin/sleep infinity\n",
		"off.service": "[Service]\nExecStart=/run/current-system/sw/bin/sleep infinity\n",
	}}), "test", 0)
	if r := f.systemctl("start", "on"); r.code != 0 {
		t.Fatal(r.stderr)
	}
	before := f.state("on.service")
	if r := f.systemctl("try-restart", "on", "off", "no-such"); r.code != 0 {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
	if after := f.state("on.service"); after.State != stateActive || after.Supervisor == before.Supervisor {
		t.Errorf("on.service before %+v, after %+v", before, after)
	}
	f.wantState("off.service", stateInactive)
}

func TestPackaged(t *testing.T) {
	f := newFixture(t)
	hello := f.build("hello", spec{Files: map[string]specFile{"bin/hello": {Program: true}, "share/hello/version": text("2.12\n")}})
	git := f.build("git", spec{Files: map[string]specFile{"bin/git": {Program: true}, "share/git/version": text("2.50.1")}})
	sw := f.build("system-path", spec{})
	for _, path := range []string{hello, git} {
		for _, name := range []string{"hello", "git"} {
			for _, below := range []string{"/bin/" + name, "/share/" + name + "/version"} {
				if f.exists(path + below) {
					if err := f.link(path+below, sw+below); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	if err := f.link(sw, "/run/current-system/sw"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ call, want string }{
		{"/run/current-system/sw/bin/hello", "hello 2.12\n"},
		{"/run/current-system/sw/bin/git --version", "git version 2.50.1\n"},
		{hello + "/bin/hello", "hello 2.12\n"},
	} {
		words := strings.Fields(test.call)
		if r := f.call(words[0], words[1:]...); r.code != 0 || r.stdout != test.want {
			t.Errorf("%s: exit code %d, %q; want %q", test.call, r.code, r.stdout, test.want)
		}
	}
}

func TestOllamaPullHasNoNetwork(t *testing.T) {
	f := newFixture(t)
	one := f.toplevel("a", systemSpec{})
	r := f.call(one+"/sw/bin/ollama", "pull", "qwen3:8b")
	if r.code != 1 || !strings.Contains(r.stderr, "no such host") {
		t.Errorf("exit code %d, %q", r.code, r.stderr)
	}
}
