package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The test binary is the program of the stand-in too: services are started by a copy of it
// under another name.
func TestMain(m *testing.M) {
	if !strings.HasSuffix(os.Args[0], ".test") {
		os.Exit(run())
	}
	os.Exit(m.Run())
}

const programPath = "/nix/store/00000000000000000000000000000000-standin"

// fixture is a machine below a temporary folder, with the means to make systems on it.
type fixture struct {
	*testing.T
	machine
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	f := fixture{T: t, machine: machine{root: t.TempDir()}}
	f.program = f.outside(programPath)
	f.write("/etc/NIXOS", "")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(f.outside("/nix/store"), 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Link(self, f.program) != nil { // another file system
		data, err := os.ReadFile(self)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(f.program, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { f.stop(unitSet{}, f.active()) })
	return f
}

func (f fixture) write(path, text string) {
	f.Helper()
	if err := f.writeFile(path, []byte(text), 0o644); err != nil {
		f.Fatal(err)
	}
}

func (f fixture) read(path string) string {
	f.Helper()
	data, err := f.readFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return string(data)
}

// wantFile checks the text of a file of the machine.
func (f fixture) wantFile(path, want string) {
	f.Helper()
	if got := f.read(path); got != want {
		f.Errorf("%s:\n%s\nwant:\n%s", path, got, want)
	}
}

func (f fixture) wantLink(path, want string) {
	f.Helper()
	if got := f.readLink(path); got != want {
		f.Errorf("%s leads to %q, want %q", path, got, want)
	}
}

// wantState waits for the state of a unit: a service may die only after its start returned.
func (f fixture) wantState(name, want string) {
	f.Helper()
	f.eventually(name+" is "+want, func() bool { return f.state(name).State == want })
}

// eventually waits until OK, for what other processes do.
func (f fixture) eventually(what string, ok func() bool) {
	f.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			f.Fatalf("waited in vain until %s", what)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// text and link are files of a spec.
func text(s string) specFile { return specFile{Text: &s} }

func link(target string) specFile { return specFile{Link: target} }

// build makes a store path NAME with the real builder.
func (f fixture) build(name string, s spec) string {
	f.Helper()
	path := "/nix/store/" + fmt.Sprintf("%032x", len(name)) + "-" + name
	s.Program = programPath
	data, err := json.Marshal(s)
	if err != nil {
		f.Fatal(err)
	}
	environment := map[string]string{"spec": string(data), "out": f.outside(path), "name": name}
	if err := build(func(key string) string { return environment[key] }); err != nil {
		f.Fatal(err)
	}
	return path
}

// systemSpec is the part of a system that tests vary.
type systemSpec struct {
	loader string            // "systemd-boot" where empty
	units  map[string]string // text by name
	wanted []string          // by multi-user.target
	etc    map[string]specFile
	users  []account
	groups []string
	init   string // init-interface-version

	inhibitors string // the file of switch inhibitors; none where empty
}

// system builds the toplevel NAME as testing/nixpkgs does.
func (f fixture) toplevel(name string, s systemSpec) string {
	f.Helper()
	etc := map[string]specFile{"etc/hostname": text("nixos\n")}
	for path, file := range s.etc {
		etc["etc/"+path] = file
	}
	for unit, content := range s.units {
		etc["etc/systemd/system/"+unit] = text(content)
	}
	for _, unit := range s.wanted {
		etc["etc/systemd/system/multi-user.target.wants/"+unit] = link("../" + unit)
	}
	if s.loader == "" {
		s.loader = "systemd-boot"
	}
	if s.init == "" {
		s.init = "systemd 2"
	}
	info, err := json.Marshal(systemInfo{HostName: "nixos", Loader: s.loader, Users: s.users, Groups: s.groups})
	if err != nil {
		f.Fatal(err)
	}
	etcPath := f.build(name+"-etc", spec{Files: etc})
	files := map[string]specFile{
		"activate":                    {Program: true},
		"bin/switch-to-configuration": {Program: true},
		"etc":                         link(etcPath + "/etc"),
		"nixos-version":               text("26.05.standin"),
		"init-interface-version":      text(s.init),
		"standin.json":                text(string(info)),
		"sw/bin/systemctl":            {Program: true},
		"sw/bin/ollama":               {Program: true},
		"sw/bin/postgres":             {Program: true},
		"sw/bin/sleep":                {Program: true},
		"sw/bin/true":                 {Program: true},
		"sw/bin/false":                {Program: true},
		"sw/share/everything/version": text("1.2.3\n"),
	}
	if s.inhibitors != "" {
		files[inhibitorsFile] = text(s.inhibitors)
	}
	return f.build("nixos-system-"+name, spec{Files: files})
}

// result is what a role left behind.
type result struct {
	code           int
	stdout, stderr string
}

// call runs the role of the program SELF.
func (f fixture) call(self string, args ...string) result {
	f.Helper()
	var stdout, stderr bytes.Buffer
	c := call{
		machine: f.machine,
		name:    filepath.Base(self),
		self:    self,
		args:    args,
		stdin:   strings.NewReader(""),
		stdout:  &stdout,
		stderr:  &stderr,
	}
	return result{c.role(), stdout.String(), stderr.String()}
}

// switchTo runs switch-to-configuration of TOPLEVEL and expects an exit code.
func (f fixture) switchTo(toplevel, action string, want int) result {
	f.Helper()
	r := f.call(toplevel+"/bin/switch-to-configuration", action)
	if r.code != want {
		f.Fatalf("%s of %s: exit code %d, want %d\n%s", action, toplevel, r.code, want, r.stderr)
	}
	return r
}

func (f fixture) systemctl(args ...string) result {
	f.Helper()
	return f.call("/run/current-system/sw/bin/systemctl", args...)
}

// wantLines checks that each of LINES is a line of TEXT, in this order.
func wantLines(t *testing.T, text string, lines ...string) {
	t.Helper()
	rest := text
	for _, line := range lines {
		_, after, found := strings.Cut("\n"+rest, "\n"+line+"\n")
		if !found {
			t.Errorf("no line %q (in this order) in:\n%s", line, text)
			return
		}
		rest = after
	}
}

func TestResolve(t *testing.T) {
	f := newFixture(t)
	f.write("/nix/store/x-etc/etc/hosts", "hosts")
	for path, target := range map[string]string{
		"/etc/static":    "/nix/store/x-etc/etc",
		"/etc/hosts":     "/etc/static/hosts",
		"/etc/up":        "../etc/hosts",
		"/etc/loop":      "loop",
		"/etc/elsewhere": "../../../../../../tmp",
	} {
		if err := f.link(target, path); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"/etc/hosts":          "/nix/store/x-etc/etc/hosts",
		"/etc/up":             "/nix/store/x-etc/etc/hosts",
		"/etc/loop":           "/etc/loop",
		"/etc/elsewhere/file": "/tmp/file",
		"/missing/../a":       "/a",
	} {
		if got := f.real(path); got != want {
			t.Errorf("real(%q) = %q, want %q", path, got, want)
		}
	}
	if got, want := f.inside(f.outside("/etc")), "/etc"; got != want {
		t.Errorf("inside(outside(/etc)) = %q", got)
	}
}
