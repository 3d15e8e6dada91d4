package home

import (
	"errors"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func TestOf(t *testing.T) {
	t.Parallel()
	m, err := machine.Sandbox(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	put := func(abs, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(m.Path(path.Dir(abs)), 0o755), os.WriteFile(m.Path(abs), []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	const system, units = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-nixos-system-x", "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-units"
	const generation = "/nix/store/1123456789abcdfghijklmnpqrsvwxyz-home-manager-generation"
	unit := "[Unit]\nRequiresMountsFor=/home/ada\n[Service]\nEnvironment=\"PATH=/nix/store/x\"\nExecStart="
	dir := units + "/systemd/system/"
	put(dir+"home-manager-ada.service", unit+"/nix/store/0123456789abcdfghijklmnpqrsvwxyz-hm-setup-env "+generation+"\nUser=ada\n")
	put(dir+`home-manager-ada\x2dl.service`, unit+generation+"/activate --driver-version 1\nUser=ada-l\n")
	put(dir+"home-manager-odd.service", unit+"/bin/true\nUser=odd\n")
	put(dir+"other.service", unit+generation+"\nUser=other\n")
	if err := errors.Join(os.MkdirAll(m.Path(system), 0o755), os.Symlink(units, m.Path(system+"/etc"))); err != nil {
		t.Fatal(err)
	}
	got, err := Of(m, system)
	want := []Home{{"ada-l", "/home/ada", generation}, {"ada", "/home/ada", generation}}
	sort := func(a, b Home) int { return strings.Compare(a.User, b.User) }
	slices.SortFunc(got, sort)
	slices.SortFunc(want, sort)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if got, err := Of(m, machine.StorePath("/nix/store/none")); err != nil || got != nil {
		t.Errorf("no such system: %v, %v", got, err)
	}
}
