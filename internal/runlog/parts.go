package runlog

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	// largestPart is when a log goes on in another file, in bytes: an editor still opens it, and so does a mail.
	largestPart = 4 << 20
	// partsKept is how many files of one run stay: the first, which says what was to be done, and the last ones, which
	// say how that ended.
	partsKept = 3
	// runsKept is how many runs keep their log: as many as somebody still remembers. With all of their parts they have
	// 240 MiB, which a run of a few hundred KiB does not come near.
	runsKept = 20
)

// parts are the files of one log.
type parts struct {
	dir, base string // base is the name of the first one, without its ending
	number    int    // of the file that is written to
	size      int
	file      *os.File
}

const ending = ".jsonl"

// named are the files that this package makes: the time in UTC, which orders them, and something random, as two runs may
// begin at the same time.
var named = regexp.MustCompile(`^(\d{8}T\d{6}Z-[0-9a-f]{8})(?:\.\d+)?\.jsonl$`)

// create makes the first file, for its owner only, in a folder for its owner only, and removes logs of the oldest runs.
func create(dir string, now time.Time) (parts, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return parts{}, err
	}
	// One that was made by others may be open to them.
	if err := os.Chmod(dir, 0o700); err != nil {
		return parts{}, err
	}
	prune(dir)
	random := make([]byte, 4)
	_, _ = rand.Read(random) // it never fails
	p := parts{dir: dir, base: now.UTC().Format("20060102T150405Z") + "-" + hex.EncodeToString(random)}
	return p, p.next()
}

// next goes on in a new file.
func (p *parts) next() error {
	p.close()
	p.number++
	file, err := os.OpenFile(p.path(p.number), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	p.file, p.size = file, 0
	// What is in the middle goes; one that cannot be removed stays, and is in nobody's way.
	if gone := p.number - partsKept + 1; gone > 1 {
		os.Remove(p.path(gone))
	}
	return nil
}

func (p *parts) path(number int) string {
	name := p.base
	if number > 1 {
		name = fmt.Sprintf("%s.%d", p.base, number)
	}
	return filepath.Join(p.dir, name+ending)
}

func (p *parts) write(line []byte) error {
	if p.size > 0 && p.size+len(line) > largestPart {
		if err := p.next(); err != nil {
			return err
		}
	}
	n, err := p.file.Write(line)
	p.size += n
	return err
}

func (p *parts) first() string {
	if p.number == 0 {
		return ""
	}
	return p.path(1)
}

func (p *parts) close() {
	if p.file != nil {
		p.file.Close() // what is not written then is lost to a log
		p.file = nil
	}
}

// prune removes the logs of the oldest runs, so that there is room for one more, by their names: times of files change
// when they are copied.
func prune(dir string) {
	entries, _ := os.ReadDir(dir) // where it cannot be read, nothing is removed
	files := map[string][]string{}
	for _, entry := range entries {
		if name := named.FindStringSubmatch(entry.Name()); name != nil {
			files[name[1]] = append(files[name[1]], entry.Name())
		}
	}
	var runs []string
	for run := range files {
		runs = append(runs, run)
	}
	slices.Sort(runs)
	for _, run := range runs[:max(0, len(runs)-runsKept+1)] {
		for _, file := range files[run] {
			os.Remove(filepath.Join(dir, file))
		}
	}
}

// List are the files of logs in a directory, those of the newest run first and each run's in its order. A directory that
// is not there has none.
func List(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var found []string
	for _, entry := range entries {
		if named.MatchString(entry.Name()) {
			found = append(found, entry.Name())
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		if run := strings.Compare(named.FindStringSubmatch(b)[1], named.FindStringSubmatch(a)[1]); run != 0 {
			return run
		}
		return cmp.Or(len(a)-len(b), strings.Compare(a, b))
	})
	for i := range found {
		found[i] = filepath.Join(dir, found[i])
	}
	return found
}
