package running

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// Listener is one port that is taken.
type Listener struct {
	Protocol string // tcp or udp
	Port     int
	// Address is the one that is listened on; 0.0.0.0 and :: are all of the computer.
	Address netip.Addr
	// Program is the name of the one that listens; empty where that may not be known.
	Program string
}

// Listening tells which ports are taken now, by number. They are always those of this computer: what a sandbox starts
// listens on its loopback too. Of which program a port is, only root and the program's own user may know.
func Listening() ([]Listener, error) { return listening("/proc") }

// The states of sockets that wait for somebody (linux, include/net/tcp_states.h): TCP_LISTEN; and TCP_CLOSE, which is
// what an UDP socket has that is bound and not connected.
const (
	tcpListen = "0A"
	udpBound  = "07"
)

func listening(proc string) ([]Listener, error) {
	var found []Listener
	owners := map[string][]int{} // inode: indexes of found
	for _, table := range []struct{ name, protocol, state string }{
		{"tcp", "tcp", tcpListen}, {"tcp6", "tcp", tcpListen}, {"udp", "udp", udpBound}, {"udp6", "udp", udpBound},
	} {
		file := filepath.Join(proc, "net", table.name)
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(table.name, "6") {
			continue // without IPv6
		}
		if err != nil {
			return nil, err
		}
		for text := range strings.Lines(string(data)) {
			l, state, inode, err := parseSocket(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			if state != table.state {
				continue
			}
			l.Protocol = table.protocol
			owners[inode] = append(owners[inode], len(found))
			found = append(found, l)
		}
	}
	name(proc, found, owners)
	slices.SortStableFunc(found, func(a, b Listener) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol), a.Address.Compare(b.Address))
	})
	return found, nil
}

// parseSocket reads a line of proc_net_tcp(5): number, own and other address, state, …, inode. The first line has no
// numbers and no state.
func parseSocket(text string) (l Listener, state, inode string, err error) {
	fields := strings.Fields(text)
	if len(fields) > 0 && fields[0] == "sl" {
		return Listener{}, "", "", nil
	}
	if len(fields) < 10 {
		return Listener{}, "", "", fmt.Errorf("unknown line %q", text)
	}
	address, port, _ := strings.Cut(fields[1], ":")
	number, err := strconv.ParseUint(port, 16, 16)
	if err == nil {
		l.Port = int(number)
		l.Address, err = parseAddress(address)
	}
	if err != nil {
		return Listener{}, "", "", fmt.Errorf("unknown line %q: %w", text, err)
	}
	return l, fields[3], fields[9], nil
}

// parseAddress reads an address as the kernel writes it: words of 32 bits, each in the byte order of the machine.
func parseAddress(text string) (netip.Addr, error) {
	var bytes []byte
	for ; len(text) >= 8; text = text[8:] {
		word, err := strconv.ParseUint(text[:8], 16, 32)
		if err != nil {
			return netip.Addr{}, err
		}
		bytes = binary.NativeEndian.AppendUint32(bytes, uint32(word))
	}
	address, ok := netip.AddrFromSlice(bytes)
	if !ok || text != "" {
		return netip.Addr{}, errors.New("no address")
	}
	return address, nil
}

// name finds the programs that hold the sockets. Programs come and go meanwhile, and most are not ours to look at, so
// what cannot be read is passed over.
func name(proc string, found []Listener, owners map[string][]int) {
	links, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "*"))
	for _, link := range links {
		target, err := os.Readlink(link)
		inode, is := strings.CutPrefix(strings.TrimSuffix(target, "]"), "socket:[")
		if err != nil || !is {
			continue
		}
		for _, i := range owners[inode] {
			// A socket that systemd opened is held by it and by the service: the later program serves.
			if program := programName(filepath.Dir(filepath.Dir(link))); program != "" && (found[i].Program == "" || found[i].Program == "systemd") {
				found[i].Program = program
			}
		}
	}
}

// longestName is that of a file in bytes (NAME_MAX of limits.h).
const longestName = 255

// programName is a program's name as its user knows it. The kernel cuts names at 15 characters (proc_pid_comm(5)), and
// wrappers of nixpkgs hide the program as .NAME-wrapped. A program may name itself as it likes.
func programName(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, "comm"))
	if err != nil {
		return ""
	}
	comm := printable.Line(string(text), longestName)
	if file, err := os.Readlink(filepath.Join(dir, "exe")); err == nil {
		file = strings.TrimSuffix(filepath.Base(file), " (deleted)")
		if len(comm) == 15 && strings.HasPrefix(file, comm) {
			comm = printable.Line(file, longestName)
		}
	}
	if hidden, is := strings.CutPrefix(comm, "."); is {
		if name, wrapped := strings.CutSuffix(hidden, "-wrapped"); wrapped {
			return name
		}
	}
	return comm
}
