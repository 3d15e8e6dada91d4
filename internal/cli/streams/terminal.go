package streams

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// Columns is how wide the lines of a stream may be: as its terminal is, or as COLUMNS says where it is none; 0 is as wide
// as they come.
func Columns(w io.Writer) int {
	if file, ok := Terminal(w); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return width
		}
	}
	width, _ := strconv.Atoi(os.Getenv("COLUMNS"))
	return width
}

// Terminal is the stream as a file, where it is a terminal.
func Terminal(stream any) (*os.File, bool) {
	if out, wrapped := stream.(*Answers); wrapped {
		stream = out.Writer
	}
	file, ok := stream.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}
