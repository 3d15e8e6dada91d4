// Inside tells what a program sees from within a machine's root. It is static: nothing else
// is there.
package main

import (
	"encoding/json"
	"os"
)

func main() {
	dir, _ := os.Getwd()
	text, err := os.ReadFile("/etc/name")
	if err != nil {
		os.Exit(3)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"args": os.Args, "env": os.Environ(), "dir": dir, "name": string(text), "uid": os.Getuid(),
	})
}
