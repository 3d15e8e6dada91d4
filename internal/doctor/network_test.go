package doctor

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync/atomic"
	"syscall"
	"testing"
)

// serve answers with one status after the other, the last one again and again.
func serve(t *testing.T, statuses ...int) (url string) {
	t.Helper()
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(asked.Add(1))
		if r.Method != http.MethodGet || r.URL.Path != "/health" {
			t.Errorf("asked %s %s", r.Method, r.URL.Path)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(statuses[min(n, len(statuses))-1])
	}))
	t.Cleanup(server.Close)
	return server.URL + "/health"
}

// closed is an address that is taken, so that nobody else gets it, and not listened on.
func closed(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port)
}

// What fails is asked until its grace is over, so all of it is asked at the same time.
func TestNetwork(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	open := listener.Addr().String() // takes connections and says nothing
	http := func(wanted int, answers ...int) Check {
		return Check{Kind: HTTP, Target: serve(t, answers...), Status: wanted}
	}
	cases := []struct {
		check Check
		want  string // a regular expression
	}{
		{http(200, 200), ""},
		{http(204, 204), ""},
		{http(401, 401), ""},
		{http(200, 503), "answers 503 Service Unavailable instead of 200"},
		{http(200, 204), "answers 204 No Content instead of 200"},
		{http(200, 503, 200), ""}, // healthy on the second question
		{http(302, 302), ""},
		{http(200, 302), "answers 302 Found instead of 200"}, // serve complains when it is followed
		{Check{Kind: HTTP, Target: "http://" + closed(t), Status: 200}, "dial tcp 127.0.0.1:[0-9]+: connect: connection refused"},
		{Check{Kind: HTTP, Target: "http://" + open, Status: 200}, "context deadline exceeded"},
		{Check{Kind: HTTP, Target: "http://[", Status: 200}, ".*missing ']' in host"},
		{Check{Kind: TCP, Target: open}, ""},
		{Check{Kind: TCP, Target: closed(t)}, "dial tcp 127.0.0.1:[0-9]+: connect: connection refused"},
		{Check{Kind: TCP, Target: "127.0.0.1"}, ".*missing port in address"},
	}
	var checks []Check
	for _, c := range cases {
		c.check.Grace, c.check.Critical = 1, true
		if c.want == "" {
			c.check.Grace = 3600
		}
		checks = append(checks, c.check)
	}
	told, err := run(t, nil, checks...)
	if len(told) != len(cases) {
		t.Fatalf("told %v, %v", told, err)
	}
	for i, c := range cases {
		if !regexp.MustCompile("^"+c.want+"$").MatchString(told[i].Problem) || told[i].OK != (c.want == "") {
			t.Errorf("%d %s %s: got %t %q, want %q", i, c.check.Kind, c.check.Target, told[i].OK, told[i].Problem, c.want)
		}
	}
}

// The proxy of the user's session has nothing to do with a service of this machine. Go reads
// the variables once and never uses a proxy for loopback, so the client is asked itself.
func TestNoProxy(t *testing.T) {
	t.Parallel()
	transport := client.Transport.(*http.Transport)
	if transport.Proxy != nil || !transport.DisableKeepAlives {
		t.Errorf("proxy %t, keeps connections %t", transport.Proxy != nil, !transport.DisableKeepAlives)
	}
}
