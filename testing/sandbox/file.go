package sandbox

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks is how many links the kernel follows in one path (path_resolution(7)).
const maxLinks = 40

// ReadFile reads a file of the machine by the name it has there: absolute links, on the way
// or at the end, lead back into the machine and not to this computer.
func ReadFile(root, name string) ([]byte, error) {
	path, err := resolve(root, name)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(root, path))
}

// resolve follows every link of name within root.
func resolve(root, name string) (string, error) {
	rest := strings.Split(strings.Trim(name, "/"), "/")
	path := "/"
	for links := 0; len(rest) > 0; {
		next := filepath.Join(path, rest[0])
		rest = rest[1:]
		target, err := os.Readlink(filepath.Join(root, next))
		if err != nil {
			path = next
			continue
		}
		if links++; links > maxLinks {
			return "", fmt.Errorf("%s: too many links", name)
		}
		if filepath.IsAbs(target) {
			path = "/"
		}
		rest = append(strings.Split(strings.Trim(target, "/"), "/"), rest...)
	}
	return path, nil
}

// FreePort is the number of a port on which nothing listens now: machines share the loopback
// of this computer, where something may have a service's usual port.
func FreePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

// Workspace is where nqd, started by this user, keeps the machine's workspace.
func Workspace(root string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/root"
	}
	return filepath.Join(root, home, ".config/nixos")
}
