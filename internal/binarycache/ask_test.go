package binarycache

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Each cache is asked for what those before it did not have, once; 403 and 410 are as good as 404.
func TestAskInOrder(t *testing.T) {
	t.Parallel()
	first := serve(t, some(2), nil)
	second := serve(t, some(3), func(w http.ResponseWriter, r *http.Request, _ int) bool {
		code := map[string]int{file(path(3)): http.StatusForbidden, file(path(4)): http.StatusGone}[r.URL.Path]
		if code != 0 {
			w.WriteHeader(code)
		}
		return code != 0
	})
	paths := append(some(5), path(0), path(4))
	c := &clock{}
	answer, err := Ask(t.Context(), []string{first.URL + "/?priority=10", second.URL}, paths, Options{Version: "1.2.3", Wait: c.wait})
	if err != nil {
		t.Fatal(err)
	}
	answer.expect(t, map[machine.StorePath]int{path(0): 0, path(1): 0, path(2): 1}, []machine.StorePath{path(3), path(4)}, nil)
	for i, want := range []Cache{{first.URL + "/?priority=10", 2, ""}, {second.URL, 1, ""}} {
		if answer.Caches[i] != want {
			t.Errorf("cache %+v, want %+v", answer.Caches[i], want)
		}
	}
	if first.requests() != 6 || second.requests() != 4 || second.times(file(path(0))) != 0 || len(c.rests) != 0 {
		t.Errorf("asked %v, %v; rested %v", first.asked, second.asked, c.rests)
	}
	if len(first.agents) != 1 || !first.agents["nqd/1.2.3"] {
		t.Errorf("agents %v", first.agents)
	}
}

func TestNothingToAsk(t *testing.T) {
	t.Parallel()
	c := serve(t, nil, nil)
	answer, _ := asking(t, []string{c.URL, "s3://bucket"}, nil)
	answer.expect(t, nil, nil, nil)
	answer.problem(t, 1, "")
	answer, _ = asking(t, nil, some(1))
	answer.expect(t, nil, some(1), nil)
	if c.requests() != 0 {
		t.Errorf("asked %v", c.asked)
	}
	if _, err := Ask(t.Context(), nil, []machine.StorePath{"/etc/passwd"}, Options{}); err == nil || err.Error() != `asking the caches: "/etc/passwd": not a store path` {
		t.Errorf("error %v", err)
	}
}

// Many at once: a server that answers only when as many questions are there as may be.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan bool, 2*atOnce), make(chan bool)
	c := serve(t, some(2*atOnce), func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		if strings.HasSuffix(r.URL.Path, ".narinfo") {
			arrived <- true
			<-release
		}
		return false
	})
	go func() {
		for range atOnce {
			<-arrived
		}
		close(release)
	}()
	answer, _ := asking(t, []string{c.URL}, some(2*atOnce))
	if len(answer.Found) != 2*atOnce || c.top != atOnce {
		t.Errorf("found %d, %d at once", len(answer.Found), c.top)
	}
}

// A cache that cannot be asked is found out by one question.
func TestInfo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"200 StoreDir: /gnu/store\n": "is for the store /gnu/store", "404 ": "is no binary cache: it has no nix-cache-info",
		"503 ": "answers 503 Service Unavailable", "200 Priority: 1\n": "", "200 ": "",
	} {
		code, body, _ := strings.Cut(text, " ")
		c := serve(t, some(1), func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if r.URL.Path != "/"+infoFile {
				return false
			}
			w.WriteHeader(map[string]int{"200": 200, "404": 404, "503": 503}[code])
			fmt.Fprint(w, body)
			return true
		})
		answer, _ := asking(t, []string{c.URL}, some(2))
		answer.problem(t, 0, want)
		if want == "" {
			answer.expect(t, map[machine.StorePath]int{path(0): 0}, []machine.StorePath{path(1)}, nil)
			continue
		}
		answer.expect(t, nil, nil, some(2))
		if c.requests() != c.times("/"+infoFile) || code != "503" && c.requests() != 1 || c.requests() > tries {
			t.Errorf("asked %v", c.asked)
		}
	}
}

func TestOtherCaches(t *testing.T) {
	t.Parallel()
	const scheme = "not asked: nqd reads http, https and file caches"
	for address, want := range map[string]string{
		"s3://bucket?region=eu": scheme, "ssh://host": scheme, "ssh-ng://host": scheme, "daemon": scheme, "auto": scheme,
		"local?root=/tmp": scheme, "/var/cache": scheme, "http:nowhere": scheme, "file://host/dir": scheme, "": scheme,
		"http://[": "not asked: missing ']' in host", "file:///none/such": "stat /none/such: no such file or directory",
		"file:///dev/null": "/dev/null: not a directory",
	} {
		answer, _ := asking(t, []string{address}, some(1))
		answer.expect(t, nil, nil, some(1))
		answer.problem(t, 0, want)
	}
}

func TestPasswordIsNotShown(t *testing.T) {
	t.Parallel()
	c := serve(t, some(1), func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if user, word, ok := r.BasicAuth(); !ok || user != "ada" || word != "secret" {
			t.Errorf("came as %q, %q, %t", user, word, ok)
		}
		return false
	})
	address := strings.Replace(c.URL, "http://", "http://ada:%s@", 1)
	answer, _ := asking(t, []string{fmt.Sprintf(address, "secret")}, some(1))
	answer.expect(t, map[machine.StorePath]int{path(0): 0}, nil, nil)
	if want := fmt.Sprintf(address, "xxxxx"); answer.Caches[0].URL != want {
		t.Errorf("URL %s, want %s", answer.Caches[0].URL, want)
	}
}

// Connections are kept, and HTTP/2 is spoken where it is offered; certificates are verified.
func TestConnections(t *testing.T) {
	t.Parallel()
	versions := make(chan string, 1000)
	behave := func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		versions <- r.Proto + " " + r.RemoteAddr
		return false
	}
	plain, secure := serve(t, some(400), behave), unstarted(t, some(400), behave)
	secure.EnableHTTP2 = true
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it would tell of the handshake that fails
	secure.StartTLS()
	asked := some(400)
	for i := range 400 {
		asked = append(asked, path(500+i)) // not there: such connections are kept too
	}
	for _, c := range []*cache{plain, secure} {
		transport := newTransport()
		transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
		if c == secure {
			transport.TLSClientConfig.RootCAs.AddCert(secure.Certificate())
		}
		answer, err := ask(t.Context(), transport, []string{c.URL}, asked, Options{}.filled())
		transport.CloseIdleConnections()
		if err != nil || len(answer.Found) != 400 {
			t.Fatalf("%d found, %v, %v", len(answer.Found), answer.Caches, err)
		}
		seen := map[string]bool{}
		for range len(asked) + 1 {
			seen[<-versions] = true
		}
		for version := range seen {
			if want := map[*cache]string{plain: "HTTP/1.1 ", secure: "HTTP/2.0 "}[c]; !strings.HasPrefix(version, want) {
				t.Errorf("%s, want %s", version, want)
			}
		}
		if len(seen) > atOnce {
			t.Errorf("%d connections, at most %d", len(seen), atOnce)
		}
	}
	answer, clock := asking(t, []string{secure.URL}, some(1))
	if got := answer.Caches[0].Problem; !strings.Contains(got, "certificate signed by unknown authority") || len(clock.rests) != 0 {
		t.Errorf("problem %q, rested %v", got, clock.rests)
	}
}

// proxied is the environment variable that names a proxy's test process.
const proxied = "NQD_TEST_PROXIED"

// The environment's proxy is asked, as Nix does. net/http reads the variables once, so it takes a process of its own.
func TestProxy(t *testing.T) {
	if os.Getenv(proxied) != "" {
		answer, _ := asking(t, []string{"http://cache.invalid"}, some(1))
		answer.expect(t, map[machine.StorePath]int{path(0): 0}, nil, nil)
		return
	}
	t.Parallel()
	hosts := make(chan string, 10)
	c := serve(t, some(1), func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		hosts <- r.URL.Host
		return false
	})
	cmd := exec.Command(os.Args[0], "-test.run=^TestProxy$")
	cmd.Env = append(os.Environ(), proxied+"=1", "HTTP_PROXY="+c.URL, "http_proxy="+c.URL, "NO_PROXY=", "no_proxy=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if host := <-hosts; host != "cache.invalid" {
		t.Errorf("asked for %s", host)
	}
}
