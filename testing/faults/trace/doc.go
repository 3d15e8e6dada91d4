// Package trace watches a program by ptrace(2) from outside: which of its own system calls change
// files below a folder, in order, and it kills the program with SIGKILL before or behind any one of
// them. The program needs no hooks and knows nothing of it. Programs that it starts are not watched
// and not killed, as with kill -9.
package trace
