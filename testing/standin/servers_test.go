package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
)

// Each server program is started as its module of testing/nixpkgs starts it, and asked what its
// health check asks.
func TestServers(t *testing.T) {
	for _, test := range []struct {
		program string
		args    string // of the port and of the file
		file    string // of the port
		path    string
		want    string
	}{
		{"qdrant", "--config-path %[2]s", `{"service":{"host":"127.0.0.1","http_port":%d}}`, "/healthz", "healthz check passed"},
		{"open-webui", `serve --host "127.0.0.1" --port %[1]d`, "", "/health", `{"status":true}`},
		{"prometheus", `--config.file=%[2]s --web.listen-address=127.0.0.1:%[1]d`, "{}", "/-/healthy", "Prometheus Server is Healthy."},
		{"node_exporter", `--web.listen-address 127.0.0.1:%[1]d`, "", "/metrics", "node_time_seconds 1"},
		{"grafana", "server -homepath /var/lib/grafana -config %[2]s", "[server]\nhttp_addr=127.0.0.1\nhttp_port=%d\n[smtp]\nhttp_port=1\n", "/api/health", `{"database":"ok"}`},
		{"nginx", "-c '%[2]s'", "http {\n  server {\n    listen 127.0.0.1:%[1]d default_server;\n  }\n  server {\n    listen 127.0.0.1:%[1]d;\n  }\n}\n", "/any/thing", "nginx"},
	} {
		t.Run(test.program, func(t *testing.T) {
			f := newFixture(t)
			program := f.withProgram(test.program)
			port := freePort(t)
			f.writeFor("/etc/its.conf", test.file, port)
			f.startText(test.program+".service", fmt.Sprintf("[Service]\nExecStart=%s %s\n", program, filled(test.args, port, "/etc/its.conf")))
			f.wantState(test.program+".service", stateActive)
			if got := get(t, fmt.Sprintf("http://127.0.0.1:%d%s", port, test.path)); got != test.want {
				t.Errorf("GET %s: %q, want %q", test.path, got, test.want)
			}
		})
	}
}

// filled fills PORT and FILE into a format that may use only one of them.
func filled(format string, port int, file string) string {
	return fmt.Sprintf(format+"%[3]s", port, file, "")
}

// writeFor writes a file that may hold the port.
func (f fixture) writeFor(path, format string, port int) {
	f.Helper()
	f.write(path, fmt.Sprintf(format+"%[2]s", port, ""))
}

// withProgram builds a package of one program, and returns the program.
func (f fixture) withProgram(name string) string {
	f.Helper()
	return f.build(name, spec{Files: map[string]specFile{
		"bin/" + name:          {Program: true},
		"share/server/version": text("1.2.3\n"),
	}}) + "/bin/" + name
}

// ask sends TEXT to a port and returns the first line of the answer.
func ask(t *testing.T, network, address, text string) string {
	t.Helper()
	connection, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection, text)
	line, err := bufio.NewReader(connection).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}

func TestRedis(t *testing.T) {
	f := newFixture(t)
	program := f.withProgram("redis-server")
	port := freePort(t)
	f.writeFor("/etc/redis.conf", "bind 127.0.0.1\nport %d\nsupervised systemd\nunixsocket /r.sock\n", port)
	f.startText("redis.service", "[Service]\nType=notify\nExecStart="+program+" /etc/redis.conf\n")
	f.wantState("redis.service", stateActive)
	address := fmt.Sprintf("127.0.0.1:%d", port)
	for text, want := range map[string]string{
		"PING\r\n":                 "+PONG",
		"*1\r\n$4\r\nping\r\n":     "+PONG",
		"GET x\r\n":                "-ERR unknown command 'GET X'",
		"*2\r\n$3\r\nGET\r\nx\r\n": "-ERR unknown command 'GET'",
	} {
		if got := ask(t, "tcp", address, text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := ask(t, "unix", f.at("/r.sock"), "PING\r\n"); got != "+PONG" {
		t.Errorf("over the socket: %q", got)
	}
}

func TestSSHDaemon(t *testing.T) {
	f := newFixture(t)
	program := f.withProgram("sshd")
	port := freePort(t)
	f.writeFor("/etc/ssh/sshd_config", "Port %d\nListenAddress 127.0.0.1\n", port)
	f.startText("sshd.service", "[Service]\nType=notify\nExecStart="+program+" -D -f /etc/ssh/sshd_config\n")
	f.wantState("sshd.service", stateActive)
	if got := ask(t, "tcp", fmt.Sprintf("127.0.0.1:%d", port), ""); !strings.HasPrefix(got, "SSH-2.0-") {
		t.Errorf("banner: %q", got)
	}
}

// A server that cannot read its file, or whose port is taken, fails as its unit does.
func TestServersFail(t *testing.T) {
	f := newFixture(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for program, args := range map[string]string{
		"qdrant":        "--config-path /etc/missing",
		"grafana":       "server -config /etc/missing",
		"nginx":         "-c /etc/missing",
		"prometheus":    "--config.file=/etc/missing",
		"redis-server":  "/etc/missing",
		"sshd":          "-f /etc/missing",
		"node_exporter": "--web.listen-address " + taken.Addr().String(),
	} {
		path := f.withProgram(program)
		f.startText(program+".service", fmt.Sprintf("[Service]\nExecStart=%s %s\n", path, args))
		f.wantState(program+".service", stateFailed)
	}
}

func TestDaemonsStay(t *testing.T) {
	f := newFixture(t)
	program := f.withProgram("NetworkManager")
	f.startText("NetworkManager.service", "[Service]\nType=dbus\nExecStart="+program+" --no-daemon\n")
	f.wantState("NetworkManager.service", stateActive)
	f.stop(unitSet{}, []string{"NetworkManager.service"})
	f.wantState("NetworkManager.service", stateInactive)
}
