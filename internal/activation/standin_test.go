package activation

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// standin is the program of testing/standin, built once. It follows the rules of switch-to-configuration with code of its
// own, written from main.rs without a look at this package.
var standin = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "standin-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "standin")
	build := exec.Command("go", "build", "-o", file, "../../testing/standin")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

// TestMain puts what tests leave behind where it is removed; not every run of them builds the program.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "nqd-activation-")
	if err != nil {
		panic(err)
	}
	os.Setenv("TMPDIR", dir)
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// units are the unit files of a system as a folder holds them: texts by path, a link where the text begins with ->.
type units map[string]string

// box is a machine below a directory.
type box struct {
	root string
	*machine.Machine
}

func newBox(t testing.TB) box {
	t.Helper()
	root := t.TempDir()
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	return box{root, m}
}

// failer is what tests and rapid's checks have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
}

func (b box) write(t failer, abs, text string) {
	t.Helper()
	file := filepath.Join(b.root, abs)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	var err error
	if to, isLink := strings.CutPrefix(text, "->"); isLink {
		err = os.Symlink(to, file)
	} else {
		err = os.WriteFile(file, []byte(text), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// etc puts the units of a system below dir, and its fstab.
func (b box) etc(t failer, dir string, u units, fstab string) {
	t.Helper()
	for name, text := range u {
		b.write(t, dir+"/etc/systemd/system/"+name, text)
	}
	b.write(t, dir+"/etc/fstab", fstab)
}

const toplevel = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-nixos-system-new"

// dryActivate is what the stand-in's switch-to-configuration says, by the words before the colon.
func (b box) dryActivate(t failer, active []string) map[string][]string {
	t.Helper()
	program, err := standin()
	if err != nil {
		t.Fatal(err)
	}
	b.write(t, "/etc/NIXOS", "")
	b.write(t, toplevel+"/standin.json", "{}")
	for _, name := range active {
		b.write(t, "/run/standin/units/"+name+".json", `{"state":"active"}`)
	}
	b.write(t, toplevel+"/bin/switch-to-configuration", "->"+program)
	var stderr strings.Builder
	cmd := exec.Command(filepath.Join(b.root, toplevel, "bin/switch-to-configuration"), "dry-activate")
	cmd.Env = []string{"STANDIN_ROOT=" + b.root}
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err, stderr.String())
	}
	said := map[string][]string{}
	for line := range strings.Lines(stderr.String()) {
		what, list, found := strings.Cut(strings.TrimSpace(line), ": ")
		if found {
			said[what] = append(said[what], strings.Split(list, ", ")...)
			slices.Sort(said[what])
		}
	}
	return said
}

// words is what dry-activate says of c, which leaves what is New or Unknown to others.
func (c Changes) words() map[string][]string {
	said := map[string][]string{
		"would stop the following units":             sorted(c.Stop, c.Start, c.OnDemand),
		"would NOT stop the following changed units": sorted(c.Skip),
		"would reload the following units":           sorted(c.Reload),
		"would restart the following units":          sorted(c.Restart),
		"would start the following units":            sorted(c.Start),
		"would stop swap device":                     sorted(c.Swaps),
	}
	maps.DeleteFunc(said, func(_ string, list []string) bool { return len(list) == 0 })
	return said
}

// Kinds and names of which the systems are made: few, so that they meet.
var (
	unitNames = []string{
		"a.service", "b.service", "B.service", "t@.service", "t@one.service", "a.socket", "b.socket", "t@.socket", "a.timer",
		"a.path", "a.slice", "-.mount", "nix.mount", "home.mount", "a.automount", "a.swap", "a.target", "multi-user.target",
		"suspend.target", "systemd-nspawn@a.service", "a-b.service",
	}
	instances = []string{"t@one.service", "t@two.service", "t@one.socket", "t@x.y.service"}
	lines     = []string{
		"[Unit]\nDescription=%d\n", "[Unit]\nWants=b.service x%d.service\n", "[Unit]\nX-Reload-Triggers=%d\n", "[Unit]\nX-OnlyManualStart=%b\n",
		"[Unit]\nX-StopOnRemoval=%b\n", "[Unit]\nX-StopOnReconfiguration=%b\n", "[Unit]\nRefuseManualStop=%b\n", "[Unit]\nRefuseManualStart=%b\n",
		"[Service]\nExecStart=/bin/%d\n", "[Service]\nExecStart=\nExecStart=/bin/%d\n", "[Service]\nX-ReloadIfChanged=%b\n", "[Service]\nX-RestartIfChanged=%b\n",
		"[Service]\nX-StopIfChanged=%b\n", "[Service]\nX-NotSocketActivated=%b\n", "[Service]\nSockets=b.socket none.socket\n", "[Service]\n", "[Socket]\nListenStream=%d\n",
		"[Mount]\nOptions=%d\n", "[Mount]\nWhat=%d\n", "[Install]\nWantedBy=%d\n", "[Unit]\nAllowIsolate=%b\n", "# [Unit]\n; x=%d\n", "[Service]\nEnvironment=\"A=%d\" 'B=1' x\n",
		"[Service]\nEnvironment=\"A=1\\\" \" \\\n  'B=%d'\n", "[X-Our]\nKey : %d\n", "[Unit]\nCollectMode=%d\n",
	}
)

func genText(t *rapid.T) string {
	var text strings.Builder
	for _, line := range rapid.SliceOfN(rapid.SampledFrom(lines), 0, 4).Draw(t, "lines") {
		line = strings.ReplaceAll(line, "%d", rapid.SampledFrom([]string{"1", "2"}).Draw(t, "number"))
		text.WriteString(strings.ReplaceAll(line, "%b", rapid.SampledFrom([]string{"true", "yes", "false", "0", "maybe", ""}).Draw(t, "flag")))
	}
	return text.String()
}

// genUnits makes a system. Of two systems of a test the second takes many files of the first as they are.
func genUnits(t *rapid.T, before units) units {
	u := units{}
	for _, name := range unitNames {
		switch rapid.IntRange(0, 9).Draw(t, name) {
		case 0, 1, 2, 3:
			if text, was := before[name]; was {
				u[name] = text
			}
		case 4:
			u[name] = "->/dev/null"
		case 5, 6, 7:
			u[name] = genText(t)
		}
	}
	for _, owner := range []string{"a.service", "t@.service", "t@one.service", "t@two.service"} {
		for _, name := range []string{"a.conf", "overrides.conf", "b.txt"} {
			if rapid.IntRange(0, 5).Draw(t, "drop-in") == 0 {
				u[owner+".d/"+name] = genText(t)
			}
		}
	}
	return u
}

func genFstab(t *rapid.T) string {
	var text strings.Builder
	for _, mount := range []string{"/", "/nix", "/home", "/a-b", "/.hidden", "/var/lib x"} {
		if rapid.IntRange(0, 3).Draw(t, mount) == 0 {
			continue
		}
		fmt.Fprintf(&text, "/dev/%s %s %s %s 0 0\n", rapid.SampledFrom([]string{"a", "b"}).Draw(t, "device"), mount,
			rapid.SampledFrom([]string{"ext4", "btrfs", "swap"}).Draw(t, "kind"), rapid.SampledFrom([]string{"ro", "rw", "#"}).Draw(t, "options"))
	}
	return text.String()
}

// What is computed is what the stand-in's dry-activate says, for systems of all the rules.
func TestCompareAsDryActivate(t *testing.T) {
	if _, err := standin(); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		b := newBox(t)
		old := genUnits(r, nil)
		new := genUnits(r, old)
		// Not a template: only its instances run.
		candidates := slices.DeleteFunc(slices.Concat(unitNames, instances), func(name string) bool { return strings.Contains(name, "@.") })
		active := sorted(rapid.SliceOfDistinct(rapid.SampledFrom(candidates), rapid.ID).Draw(r, "active"))
		b.etc(r, "", old, genFstab(r))
		b.etc(r, toplevel, new, genFstab(r))

		before, err := Read(b.Machine, "/")
		if err != nil {
			r.Fatal(err)
		}
		after, err := Read(b.Machine, toplevel)
		if err != nil {
			r.Fatal(err)
		}
		got, want := Compare(before, after, active).words(), b.dryActivate(r, active)
		if !maps.EqualFunc(got, want, slices.Equal) {
			shown, _ := json.MarshalIndent([]any{"computed", got, "dry-activate", want, "old", old, "new", new, "active", active}, "", " ")
			r.Fatal(string(shown))
		}
	})
}

// Where everything is written by the configuration, its texts are as good as the files that are built of them.
func TestTextsAsFiles(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := newBox(t)
		old := genUnits(r, nil)
		maps.DeleteFunc(old, func(name, text string) bool { return text == "->/dev/null" }) // a package's may come to light
		new := genUnits(r, old)
		sources := map[string]Source{}
		for name, text := range new {
			owner, isDropIn := strings.CutSuffix(name, ".d/overrides.conf")
			_, both := new[owner]
			switch {
			case isDropIn && !both:
				sources[owner] = Source{DropIn: true, Text: text}
			case strings.Contains(name, ".d/"):
				delete(new, name)
			default:
				sources[name] = Source{Text: text, Masked: text == "->/dev/null"}
			}
		}
		candidates := slices.DeleteFunc(slices.Concat(unitNames, instances), func(name string) bool { return strings.Contains(name, "@.") })
		active := rapid.SliceOfDistinct(rapid.SampledFrom(candidates), rapid.ID).Draw(r, "active")
		b.etc(r, "", old, genFstab(r))
		fstab := genFstab(r)
		b.etc(r, toplevel, new, fstab)

		before, err := Read(b.Machine, "/")
		if err != nil {
			r.Fatal(err)
		}
		after, err := Read(b.Machine, toplevel)
		if err != nil {
			r.Fatal(err)
		}
		got, want := Compare(before, FromTexts(sources, nil, &fstab), active), Compare(before, after, active)
		if !reflect.DeepEqual(got, want) {
			r.Fatalf("of texts %+v\nof files %+v\nold %q\nnew %q\nactive %q", got, want, old, new, active)
		}
	})
}
