package running

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// proc is a /proc of its own; with "-> " a file is a link.
func proc(t *testing.T, files map[string]string) string {
	t.Helper()
	return with(t, files).Path("/")
}

const (
	head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
	rest = " 00000000:00000000 00:00000000 00000000     0        0 "
)

func socket(number int, local, state string, inode int) string {
	return fmt.Sprintf("%4d: %s 00000000:0000 %s%s%d 1 0000000005ff371a 100 0 0 10 0\n", number, local, state, rest, inode)
}

func TestListening(t *testing.T) {
	t.Parallel()
	any6, loop6 := strings.Repeat("0", 32), strings.Repeat("0", 24)+"01000000"
	files := map[string]string{
		"net/tcp":   head + socket(0, "0100007F:2CAA", "0A", 11) + socket(1, "0100007F:2CAA", "01", 12) + socket(2, "0202A8C0:0016", "0A", 13),
		"net/tcp6":  head + socket(0, any6+":0050", "0A", 14) + socket(3, any6+":14E9", "0A", 18) + socket(1, loop6+":2CAA", "0A", 11) + socket(2, "B80D0120000000000000000001000000:0051", "0A", 19),
		"net/udp":   head + socket(1234, "00000000:14E9", "07", 15) + socket(5, "00000000:1000", "01", 16),
		"net/udp6":  head + socket(1234, any6+":14E9", "07", 17),
		"7/comm":    "systemd\n",
		"7/fd/3":    "-> socket:[13]",
		"80/comm":   "nginx\n",
		"80/exe":    "-> /nix/store/x/bin/nginx-debug",
		"80/fd/0":   "-> /dev/null",
		"80/fd/7":   "-> socket:[14]",
		"80/fd/8":   "-> socket:[99]",
		"80/fd/9":   "-> anon_inode:[eventpoll]",
		"81/comm":   ".ollama-wrapped\n",
		"81/exe":    "-> /nix/store/x/bin/.ollama-wrapped",
		"81/fd/3":   "-> socket:[11]",
		"82/comm":   "a-program-with-\n",
		"82/exe":    "-> /nix/store/x/bin/a-program-with-a-name (deleted)",
		"82/fd/3":   "-> socket:[15]",
		"83/comm":   ".a-longer-progr\n",
		"83/exe":    "-> /nix/store/x/bin/.a-longer-program-wrapped",
		"83/fd/3":   "-> socket:[17]",
		"84/comm":   "\x1b[7msshd\n",
		"84/exe":    "-> /nix/store/x/bin/bash",
		"84/fd/3":   "-> socket:[13]",
		"9/fd/3":    "-> socket:[19]", // gone before its name was read
		"self/comm": "never\n",
		"self/fd/3": "-> socket:[19]",
	}
	got, err := listening(proc(t, files))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, l := range got {
		texts = append(texts, fmt.Sprintf("%s %d %s %q", l.Protocol, l.Port, l.Address, l.Program))
	}
	want := []string{
		`tcp 22 192.168.2.2 "sshd"`, `tcp 80 :: "nginx"`, `tcp 81 2001:db8::1 ""`, `tcp 5353 :: ""`, `udp 5353 0.0.0.0 "a-program-with-a-name"`,
		`udp 5353 :: "a-longer-program"`, `tcp 11434 127.0.0.1 "ollama"`, `tcp 11434 ::1 "ollama"`,
	}
	if !slices.Equal(texts, want) {
		t.Errorf("got  %q\nwant %q", texts, want)
	}
}

func TestListeningErrors(t *testing.T) {
	t.Parallel()
	for text, files := range map[string]map[string]string{
		"no such file or directory": {},
		"/net/tcp: unknown line":    {"net/tcp": "a b c\n", "net/udp": head},
		"/net/udp: unknown line":    {"net/tcp": head, "net/udp": socket(0, "0100007F:12345", "07", 1)},
		"no address":                {"net/tcp": socket(0, "0100007F00:1234", "0A", 1), "net/udp": head},
		"invalid syntax":            {"net/tcp": socket(0, "0100007G:1234", "0A", 1), "net/udp": head},
	} {
		if got, err := listening(proc(t, files)); err == nil || !strings.Contains(err.Error(), text) || got != nil {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	if got, err := listening(proc(t, map[string]string{"net/tcp": head, "net/udp": head})); err != nil || got != nil {
		t.Errorf("without IPv6: %v, %v", got, err)
	}
}

// What the kernel of this computer tells is read right: its listeners are there, with this program's name.
func TestListeningHere(t *testing.T) {
	t.Parallel()
	comm, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	must(t, err)
	program := strings.TrimSpace(string(comm))
	if len(program) == 15 {
		program = filepath.Base(exe)
	}
	var want []Listener
	tcp, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	defer tcp.Close()
	want = append(want, Listener{"tcp", tcp.Addr().(*net.TCPAddr).Port, netip.MustParseAddr("127.0.0.1"), program})
	udp, err := net.ListenPacket("udp4", "0.0.0.0:0")
	must(t, err)
	defer udp.Close()
	want = append(want, Listener{"udp", udp.LocalAddr().(*net.UDPAddr).Port, netip.MustParseAddr("0.0.0.0"), program})
	if tcp6, err := net.Listen("tcp6", "[::1]:0"); err == nil {
		defer tcp6.Close()
		want = append(want, Listener{"tcp", tcp6.Addr().(*net.TCPAddr).Port, netip.MustParseAddr("::1"), program})
	}
	connected, err := net.Dial("tcp4", tcp.Addr().String())
	must(t, err)
	defer connected.Close()
	asking, err := net.Dial("udp4", udp.LocalAddr().String())
	must(t, err)
	defer asking.Close()
	got, err := Listening()
	must(t, err)
	for _, w := range want {
		if !slices.Contains(got, w) {
			t.Errorf("%+v is not among %+v", w, got)
		}
	}
	for _, l := range got {
		if l.Port == connected.LocalAddr().(*net.TCPAddr).Port && l.Protocol == "tcp" || l.Port == asking.LocalAddr().(*net.UDPAddr).Port && l.Protocol == "udp" {
			t.Errorf("%+v does not listen", l)
		}
	}
}
