package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPatchesApply keeps the mutants in step with the code; whether they are killed is for `make mutants` to say.
func TestPatchesApply(t *testing.T) {
	mutants, err := load("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		// From the root: elsewhere in a repository git reads the names in a patch as relative to where it is.
		list := exec.Command("git", "apply", "--numstat", "-z", m.path)
		list.Dir = "../../.."
		out, err := list.Output()
		if err != nil {
			t.Errorf("%s: %v", m.name, err)
			continue
		}
		for entry := range strings.SplitSeq(strings.Trim(string(out), "\x00"), "\x00") {
			_, file, _ := strings.Cut(entry, "\t")
			_, file, _ = strings.Cut(file, "\t")
			// Looked at by the test itself, so that go test does not reuse its result after a change.
			if _, err := os.Stat(filepath.Join("../../..", file)); err != nil {
				t.Errorf("%s: %v", m.name, err)
			}
		}
		check := exec.Command("git", "apply", "--check", m.path)
		check.Dir = "../../.."
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s does not apply: %s", m.name, out)
		}
	}
}

func TestParse(t *testing.T) {
	m, err := parse([]byte("# no sync\n# test: ./a/... -run TestB\n--- a/x\n+++ b/x\n"))
	if err != nil || m.breaks != "no sync" || strings.Join(m.tests, ",") != "./a/...,-run,TestB" {
		t.Errorf("got %+v, %v", m, err)
	}
	for text, want := range map[string]string{
		"":                            "two lines",
		"--- a/x\n+++ b/x\n":          "line 1",
		"# \n# test: ./a\n--- a/x\n":  "line 1",
		"# no sync\n--- a/x\n+++ x\n": "line 2",
		"# no sync\n# test: \n--- a":  "line 2",
	} {
		if _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error about %s", text, err, want)
		}
	}
}

// module is a small repository: one function, and a narrow and a wide test of it.
var module = map[string]string{
	".gitignore":             "/bin/\n",
	"go.mod":                 "module example.org/m\n\ngo 1.26\n",
	"sum/sum.go":             "package sum\n\nfunc Sum(a, b int) int {\n\treturn a + b\n}\n\nfunc Zero() int {\n\treturn 0\n}\n",
	"sum/sum_test.go":        "package sum\n\nimport \"testing\"\n\nfunc TestSum(t *testing.T) {\n\tif Sum(1, 2) != 3 {\n\t\tt.Fail()\n\t}\n}\n",
	"wide/wide_test.go":      "package wide\n\nimport (\n\t\"testing\"\n\n\t\"example.org/m/sum\"\n)\n\nfunc TestWide(t *testing.T) {\n\tif sum.Sum(2, 2) != 4 {\n\t\tt.Fail()\n\t}\n}\n",
	"bin/ignored_test.go":    "not Go at all",
	"testing/mutants/README": "",
}

func patch(header, was, is string) string {
	return header + "--- a/sum/sum.go\n+++ b/sum/sum.go\n@@ -3,3 +3,3 @@\n func Sum(a, b int) int {\n-\treturn " + was + "\n+\treturn " + is + "\n }\n"
}

func TestTry(t *testing.T) {
	const narrow = "# the sum\n# test: ./sum -run TestSum\n"
	for _, c := range []struct{ name, patch, by, err string }{
		{"narrow", patch(narrow, "a + b", "a - b"), "TestSum", ""},
		{"wide", patch(narrow, "a + b", "a + b - a/2*2"), "TestWide", ""},
		{"survivor", patch(narrow, "a + b", "b + a"), "", ""},
		{"does not apply", patch(narrow, "a * b", "a - b"), "", "git apply"},
		{"does not compile", patch(narrow, "a + b", "a + c"), "", "does not compile"},
		{"no such test", patch("# the sum\n# test: ./sum -run TestNone\n", "a + b", "a - b"), "", "runs no test"},
		{"no such package", patch("# the sum\n# test: ./none\n", "a + b", "a - b"), "", "before anything was broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tree, m := copied(t, map[string]string{"testing/mutants/m.patch": c.patch})
			by, err := tree.try(context.Background(), m)
			if by != c.by || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("got %q, %v; want %q, %q", by, err, c.by, c.err)
			}
			if after, _ := os.ReadFile(filepath.Join(tree.dir, "sum/sum.go")); string(after) != module["sum/sum.go"] {
				t.Errorf("the tree was not mended: %s", after)
			}
		})
	}
}

func TestRedTestKillsNothing(t *testing.T) {
	tree, m := copied(t, map[string]string{
		"testing/mutants/m.patch": patch("# the sum\n# test: ./sum\n", "a + b", "a - b"),
		"sum/red_test.go":         "package sum\n\nimport \"testing\"\n\nfunc TestRed(t *testing.T) { t.Fail() }\n",
	})
	if _, err := tree.try(context.Background(), m); err == nil || !strings.Contains(err.Error(), "TestRed is red before") {
		t.Errorf("got %v", err)
	}
}

// copied writes the module and more, with one mutant, to a git repository and copies that, as run does.
func copied(t *testing.T, more map[string]string) (*tree, mutant) {
	t.Helper()
	t.Setenv("GOFLAGS", "-mod=mod -buildvcs=false")
	root := t.TempDir()
	for _, files := range []map[string]string{module, more} {
		for name, text := range files {
			path := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if out, err := exec.Command("git", "-C", root, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("git init: %s", out)
	}
	tree, err := copyTree(context.Background(), root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tree.remove)
	if _, err := os.Stat(filepath.Join(tree.dir, "bin")); err == nil {
		t.Error("an ignored file was copied")
	}
	if _, err := os.Stat(filepath.Join(tree.dir, "testing/mutants/m.patch")); err == nil {
		t.Error("a patch was copied")
	}
	mutants, err := load(filepath.Join(root, "testing/mutants"))
	if err != nil {
		t.Fatal(err)
	}
	return tree, mutants[0]
}

func TestSummary(t *testing.T) {
	for _, c := range []struct {
		name, events, failed, broken string
		passed                       int
	}{
		{name: "innermost", failed: "TestA/b", passed: 1, events: `{"Action":"pass","Test":"TestZ"}
{"Action":"fail","Test":"TestA/b"}
{"Action":"fail","Test":"TestA"}
{"Action":"fail","Package":"m/a"}`},
		{name: "panic in TestMain", failed: "m/a", events: `{"Action":"fail","Package":"m/a"}`},
		{name: "build", failed: "m/a", broken: "m/a [m/a.test]", events: `{"Action":"fail","Package":"m/a","FailedBuild":"m/a [m/a.test]"}`},
		{name: "torn", passed: 1, events: `{"Action":"pass","Test":"TestZ"}` + "\n{\"Act"},
	} {
		r, broken := summary([]byte(c.events))
		// Whether a package that did not build also counts as failed does not matter.
		if c.broken == "" && r.failed != c.failed || broken != c.broken || r.passed != c.passed {
			t.Errorf("%s: got %+v, %q", c.name, r, broken)
		}
	}
}
