package nixsource

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/installer"
	"github.com/masterofnull/nixos-quick-deploy/testing/nixes"
)

// shown are tokens as `KIND:line:text`.
func shown(tokens []Token) string {
	kinds := map[Kind]string{Name: "n", Number: "1", Path: "p", HomePath: "h", Lookup: "l", Text: "t", URI: "u", Operator: "o", Comment: "c"}
	var words []string
	for t := range All(tokens) {
		text := t.Source
		if t.Kind == Text {
			text = t.Value()
		}
		words = append(words, fmt.Sprintf("%s%d %q", kinds[t.Kind], t.Line, text))
	}
	return strings.Join(words, " ")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a = ./b.nix;":                 `n1 "a" o1 "=" p1 "./b.nix" o1 ";"`,
		"[ ../x ./. /etc/x a/b ]":      `o1 "[" p1 "../x" p1 "./." p1 "/etc/x" p1 "a/b" o1 "]"`,
		"a // b / c /* x\n */ d":       `n1 "a" o1 "//" n1 "b" o1 "/" n1 "c" c1 "/* x\n */" n2 "d"`,
		"a//b":                         `n1 "a" o1 "//" n1 "b"`,
		"<a/b.nix> < b <= c":           `l1 "<a/b.nix>" o1 "<" n1 "b" o1 "<=" n1 "c"`,
		"~/x":                          `h1 "~/x"`,
		"# ./x\nx' -1 1.5 .5":          `c1 "# ./x" n2 "x'" o2 "-" 12 "1" 12 "1.5" 12 ".5"`,
		`"a\n\"${b}$${c}\${d} $"`:      `t1 "a\n\"$${c}${d} $" n1 "b"`,
		"''\n a ''${b} ${./c} '''''":   `t1 "\n a ${b}  ''" p2 "./c"`,
		"''''\\n ''$ '' x":             `t1 "\n $ " n1 "x"`,
		"./a/${b}/c${d} e":             `p1 "./a/${b}/c${d}" n1 "b" n1 "d" n1 "e"`,
		"\"${\"${{ a = ./x; }.a}\"}\"": `t1 "" t1 "" o1 "{" n1 "a" o1 "=" p1 "./x" o1 ";" o1 "}" o1 "." n1 "a"`,
		"http://x.y/z?a=b x:y x: y":    `u1 "http://x.y/z?a=b" u1 "x:y" n1 "x" o1 ":" n1 "y"`,
		"{ ... }: a.b or c ? d":        `o1 "{" o1 "..." o1 "}" o1 ":" n1 "a" o1 "." n1 "b" n1 "or" n1 "c" o1 "?" n1 "d"`,
		"a.${b}.c":                     `n1 "a" o1 "." o1 "${" n1 "b" o1 "}" o1 "." n1 "c"`,
	} {
		tokens, err := Tokens(text)
		if got := shown(tokens); err != nil || got != want {
			t.Errorf("%s: %v\ngot  %s\nwant %s", text, err, got, want)
		}
	}
}

func TestPartsHaveLines(t *testing.T) {
	t.Parallel()
	tokens, err := Tokens("\n''\n  a\n  ${b\n}\n  c''")
	if err != nil || len(tokens) != 1 || tokens[0].Line != 2 || !tokens[0].IsOpen() {
		t.Fatal(tokens, err)
	}
	want := []Part{{2, "\n  a\n  "}, {5, "\n  c"}}
	if !slices.Equal(tokens[0].Parts, want) {
		t.Errorf("%+v", tokens[0].Parts)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for text, line := range map[string]int{
		"a\n\"b": 2, "''\nx": 1, "\n\"${a": 2, strings.Repeat(`"${`, deepest+2): 1, "./${": 1, `"\`: 1,
	} {
		_, err := Tokens(text)
		var at *Error
		if !errors.As(err, &at) || at.Line != line {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// paths are the absolute paths of a file in dir without anything put in, sorted.
func paths(tokens []Token, dir string) []string {
	found := []string{}
	for t := range All(tokens) {
		if t.Kind != Path || t.IsOpen() {
			continue
		}
		name := t.Source
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		found = append(found, filepath.Clean(name))
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// TestAgainstNix: the same paths as Nix's own parser finds, in every file of the library, the stand-in for nixpkgs and the
// installer's machines. What Nix prints are whole paths, in Nix again.
func TestAgainstNix(t *testing.T) {
	t.Parallel()
	var files []string
	for _, root := range []string{"../../nixlib", "../../testing/nixpkgs"} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(path) == ".nix" {
				path, err = filepath.Abs(path)
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	machines, err := installer.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range machines {
		if strings.HasSuffix(one.Name, "-link") || one.Name == "broken" {
			continue
		}
		root := t.TempDir()
		if err := one.Write(root); err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Join(root, "etc/nixos/configuration.nix"), filepath.Join(root, "etc/nixos/hardware-configuration.nix"))
	}
	nixes.Each(t, func(t *testing.T, bin string) {
		seen := 0
		for _, file := range files {
			seen += compare(t, bin, file)
		}
		if seen < 50 {
			t.Errorf("only %d paths in %d files", seen, len(files))
		}
	})
}

func compare(t *testing.T, bin, file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(filepath.Join(bin, "nix-instantiate"), "--parse", "--store", "dummy://", file)
	command.Env = append(os.Environ(), "NIX_STATE_DIR="+t.TempDir(), "HOME="+t.TempDir())
	out, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		errors.As(err, &exit)
		t.Errorf("%s: %v: %s", file, err, exit.Stderr)
		return 0
	}
	ours, err := Tokens(string(text))
	if err != nil {
		t.Errorf("%s: %v", file, err)
	}
	theirs, err := Tokens(string(out))
	if err != nil {
		t.Errorf("%s as Nix prints it: %v", file, err)
	}
	home, _ := os.LookupEnv("HOME")
	got, want := paths(ours, filepath.Dir(file)), paths(theirs, "/")
	want = slices.DeleteFunc(want, func(p string) bool { return strings.HasPrefix(p, home+"/more") || strings.HasSuffix(p, "/more.nix") })
	if !slices.Equal(got, want) {
		t.Errorf("%s:\ngot  %q\nwant %q", file, got, want)
	}
	return len(got)
}

func FuzzTokens(f *testing.F) {
	for _, text := range []string{"a = ./b;", `"${a}"`, "''a''", "./a/${b}", "<x>", "/* */ # x", "a:b ~/x $$ ''$ ''\\"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens, err := Tokens(text)
		line := 0
		for _, one := range tokens {
			if one.Line < line || one.Line > 1+strings.Count(text, "\n") || one.Kind == 0 {
				t.Errorf("%+v behind line %d", one, line)
			}
			line = one.Line
			if !strings.Contains(text, one.Source) {
				t.Errorf("%q is not in the text", one.Source)
			}
		}
		// Nothing is left out but blanks.
		if err == nil {
			rest := text
			for _, one := range tokens {
				before, after, found := strings.Cut(rest, one.Source)
				if !found || strings.Trim(before, " \t\r\n") != "" {
					t.Errorf("%q is passed over before %q", before, one.Source)
				}
				rest = after
			}
			if strings.Trim(rest, " \t\r\n") != "" {
				t.Errorf("%q is passed over", rest)
			}
		}
	})
}
