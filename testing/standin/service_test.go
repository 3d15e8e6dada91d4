package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
)

// start starts one unit of TEXT on a machine with a system of programs.
func (f fixture) startText(name, text string) {
	f.Helper()
	if !f.exists("/run/current-system") {
		f.switchTo(f.toplevel("programs", systemSpec{}), "test", 0)
	}
	f.start(unitSet{units: map[string]unit{name: parseUnit(name, text)}}, []string{name})
}

// kill kills one process; 0 would be the process group of the test.
func (f fixture) kill(pid int) {
	f.Helper()
	if pid <= 1 {
		f.Fatalf("no process to kill: %d", pid)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		f.Fatal(err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(body))
}

func ollamaUnit(port int) string {
	return fmt.Sprintf("[Service]\nEnvironment=\"OLLAMA_HOST=127.0.0.1:%d\"\nExecStart=/run/current-system/sw/bin/ollama serve\n", port)
}

func TestOllamaService(t *testing.T) {
	f := newFixture(t)
	port := freePort(t)
	f.startText("ollama.service", ollamaUnit(port))
	f.wantState("ollama.service", stateActive)
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	if got := get(t, url+"/"); got != "Ollama is running" {
		t.Errorf("GET /: %q", got)
	}
	if got, want := get(t, url+"/api/version"), `{"version":"1.2.3"}`; got != want {
		t.Errorf("GET /api/version: %q, want %q", got, want)
	}

	f.startText("second.service", ollamaUnit(port))
	f.wantState("second.service", stateFailed)
	if log := f.read(logFolder + "/second.log"); !strings.Contains(log, "address already in use") {
		t.Errorf("log of the second server: %q", log)
	}

	pid := f.state("ollama.service").PID
	f.stop(unitSet{}, []string{"ollama.service"})
	f.wantState("ollama.service", stateInactive)
	f.eventually("the server is gone", func() bool { return !running(pid) })
}

func TestPostgresService(t *testing.T) {
	f := newFixture(t)
	for i, how := range []string{"-D /data -p %d", "-c config_file=/data/conf-%d", "--port=%d"} {
		port := freePort(t)
		f.write(fmt.Sprintf("/data/conf-%d", port), fmt.Sprintf("port = %d # comment\nlisten_addresses = 'localhost'\n", port))
		name := fmt.Sprintf("postgresql-%d.service", i)
		f.startText(name, "[Service]\nType=notify\nExecStart=/run/current-system/sw/bin/postgres "+fmt.Sprintf(how, port)+"\n")
		f.wantState(name, stateActive)
		connection, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			t.Errorf("%s: %v", how, err)
			continue
		}
		connection.Close()
	}
}

// A server with a data folder says where it is, as long as it runs, and can be dumped.
func TestPostgresDump(t *testing.T) {
	f := newFixture(t)
	port := freePort(t)
	f.write("/data/databases", "CREATE DATABASE ada;\n")
	f.write("/data/postgresql.conf", fmt.Sprintf("port = %d\n", port))
	f.startText("postgresql.service", "[Service]\nType=notify\nExecStart=/run/current-system/sw/bin/postgres -D /data\n")
	lock := fmt.Sprintf("/run/postgresql/.s.PGSQL.%d.lock", port)
	if lines := strings.Split(f.read(lock), "\n"); len(lines) != 6 || lines[1] != "/data" || lines[3] != fmt.Sprint(port) {
		t.Errorf("lock %q", lines)
	}
	var out, problem bytes.Buffer
	dump := call{machine: f.machine, args: []string{"--host=/run/postgresql", fmt.Sprintf("--port=%d", port)}, stdout: &out, stderr: &problem}
	if code := dump.pgDumpAll(); code != 0 || !strings.Contains(out.String(), "\nCREATE DATABASE ada;\n") {
		t.Errorf("%d, %q, %q", code, &out, &problem)
	}
	f.stop(unitSet{}, []string{"postgresql.service"})
	f.eventually("the lock is gone", func() bool { return !f.exists(lock) })
	out.Reset()
	if code := dump.pgDumpAll(); code != 1 || out.Len() > 0 {
		t.Errorf("without a server: %d, %q", code, &out)
	}
}

// The state of a service with DynamicUser= is where only root may look, and linked.
func TestDynamicUser(t *testing.T) {
	f := newFixture(t)
	f.startText("x.service", "[Service]\nType=oneshot\nDynamicUser=true\nStateDirectory=x\nExecStart=/run/current-system/sw/bin/true\n")
	if got := f.readLink("/var/lib/x"); got != "private/x" || !f.exists("/var/lib/private/x") {
		t.Errorf("/var/lib/x leads to %q", got)
	}
	if info, err := os.Stat(f.at("/var/lib/private")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestServiceDies(t *testing.T) {
	f := newFixture(t)
	f.startText("x.service", daemonUnit)
	f.kill(f.state("x.service").PID)
	f.wantState("x.service", stateFailed)
	if got := f.state("x.service").ExitCode; got != 137 {
		t.Errorf("exit code %d, want 137", got)
	}
}

func TestServiceDiesWithSupervisor(t *testing.T) {
	f := newFixture(t)
	f.startText("x.service", daemonUnit)
	s := f.state("x.service")
	f.kill(s.Supervisor)
	f.eventually("the service is gone", func() bool { return !running(s.PID) })
	f.wantState("x.service", stateFailed)
}

// Removing the folder of a sandbox ends its services.
func TestServiceEndsWithItsStateFile(t *testing.T) {
	f := newFixture(t)
	f.startText("x.service", daemonUnit)
	s := f.state("x.service")
	if err := os.RemoveAll(f.outside("/run")); err != nil {
		t.Fatal(err)
	}
	f.eventually("both processes are gone", func() bool { return !running(s.PID) && !running(s.Supervisor) })
	if f.exists("/run") {
		t.Error("the state came back")
	}
}

func TestServiceKinds(t *testing.T) {
	f := newFixture(t)
	const bin = "/run/current-system/sw/bin/"
	for name, test := range map[string]struct{ lines, want string }{
		"once":      {"Type=oneshot\nExecStart=" + bin + "true", stateInactive},
		"stays":     {"Type=oneshot\nRemainAfterExit=yes\nExecStart=" + bin + "true\nExecStart=" + bin + "true", stateActive},
		"fails":     {"Type=oneshot\nExecStart=" + bin + "false", stateFailed},
		"ignored":   {"Type=oneshot\nRemainAfterExit=yes\nExecStart=-" + bin + "false", stateActive},
		"pre-fails": {"ExecStartPre=" + bin + "false\nExecStart=" + bin + "sleep infinity", stateFailed},
		"pre":       {"ExecStartPre=" + bin + "true\nExecStart=" + bin + "sleep infinity", stateActive},
		"missing":   {"ExecStart=/nix/store/none/bin/x", stateFailed},
		"empty":     {"Type=oneshot", stateFailed},
		"ends":      {"ExecStart=" + bin + "true", stateInactive},
		"dies":      {"ExecStart=" + bin + "false", stateFailed},
	} {
		t.Run(name, func(t *testing.T) {
			f := f
			f.T = t
			f.startText(name+".service", "[Service]\n"+test.lines+"\n")
			f.wantState(name+".service", test.want)
		})
	}
}

func TestServiceEnvironment(t *testing.T) {
	f := newFixture(t)
	f.write("/etc/passwd", "ada:x:1000:100:Ada Lovelace:/home/ada:/bin/zsh\n")
	u := parseUnit("x.service", "[Service]\nUser=ada\nEnvironment=\"A=x y\" B=2\nStateDirectory=x\nExecStart=/x\n")
	j, err := f.job(u)
	if err != nil {
		t.Fatal(err)
	}
	environment := "\n" + strings.Join(j.Env, "\n") + "\n"
	for _, want := range []string{"HOME=/home/ada", "USER=ada", "A=x y", "B=2"} {
		if !strings.Contains(environment, "\n"+want+"\n") {
			t.Errorf("no %q in %q", want, j.Env)
		}
	}
	if !f.exists("/var/lib/x") {
		t.Error("StateDirectory= was not made")
	}
}

// What a service inherits must not keep the output of switch-to-configuration open.
func TestServiceDoesNotHoldOutput(t *testing.T) {
	f := newFixture(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	f.startText("x.service", daemonUnit)
	w.Close()
	if _, err := bufio.NewReader(r).ReadByte(); err != io.EOF {
		t.Errorf("reading the pipe: %v, want EOF", err)
	}
}
