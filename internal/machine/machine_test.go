package machine

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const hash = "0123456789abcdfghijklmnpqrsvwxyz" // every character of Nix's base 32

func TestParseStorePath(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 211)
	for _, good := range []string{
		"/nix/store/" + hash + "-hello",
		"/nix/store/" + hash + "-nixos-system-orion-26.05",
		"/nix/store/" + hash + "-a+b-c._?=Z9",
		"/nix/store/" + hash + "-" + long,
	} {
		if got, err := ParseStorePath(good); err != nil || string(got) != good {
			t.Errorf("%q: %q, %v", good, got, err)
		}
	}
	for why, bad := range map[string]string{
		"empty":              "",
		"the store":          "/nix/store",
		"no name":            "/nix/store/" + hash + "-",
		"no dash":            "/nix/store/" + hash,
		"relative":           "nix/store/" + hash + "-hello",
		"another store":      "/tmp/nix/store/" + hash + "-hello",
		"hash too short":     "/nix/store/" + hash[1:] + "-hello",
		"hash too long":      "/nix/store/0" + hash + "-hello",
		"e in the hash":      "/nix/store/e" + hash[1:] + "-hello",
		"o in the hash":      "/nix/store/o" + hash[1:] + "-hello",
		"t in the hash":      "/nix/store/t" + hash[1:] + "-hello",
		"u in the hash":      "/nix/store/u" + hash[1:] + "-hello",
		"capital in hash":    "/nix/store/A" + hash[1:] + "-hello",
		"name too long":      "/nix/store/" + hash + "-" + long + "n",
		"path below":         "/nix/store/" + hash + "-hello/bin/hello",
		"slash at the end":   "/nix/store/" + hash + "-hello/",
		"up":                 "/nix/store/../store/" + hash + "-hello",
		"space":              "/nix/store/" + hash + "-hel lo",
		"line end":           "/nix/store/" + hash + "-hello\n",
		"second line":        "/nix/store/" + hash + "-hello\n/nix/store/" + hash + "-x",
		"text before":        "x\n/nix/store/" + hash + "-hello",
		"NUL":                "/nix/store/" + hash + "-hello\x00",
		"letters of another": "/nix/store/" + hash + "-hellö",
		"shell":              "/nix/store/" + hash + "-$(id)",
	} {
		got, err := ParseStorePath(bad)
		if err == nil || got != "" {
			t.Errorf("%s: %q passes", why, bad)
			continue
		}
		if !strings.HasSuffix(err.Error(), ": not a store path") {
			t.Errorf("%s: error %v", why, err)
		}
	}
}

func TestStorePathName(t *testing.T) {
	t.Parallel()
	if got := StorePath("/nix/store/" + hash + "-nixos-system-26.05").Name(); got != "nixos-system-26.05" {
		t.Errorf("got %q", got)
	}
}

func TestSandbox(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(filepath.Dir(dir))
	for _, given := range []string{dir, dir + "/", "./" + filepath.Base(dir)} {
		m, err := Sandbox(given)
		if err != nil {
			t.Fatal(err)
		}
		if !m.IsSandbox() || m.Path("/etc/passwd") != dir+"/etc/passwd" || m.Store() != "local?root="+dir {
			t.Errorf("%s: %v, %s, %s", given, m.IsSandbox(), m.Path("/etc/passwd"), m.Store())
		}
	}
	file, root := filepath.Join(dir, "file"), filepath.Join(dir, "root")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Symlink("/", root)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{file, filepath.Join(dir, "none"), "/", "//", "/../", root} {
		if m, err := Sandbox(bad); err == nil || m != nil || !strings.HasPrefix(err.Error(), bad+": ") {
			t.Errorf("%s: %v, error %v", bad, m, err)
		}
	}
	if _, err := Sandbox(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func TestLocalPaths(t *testing.T) {
	t.Parallel()
	m := Local()
	if m.IsSandbox() || m.Path("/etc/passwd") != "/etc/passwd" || m.Store() != "" {
		t.Errorf("%v, %s, %s", m.IsSandbox(), m.Path("/etc/passwd"), m.Store())
	}
}

// TestSandboxKeepsPaths: no path leads out of the sandbox.
func TestSandboxKeepsPaths(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	m, err := Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"..", ".", "", "etc", "a b"})).Draw(t, "parts")
		abs := "/" + strings.Join(parts, "/")
		got := m.Path(abs)
		if got != root && !strings.HasPrefix(got, root+"/") {
			t.Fatalf("%s is at %s, outside of %s", abs, got, root)
		}
		if want := filepath.Join(root, filepath.Clean(abs)); got != want {
			t.Fatalf("%s is at %s, want %s", abs, got, want)
		}
	})
}

// TestStoreOfAnyDirectory: Nix reads what follows ? as a query, where & begins another
// setting and + is no space. (A sandbox in "a&b" had its store in "a".)
func TestStoreOfAnyDirectory(t *testing.T) {
	t.Parallel()
	if got, want := (&Machine{root: "/a&b c+%41?ü"}).Store(), "local?root=/a%26b%20c%2B%2541%3F%C3%BC"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		root := "/" + rapid.String().Draw(t, "root")
		value, _ := strings.CutPrefix((&Machine{root: root}).Store(), "local?root=")
		if strings.ContainsAny(value, "&?#+ =") {
			t.Fatalf("%q becomes %q", root, value)
		}
		if back, err := url.PathUnescape(value); err != nil || back != root {
			t.Fatalf("%q becomes %q and is read as %q (%v)", root, value, back, err)
		}
	})
}

func TestReadLink(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	m, err := Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	const system = "/nix/store/" + hash + "-nixos-system"
	for link, target := range map[string]string{"system": system, "elsewhere": "/etc/passwd", "below": system + "/bin"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := m.ReadLink("/system"); err != nil || got != system {
		t.Errorf("got %q, %v", got, err)
	}
	for _, link := range []string{"/elsewhere", "/below"} {
		if got, err := m.ReadLink(link); err == nil || got != "" || !strings.HasPrefix(err.Error(), link+": points at ") {
			t.Errorf("%s: got %q, %v", link, got, err)
		}
	}
	if _, err := m.ReadLink("/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		chunks := rapid.SliceOf(rapid.StringOf(rapid.SampledFrom([]rune("ab\n\r ü")))).Draw(t, "chunks")
		var got []string
		lines := &Lines{Each: func(line string) { got = append(got, line) }}
		for i, chunk := range chunks {
			p := []byte(chunk)
			if n, err := lines.Write(p); n != len(p) || err != nil {
				t.Fatalf("Write took %d of %d, %v", n, len(p), err)
			}
			for j := range p { // a writer may not keep its argument
				p[j] = '!'
			}
			if whole := strings.Count(strings.Join(chunks[:i+1], ""), "\n"); len(got) != whole {
				t.Fatalf("%d lines after chunk %d, want %d: they come as soon as they are whole", len(got), i, whole)
			}
		}
		lines.Flush()
		lines.Flush()
		want := strings.Split(strings.Join(chunks, ""), "\n")
		if want[len(want)-1] == "" {
			want = want[:len(want)-1]
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") || len(got) != len(want) {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}
