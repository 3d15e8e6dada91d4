package survey

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/home"
	"github.com/masterofnull/nixos-quick-deploy/internal/home/files"
)

const unitFile, wantsLink = ada + "/.config/systemd/user/nqd-settle.service", ada + "/.config/systemd/user/default.target.wants/nqd-settle.service"

func TestSettle(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	w.age()
	before := w.list()
	d := w.begin(Change{Will: w.home(w.generation(map[string]string{"a": "new"})), Login: []string{"/nix/store/x/bin/nqd", "abort", `odd "name" $HOME 50%`}, LoginHome: ada})
	w.do(d.before)
	text, err := w.machine.ReadFile(wantsLink)
	w.must(err)
	for _, line := range []string{
		"ConditionFileIsExecutable=/nix/store/x/bin/nqd", "Type=oneshot", `ExecStart="/nix/store/x/bin/nqd" "abort" "odd \"name\" $$HOME 50%%"`,
	} {
		if !slices.Contains(strings.Split(string(text), "\n"), line) {
			t.Errorf("no line %s in\n%s", line, text)
		}
	}
	w.put(ada+"/.config/systemd/user/.nqd-settle.service.tmp-123", "half") // as of a process that was killed
	w.must(w.undo(d.before))
	if now := w.list(); now != before {
		t.Errorf("was\n%s\nis\n%s", before, now)
	}
}

// TestSettleOfOthers: a unit of that name that nqd did not write is left alone.
func TestSettleOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir())
	w.put(unitFile, "mine")
	before := w.list()
	settle := &home.Settle{Tools: w.tools, Home: ada, Argv: []string{"/nqd"}}
	w.must(settle.Do(t.Context()))
	w.must(home.RemoveSettle(t.Context(), w.tools, ada))
	if now := w.list(); now != before {
		t.Errorf("was\n%s\nis\n%s", before, now)
	}
	w.must(os.Remove(w.machine.Path(unitFile)))
	w.must(settle.Do(t.Context()))
	w.must(home.RemoveSettle(t.Context(), w.tools, ada))
	for _, file := range []string{unitFile, wantsLink} {
		if info, _, err := files.Look(w.machine, file); err != nil || info != nil {
			t.Errorf("%s is left, %v", file, err)
		}
	}
}

// TestSettleHasNoPlace: where Home Manager or the user has something else in its place, there is no unit.
func TestSettleHasNoPlace(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string]string
		there string
		want  bool
	}{
		"free":               {map[string]string{"a": "x"}, "a", true},
		"its folder":         {map[string]string{".config/systemd/user": "-> /nix/store/folder"}, "", false},
		"a file":             {map[string]string{"a": "x"}, ".config", false},
		"a file that goes":   {map[string]string{".config/a": "x"}, ".config", true},
		"a folder that goes": {map[string]string{".config/systemd": "x"}, ".config/systemd/user/mine", false},
	} {
		w := newWorld(t, t.TempDir())
		w.put("/nix/store/folder/in", "x")
		if c.there != "" {
			w.put(ada+"/"+c.there, "mine")
		}
		d := w.begin(Change{Will: w.home(w.generation(c.files)), Login: []string{"/nqd"}, LoginHome: ada})
		got := slices.ContainsFunc(d.before, func(a home.Action) bool { return a.Kind() == home.KindSettle })
		if got != c.want {
			t.Errorf("%s: a unit %t, want %t", name, got, c.want)
		}
		w.do(d.before)
		w.must(w.undo(d.before))
	}
	w := newWorld(t, t.TempDir())
	w.must(os.MkdirAll(w.machine.Path("/home/eve"), 0o755))
	d := w.begin(Change{Will: w.home(w.generation(map[string]string{"a": "x"})), Login: []string{"/nqd"}, LoginHome: "/home/eve"})
	if slices.ContainsFunc(d.before, func(a home.Action) bool { return a.Kind() == home.KindSettle }) {
		t.Error("a unit in the home of somebody else")
	}
}
