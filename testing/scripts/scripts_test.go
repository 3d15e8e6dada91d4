package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// tools are the programs of this computer that the scripts may use; others are not on PATH.
var tools = strings.Fields("awk bash cat dirname env git grep head readlink rm sed sh sort tr")

// bench is a copy of some scripts, and a PATH with stand-ins.
type bench struct {
	dir string
	env []string
}

// newBench copies the named scripts. STANDINS are scripts for sh by the names of programs; "" takes a tool away. What
// they write to $LOG is what called returns.
func newBench(t *testing.T, scripts []string, standins map[string]string) bench {
	t.Helper()
	b := bench{dir: t.TempDir()}
	for _, name := range scripts {
		text, err := os.ReadFile(filepath.Join(root, "scripts", name))
		if err != nil {
			t.Fatal(err)
		}
		b.put(t, "scripts/"+name, string(text), 0o755)
	}
	for _, name := range tools {
		if _, replaced := standins[name]; replaced {
			continue
		}
		program, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("%s is not installed", name)
		}
		b.put(t, "bin/.keep", "", 0o644)
		if err := os.Symlink(program, filepath.Join(b.dir, "bin", name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range standins {
		if text != "" {
			b.put(t, name, "#!/bin/sh\n"+text+"\n", 0o755)
		}
	}
	b.env = []string{"PATH=" + filepath.Join(b.dir, "bin"), "LOG=" + filepath.Join(b.dir, "log"), "HOME=/root"}
	return b
}

// put writes a file; the name of a program alone means that it goes on PATH.
func (b bench) put(t *testing.T, name, text string, mode os.FileMode) string {
	t.Helper()
	if !strings.Contains(name, "/") {
		name = "bin/" + name
	}
	file := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return file
}

// run runs a script and returns all that it printed.
func (b bench) run(t *testing.T, script string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(filepath.Join(b.dir, "scripts", script), args...)
	cmd.Env, cmd.Dir = b.env, b.dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (b bench) called(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "log"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// preparing is a machine with everything, and root at work.
func preparing() map[string]string {
	return map[string]string{
		"go": ":", "shellcheck": ":", "tmux": ":", "rsync": ":", "lspci": ":", "lsblk": ":", "id": "echo 0", "apt-get": `echo "apt-get $*" >>"$LOG"`,
		"scripts/get-nix.sh": `echo "get-nix $*" >>"$LOG"; echo "/nix-bin${2:+-$2}"`,
	}
}

// A second Nix comes from Debian's packages, for which only Debian has the keys.
func TestPrepareFetchesOnDebianOnly(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]string{
		"NAME=x\nID=debian\n":                                  "/nix-bin-trixie:/nix-bin-forky\n",
		"ID=\"debian\"\nVERSION_ID=\"13\"\n":                   "/nix-bin-trixie:/nix-bin-forky\n",
		"NAME=\"Ubuntu\"\nID=ubuntu\nID_LIKE=debian\n":         "/nix-bin\n",
		"ID=nixos\nVARIANT_ID=debian\nPRETTY_NAME=ID=debian\n": "/nix-bin\n",
		"": "/nix-bin\n",
	} {
		b := newBench(t, []string{"prepare"}, preparing())
		b.env = append(b.env, "SYSTEMD_OS_RELEASE="+b.put(t, "etc/os-release", release, 0o644), "SSL_CERT_FILE=/dev/null")
		out, err := b.run(t, "prepare", "sh", "-c", `echo "$NQD_TEST_NIX"`)
		if err != nil || !strings.HasSuffix(out, want) {
			t.Errorf("%q: %v, %s; want %s", release, err, out, want)
		}
		if calls := b.called(t); strings.Contains(calls, "--suite") != strings.Contains(want, "trixie") || strings.Contains(calls, "apt-get") {
			t.Errorf("%q: calls %s", release, calls)
		}
	}
}

func TestPrepareInstalls(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		certificates string
		change       map[string]string
		want         string
	}{
		"nothing missing":      {"/dev/null", nil, ""},
		"certificates":         {"/none", nil, "install -y -qq --no-install-recommends ca-certificates\n"},
		"git and certificates": {"/none", map[string]string{"git": ""}, "install -y -qq --no-install-recommends git ca-certificates\n"},
		"tmux":                 {"/dev/null", map[string]string{"tmux": ""}, "install -y -qq --no-install-recommends tmux\n"},
		"lspci and lsblk":      {"/dev/null", map[string]string{"lspci": "", "lsblk": ""}, "install -y -qq --no-install-recommends pciutils util-linux\n"},
		"git, not root":        {"/none", map[string]string{"git": "", "id": "echo 1000"}, ""},
	} {
		standins := preparing()
		for program, text := range c.change {
			standins[program] = text
		}
		b := newBench(t, []string{"prepare"}, standins)
		b.env = append(b.env, "SSL_CERT_FILE="+c.certificates, "NQD_TEST_NIX=/mine")
		out, err := b.run(t, "prepare")
		calls := b.called(t)
		if _, noGit := c.change["git"]; noGit != (err != nil) || noGit != strings.Contains(out, "there is no git on PATH") {
			t.Errorf("%s: %v, %s", name, err, out)
		}
		if c.want == "" && strings.Contains(calls, "apt-get") || !strings.Contains(calls, c.want) {
			t.Errorf("%s: calls %s; want %s", name, calls, c.want)
		}
	}
}

// linting is a repository with everything that scripts/lint calls.
func linting(t *testing.T, standins map[string]string) bench {
	t.Helper()
	all := map[string]string{"go": ":", "gofmt": ":", "shellcheck": ":"}
	for name, text := range standins {
		all[name] = text
	}
	b := newBench(t, []string{"lint"}, all)
	b.env = append(b.env, "NQD_TEST_NIX=") // as scripts/prepare does
	cmd := exec.Command("git", "init", "--quiet")
	cmd.Dir = b.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return b
}

// Which machines there are is not lint's to know: it is that of the checkout and its user.
func TestLintMachinePaths(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		home, text string
		ok         bool
	}{
		"the checkout":       {"/root", "in DIR/internal", false},
		"the home directory": {"/home/eve", "see /home/eve/notes", false},
		"another home":       {"/home/eve", "see /home/evelyn/notes", true},
		"a user of tests":    {"/home/ada", "/home/ada/.config", true},
		"root":               {"/root", "/root/.config", true},
		"any directory":      {"/home/eve", "/srv/nixpkgs /build/x", true},
	} {
		b := linting(t, nil)
		b.put(t, "a/text.md", strings.ReplaceAll(c.text, "DIR", b.dir)+"\n", 0o644)
		b.env = append(b.env, "HOME="+c.home)
		out, err := b.run(t, "lint")
		if ok := strings.Contains(out, "ok    no path of one machine\n"); ok != c.ok || c.ok != (err == nil) {
			t.Errorf("%s: ok %t, %v, want %t:\n%s", name, ok, err, c.ok, out)
		}
	}
}

func TestLintFormatsNix(t *testing.T) {
	t.Parallel()
	complain := `[ "$1" = --check ] || exit 2; shift; for f; do case $(cat "$f") in bad*) echo "$f: not formatted"; exit 1;; esac; done`
	for name, c := range map[string]struct {
		standins map[string]string
		file     string
		want     string
	}{
		"not installed":         {nil, "x.nix", "skip  nixfmt (it is not installed)\n"},
		"not formatted":         {map[string]string{"nixfmt": complain}, "nixlib/x.nix", "FAIL  nixfmt\nnixlib/x.nix: not formatted\n"},
		"test data":             {map[string]string{"nixfmt": complain}, "nixlib/testdata/x.nix", "ok    nixfmt\n"},
		"what an installer has": {map[string]string{"nixfmt": complain}, "testing/sandbox/factory/x.nix", "ok    nixfmt\n"},
	} {
		b := linting(t, c.standins)
		b.put(t, c.file, "bad\n", 0o644)
		b.put(t, "good/good.nix", "{ }\n", 0o644)
		out, err := b.run(t, "lint")
		if !strings.Contains(out, c.want) || strings.HasPrefix(c.want, "FAIL") != (err != nil) {
			t.Errorf("%s: %v, want %s in\n%s", name, err, c.want, out)
		}
	}
}

// targets are those of the Makefile that its help lists.
func targets(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, found := range regexp.MustCompile(`(?m)^([a-z-]+):.*## `).FindAllStringSubmatch(string(text), -1) {
		names = append(names, found[1])
	}
	if !slices.Contains(names, "build") {
		t.Fatalf("targets %q", names)
	}
	return names
}

func TestTargetsAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range targets(t) {
		if name != "help" && !regexp.MustCompile(`(?m)^make `+name+` +\S`).Match(page) {
			t.Errorf("CONTRIBUTING.md does not list make %s", name)
		}
	}
}

// A machine without git or Nix gets prepare's sentences, whatever target is named first.
func TestTargetsPrepare(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("make is not installed")
	}
	for _, name := range targets(t) {
		if name == "help" || name == "clean" {
			continue
		}
		cmd := exec.Command("make", "--no-print-directory", "--dry-run", name)
		cmd.Dir = root
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			if !regexp.MustCompile(`^([A-Z_]+=\S* )*scripts/prepare `).MatchString(line) {
				t.Errorf("make %s runs without scripts/prepare: %s", name, line)
			}
		}
	}
}
