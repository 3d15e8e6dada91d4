package adopt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// What is taken over goes into a git repository and, each time, into the Nix store: the limits, in bytes and files, are far
// above what a configuration needs, pictures included, and far below what makes either slow. Our own choice.
const (
	largestFile = 8 << 20
	largestAll  = 32 << 20
	mostFiles   = 1000
)

// inspect looks at what is named: nil where it need not be there.
func (l *look) inspect(w wanted) (fs.FileInfo, *event.Finding) {
	abs := path.Join(Folder, w.name)
	ways, err := l.machine.Links(abs)
	if len(ways) > 0 {
		// What a link within the folder leads to would have to name its own files from somewhere else.
		finding := foreignLink(abs, ways[len(ways)-1])
		return nil, &finding
	}
	var info fs.FileInfo
	if err == nil {
		// There is no link on the way, so that this is within a sandbox.
		info, err = os.Lstat(l.machine.Path(abs))
	}
	switch {
	case err == nil:
		return info, nil
	case errors.Is(err, fs.ErrPermission):
		finding := unreadable(abs)
		return nil, &finding
	case w.optional:
		return nil, nil
	}
	finding := missing(w, abs)
	return nil, &finding
}

// admit refuses what is no plain file, and what is too much.
func (l *look) admit(w wanted, info fs.FileInfo) *event.Finding {
	abs := path.Join(Folder, w.name)
	l.size += info.Size()
	why := ""
	switch {
	case !info.Mode().IsRegular():
		why = "is " + kindOf(info.Mode()) + ", and no file that can be copied"
	case strings.ContainsAny(w.name, "\n\r\x00"):
		why = "has a name with a line break in it"
	case info.Size() > largestFile:
		why = fmt.Sprintf("has %d MB; a file that is adopted may have %d", info.Size()>>20, largestFile>>20)
	case l.size > largestAll:
		why = fmt.Sprintf("makes more than %d MB of all files together", largestAll>>20)
	case len(l.files) >= mostFiles:
		why = fmt.Sprintf("is one of more than %d files", mostFiles)
	default:
		return nil
	}
	return &event.Finding{
		ID: "adopt-odd-file", File: w.from, Line: w.line, Text: abs + " " + why,
		Cure: "move it out of the folder that is named here, or name the single files that are needed",
	}
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}
