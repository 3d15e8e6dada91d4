package workspace

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf16"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// computer is a machine with the given files.
func computer(t *testing.T, files map[string]string) Machine {
	t.Helper()
	dir := t.TempDir()
	put(t, Workspace{Dir: dir}, files)
	m, err := machine.Sandbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

var release = Inputs{Release: "26.05"}

// ours are those of files that are not the library's.
func ours(files []File) []File {
	return slices.DeleteFunc(slices.Clone(files), func(f File) bool { return strings.HasPrefix(f.Path, "nixlib/") })
}

func TestInit(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: t.TempDir()}
	m := computer(t, map[string]string{"etc/nixos/hardware-configuration.nix": "{ hardware }\n", "boot/loader/loader.conf": ""})
	files, err := w.Init(Host{Name: "orion", File: []byte("version = 1\n")}, release, m)
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, "files", ours(files),
		"+flake.nix", "+hosts/orion/local.nix", "+hosts/orion/imported/hardware-configuration.nix", "+hosts/orion/host.toml")
	if last := files[len(files)-1].Path; last != "hosts/orion/host.toml" {
		t.Errorf("%s is written last, want the host file", last)
	}
	if got := tree(t, w); len(got) != 0 {
		t.Errorf("Init wrote %q", got)
	}
	if err := w.Write(files); err != nil {
		t.Fatal(err)
	}
	now := tree(t, w)
	if now["hosts/orion/host.toml"] != "version = 1\n" || now["hosts/orion/imported/hardware-configuration.nix"] != "{ hardware }\n" {
		t.Errorf("wrote %q", now)
	}
	if !strings.Contains(now["hosts/orion/local.nix"], "boot.loader.systemd-boot.enable = true;") {
		t.Errorf("the boot loader is not taken over: %s", now["hosts/orion/local.nix"])
	}
	wantNames(t, "pending", pending(t, w))
	if hosts, err := w.Hosts(); err != nil || !slices.Equal(hosts, []string{"orion"}) {
		t.Errorf("hosts %q, %v", hosts, err)
	}
}

func TestInitWithFacts(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: t.TempDir()}
	host := Host{Name: "orion", File: []byte("host"), Facts: []byte("facts")}
	files, err := w.Init(host, release, computer(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, "files", ours(files), "+flake.nix", "+hosts/orion/local.nix", "+hosts/orion/facts.json", "+hosts/orion/host.toml")
	if err := w.Write(files); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, w)["hosts/orion/facts.json"]; got != "facts" {
		t.Errorf("wrote %q", got)
	}
	// The user may have written them for a machine that is elsewhere.
	theirs := Workspace{Dir: t.TempDir()}
	put(t, theirs, map[string]string{"hosts/orion/facts.json": "theirs"})
	if files, err = theirs.Init(host, release, computer(t, nil)); err != nil {
		t.Fatal(err)
	}
	wantNames(t, "files", ours(files), "+flake.nix", "+hosts/orion/local.nix", "+hosts/orion/host.toml")
}

func TestInitWithLittleToTakeOver(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: t.TempDir()}
	files, err := w.Init(Host{Name: "orion"}, release, computer(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, "files", ours(files), "+flake.nix", "+hosts/orion/local.nix", "+hosts/orion/host.toml")
	if text := string(files[1].Data); strings.Contains(text, "boot.loader") || !strings.Contains(text, "{ ... }:") {
		t.Errorf("local.nix: %s", text)
	}
	unreadable := computer(t, map[string]string{"etc/nixos/hardware-configuration.nix/x": ""})
	if files, err := w.Init(Host{Name: "orion"}, release, unreadable); err == nil {
		t.Errorf("hardware that cannot be read is left out: %q", names(files))
	}
}

// What is taken over is the machine's own, also where a link of it leads to /etc/static.
func TestInitFollowsLinksWithinTheMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, Workspace{Dir: dir}, map[string]string{"etc/mine/hardware-configuration.nix": "{ linked }\n", "efi/loader/loader.conf": ""})
	for link, target := range map[string]string{"etc/nixos": "/etc/mine", "boot": "/efi"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	m, err := machine.Sandbox(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := Workspace{Dir: t.TempDir()}.Init(Host{Name: "orion"}, release, m)
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, "files", ours(files),
		"+flake.nix", "+hosts/orion/local.nix", "+hosts/orion/imported/hardware-configuration.nix", "+hosts/orion/host.toml")
	if local, hardware := string(files[1].Data), string(files[2].Data); hardware != "{ linked }\n" || !strings.Contains(local, "systemd-boot") {
		t.Errorf("hardware %q, local.nix %s", hardware, local)
	}
}

// loaderInfo is the variable as efivarfs shows it.
func loaderInfo(name string) string {
	data := []byte{6, 0, 0, 0}
	for _, unit := range utf16.Encode([]rune(name + "\x00")) {
		data = binary.LittleEndian.AppendUint16(data, unit)
	}
	return string(data)
}

// asUser calls do as an account that may not read what only root may. The kernel keeps the
// user for looking at files apart for each thread (setfsuid(2), capabilities(7)).
func asUser(do func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if os.Geteuid() == 0 {
			runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
			syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0)
		}
		do()
	}()
	<-done
}

// TestBootLoader: the installer of NixOS mounts /boot so that only root may look into it, and
// nqd is run by a user.
func TestBootLoader(t *testing.T) {
	t.Parallel()
	const config, variable = "boot/loader/loader.conf", "sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
	for name, c := range map[string]struct {
		files  map[string]string
		closed string // only root may look into it
		want   bool
	}{
		"configured":             {map[string]string{config: ""}, "", true},
		"closed":                 {map[string]string{config: ""}, "boot", false},
		"closed, by variable":    {map[string]string{config: "", variable: loaderInfo("systemd-boot 258.2")}, "boot", true},
		"by variable":            {map[string]string{"boot/x": "", variable: loaderInfo("systemd-boot 258.2")}, "", true},
		"variables closed":       {map[string]string{config: "", variable: loaderInfo("GRUB 2.12")}, "sys", true},
		"all closed":             {map[string]string{config: "", variable: loaderInfo("systemd-boot 258.2")}, ".", false},
		"closed, GRUB":           {map[string]string{config: "", variable: loaderInfo("GRUB 2.12")}, "boot", false},
		"GRUB":                   {map[string]string{"boot/grub/grub.cfg": "", variable: loaderInfo("GRUB 2.12")}, "", false},
		"empty variable":         {map[string]string{variable: ""}, "", false},
		"variable without text":  {map[string]string{variable: "\x06\x00\x00\x00"}, "", false},
		"an odd number of bytes": {map[string]string{variable: loaderInfo("systemd-boot 258.2") + "x"}, "", true},
		"other text":             {map[string]string{variable: "\x06\x00\x00\x00systemd-boot"}, "", false},
		"none":                   {nil, "", false},
	} {
		dir := t.TempDir()
		put(t, Workspace{Dir: dir}, c.files)
		if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil { // it is another user that looks
			t.Fatal(err)
		}
		m, err := machine.Sandbox(dir)
		if err != nil {
			t.Fatal(err)
		}
		closed := filepath.Join(dir, c.closed)
		if c.closed != "" {
			if err := os.Chmod(closed, 0); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(closed, 0o700) })
		}
		asUser(func() {
			if _, err := os.ReadDir(closed); c.closed != "" && !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s: %s is not closed: %v", name, c.closed, err)
			}
			if got := strings.Contains(string(localFor(m)), "boot.loader.systemd-boot.enable = true;"); got != c.want {
				t.Errorf("%s: systemd-boot %t, want %t", name, got, c.want)
			}
		})
	}
}

// Whatever the user has there stays.
func TestInitNeverOverwrites(t *testing.T) {
	t.Parallel()
	w := with(t)
	m := computer(t, map[string]string{"etc/nixos/hardware-configuration.nix": "{ now }\n"})
	mine := map[string]string{
		"flake.nix": "my flake", "hosts/orion/local.nix": "my local",
		"hosts/orion/imported/hardware-configuration.nix": "my hardware", "hosts/vega/host.toml": "other",
	}
	put(t, w, mine)
	files, err := w.Init(Host{Name: "orion", File: []byte("new")}, release, m)
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, "files", files, "+hosts/orion/host.toml")
	if err := w.Write(files); err != nil {
		t.Fatal(err)
	}
	now := tree(t, w)
	for name, text := range mine {
		if now[name] != text {
			t.Errorf("%s: %q, want %q", name, now[name], text)
		}
	}

	_, err = w.Init(Host{Name: "orion", File: []byte("newer")}, release, m)
	if want := w.HostFile("orion") + ": exists already"; !errors.Is(err, ErrHostExists) || err.Error() != want {
		t.Errorf("a second time: %v, want %s", err, want)
	}
	// A link counts, even one that leads nowhere: it would be replaced.
	for _, name := range []string{"flake.nix", "hosts/linked/host.toml"} {
		put(t, w, map[string]string{filepath.Dir(name) + "/x": ""})
		os.Remove(w.path(name))
		if err := os.Symlink("/nowhere", w.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Init(Host{Name: "linked"}, release, m); !errors.Is(err, ErrHostExists) {
		t.Errorf("a dangling host file: %v", err)
	}
	files, err = w.Init(Host{Name: "third"}, release, m)
	if err != nil {
		t.Fatal(err)
	}
	wantNames(t, "with a dangling flake.nix", files,
		"+hosts/third/local.nix", "+hosts/third/imported/hardware-configuration.nix", "+hosts/third/host.toml")
	put(t, w, map[string]string{"hosts/file": ""})
	if files, err := w.Init(Host{Name: "file"}, release, m); err == nil {
		t.Errorf("a file where the folder should be: %q", names(files))
	}
	put(t, w, map[string]string{"nixlib/default.nix": "edited"})
	var edited *EditedError
	if _, err := w.Init(Host{Name: "fourth"}, release, m); !errors.As(err, &edited) {
		t.Errorf("with an edited library: %v", err)
	}
}

func TestFlakeInputs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		inputs               Inputs
		nixpkgs, homeManager string
	}{
		"release": {Inputs{Release: "26.05"}, "https://channels.nixos.org/nixos-26.05/nixexprs.tar.xz",
			"git+https://github.com/nix-community/home-manager?ref=release-26.05&shallow=1"},
		"another": {Inputs{Release: "26.11"}, "https://channels.nixos.org/nixos-26.11/nixexprs.tar.xz",
			"git+https://github.com/nix-community/home-manager?ref=release-26.11&shallow=1"},
		"unstable": {Inputs{Release: "unstable"}, "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz",
			"git+https://github.com/nix-community/home-manager?ref=master&shallow=1"},
		"own": {Inputs{Release: "26.05", Nixpkgs: "github:NixOS/nixpkgs/nixos-26.05?dir=a&x=%20", HomeManager: "path:/srv/home_manager+1@2~3:4"},
			"github:NixOS/nixpkgs/nixos-26.05?dir=a&x=%20", "path:/srv/home_manager+1@2~3:4"},
	} {
		flake, err := flakeFor(c.inputs)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text := string(flake)
		for _, line := range []string{`    nixpkgs.url = "` + c.nixpkgs + `";`, `    home-manager.url = "` + c.homeManager + `";`} {
			if strings.Count(text, line+"\n") != 1 {
				t.Errorf("%s: no line %q in\n%s", name, line, text)
			}
		}
		if n := strings.Count(text, `"`); n != 8 {
			t.Errorf("%s: %d quotes in\n%s", name, n, text)
		}
	}
}

// A flake reference becomes Nix text: what could end the string, or begin code, is refused.
func TestFlakeInputsRefused(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		`path:/x"; evil = "`, "path:/${builtins.getEnv \"HOME\"}", "path:/$x", "path:/x{}", "path:/x\n", "\npath:/x", "path:/x\ny",
		`path:/x\`, "path:/x y", "path:", ":x", "nixpkgs", "/srv/nixpkgs", "./x", "Path:/x", "1path:/x", "path:/x#y", "path:/ü",
		"path:/x''", "path:/x\x00", "path:/x\t", "-path:/x", "path:/x;", "path:/`x`",
	} {
		for _, inputs := range []Inputs{{Release: "26.05", Nixpkgs: bad}, {Release: "26.05", HomeManager: bad}} {
			flake, err := flakeFor(inputs)
			var refused *InputError
			if !errors.As(err, &refused) || refused.Reference != bad || flake != nil {
				t.Errorf("%q: got %v and\n%s", bad, err, flake)
			}
		}
	}
	if _, err := flakeFor(Inputs{Release: `26.05"`}); err == nil {
		t.Error("a release with a quote is taken")
	}
	err := &InputError{Reference: "a\nb"}
	if err.Error() != `"a\nb": not a flake reference` || !strings.Contains(err.Hint(), "github:NixOS/nixpkgs") {
		t.Errorf("%s; hint %s", err, err.Hint())
	}
	w := Workspace{Dir: t.TempDir()}
	var refused *InputError
	if files, err := w.Init(Host{Name: "orion"}, Inputs{Nixpkgs: `"`}, computer(t, nil)); !errors.As(err, &refused) || files != nil {
		t.Errorf("Init takes it: %q, %v", names(files), err)
	}
}

// What cannot be written whole is not there at all; what was there before stays.
func TestCreateAllOrNothing(t *testing.T) {
	t.Parallel()
	w := Workspace{Dir: filepath.Join(t.TempDir(), "w")}
	if err := os.MkdirAll(w.path("hosts"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mine", "hosts/wall"} {
		if err := os.WriteFile(w.path(name), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	list := func() (names []string) {
		err := filepath.WalkDir(w.Dir, func(path string, _ fs.DirEntry, err error) error {
			names = append(names, path)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	before := list()
	files := []File{
		{Path: "flake.nix", New: true}, {Path: "hosts/orion/imported/a/b.nix", New: true}, {Path: "hosts/orion/local.nix", New: true},
		{Path: "hosts/wall/host.toml", New: true}, // a file stands where the folder should
	}
	if err := w.Create(files); err == nil {
		t.Fatal("created")
	}
	if after := list(); !slices.Equal(after, before) {
		t.Errorf("left %q, there was %q", after, before)
	}

	// Nor is the folder of the workspace, and those above it.
	top := t.TempDir()
	deep := Workspace{Dir: filepath.Join(top, "config/nixos")}
	broken := []File{{Path: "flake.nix", New: true}, {Path: "flake.nix/host.toml", New: true}}
	if err := deep.Create(broken); err == nil {
		t.Fatal("created")
	}
	if left, err := os.ReadDir(top); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}

	if err := w.Create(files[:3]); err != nil {
		t.Fatal(err)
	}
	if after := list(); len(after) <= len(before) {
		t.Errorf("only %q", after)
	}
}
