// Package scripts tests what developers start: the targets of the Makefile, and scripts/, with stand-ins for the
// programs that those call.
package scripts
