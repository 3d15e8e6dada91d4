package running

import (
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const generation = "/nix/store/" + hash + "-home-manager-files"

func TestInTheWay(t *testing.T) {
	t.Parallel()
	m := with(t, map[string]string{
		generation + "/.config/git/config": "x", generation + "/.zshrc": "x", "/nix/store/" + hash + "-mine/dir/in": "x",
		"/home/ada/.zshrc": "-> " + generation + "/.zshrc", "/home/ada/.config/git/config": "-> " + generation + "/.config/git/config",
		"/home/ada/file": "mine", "/home/ada/directory/": "", "/home/ada/dir/with space": "x", "/home/ada/dangling": "-> /none",
		"/home/ada/loop": "-> loop", "/home/ada/elsewhere": "-> /nix/store/" + hash + "-mine/dir", "/home/ada/relative": "-> file",
		"/home/ada/gone": "-> " + generation + "/gone", "/home/ada/below-file": "-> file/x", "/home/ada/dead": "-> /none",
		"/home/ada/.local": "-> /data/ada", "/data/ada/share/taken": "x", "/data/ada/share/ours": "-> " + generation + "/.zshrc",
		"/home/ada/fake": "-> /data/" + hash + "-home-manager-files/x", "/data/" + hash + "-home-manager-files/x": "x",
		"/home/ada/whole": "-> " + generation + "/.config", "/home/ada/near": "-> /home/ada/nix/store/x-home-manager-files/y",
		"/home/ada/nix/store/x-home-manager-files/y": "x",
	})
	before := snapshot(t, m)
	dead := map[string]bool{"dangling": true, "loop": true, "below-file": true}
	for target, want := range map[string]string{
		".zshrc": "", ".config/git/config": "", ".config/new": "", "new/deep/file": "", "dangling": "", "loop": "", "gone": "", "below-file": "",
		"file": "file", "directory": "directory", "dir/with space": "dir/with space", "elsewhere": "elsewhere", "relative": "relative",
		"elsewhere/in": "elsewhere/in", "elsewhere/other": "", "./dir//with space": "dir/with space",
		".local/share/taken": ".local/share/taken", ".local/share/ours": "", ".local/share/free": "",
		"fake": "fake", "near": "near", "whole/git/config": "whole/git/config",
		"file/below": "file", "./file/below": "file", "file/far/below": "file", "dead/below": "dead", "loop/below": "loop", "relative/below": "relative", "directory/x/y": "",
	} {
		got, err := InTheWay(m, "/home/ada", []string{target})
		if text := strings.Join(got, ","); err != nil || text != want {
			t.Errorf("%s: got %q, %v; want %q", target, text, err, want)
		}
		if dead[target] {
			want = target
		}
		if got, err := Foreign(m, "/home/ada", []string{target}); err != nil || strings.Join(got, ",") != want {
			t.Errorf("%s: foreign %q, %v; want %q", target, got, err, want)
		}
	}
	got, err := InTheWay(m, "/home/ada", []string{"file", ".zshrc", "file/a", "directory", "file"})
	if err != nil || !slices.Equal(got, []string{"directory", "file"}) {
		t.Errorf("together: %q, %v", got, err)
	}
	if got, err := InTheWay(m, "/home/none", []string{"a", "b/c"}); err != nil || got != nil {
		t.Errorf("no home: %q, %v", got, err)
	}
	if after := snapshot(t, m); after != before {
		t.Errorf("changed:\n%s\n%s", before, after)
	}
}

func TestInTheWayMayNotBeKnown(t *testing.T) {
	t.Parallel()
	m := with(t, map[string]string{"/home": "a file"})
	if got, err := InTheWay(m, "/home/ada", []string{"a/b"}); err == nil || got != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestIsMine(t *testing.T) {
	t.Parallel()
	m := with(t, map[string]string{"/home/ada/": "", "/home/link": "-> /home/ada", "/home/file": "x", "/home/dead": "-> /none"})
	me := os.Geteuid()
	for home, want := range map[string]bool{"/home/ada": true, "/home/link": true, "/home/file": false, "/home/dead": false, "/home/none": false, "/none/at/all": false} {
		if got, err := IsMine(m, home, me); err != nil || got != want {
			t.Errorf("%s: %t, %v", home, got, err)
		}
		if got, err := IsMine(m, home, me+4711); err != nil || got {
			t.Errorf("%s of somebody else: %t, %v", home, got, err)
		}
		if got, err := IsMine(m, home, 0); err != nil || got != want {
			t.Errorf("%s for root: %t, %v", home, got, err)
		}
	}
}

// TestOfHomeManager: the same links as in the pattern "/nix/store/*-home-manager-files/*" of a shell, where * is
// anything, a slash too.
func TestOfHomeManager(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"/nix/store/", hash, "-home-manager-files", "/", "x", "-", "home"}), 0, 6)
		link := strings.Join(parts.Draw(t, "parts"), "")
		first, _, is := strings.Cut(link, "-home-manager-files/")
		want := is && strings.HasPrefix(first, "/nix/store/")
		if got := OfHomeManager(link); got != want {
			t.Fatalf("%s: %t, want %t", link, got, want)
		}
	})
}

func TestFlatpaks(t *testing.T) {
	t.Parallel()
	user, system := "/home/ada/.local/share/flatpak/app/", "/var/lib/flatpak/app/"
	m := with(t, map[string]string{
		user + "org.gimp.GIMP/current": "-> x86_64/stable", user + "org.gimp.GIMP/x86_64/stable/active/metadata": "x",
		system + "org.gimp.GIMP/current": "-> x86_64/stable", system + "com.valvesoftware.Steam/current": "-> x86_64/stable",
		system + "org.left.Over/x86_64/": "", system + "org.odd.One/current/": "", system + ".changed": "",
		"/var/lib/flatpak/runtime/org.gnome.Platform/current": "-> x86_64/48",
	})
	got, err := Flatpaks(m, "/home/ada")
	if err != nil || !slices.Equal(got, []string{"com.valvesoftware.Steam", "org.gimp.GIMP"}) {
		t.Errorf("%q, %v", got, err)
	}
	m = with(t, map[string]string{"/var/lib/flatpak": "-> /data/flatpak", "/data/flatpak/app/org.a.B/current": "-> x86_64/stable"})
	if got, err := Flatpaks(m, "/home/bob"); err != nil || !slices.Equal(got, []string{"org.a.B"}) {
		t.Errorf("elsewhere: %q, %v", got, err)
	}
	if got, err := Flatpaks(with(t, nil), "/home/ada"); err != nil || got != nil {
		t.Errorf("none: %q, %v", got, err)
	}
	if got, err := Flatpaks(with(t, map[string]string{"/var/lib/flatpak/app": "a file"}), "/home/ada"); err == nil || got != nil {
		t.Errorf("a file: %q, %v", got, err)
	}
}
