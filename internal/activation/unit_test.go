package activation

import (
	"os"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation/unitfile"
)

func read(t *testing.T, texts ...string) unitfile.Unit {
	t.Helper()
	u, err := unitfile.Read(texts)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// The cases of main.rs, mod tests, compare_units, and one for each branch.
func TestCompareUnits(t *testing.T) {
	for _, test := range []struct {
		old, new string
		want     difference
	}{
		{"", "", equal},
		{"[Unit]\n", "", equal},
		{"[Unit]\nX-Reload-Triggers=foobar\n", "", equal},
		{"[foobar]\n", "", needsRestart},
		{"[Mount]\nOptions=\n", "[Mount]\nOptions=ro\n", needsReload},
		{"", "[Unit]\nX-Reload-Triggers=foobar\n", needsReload},
		{"[Unit]\nX-Reload-Triggers=foobar\n", "[Unit]\nX-Reload-Triggers=barfoo\n", needsReload},
		{"[Mount]\nType=ext4\n", "[Mount]\nType=btrfs\n", needsRestart},

		{"[Unit]\nWants=x\n", "", needsRestart},
		{"", "[Unit]\nWants=x\n", needsRestart},
		{"", "[Unit]\nDescription=x\n", equal},
		{"", "[Service]\n", needsRestart},
		{"[Unit]\n", "[Unit]\n[Service]\n", needsRestart},
		{"[Unit]\nAfter=x\n", "[Unit]\n", needsRestart},
		{"[Unit]\nAfter=x\n", "[Unit]\nAfter=y\n", needsRestart},
		{"[Unit]\nAfter=x y\n", "[Unit]\nAfter=x\nAfter=y\n", needsRestart},
		{"[Unit]\n", "[Unit]\nAfter=y\n", needsRestart},
		{"[Unit]\nX-Reload-Triggers=1\n", "[Unit]\n", equal},
		{"[Unit]\n", "[Unit]\nX-Reload-Triggers=1\n", needsReload},
		{"[Unit]\nX-Reload-Triggers=1\nAfter=x\n", "[Unit]\nX-Reload-Triggers=2\nAfter=y\n", needsRestart},
		{"[Service]\nX-Reload-Triggers=1\n", "[Service]\nX-Reload-Triggers=2\n", needsRestart},
		{"[Service]\nDescription=1\n", "[Service]\nDescription=2\n", needsRestart},
		{"[Mount]\nOptions=ro\n", "[Mount]\n", needsRestart},
		{"[Mount]\n", "[Mount]\nOptions=ro\n", needsRestart},
		{"[Swap]\nOptions=1\n", "[Swap]\nOptions=2\n", needsRestart},
		{"[Service]\nA=1\nB=2\n", "# now sorted\n[Service]\nB=2\nA=1\n[Install]\nAlias=x\n", equal},
		{"[Service]\nA=1\nA=2\n", "[Service]\nA=2\nA=1\n", needsRestart},
	} {
		if got := compareUnits(read(t, test.old), read(t, test.new)); got != test.want {
			t.Errorf("%q → %q: %d, want %d", test.old, test.new, got, test.want)
		}
	}
	for _, key := range strings.Fields("Description Documentation OnFailure OnSuccess OnFailureJobMode IgnoreOnIsolate " +
		"StopWhenUnneeded RefuseManualStart RefuseManualStop AllowIsolate CollectMode SourcePath") {
		if got := compareUnits(read(t, "[Unit]\n"+key+"=1\n"), read(t, "[Unit]\n"+key+"=2\n")); got != equal {
			t.Errorf("%s counts", key)
		}
	}
}

// Upstream's own texts do not end in an error, and are equal to themselves with another description.
func TestRealUnits(t *testing.T) {
	texts := realUnits(t)
	if len(texts) == 0 {
		t.Skip("no systemd here")
	}
	for name, text := range texts {
		u, err := unitfile.Read([]string{text})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := compareUnits(u, read(t, text, "[Unit]\nDescription=Other\n")); got != equal {
			t.Errorf("%s: %d", name, got)
		}
		if got := compareUnits(u, read(t, text, "[Unit]\nAfter=other.target\n")); got != needsRestart {
			t.Errorf("%s with another order: %d", name, got)
		}
	}
}

// realUnits are the texts of the units that this computer's systemd came with.
func realUnits(t testing.TB) map[string]string {
	t.Helper()
	const dir = "/usr/lib/systemd/system"
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	texts := map[string]string{}
	for _, entry := range entries {
		if text, err := os.ReadFile(dir + "/" + entry.Name()); err == nil {
			texts[entry.Name()] = string(text)
		}
	}
	return texts
}
