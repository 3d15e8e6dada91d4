package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// servers are the programs that do nothing but listen where they are told to, and answer what
// asks for their health. Each reads what the real one is given: arguments, or a file.
var servers = map[string]func(call) ([]opening, error){
	"grafana":       call.grafana,
	"nginx":         call.nginx,
	"node_exporter": call.nodeExporter,
	"open-webui":    call.openWebUI,
	"prometheus":    call.prometheus,
	"qdrant":        call.qdrant,
	"redis-server":  call.redis,
	"sshd":          call.sshd,
}

// daemons are the programs that only run until they are stopped.
var daemons = []string{
	"NetworkManager", "avahi-daemon", "cosmic-greeter-daemon", "cupsd", "dockerd", "greetd",
	"polkitd", "rtkit-daemon",
}

// opening is one place to listen at, and what happens there.
type opening struct {
	network, address string
	serve            func(net.Listener)
}

// open listens at all openings until the process is asked to end.
func (c call) open(openings []opening, err error) int {
	if err != nil {
		fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
		return 1
	}
	for _, o := range openings {
		listener, err := net.Listen(o.network, o.address)
		if o.network == "tcp6" && (errors.Is(err, syscall.EAFNOSUPPORT) || errors.Is(err, syscall.EADDRNOTAVAIL)) {
			continue // a computer without IPv6
		}
		if err != nil {
			fmt.Fprintf(c.stderr, "%s: %v\n", c.name, err)
			return 1
		}
		defer listener.Close()
		go o.serve(listener)
	}
	return c.stay()
}

// stay waits to be asked to end.
func (c call) stay() int {
	sayReady()
	<-ended()
	return 0
}

// web is an opening that answers with PAGES, by path.
func web(host, port string, pages map[string]string) opening {
	routes := http.NewServeMux()
	for path, body := range pages {
		routes.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
	}
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	return opening{"tcp", net.JoinHostPort(strings.Trim(host, "[]"), port), func(l net.Listener) { server.Serve(l) }}
}

// option returns the value of the argument NAME, given as "NAME VALUE" or "NAME=VALUE".
func (c call) option(name, missing string) string {
	for i, arg := range c.args {
		if value, ok := strings.CutPrefix(arg, name+"="); ok {
			return value
		}
		if arg == name && i+1 < len(c.args) {
			return c.args[i+1]
		}
	}
	return missing
}

// webAt is web at the address of the argument --web.listen-address, which Prometheus and its
// exporters share.
func (c call) webAt(missing string, pages map[string]string) ([]opening, error) {
	host, port, err := net.SplitHostPort(c.option("--web.listen-address", missing))
	return []opening{web(host, port, pages)}, err
}

func (c call) prometheus() ([]opening, error) {
	if _, err := c.machine.readFile(c.option("--config.file", "prometheus.yml")); err != nil {
		return nil, err
	}
	return c.webAt("0.0.0.0:9090", map[string]string{
		"/-/healthy": "Prometheus Server is Healthy.\n",
		"/-/ready":   "Prometheus Server is Ready.\n",
		"/metrics":   "prometheus_ready 1\n",
	})
}

func (c call) nodeExporter() ([]opening, error) {
	return c.webAt(":9100", map[string]string{"/metrics": "node_time_seconds 1\n"})
}

// openWebUI brings its database to the format of its own version before it answers, as the real one does.
func (c call) openWebUI() ([]opening, error) {
	if folder := os.Getenv("DATA_DIR"); folder != "" {
		file, schema := filepath.Join(folder, "webui.db"), "schema "+c.version()+"\n"
		text, _ := c.machine.readFile(file) // none the first time
		if !strings.HasSuffix(string(text), schema) {
			if err := c.machine.writeFile(file, append(text, schema...), 0o600); err != nil {
				return nil, err
			}
		}
	}
	return []opening{web(c.option("--host", "0.0.0.0"), c.option("--port", "8080"), map[string]string{
		"/health": `{"status":true}`,
		"/{$}":    "<title>Open WebUI</title>",
	})}, nil
}

// qdrant has its addresses in a file of YAML; what the stand-in writes there is JSON.
func (c call) qdrant() ([]opening, error) {
	text, err := c.machine.readFile(c.option("--config-path", "config/config.yaml"))
	if err != nil {
		return nil, err
	}
	var config struct {
		Service struct {
			Host     string
			HTTPPort json.Number `json:"http_port"`
			GRPCPort json.Number `json:"grpc_port"`
		}
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return nil, err
	}
	s := config.Service
	openings := []opening{web(s.Host, s.HTTPPort.String(), map[string]string{
		"/healthz": "healthz check passed",
		"/readyz":  "all shards are ready",
		"/metrics": "app_info 1\n",
	})}
	if s.GRPCPort != "" {
		openings = append(openings, opening{"tcp", net.JoinHostPort(s.Host, s.GRPCPort.String()), accept})
	}
	return openings, nil
}

// grafana has its address in a file of sections.
func (c call) grafana() ([]opening, error) {
	text, err := c.machine.readFile(c.option("-config", "conf/defaults.ini"))
	if err != nil {
		return nil, err
	}
	settings, section := map[string]string{}, ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = strings.Trim(line, "[]")
		}
		if key, value, ok := strings.Cut(line, "="); ok {
			settings[section+"."+strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	host, port := cmp.Or(settings["server.http_addr"], "0.0.0.0"), cmp.Or(settings["server.http_port"], "3000")
	return []opening{web(host, port, map[string]string{
		"/api/health": `{"database":"ok"}`,
		"/metrics":    "grafana_info 1\n",
		"/{$}":        "<title>Grafana</title>",
	})}, nil
}

var (
	listenLine = regexp.MustCompile(`(?m)^\s*listen ([^;\s]+)([^;]*);`)
	bindLine   = regexp.MustCompile(`(?m)^(port|bind|unixsocket|requirepass) (.*)$`)
	sshdLine   = regexp.MustCompile(`(?m)^(Port|ListenAddress) (\S+)`)
)

// nginx answers any path at all of its addresses; what it would hand on, it answers itself. TLS
// is not spoken: who connects there is let in and sent away.
func (c call) nginx() ([]opening, error) {
	text, err := c.machine.readFile(c.option("-c", "/etc/nginx/nginx.conf"))
	if err != nil {
		return nil, err
	}
	byAddress := map[string]opening{}
	for _, listen := range listenLine.FindAllStringSubmatch(string(text), -1) {
		host, port, err := net.SplitHostPort(listen[1])
		if err != nil {
			return nil, fmt.Errorf("host not found in %q of the \"listen\" directive", listen[1])
		}
		o := web(host, port, map[string]string{"/": "nginx"})
		o.address = listen[1]
		if strings.HasPrefix(o.address, "[") {
			o.network = "tcp6"
		} else {
			o.network = "tcp4"
		}
		if strings.Contains(listen[2], "ssl") {
			o.serve = accept
		}
		byAddress[o.address] = o
	}
	var openings []opening
	for _, address := range sortedKeys(byAddress) {
		openings = append(openings, byAddress[address])
	}
	return openings, nil
}

// redis knows PING only.
func (c call) redis() ([]opening, error) {
	if len(c.args) == 0 {
		return nil, errors.New("no configuration file")
	}
	text, err := c.machine.readFile(c.args[0])
	if err != nil {
		return nil, err
	}
	settings := map[string]string{"port": "6379"}
	for _, line := range bindLine.FindAllStringSubmatch(string(text), -1) {
		settings[line[1]] = strings.TrimSpace(line[2])
	}
	var openings []opening
	if settings["port"] != "0" {
		hosts := strings.Fields(cmp.Or(settings["bind"], "0.0.0.0"))
		for _, host := range hosts {
			openings = append(openings, opening{"tcp", net.JoinHostPort(strings.TrimPrefix(host, "-"), settings["port"]), pong})
		}
	}
	if socket := settings["unixsocket"]; socket != "" {
		file := c.machine.at(socket)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.RemoveAll(file)); err != nil {
			return nil, err
		}
		openings = append(openings, opening{"unix", file, pong})
	}
	return openings, nil
}

// pong answers each PING, written as a line or as an array of one, until the client goes.
func pong(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			for lines := bufio.NewScanner(connection); lines.Scan(); {
				switch word := strings.ToUpper(strings.TrimSpace(lines.Text())); {
				case word == "PING":
					fmt.Fprint(connection, "+PONG\r\n")
				case word == "" || strings.ContainsAny(word[:1], "*$"): // how long what follows is
				default:
					fmt.Fprintf(connection, "-ERR unknown command '%s'\r\n", word)
				}
			}
		}()
	}
}

// sshd says that it is one, and no more.
func (c call) sshd() ([]opening, error) {
	text, err := c.machine.readFile(c.option("-f", "/etc/ssh/sshd_config"))
	if err != nil {
		return nil, err
	}
	var ports, hosts []string
	for _, line := range sshdLine.FindAllStringSubmatch(string(text), -1) {
		if line[1] == "Port" {
			ports = append(ports, line[2])
		} else {
			hosts = append(hosts, line[2])
		}
	}
	if len(ports) == 0 {
		ports = []string{"22"}
	}
	if len(hosts) == 0 {
		hosts = []string{"0.0.0.0"}
	}
	var openings []opening
	for _, host := range hosts {
		if h, port, err := net.SplitHostPort(host); err == nil { // an address with a port of its own
			openings = append(openings, opening{"tcp", net.JoinHostPort(h, port), banner})
			continue
		}
		for _, port := range ports {
			openings = append(openings, opening{"tcp", net.JoinHostPort(strings.Trim(host, "[]"), port), banner})
		}
	}
	return openings, nil
}

func banner(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		fmt.Fprint(connection, "SSH-2.0-OpenSSH_10.2\r\n")
		connection.Close()
	}
}

// isDaemon reports whether the call only has to stay.
func (c call) isDaemon() bool {
	return slices.Contains(daemons, c.name) || c.name == "podman" && slices.Contains(c.args, "service")
}
