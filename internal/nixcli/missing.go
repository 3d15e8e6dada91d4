package nixcli

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Missing is what a build would have to build and to fetch. All of it is empty where the result is
// in the store.
type Missing struct {
	// Build are derivations, in an order in which they can be built.
	Build []machine.StorePath
	// Fetch are the paths that caches have.
	Fetch []machine.StorePath
	// Download and Unpacked are the sizes of Fetch, on the way and in the store, in bytes as nix
	// rounds them: 2.26 to a hundredth of a MiB, 2.34 to a tenth of a KiB, MiB, and so on.
	Download, Unpacked int64
	// Unknown are paths that nobody has and no derivation makes.
	Unknown []string
}

// impatient are the settings for a question that may stay open: without fallback a cache that fails is the end of nix
// (nix, src/libstore/store-api.cc, querySubstitutablePathInfos), and one that hangs holds it for five times as many
// seconds as stalled-download-timeout says, which is 300.
var impatient = []string{"--option", "fallback", "true", "--option", "download-attempts", "2",
	"--option", "connect-timeout", "5", "--option", "stalled-download-timeout", "3"}

// Missing asks what is missing of the derivation's output, without building or fetching. A cache
// that does not answer counts as one that has nothing; nix warns of it.
func (n *Nix) Missing(ctx context.Context, derivation string) (Missing, error) {
	args := append([]string{"build", "--dry-run", "--no-link"}, impatient...)
	c := n.command("asking what is missing of "+filepath.Base(derivation), append(args, derivation+"^out")...)
	var answer missingAnswer
	_, err := n.listen(ctx, c, func(line string) {
		if !answer.take(line) {
			n.Sink(event.Output{Program: "nix", Line: line})
		}
	})
	if err == nil {
		err = answer.err
	}
	if err != nil {
		return Missing{}, err
	}
	return answer.missing, nil
}

// missingAnswer reads what nix says line by line (nix, src/libmain/shared.cc, printMissing). Other
// messages may come in between.
type missingAnswer struct {
	missing Missing
	list    func(path string) error // takes a path below the headline that came last
	err     error                   // the first one
}

var (
	willBuild = regexp.MustCompile(`^(?:this derivation|these \d+ derivations) will be built:$`)
	willFetch = regexp.MustCompile(`^(?:this path|these \d+ paths) will be fetched \(([^,]+) download, ([^)]+) unpacked\):$`)
	cannot    = regexp.MustCompile(`^don't know how to build these paths(?: \(.*\))?:$`)
)

// take reports whether the line belongs to the answer.
func (a *missingAnswer) take(line string) bool {
	if path, is := strings.CutPrefix(line, "  /"); is && a.list != nil {
		a.fail(a.list("/" + path))
		return true
	}
	switch {
	case willBuild.MatchString(line):
		a.list = into(&a.missing.Build)
	case willFetch.MatchString(line):
		sizes := willFetch.FindStringSubmatch(line)
		var err error
		if a.missing.Download, err = bytesOf(sizes[1]); err == nil {
			a.missing.Unpacked, err = bytesOf(sizes[2])
		}
		a.fail(err)
		a.list = into(&a.missing.Fetch)
	case cannot.MatchString(line):
		a.list = func(path string) error {
			a.missing.Unknown = append(a.missing.Unknown, path)
			return nil
		}
	default:
		return false
	}
	return true
}

func (a *missingAnswer) fail(err error) {
	if err != nil && a.err == nil {
		a.err = fmt.Errorf("nix build --dry-run: %w", err)
	}
}

func into(paths *[]machine.StorePath) func(string) error {
	return func(text string) error {
		path, err := machine.ParseStorePath(text)
		*paths = append(*paths, path)
		return err
	}
}

// units are what nix renders sizes in, each 1024 of the one before (nix, src/libutil/util.cc,
// renderSize). It knows larger ones, of which no int64 has one.
const units = "KMGTP"

// bytesOf reads a size as nix writes it, such as "49.3 KiB".
func bytesOf(text string) (int64, error) {
	number, unit, _ := strings.Cut(text, " ")
	value, err := strconv.ParseFloat(number, 64)
	power := strings.Index(units, strings.TrimSuffix(unit, "iB"))
	value *= math.Pow(1024, float64(power+1))
	if isSize := value >= 0 && value < 1<<62; err != nil || len(unit) != len("KiB") || power < 0 || !isSize {
		return 0, fmt.Errorf("%q: not a size", text)
	}
	return int64(value), nil
}
