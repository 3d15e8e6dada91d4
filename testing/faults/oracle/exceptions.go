package oracle

import (
	"regexp"
	"strings"
)

// Exception is something that may differ between two machines in the same state, and why.
type Exception struct {
	Names string // what it is about, below the machine's root
	Part  Part
	Why   string
}

// Part is what of a file an exception leaves out.
type Part string

// The parts of a file.
const (
	All     Part = "all"
	Itself  Part = "the folder, not what is in it"
	Time    Part = "time"
	Content Part = "part of its content"
)

// Exceptions is the whole list. Docs/reliability.md shows it, which a test holds.
func Exceptions() []Exception {
	return []Exception{
		{`nix/store`, All, "files there are never written; the store itself is asked which paths are valid"},
		{`nix/var/nix/(db|userpool2?|temproots|gc\.lock|gc-socket|daemon-socket)`, All, "Nix's own records and locks; the store is asked"},
		{`nix/var/nix/gcroots/auto/[^/]*`, All, "names are hashes of where a root lies; the roots are compared by what they lead to"},
		{`home/ada/\.local/state/nqd`, All, "nqd's own records: whoever is judged is no witness"},
		{`home/ada/\.config/nixos/\.git(/.*)?`, All, "commits have times, and references of deployments have numbers; git is asked for the trees, the index and what differs"},
		{`home/ada/\.config/nixos(/.*)?`, Time, "git writes files of the workspace anew, when a rollback brings them back and when it is taken back itself"},
		{`home/ada/\.cache(/nqd|/nix)(/.*)?`, All, "caches"},
		{`run/booted-system`, All, "what the boot menu had when the machine was switched on, which may be a commit that was cut off; the boot menu is compared"},
		{`run/nqd`, Itself, "the folder of a mark that says that a system is tried; the mark itself is compared"},
		{`var/log(/.*)?`, All, "logs tell what happened, and that differs"},
		{`run/standin/units/[^/]*`, Content, "process numbers and times of start; state and result are compared"},
	}
}

// matcher is one exception, ready to use.
type matcher struct {
	Exception
	name *regexp.Regexp
}

func matchers(part Part) []matcher {
	var all []matcher
	for _, e := range Exceptions() {
		if e.Part == part {
			all = append(all, matcher{e, regexp.MustCompile(`^(?:` + e.Names + `)$`)})
		}
	}
	return all
}

func matches(all []matcher, name string) bool {
	for _, m := range all {
		if m.name.MatchString(name) {
			return true
		}
	}
	return false
}

// volatile are the values in the state file of a unit that differ from run to run.
var volatile = regexp.MustCompile(`"(pid|supervisor|started)":("[^"]*"|[0-9]+)`)

func rewrite(text []byte) []byte { return volatile.ReplaceAll(text, []byte(`"$1":0`)) }

// timeless reports whether the time of an entry says nothing: only files and foreign links of homes
// have a time that anybody gave them.
func timeless(name string, e Entry) bool {
	ours := e.Kind == "link" && strings.HasPrefix(e.Target, "/nix/store/")
	return !strings.HasPrefix(name, "home/") || e.Kind == "folder" || ours || matches(matchers(Time), name)
}
