package trace

import (
	"fmt"
	"regexp"
)

// Call is one system call of the program that changes files, or brings them to the disk.
type Call struct {
	Name string // such as "renameat"
	Path string // what it changes, below the folder; temporary names with their random part replaced
	From string // of a rename or link: what was there before
	Nth  int    // the how-manieth of this name and these paths, from 1
}

func (c Call) String() string {
	from := ""
	if c.From != "" {
		from = c.From + " → "
	}
	return fmt.Sprintf("%s %s%s #%d", c.Name, from, c.Path, c.Nth)
}

// Side is before or behind a call.
type Side string

// The sides of a call. Before it the program stands at its entry and the call does not happen;
// behind it has happened, and the program knows nothing of it yet.
const (
	Before Side = "before"
	Behind Side = "behind"
)

// Point is where a program is killed.
type Point struct {
	Side Side
	Call Call
}

func (p Point) String() string { return string(p.Side) + " " + p.Call.String() }

// Points are all points of the calls: before and behind each.
func Points(calls []Call) []Point {
	var points []Point
	for _, call := range calls {
		points = append(points, Point{Before, call}, Point{Behind, call})
	}
	return points
}

// random matches the part of a temporary name that is another in each run: os.CreateTemp writes at
// least six digits, os.MkdirTemp too.
var random = regexp.MustCompile(`[0-9]{6,}`)

// plain is a path without what differs from run to run.
func plain(path string) string { return random.ReplaceAllString(path, "N") }
