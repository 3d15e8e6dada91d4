package explain

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// a fixture is what a program said, and the ID of the kind of failure that it is.
type fixture struct{ name, id, text string }

// fixtures reads testdata/ID/*.txt. The first line says where a text comes from; it is no part of it.
func fixtures(t testing.TB) []fixture {
	t.Helper()
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	var list []fixture
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, _ := strings.Cut(string(text), "\n")
		if !strings.HasPrefix(head, "# recorded: nix ") && !strings.HasPrefix(head, "# synthetic: ") {
			t.Errorf("%s: its first line does not say where it comes from", file)
		}
		list = append(list, fixture{strings.TrimPrefix(file, "testdata/"), filepath.Base(filepath.Dir(file)), rest})
	}
	return list
}

func TestRecogniseFixtures(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures(t) {
		if got, found := Recognise(f.text); !found || got.ID != f.id {
			t.Errorf("%s: recognised as %q", f.name, got.ID)
		}
	}
}

// lostToNqd are texts whose cause is in an earlier message than the last error, which is all that an error of nqd has.
var lostToNqd = map[string]string{
	"cache-signature/substitute": "no-substitute", "cache-unreachable/nothing-else": "no-substitute",
	"untrusted-user/substituter": "no-substitute", "cache-unreachable/warned": "",
	"dns/git-2.26.3": "", "dns/git-2.34.8": "git-fetch", "git-fetch/not-found-2.26.3": "",
}

// The same failures as nqd words them: "doing: nix: " and nix's last error without its trace and indent, builder's lines
// behind "| " (nixcli.Error).
func TestRecogniseErrorsOfNqd(t *testing.T) {
	t.Parallel()
	for _, f := range fixtures(t) {
		if !errorOfNix.MatchString(f.text) && !traced.MatchString(f.text) {
			continue
		}
		want := f.id
		for name, id := range lostToNqd {
			if strings.HasPrefix(f.name, name) {
				want = id
			}
		}
		text := worded(f.text)
		if got, _ := Recognise(text); got.ID != want {
			t.Errorf("%s: recognised as %q, want %q:\n%s", f.name, got.ID, want, text)
		}
	}
}

var (
	errorOfNix    = regexp.MustCompile(`(?m)^error:`)
	traced        = regexp.MustCompile(`(?s)^error:\n.*?\n {7}error:`)
	ofADependency = regexp.MustCompile(`^error: (\d+ dependenc|Cannot build [^\n]*\n *Reason: \d+ dependenc)`)
	builderLine   = regexp.MustCompile(`(?m)^> ?`)
	afterwards    = regexp.MustCompile(`(?m)^[^\s].*(?:\n.*)*`)
)

// worded is the error of nqd for what nix said.
func worded(said string) string {
	var found string
	starts := errorOfNix.FindAllStringIndex(said, -1)
	for _, at := range slices.Backward(starts) {
		found = said[at[0]:]
		if first, rest, cut := strings.Cut(found, "\n"); cut {
			found = first + "\n" + afterwards.ReplaceAllString(rest, "")
		}
		if !ofADependency.MatchString(found) {
			break
		}
	}
	if trace := traced.FindString(found); trace != "" {
		found = strings.TrimPrefix(found, trace)
	}
	found = strings.ReplaceAll(strings.TrimPrefix(found, "error:"), "\n       ", "\n")
	found = builderLine.ReplaceAllString(found, "  | ")
	return "building thing: nix: " + strings.TrimSpace(found)
}

// What nqd recognises in is what nix said with nqd's own error behind it. That is as good as what nix said, also where
// nix got over other troubles before.
func TestRecogniseWhatWasHeardWithTheError(t *testing.T) {
	t.Parallel()
	const before = "warning: unable to download 'https://cache.example.org/nix-cache-info': Could not connect to server (7); retrying in 262 ms\n" +
		"warning: SQLite database '/home/ada/.cache/nix/eval-cache-v6/x.sqlite' is busy\n" +
		"error (ignored): error: SQLite database '/home/ada/.cache/nix/eval-cache-v6/x.sqlite' is busy\n"
	// An error that nix got over, as with --fallback or another cache.
	const over = "error: unable to download 'https://cache.example.org/nar/x.nar.xz': HTTP error 503\n"
	last := map[string]bool{}
	for _, k := range kinds() {
		last[k.id] = k.last
	}
	for _, f := range fixtures(t) {
		if !errorOfNix.MatchString(f.text) && !traced.MatchString(f.text) {
			continue
		}
		// A warning is all that tells these two apart, and here is another one.
		if heard := before + f.text + "\n" + worded(f.text); !strings.HasPrefix(f.name, "no-substitute/") {
			if got, _ := Recognise(heard); got.ID != f.id {
				t.Errorf("%s: recognised as %q in what was heard", f.name, got.ID)
			}
		}
		if alone, _ := Recognise(worded(f.text)); last[f.id] || alone.ID != f.id {
			continue
		}
		if got, _ := Recognise(over + f.text + "\n" + worded(f.text)); got.ID != f.id {
			t.Errorf("%s: recognised as %q behind an error that nix got over", f.name, got.ID)
		}
	}
}

// Of an activation nqd knows no more than an exit code, which hides nothing of what switch-to-configuration said.
func TestRecogniseWhatWasHeardOfAnActivation(t *testing.T) {
	t.Parallel()
	const (
		switching = "deployment 3: switching to 7f1ixj196jlhh4bq2ssnhpc19rzkiifz-nixos-system-nixos-26.05 "
		units     = "deployment 3: starting home-manager-ada.service: failed on the new system"
	)
	for _, f := range fixtures(t) {
		for _, err := range []string{
			switching + "(test): switch-to-configuration: exit code 1", switching + "(test): switch-to-configuration: exit code 2",
			"deployment 3: committing: switching to x (boot): switch-to-configuration: exit code 1", units,
		} {
			if slices.Contains(In(Activating), f.id) && !strings.HasSuffix(f.id, "-failed") || f.id == "no-space" {
				if got, _ := Recognise(f.text + "\n" + err); got.ID != f.id {
					t.Errorf("%s with %q: recognised as %q", f.name, err, got.ID)
				}
			}
		}
	}
}

func TestRecogniseNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"",
		"\n\n",
		"error: ",
		"sudo: a password is required",
		"fatal: not a git repository (or any of the parent directories): .git",
		"hosts/nixos/host.toml:3: host.name: is missing",
		"warning: Git tree '/home/ada/.config/nixos' is dirty",
		"error: unrecognised flag '--frobnicate'",
		"panic: runtime error: index out of range [3] with length 3",
		"bash: line 1: nqd: command not found",
		"error: attribute set expected",
		// Nothing went wrong here.
		"these 2 derivations will be built:\n  /nix/store/1cj1z713bkvvdzn0f7za8ak13iyypxvv-a.drv\nbuilding '/nix/store/1cj1z713bkvvdzn0f7za8ak13iyypxvv-a.drv'...\n",
		"activating the configuration...\nsetting up /etc...\nreloading user units for ada...\nthe following new units were started: ollama.service\n",
		"Checking switch inhibitors... done\n",
		"Existing file '/home/ada/.bashrc' is in the way of '/nix/store/x-home-manager-files/.bashrc', will be moved to '/home/ada/.bashrc.backup'",
		// Warnings alone are no failure.
		"warning: unable to download 'http://127.0.0.1:8081/nix-cache-info': Could not connect to server (7); retrying in 262 ms",
		"warning: SQLite database '/nix/var/nix/db/db.sqlite' is busy",
		"error (ignored): error: SQLite database '/home/ada/.cache/nix/eval-cache-v6/x.sqlite' is busy",
		"warning: the group 'nixbld' specified in 'build-users-group' does not exist",
		// Source that is quoted may contain any words.
		"error:\n       … while calling the 'throw' builtin\n          314|           throw \"The option `a' does not exist\"\n             |           ^\n\n       error: this host has no name",
		// What a builder says of itself is nothing that nix says.
		"x> error: syntax error, unexpected end of file\nx> error: hash mismatch in fixed-output derivation '/nix/store/y.drv':",
	} {
		if got, found := Recognise(text); found {
			t.Errorf("%q was recognised as %s", text, got.ID)
		}
	}
}

// The more specific kind is found wherever its words stand.
func TestRecogniseTheMostSpecific(t *testing.T) {
	t.Parallel()
	const (
		built   = "error: builder for '/nix/store/x.drv' failed with exit code 1;\n       last 1 log lines:\n"
		evalued = "error:\n       … while evaluating the condition of the assertion '(x)'\n\n"
	)
	for text, want := range map[string]string{
		built + "       > x":                                                                                                   "builder-failed",
		built + "       > cp: x: No space left on device":                                                                      "no-space",
		built + "       > curl: (6) Could not resolve host: example.org":                                                       "dns",
		built + "       > error: attribute 'x' missing":                                                                        "builder-failed",
		built + "error: 1 dependencies of derivation '/nix/store/y.drv' failed to build":                                       "builder-failed",
		"building x: nix: builder for '/nix/store/x.drv' failed with exit code 1\n  | error: undefined variable 'x'":           "builder-failed",
		built + "error: interrupted by the user":                                                                               "interrupted",
		"warning: unable to download 'https://c/nix-cache-info': x\n" + built:                                                  "builder-failed",
		evalued + "       error: undefined variable 'pkgs'":                                                                    "undefined-variable",
		evalued + "       error: cannot coerce a set to a string: { }":                                                         "type-error",
		"Failed to install bootloader":                                                                                         "bootloader-failed",
		"cp: error: No space left on device\nFailed to install bootloader":                                                     "boot-full",
		"Activation script snippet 'x' failed (1)\nwarning: the following units failed: x.service":                             "activation-failed",
		"warning: the following units failed: x.service\nx[1]: write: No space left on device":                                 "no-space",
		"warning: the following units failed: x.service\nNov 23 02:11:09 nixos x[1]: error: opening /srv/x: Permission denied": "unit-failed",
		"warning: the following units failed: x.service\nNov  3 02:11:09 nixos x[1]: error: syntax error at line 3":            "unit-failed",
		"warning: the following units failed: x.service\nNov 23 02:11:09 nixos x[1]: retrying: Name or service not known":      "unit-failed",
		"warning: the following units failed: x.service\nNov 23 02:11:09 nixos x[1]: write: No space left on device":           "no-space",
		"There are changes to critical components of the system:\nPre-switch checks failed":                                    "switch-inhibited",
		"error: unable to download 'https://api.github.com/repos/a/b/commits/HEAD': HTTP error 404":                            "download-failed",
		"error: unable to download 'https://api.github.com/repos/a/b/commits/HEAD': HTTP error 429":                            "github-rate-limit",
		"error: path '/nix/store/x' is required, but there is no substituter that can build it":                                "no-substitute",
		"error: path '/home/ada/x' does not exist":                                                                             "",
		"error: opening file '/home/ada/.cache/nix/x': Permission denied":                                                      "permission",
		"error: cannot connect to socket at '/nix/var/nix/daemon-socket/socket': Permission denied\n":                          "nix-daemon",
	} {
		if got, _ := Recognise(text); got.ID != want {
			t.Errorf("%q: recognised as %q, want %q", text, got.ID, want)
		}
	}
}

// Of a long text the head and more of the tail are read, whole lines only.
func TestRecogniseLongTexts(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat(strings.Repeat("x", 99)+"\n", longest/100*2)
	const failed = "error: undefined variable 'pkgs'\n"
	for name, text := range map[string]string{"head": failed + filler, "tail": filler + failed} {
		if got, _ := Recognise(text); got.ID != "undefined-variable" {
			t.Errorf("%s: %q", name, got.ID)
		}
	}
	if got, found := Recognise(filler + failed + filler); found {
		t.Errorf("middle: %q", got.ID)
	}
	// Where the head ends and the tail begins, what is left of a line would pass for another one.
	lines := strings.Repeat("y\n", longest)
	head := lines[:longest/4-len("error: undefined ")] + "error: undefined "
	tail := "variable 'pkgs'\n" + lines
	if got, found := Recognise(head + lines + "z\n" + tail[:longest*3/4-len("z\n")]); found {
		t.Errorf("the head's last line and the tail's first one: %q", got.ID)
	}
	tail = "error: unable to download 'http://x': HTTP error 404\n" + lines
	if got, found := Recognise(lines + "warning: " + tail[:longest*3/4]); found {
		t.Errorf("the end of a warning: %q", got.ID)
	}
	if n := len(shorten(filler)); n > longest || n < longest*9/10 {
		t.Errorf("%d bytes are read of %d", n, len(filler))
	}
}

var kebab = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

func TestKnown(t *testing.T) {
	t.Parallel()
	known := Known()
	ids := map[string]bool{}
	previous := ""
	for _, e := range known {
		if e.ID <= previous {
			t.Errorf("%s: does not come after %s", e.ID, previous)
		}
		previous, ids[e.ID] = e.ID, true
		if !kebab.MatchString(e.ID) {
			t.Errorf("%s: not in kebab-case", e.ID)
		}
		if e.Title == "" || strings.HasSuffix(e.Title, ".") || len(e.Title) > 80 {
			t.Errorf("%s: title %q", e.ID, e.Title)
		}
		for what, text := range map[string]string{"cause": e.Cause, "cure": e.Cure} {
			// Three sentences are read at two in the morning, five are not.
			if text == "" || !strings.ContainsAny(text[len(text)-1:], ".") || sentences(text) > 3 || strings.Contains(text, "  ") {
				t.Errorf("%s: %s %q", e.ID, what, text)
			}
		}
	}
	for _, f := range fixtures(t) {
		if !ids[f.id] {
			t.Errorf("%s: there is no such kind", f.name)
		}
		delete(ids, "")
	}
	seen := map[string]bool{}
	for _, f := range fixtures(t) {
		seen[f.id] = true
	}
	for id := range ids {
		// What stands in the way of adopting is found in files, and told by no program.
		if !seen[id] && !slices.Contains(In(Adopting), id) {
			t.Errorf("%s: no fixture", id)
		}
	}
}

var sentenceEnd = regexp.MustCompile(`[.?!](?: [A-Z"` + "`" + `]|$)`)

func sentences(text string) int { return len(sentenceEnd.FindAllString(text, -1)) }

// Every kind shows at one stage.
func TestIn(t *testing.T) {
	t.Parallel()
	var all []string
	for _, stage := range []Stage{Evaluating, Adopting, Fetching, Storing, Building, Activating} {
		ids := In(stage)
		if !slices.IsSorted(ids) || len(ids) < 3 {
			t.Errorf("%s: %q", stage, ids)
		}
		all = append(all, ids...)
	}
	slices.Sort(all)
	var known []string
	for _, e := range Known() {
		known = append(known, e.ID)
	}
	if !slices.Equal(all, known) {
		t.Errorf("stages have %q\nknown are %q", all, known)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	if e, err := Find("no-space"); err != nil || e.ID != "no-space" || e.Cure == "" {
		t.Errorf("%+v, %v", e, err)
	}
	for id, nearest := range map[string]string{
		"nospace": "no-space", "hash-missmatch": "hash-mismatch", "unfre": "unfree", "boot-fulll": "boot-full", "nothing-like-it": "", "q": "", "": "",
	} {
		_, err := Find(id)
		var unknown *UnknownError
		if !errors.As(err, &unknown) || unknown.Nearest != nearest {
			t.Errorf("%q: %#v, want %q as the nearest", id, err, nearest)
		}
		if hint := unknown.Hint(); nearest != "" && !strings.Contains(hint, "did you mean "+nearest+"?") {
			t.Errorf("%q: hint %q", id, hint)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"dns", "dns", 0}, {"flaw", "lawn", 2}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func FuzzRecognise(f *testing.F) {
	for _, one := range fixtures(f) {
		f.Add(one.text)
	}
	f.Add("")
	f.Add(strings.Repeat("\n", longest+1))
	f.Add(strings.Repeat("error: 'x' ", longest/8))
	known := map[string]bool{}
	for _, e := range Known() {
		known[e.ID] = true
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(shorten(text)) > longest {
			t.Error("too much is read")
		}
		if got, found := Recognise(text); found != known[got.ID] {
			t.Errorf("found %v: %q", found, got.ID)
		}
	})
}
