// Command builder is the builder of derivations that are made to be watched: it does what the lines of $script say, one
// after the other.
//
//	line TEXT       writes the line
//	lines NUMBER    writes that many lines, as a compiler would
//	phase NAME      begins a phase, as nixpkgs' stdenv does
//	pause DURATION  does nothing for so long
//	fill BYTES      makes the output larger by so much that does not compress
//	exit CODE       ends
//
// Unless it ended before, it makes the output.
package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	out := os.Getenv("out")
	if err := play(os.Getenv("script"), out); err != nil {
		fmt.Fprintln(os.Stderr, "builder:", err)
		os.Exit(2)
	}
}

func play(script, out string) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for i, step := range strings.Split(strings.TrimSpace(script), "\n") {
		word, argument, _ := strings.Cut(strings.TrimSpace(step), " ")
		if err := do(word, argument, out, i); err != nil {
			return fmt.Errorf("step %q: %w", step, err)
		}
	}
	return os.WriteFile(out+"/name", []byte(os.Getenv("name")), 0o644)
}

func do(word, argument, out string, step int) error {
	switch word {
	case "":
	case "line":
		fmt.Fprintln(os.Stderr, argument)
	case "phase":
		// What stdenv writes to $NIX_LOG_FD, which is standard error (nixpkgs, pkgs/stdenv/generic/setup.sh).
		fmt.Fprintf(os.Stderr, "@nix {\"action\":\"setPhase\",\"phase\":%q}\n", argument)
	case "pause":
		length, err := time.ParseDuration(argument)
		time.Sleep(length)
		return err
	case "lines", "fill", "exit":
		number, err := strconv.Atoi(argument)
		if err != nil {
			return err
		}
		return count(word, number, fmt.Sprintf("%s/data-%d", out, step))
	default:
		return fmt.Errorf("no such word")
	}
	return nil
}

func count(word string, number int, file string) error {
	switch word {
	case "exit":
		os.Exit(number)
	case "fill":
		random := rand.New(rand.NewChaCha8([32]byte{}))
		data := make([]byte, number)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		return os.WriteFile(file, data, 0o644)
	}
	lines := bufio.NewWriterSize(os.Stderr, 4096)
	for i := range number {
		fmt.Fprintf(lines, "[%7d/%d] compiling source/module-%d.c with \"-O2\"\n", i+1, number, i)
	}
	return lines.Flush()
}
