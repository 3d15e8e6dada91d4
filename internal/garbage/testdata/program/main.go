// Program is what the systems of the tests are made of. As a builder it makes one; as bin/switch-to-configuration it
// writes the boot menu as NixOS does, with an entry for each generation; as bin/wait it waits to be ended.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	var err error
	switch {
	case os.Getenv("out") != "":
		err = build(os.Getenv("out"))
	case filepath.Base(os.Args[0]) == "switch-to-configuration":
		err = boot(filepath.Dir(filepath.Dir(os.Args[0])))
	default:
		fmt.Println("waiting")
		_, err = io.Copy(io.Discard, os.Stdin)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build(out string) error {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out+"/bin", 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(out+"/needs", []byte(os.Getenv("needs")), 0o644); err != nil {
		return err
	}
	for _, name := range []string{"switch-to-configuration", "wait"} {
		if err := os.WriteFile(filepath.Join(out, "bin", name), self, 0o755); err != nil {
			return err
		}
	}
	return nil
}

func boot(system string) error {
	if err := os.RemoveAll("/boot/loader/entries"); err != nil {
		return err
	}
	if err := os.MkdirAll("/boot/loader/entries", 0o755); err != nil {
		return err
	}
	links, err := filepath.Glob("/nix/var/nix/profiles/system-*-link")
	if err != nil {
		return err
	}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil {
			return err
		}
		entry := filepath.Base(link) + ".conf"
		if err := os.WriteFile("/boot/loader/entries/"+entry, []byte("options init="+target+"/init\n"), 0o644); err != nil {
			return err
		}
		if target != system {
			continue
		}
		if err := os.WriteFile("/boot/loader/loader.conf", []byte("default "+entry+"\n"), 0o644); err != nil {
			return err
		}
	}
	return nil
}
