package main

import (
	"cmp"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// postgres stands for the server of PostgreSQL: it takes connections and closes them. Its data is one file, databases,
// which whoever tests it writes.
func (c call) postgres(version string) int {
	if len(c.args) == 1 && (c.args[0] == "--version" || c.args[0] == "-V") {
		fmt.Fprintf(c.stdout, "postgres (PostgreSQL) %s\n", version)
		return 0
	}
	settings, err := c.postgresSettings()
	if err != nil {
		fmt.Fprintf(c.stderr, "FATAL:  %v\n", err)
		return 1
	}
	host := "127.0.0.1"
	if settings["listen_addresses"] == "*" {
		host = "0.0.0.0"
	}
	address := net.JoinHostPort(host, cmp.Or(settings["port"], "5432"))
	listener, err := net.Listen("tcp4", address)
	if err != nil {
		fmt.Fprintf(c.stderr, "LOG:  could not bind IPv4 address: %v\nFATAL:  could not create any TCP/IP sockets\n", err)
		return 1
	}
	unlock, err := c.postgresLock(settings["data"], cmp.Or(settings["port"], "5432"), version)
	if err != nil {
		fmt.Fprintf(c.stderr, "FATAL:  %v\n", err)
		return 1
	}
	go accept(listener)
	sayReady()
	<-ended()
	listener.Close()
	unlock()
	return 0
}

// socketFolder is where nixpkgs has PostgreSQL put its sockets.
const socketFolder = "/run/postgresql"

// postgresLock makes the data folder, as initdb would, and the file beside the socket: the process, the folder, when it
// was started, the port and the folder of the socket (PostgreSQL, src/include/utils/pidfile.h). The socket itself nobody
// needs. Without a data folder there is nothing to lock.
func (c call) postgresLock(data, port, version string) (unlock func(), err error) {
	if data == "" {
		return func() {}, nil
	}
	major, _, _ := strings.Cut(version, ".")
	if !c.machine.exists(filepath.Join(data, "PG_VERSION")) {
		if err := c.machine.writeFile(filepath.Join(data, "PG_VERSION"), []byte(major+"\n"), 0o600); err != nil {
			return nil, err
		}
	}
	lock := filepath.Join(socketFolder, ".s.PGSQL."+port+".lock")
	text := fmt.Sprintf("%d\n%s\n%d\n%s\n%s\n", os.Getpid(), data, time.Now().Unix(), port, socketFolder)
	return func() { os.Remove(c.machine.at(lock)) }, c.machine.writeFile(lock, []byte(text), 0o600)
}

// pgDumpAll prints the data of the server at a port, between the lines that begin and end what the real one prints
// (PostgreSQL, src/bin/pg_dump/pg_dumpall.c).
func (c call) pgDumpAll() int {
	port := c.option("--port", "5432")
	lock, err := c.machine.readFile(filepath.Join(socketFolder, ".s.PGSQL."+port+".lock"))
	lines := strings.Split(string(lock), "\n")
	if err != nil || len(lines) < 2 {
		fmt.Fprintf(c.stderr, "pg_dumpall: error: connection to server on socket \"%s/.s.PGSQL.%s\" failed: No such file or directory\n", socketFolder, port)
		return 1
	}
	databases, _ := c.machine.readFile(filepath.Join(lines[1], "databases")) // none were made yet
	fmt.Fprintf(c.stdout, "--\n-- PostgreSQL database cluster dump\n--\n\n%s--\n-- PostgreSQL database cluster dump complete\n--\n\n", databases)
	return 0
}

func accept(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		connection.Close()
	}
}

// postgresSettings reads the command line and the configuration file: that of config_file,
// else postgresql.conf in the data folder. The command line wins.
func (c call) postgresSettings() (map[string]string, error) {
	given := map[string]string{"port": os.Getenv("PGPORT")}
	data := os.Getenv("PGDATA")
	for args := c.args; len(args) > 0; {
		flag, value := args[0], ""
		args = args[1:]
		switch {
		case strings.HasPrefix(flag, "--"):
			flag, value = "-c", strings.TrimPrefix(flag, "--")
		case len(flag) > 2:
			flag, value = flag[:2], flag[2:]
		case len(args) > 0 && strings.Contains("-c-D-p-h-k", flag):
			value, args = args[0], args[1:]
		}
		switch flag {
		case "-D":
			data = value
		case "-p":
			given["port"] = value
		case "-h":
			given["listen_addresses"] = value
		case "-c":
			key, setting, _ := strings.Cut(value, "=")
			given[strings.ReplaceAll(key, "-", "_")] = setting
		}
	}
	given["data"] = data
	file := cmp.Or(given["config_file"], filepath.Join(data, "postgresql.conf"))
	settings, err := c.postgresFile(file, given["config_file"] != "")
	if err != nil {
		return nil, err
	}
	for key, value := range given {
		if value != "" {
			settings[key] = value
		}
	}
	return settings, nil
}

// postgresFile reads KEY = VALUE lines; a file that need not be there may be missing.
func (c call) postgresFile(path string, needed bool) (map[string]string, error) {
	settings := map[string]string{}
	text, err := c.machine.readFile(path)
	if err != nil {
		if needed {
			return nil, fmt.Errorf("could not access the server configuration file %q: %w", path, err)
		}
		return settings, nil
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		key, value, ok := strings.Cut(line, "=")
		if ok {
			settings[strings.TrimSpace(key)] = strings.Trim(strings.TrimSpace(value), "'")
		}
	}
	return settings, nil
}
