package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// ollama stands for the server and the client of Ollama; there is no network to pull from.
func (c call) ollama(version string) int {
	verb := ""
	if len(c.args) > 0 {
		verb = c.args[0]
	}
	switch verb {
	case "serve":
		return c.ollamaServe(version)
	case "pull":
		return c.ollamaPull()
	case "--version", "-v":
		fmt.Fprintf(c.stdout, "ollama version is %s\n", version)
		return 0
	}
	fmt.Fprintf(c.stderr, "Error: unknown command %q for \"ollama\"\n", verb)
	return 1
}

// ollamaAddress is $OLLAMA_HOST, whose port may be left out.
func ollamaAddress() string {
	address := cmp.Or(os.Getenv("OLLAMA_HOST"), "127.0.0.1")
	if _, _, err := net.SplitHostPort(address); err != nil {
		address = net.JoinHostPort(strings.Trim(address, "[]"), "11434")
	}
	return address
}

func (c call) ollamaServe(version string) int {
	listener, err := net.Listen("tcp", ollamaAddress())
	if err != nil {
		fmt.Fprintf(c.stderr, "Error: %v\n", err)
		return 1
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "Ollama is running")
	})
	routes.HandleFunc("GET /api/version", answer(map[string]string{"version": version}))
	routes.HandleFunc("GET /api/tags", answer(map[string][]string{"models": {}}))
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener)
	sayReady()
	<-ended()
	server.Close()
	return 0
}

// answer is a route that gives VALUE as JSON.
func answer(value any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		json.NewEncoder(w).Encode(value)
	}
}

func (c call) ollamaPull() int {
	if len(c.args) < 2 {
		fmt.Fprintln(c.stderr, "Error: accepts 1 arg(s), received 0")
		return 1
	}
	name, tag, tagged := strings.Cut(c.args[1], ":")
	if !tagged {
		tag = "latest"
	}
	fmt.Fprintln(c.stderr, "pulling manifest")
	fmt.Fprintf(c.stderr, "Error: pull model manifest: Get \"https://registry.ollama.ai/v2/library/%s/manifests/%s\": "+
		"dial tcp: lookup registry.ollama.ai: no such host\n", name, tag)
	return 1
}
