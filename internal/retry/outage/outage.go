// Package outage tells by what nix said whether it failed for a network that may come back.
package outage

import (
	"regexp"
	"strings"
	"sync"
)

// compiled is a pattern that is compiled when it is asked for: most runs of nqd see no failure.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// What nix says of a download: "unable to download 'URL': HTTP error 503", or curl's words for what went wrong with its
// number in brackets (nix, src/libstore/filetransfer.cc). Newer ones name a path of a cache too.
var download = compiled(`unable to download '[^']*': (?:HTTP error (\d+)|.*?\((\d+)\))`)

// What git and ssh say (curl's words without their number), behind nix's "fatal: unable to access 'URL': ".
var fetch = compiled(`fatal: unable to access '[^']*': (.*)|ssh: (?:connect to host|Could not resolve hostname) .*: (.*)`)

// passingFetch are those of them that may pass.
var passingFetch = compiled(`Could ?n[o']t (?:resolve host|connect to server)|Failed to connect to|Connection (?:refused|reset|timed out)|` +
	`timed out|Empty reply from server|Recv failure|Send failure|Network is unreachable|No route to host|` +
	`Temporary failure in name resolution|The requested URL returned error: (?:408|429|50[0234])|GnuTLS recv error|unexpected eof`)

// passingCode are the numbers of curl's errors that may pass (libcurl-errors(3)): names (5, 6), connections (7, 16, 35,
// 52, 55, 56, 92), an answer that breaks off (18) and time (28). A certificate that is not trusted (60) does not pass.
var passingCode = map[string]bool{
	"5": true, "6": true, "7": true, "16": true, "18": true, "28": true, "35": true, "52": true, "55": true, "56": true, "92": true,
}

// passingStatus are those of HTTP that say "later" (RFC 9110). What nix never asks for again is not among them: 501, 505
// and 511 (nix, src/libstore/filetransfer.cc).
var passingStatus = map[string]bool{"408": true, "429": true, "500": true, "502": true, "503": true, "504": true}

// builder is where the lines of a builder begin that nix shows in its error.
const builder = "> "

// Find looks through the errors that nix ended with, and what git said before them. If they are those of a network, all
// of them, it returns the first one, which says what is wrong: "unable to download 'URL': HTTP error 503". Where a file
// is missing or a hash differs, another try is of no use, whatever else went wrong.
//
// What a builder wrote counts only as far as it is nix's own, as of the built-in builder of downloads: a test that finds
// no network in its build sandbox does not find it later.
func Find(said []string) (problem string, found bool) {
	for _, text := range said {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			passing, known := judge(line)
			if known && !passing {
				return "", false
			}
			if passing && !found {
				problem, found = line[places(line):], true
			}
		}
	}
	return problem, found
}

// places is where in a line the words begin that say what is wrong.
func places(line string) int {
	for _, pattern := range []*regexp.Regexp{download(), fetch()} {
		if at := pattern.FindStringIndex(line); at != nil {
			return at[0]
		}
	}
	return 0
}

// judge reports whether a line is about a network, and if so whether that may pass.
func judge(line string) (passing, known bool) {
	if found := download().FindStringSubmatch(line); found != nil {
		return passingStatus[found[1]] || passingCode[found[2]], true
	}
	if strings.HasPrefix(line, builder) {
		return false, false
	}
	if found := fetch().FindStringSubmatch(line); found != nil {
		return passingFetch().MatchString(found[0]), true
	}
	return false, lasting().MatchString(line)
}

// lasting are errors that stand beside those of a network and decide: no room, a wrong hash, nobody's signature.
var lasting = compiled(`No space left on device|hash mismatch|lacks a signature by a trusted key|Disk quota exceeded|Read-only file system`)
