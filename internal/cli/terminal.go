package cli

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// columns is how wide the lines of a stream may be: as its terminal is, or as COLUMNS says where it is none; 0 is as wide
// as they come.
func columns(w io.Writer) int {
	if file, ok := terminal(w); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			return width
		}
	}
	width, _ := strconv.Atoi(os.Getenv("COLUMNS"))
	return width
}

// terminal is the stream as a file, where it is a terminal.
func terminal(stream any) (*os.File, bool) {
	if out, wrapped := stream.(*answers); wrapped {
		stream = out.Writer
	}
	file, ok := stream.(*os.File)
	return file, ok && term.IsTerminal(int(file.Fd()))
}
