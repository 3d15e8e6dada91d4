// Command fake stands for a program that cannot run where there is no graphics card: it says what the files beside it
// hold, NAME.out, NAME.err and NAME.code. By the name of env it is env(1), as far as that finds programs on PATH.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	name := filepath.Base(os.Args[0])
	if name == "env" {
		env(os.Args[1:])
	}
	file := filepath.Join(filepath.Dir(os.Args[0]), name)
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		file += "-" + os.Args[1]
	}
	out, _ := os.ReadFile(file + ".out")
	os.Stdout.Write(out)
	messages, _ := os.ReadFile(file + ".err")
	os.Stderr.Write(messages)
	code, _ := os.ReadFile(file + ".code")
	number, _ := strconv.Atoi(strings.TrimSpace(string(code)))
	os.Exit(number)
}

func env(args []string) {
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if program := filepath.Join(dir, args[0]); syscall.Access(program, 1) == nil {
			args[0] = program
			fmt.Fprintln(os.Stderr, syscall.Exec(program, args, os.Environ()))
			os.Exit(126)
		}
	}
	fmt.Fprintf(os.Stderr, "env: ‘%s’: No such file or directory\n", args[0])
	os.Exit(127)
}
