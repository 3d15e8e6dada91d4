// Package architecture holds the rules about the shape of the code, all of them as tests: which package may import
// which, who may run programs, what every package says about itself, how long things may get. They read the source
// with go/parser and never call the go command, so they take milliseconds and also run inside a Nix build.
package architecture
