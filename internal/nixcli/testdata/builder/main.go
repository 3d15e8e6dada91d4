// Command builder builds the derivations of ../flake. It runs in nix's sandbox, where nothing else is.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

func main() {
	var err error
	switch how, given := os.Args[1], os.Args[2]; how {
	case "write":
		err = os.WriteFile(os.Getenv("out"), []byte(given), 0o644)
	case "repeat": // more than fits into an argument
		err = os.WriteFile(os.Getenv("out"), []byte(strings.Repeat(given, 40)), 0o644)
	case "fail":
		fmt.Fprint(os.Stdout, given)
		os.Exit(3)
	case "hold":
		err = hold(given)
	default:
		err = fmt.Errorf("%s: unknown", how)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// hold builds what the test that listens at address sends. While the builder lives the connection
// is open. Only a derivation whose output is known before has a network.
func hold(address string) error {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(connection)
	if err != nil {
		return err
	}
	return os.WriteFile(os.Getenv("out"), text, 0o644)
}
