package preflight

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// on is a look at a machine with those files.
func on(t *testing.T, files map[string]string) Look {
	t.Helper()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		file := m.Path(name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return Look{Machine: m, Host: "orion", System: "x86_64-linux", Release: "26.05", Now: func() time.Time { return noon }}
}

// said is what a question answers, each as "verdict found".
func said(t *testing.T, l Look, name string, ask func(context.Context, Look) []row) string {
	t.Helper()
	var texts []string
	for _, r := range l.begin(t.Context(), []question{{name, ask}}, limit).Rows() {
		if r.Name != name || (r.Verdict == event.OK) != (r.Cure == "") {
			t.Errorf("%+v: another name, or a cure too many or too few", r)
		}
		texts = append(texts, string(r.Verdict)+" "+r.Found)
	}
	return strings.Join(texts, "; ")
}

func TestRelease(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "warn /etc/os-release does not say",
		"VERSION_ID=\"25.05\"\n": "fail NixOS 25.05 runs, which nqd does not know",
		"VERSION_ID=\"25.11\"\n": "ok NixOS 25.11 runs, from which nqd upgrades",
		"VERSION_ID=\"26.05\"\n": "ok NixOS 26.05 runs",
		"VERSION_ID=26.11\n":     "ok NixOS 26.11 runs",
		"VERSION_ID=27.05\n":     "warn NixOS 27.05 runs, which is newer",
		"VERSION_ID=26.11\nBUILD_ID=\"26.11pre1.abc\"\n": "warn NixOS 26.11pre1.abc runs: unstable",
		"VERSION_ID=26.05\nSUPPORT_END=\"2026-11-22\"\n": "warn NixOS 26.05 gets no security updates since 2026-11-22",
		"VERSION_ID=26.05\nSUPPORT_END=\"2026-11-23\"\n": "ok NixOS 26.05 runs",
		"VERSION_ID=25.11\nSUPPORT_END=\"2026-06-30\"\n": "ok NixOS 25.11 runs, from which", // it is upgraded just now
	} {
		if got := said(t, on(t, map[string]string{"/etc/os-release": text}), "release", release); !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestWrongHost(t *testing.T) {
	t.Parallel()
	intel := "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 151\n"
	for name, c := range map[string]struct{ called, facts, deployed, cpu, want string }{
		"its name":            {"orion", "", "", "", "ok orion"},
		"no name":             {"", "", "", "", "ok orion"},
		"another name":        {"nixos", "", "", "", "warn this machine is called nixos, and would be orion"},
		"deployed":            {"nixos", "", "orion", "", "ok orion"},
		"deployed as another": {"orion", "", "lyra", "", "fail this machine was deployed as lyra, not as orion"},
		"another vendor":      {"orion", `{"cpu_vendor":"amd"}`, "orion", intel, "fail facts.json of orion is of another machine: its processor is of amd, this one's of intel"},
		"the same vendor":     {"orion", `{"cpu_vendor":"intel"}`, "", intel, "ok orion"},
		"unknown vendor":      {"orion", `{"cpu_vendor":"other"}`, "", intel, "ok orion"},
		"damaged":             {"orion", `{`, "", intel, "ok orion"},
		"another model":       {"orion", `{"cpu_vendor":"intel","cpu_family":6,"cpu_model":140}`, "orion", intel, "fail facts.json of orion is of another machine: its processor is family 6, model 140, this one's family 6, model 151"},
		"the same model":      {"nixos", `{"cpu_vendor":"intel","cpu_family":6,"cpu_model":151}`, "", intel, "ok orion"},
	} {
		l := on(t, map[string]string{"/etc/hostname": c.called + "\n", "/proc/cpuinfo": c.cpu})
		l.Deployed = func() string { return c.deployed }
		if c.facts != "" {
			l.Facts = []byte(c.facts)
		}
		if got := said(t, l, "host", wrongHost); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		l.Risks = []risk.Risk{risk.WrongHost}
		if got := said(t, l, "host", wrongHost); strings.HasPrefix(got, "fail") {
			t.Errorf("%s, accepted: got %q", name, got)
		}
	}
}

func TestElevation(t *testing.T) {
	t.Parallel()
	const sudo, run0, status = "/run/wrappers/bin/sudo", "/run/current-system/sw/bin/run0", "/proc/self/status"
	wheel := "root:x:0:\nwheel:x:1:bob,ada\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"sudo":                  {map[string]string{sudo: "", "/etc/group": wheel}, "ok ada is in the group wheel, and sudo is there"},
		"run0":                  {map[string]string{run0: "", "/etc/group": wheel}, "ok ada is in the group wheel, and run0 is there"},
		"nothing":               {map[string]string{"/etc/group": wheel}, "fail neither sudo nor doas nor run0 is there"},
		"not in wheel":          {map[string]string{sudo: "", "/etc/group": "wheel:x:1:bob,adam\n"}, "warn ada is not in the group wheel"},
		"no new privileges":     {map[string]string{sudo: "", "/etc/group": wheel, status: "Seccomp:\t0\nNoNewPrivs:\t1\n"}, "fail this shell may not become root"},
		"run0 does not need it": {map[string]string{run0: "", "/etc/group": wheel, status: "X:\t0\nNoNewPrivs:\t1\n"}, "ok ada is in"},
	} {
		rows := mayElevate(on(t, c.files), "ada")
		if got := string(rows[0].Verdict) + " " + rows[0].Found; len(rows) != 1 || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if rows := mayElevate(on(t, nil), "root"); len(rows) != 1 || rows[0].Verdict != event.OK {
		t.Errorf("root: %+v", rows)
	}
	if rows := elevation(t.Context(), on(t, nil)); rows != nil {
		t.Errorf("a sandbox: %+v", rows)
	}
}

func TestBattery(t *testing.T) {
	t.Parallel()
	const at = powerSupplies + "/BAT0/"
	for name, c := range map[string]struct {
		change map[string]string
		want   string
	}{
		"low":           {nil, "warn 19 %, and nothing charges it"},
		"as low as may": {map[string]string{at + "capacity": "20\n"}, "ok 20 %"},
		"charging":      {map[string]string{at + "status": "Charging\n"}, "ok 19 %"},
		"of a mouse":    {map[string]string{at + "scope": "Device\n"}, ""},
		"a charger":     {map[string]string{at + "type": "Mains\n"}, ""},
		"the machine's own limit": {
			map[string]string{"/etc/UPower/UPower.conf": "[UPower]\n# PercentageLow=99\nPercentageLow=10.0\n"}, "ok 19 %",
		},
	} {
		files := map[string]string{at + "type": "Battery\n", at + "capacity": "19\n", at + "status": "Discharging\n"}
		for file, text := range c.change {
			files[file] = text
		}
		if got := said(t, on(t, files), "battery", battery); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	const lock = `{"nodes":{"a":{"locked":{"lastModified":1795521600}},"root":{},"b":{"locked":{"lastModified":5}}}}` // noon
	for name, c := range map[string]struct {
		now  time.Time
		want string
	}{
		"now":                {noon, "ok 2026-11-23 12:00"},
		"as far as may be":   {time.Unix(1795521600, 0).Add(-slack).UTC(), "ok "},
		"behind":             {time.Unix(1795521600, 0).Add(-slack - time.Second).UTC(), "fail it is "},
		"a battery is empty": {time.Unix(0, 0).UTC(), "fail it is 1970-01-01 00:00 here, which is before "},
	} {
		l := on(t, nil)
		l.Lock, l.Now = []byte(lock), func() time.Time { return c.now }
		if got := said(t, l, "clock", clock); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestCaches(t *testing.T) {
	t.Parallel()
	answering := func(text string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(text)) }))
		t.Cleanup(server.Close)
		return server.URL
	}
	good, portal := answering("StoreDir: /nix/store\n"), answering("<!doctype html><title>Guests</title>")
	for name, c := range map[string]struct {
		caches  []string
		offline bool
		err     error
		want    string
	}{
		"all answer":  {[]string{good, good}, false, nil, "ok 2 of 2 answer"},
		"a login":     {[]string{good, portal}, false, nil, "warn " + portal + ": is no binary cache: it answers with a page, as a network does that wants a login first"},
		"none":        {nil, false, nil, "ok there are none"},
		"one for nix": {[]string{good, "s3://cache", "ssh://ada@cache"}, false, nil, "ok 1 of 3 answer; the others only nix can ask"},
		"a password":  {[]string{strings.Replace(portal, "//", "//ada:secret@", 1)}, false, nil, "warn " + strings.Replace(portal, "//", "//ada:xxxxx@", 1) + ": is no binary cache: it answers with a page, as a network does that wants a login first"},
		"offline":     {[]string{portal}, true, nil, "ok not asked: nqd is offline"},
		"unknown":     {nil, false, errors.New("broken"), "warn which there are: broken"},
	} {
		l := on(t, nil)
		l.Offline, l.Caches = c.offline, func(context.Context) ([]string, error) { return c.caches, c.err }
		if got := said(t, l, "caches", caches); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// What is not known is never enough, and what is refused can be accepted.
func TestRooms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plan event.Plan
		want []event.Verdict
	}{
		"nothing":                  {event.Plan{}, nil},
		"enough":                   {event.Plan{Space: []event.Space{{Path: "/", Need: 100, Free: 110}}}, []event.Verdict{event.OK}},
		"not a tenth to spare":     {event.Plan{Space: []event.Space{{Path: "/", Need: 100, Free: 109}}}, []event.Verdict{event.Fail}},
		"one of two":               {event.Plan{Space: []event.Space{{Path: "/", Need: 1, Free: 9}, {Path: "/boot", Need: 9}}}, []event.Verdict{event.OK, event.Fail}},
		"too many files":           {event.Plan{Space: []event.Space{{Path: "/", Need: 1, Free: 9, Inodes: 8, FreeInodes: 7}}}, []event.Verdict{event.Fail}},
		"as many files as may":     {event.Plan{Space: []event.Space{{Path: "/", Need: 1, Free: 9, Inodes: 8, FreeInodes: 8}}}, []event.Verdict{event.OK}},
		"builds":                   {event.Plan{Builds: event.Builds{Dir: "/tmp", Compiled: make([]event.PlannedBuild, 2)}}, []event.Verdict{event.Warn}},
		"downloads without a size": {event.Plan{Fetches: event.Fetches{Paths: 1}}, []event.Verdict{event.Warn}},
		"data without a size":      {event.Plan{State: []event.StateChange{{Snapshot: "/var/x"}}}, []event.Verdict{event.Warn}},
	} {
		l := on(t, nil)
		verdicts := func() (got []event.Verdict) {
			for _, r := range rooms(l, c.plan) {
				got = append(got, r.Verdict)
			}
			return got
		}
		if got := verdicts(); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		l.Risks = []risk.Risk{risk.Room}
		if got := verdicts(); slices.Contains(got, event.Fail) || len(got) != len(c.want) {
			t.Errorf("%s, accepted: got %v", name, got)
		}
	}
}

// All questions wait for each other here: asked one after the other they would not end.
func TestQuestionsAreAskedAtOnce(t *testing.T) {
	t.Parallel()
	a, b := make(chan struct{}), make(chan struct{})
	meet := func(name string, mine, other chan struct{}) question {
		return question{name, func(ctx context.Context, _ Look) []row {
			close(mine)
			select {
			case <-other:
				return []row{ok(name, "")}
			case <-ctx.Done():
				return []row{fail(name, "alone", "")}
			}
		}}
	}
	rows := on(t, nil).begin(t.Context(), []question{
		meet("a", a, b), meet("b", b, a),
		{"hangs", func(context.Context, Look) []row { select {} }},
	}, time.Second).Rows()
	if len(rows) != 3 || rows[0] != okRow("a") || rows[1] != okRow("b") || rows[2].Verdict != event.Warn || !strings.Contains(rows[2].Found, "no answer") {
		t.Errorf("got %+v", rows)
	}
}

// Whoever interrupts does not wait for what hangs, and is not told that it took too long.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan struct{})
	answers := on(t, nil).begin(ctx, []question{{"hangs", func(context.Context, Look) []row { close(asked); select {} }}}, time.Hour)
	<-asked
	cancel()
	if rows := answers.Rows(); len(rows) != 1 || rows[0].Verdict != event.Warn || strings.Contains(rows[0].Found, "no answer") {
		t.Errorf("got %+v", rows)
	}
	tell := func(e event.Event) { t.Errorf("told %+v", e) }
	if err := errors.Join(answers.Refused(tell), answers.Complete(&event.Plan{})); strings.Count(err.Error(), context.Canceled.Error()) != 2 {
		t.Errorf("got %v", err)
	}
}

// What refuses is told with all that was found.
func TestRefusedIsTold(t *testing.T) {
	t.Parallel()
	say := func(name string, verdict func(name, found, cure string) row) question {
		return question{name, func(context.Context, Look) []row { return []row{verdict(name, "found", "cure")} }}
	}
	var told []event.Event
	tell := func(e event.Event) { told = append(told, e) }
	if err := on(t, nil).begin(t.Context(), []question{say("a", warn)}, limit).Refused(tell); err != nil || told != nil {
		t.Errorf("a warning: %v, told %+v", err, told)
	}
	err := on(t, nil).begin(t.Context(), []question{say("a", warn), say("b", fail)}, limit).Refused(tell)
	var mine *Error
	if !errors.As(err, &mine) || len(mine.Failed) != 1 || len(told) != 1 || len(told[0].(event.Preconditions).Rows) != 2 {
		t.Errorf("got %v, told %+v", err, told)
	}
}

// Which code a run ends with hangs on what is in the error.
func TestRefused(t *testing.T) {
	t.Parallel()
	room := Look{}.risky("room", "/: full", "make room", risk.Room)
	switching := fail("busy", "another", "wait")
	switching.cause = guard.ErrSwitching
	plain := fail("release", "old", "upgrade")
	var accepted *risk.Error
	if err := refused([]row{ok("a", ""), warn("b", "", "")}); err != nil {
		t.Errorf("got %v", err)
	}
	err := refused([]row{room, ok("a", "")})
	var hinted interface{ Hint() string }
	if !errors.As(err, &accepted) || err.Error() != "room: /: full" || !errors.As(err, &hinted) || hinted.Hint() != "make room, or give --accept-risk=room" {
		t.Errorf("room: %v", err)
	}
	if err := refused([]row{switching}); !errors.Is(err, guard.ErrSwitching) {
		t.Errorf("busy: %v", err)
	}
	if err := refused([]row{room, plain, switching}); err == nil || errors.As(err, &accepted) || errors.Is(err, guard.ErrSwitching) {
		t.Errorf("to accept a risk would not do: %v", err)
	}
}

func okRow(name string) event.Precondition { return ok(name, "").Precondition }

// Disks tell another machine only where none of them is one that was there.
func TestOtherDisks(t *testing.T) {
	t.Parallel()
	was := []disk{{SizeGB: 500}, {SizeGB: 2000}}
	for name, c := range map[string]struct {
		was  []disk
		now  []facts.Disk
		want bool
	}{
		"the same":       {was, []facts.Disk{{SizeGB: 500}, {SizeGB: 2000}}, false},
		"one is left":    {was, []facts.Disk{{SizeGB: 2000}, {SizeGB: 4000}}, false},
		"none is left":   {was, []facts.Disk{{SizeGB: 4000}}, true},
		"a stick beside": {was, []facts.Disk{{SizeGB: 500, Removable: true}, {SizeGB: 4000}}, true},
		"only a stick":   {was, []facts.Disk{{SizeGB: 64, Removable: true}}, false},
		"none is known":  {nil, []facts.Disk{{SizeGB: 500}}, false},
		"none is there":  {was, nil, false},
	} {
		if got := otherDisks(c.was, c.now); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestProcessor(t *testing.T) {
	t.Parallel()
	l := on(t, nil)
	is := facts.Read(l.Machine).System
	other := map[string]string{"x86_64-linux": "aarch64-linux"}[is]
	if other == "" {
		other = "x86_64-linux"
	}
	for system, want := range map[string]string{is: "ok " + is, "": "ok " + is, other: "fail the machine is " + is + ", and host.system is " + other} {
		l.System = system
		if got := said(t, l, "processor", processor); got != want {
			t.Errorf("%s: got %q, want %q", system, got, want)
		}
	}
}
