package cli

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// flaky serves a binary cache on a port of the loopback until the script ends, and of one download, the first that it is
// asked for, answers as many requests as TIMES says with 503, or all for ever: flaky PORT DIR TIMES. What it is asked for
// is written to asked-PORT.
func flaky(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: flaky PORT DIR TIMES")
	}
	left, err := strconv.Atoi(args[2])
	if err != nil {
		left = 1 << 30
	}
	log, err := os.Create(ts.MkAbs("asked-" + args[0]))
	ts.Check(err)
	listener, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	ts.Check(err)
	whole := http.FileServer(http.Dir(ts.MkAbs(args[1])))
	var lock sync.Mutex
	chosen := ""
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		fmt.Fprintln(log, r.URL.Path)
		if chosen == "" && strings.HasPrefix(r.URL.Path, "/nar/") {
			chosen = r.URL.Path
		}
		fails := r.URL.Path == chosen && left > 0
		if fails {
			left--
		}
		lock.Unlock()
		if fails {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		whole.ServeHTTP(w, r)
	})}
	go func() { _ = server.Serve(listener) }()
	ts.Defer(func() {
		server.Close()
		log.Close()
	})
}
