package architecture

import (
	"fmt"
	"go/ast"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// checkPackageDocs wants every package to say what it is: "in one sentence" stops grab-bags.
func checkPackageDocs(files []file) (bad []string) {
	documented := map[string]bool{}
	for _, f := range files {
		if f.test {
			continue
		}
		dir := path.Dir(f.path)
		documented[dir] = documented[dir] || strings.TrimSpace(f.ast.Doc.Text()) != ""
	}
	for _, dir := range slices.Sorted(maps.Keys(documented)) {
		if !documented[dir] {
			bad = append(bad, dir+": no file has a package comment")
		}
	}
	return bad
}

func TestPackageDocs(t *testing.T) { report(t, checkPackageDocs(tree(t))) }

func TestPackageDocsTurnsRed(t *testing.T) {
	good := fstest.MapFS{
		"internal/host/host.go":      source("// Package host reads.\npackage host"),
		"internal/host/parse.go":     source("package host"),
		"internal/host/host_test.go": source("package host_test"),
	}
	turnsRed(t, good, checkPackageDocs, map[string]bad{
		"none":         {"internal/host/host.go", "package host", "internal/host: no file"},
		"not attached": {"internal/host/host.go", "// Package host reads.\n\npackage host", "internal/host: no file"},
		"test's only":  {"internal/git/git.go", "package git", "internal/git: no file"},
	})
}

// ours are the folders that go into nqd; testing/ holds the programs that try it.
func ours(f file) bool { return !f.test && f.under("cmd", "internal", "nixlib") }

// checkPrograms keeps running other programs in one place, where a sandbox and a remote machine can stand in for
// this one. os.StartProcess and syscall.ForkExec would be ways around it.
func checkPrograms(files []file) (bad []string) {
	for _, f := range files {
		if !ours(f) || f.under("internal/machine") {
			continue
		}
		for _, spec := range f.ast.Imports {
			if spec.Path.Value == `"os/exec"` {
				bad = append(bad, f.path+": only internal/machine runs programs (os/exec)")
			}
		}
		for _, use := range uses(f, "os.StartProcess", "syscall.ForkExec", "syscall.StartProcess") {
			bad = append(bad, use+": only internal/machine runs programs")
		}
	}
	return bad
}

func TestPrograms(t *testing.T) { report(t, checkPrograms(tree(t))) }

func TestProgramsTurnsRed(t *testing.T) {
	good := fstest.MapFS{
		"internal/machine/run.go":   source("package machine\nimport _ \"os/exec\""),
		"internal/git/git_test.go":  source("package git\nimport _ \"os/exec\""),
		"testing/standin/main.go":   source("package main\nimport _ \"os/exec\""),
		"internal/git/git.go":       source("package git\nimport \"os\"\nvar _ = os.Getpid"),
		"internal/machinery/mac.go": source("package machinery"),
	}
	turnsRed(t, good, checkPrograms, map[string]bad{
		"imported":       {"internal/git/git.go", "package git\nimport \"os/exec\"\nvar _ = exec.Command", "internal/git/git.go: only"},
		"under a name":   {"nixlib/embed.go", "package nixlib\nimport run \"os/exec\"\nvar _ = run.Command", "nixlib/embed.go: only"},
		"similar name":   {"internal/machinery/mac.go", "package machinery\nimport _ \"os/exec\"", "internal/machinery/mac.go: only"},
		"around os/exec": {"cmd/nqd/main.go", "package main\nimport \"os\"\nvar _ = os.StartProcess", "cmd/nqd/main.go:3: os.StartProcess"},
	})
}

// checkPrints keeps standard output for the renderers: anything else printed there breaks --json.
func checkPrints(files []file) (bad []string) {
	for _, f := range files {
		if !ours(f) || f.under("internal/ui", "internal/cli") {
			continue
		}
		names := []string{"fmt.Print", "fmt.Printf", "fmt.Println"}
		if !f.under("cmd") { // main hands it to cli.Main
			names = append(names, "os.Stdout")
		}
		for _, use := range uses(f, names...) {
			bad = append(bad, use+": only ui and cli write to standard output; send an event")
		}
	}
	return bad
}

func TestPrints(t *testing.T) { report(t, checkPrints(tree(t))) }

func TestPrintsTurnsRed(t *testing.T) {
	good := fstest.MapFS{
		"internal/ui/plain/plain.go": source("package plain\nimport \"fmt\"\nfunc f() { fmt.Println() }"),
		"internal/cli/cli.go":        source("package cli\nimport \"fmt\"\nfunc f() { fmt.Print() }"),
		"internal/git/git.go":        source("package git\nimport \"fmt\"\n// fmt.Println\nvar _ = fmt.Sprint"),
		"internal/git/git_test.go":   source("package git\nimport \"fmt\"\nfunc f() { fmt.Println() }"),
		"cmd/nqd/main.go":            source("package main\nimport \"os\"\nvar _ = os.Stdout"),
	}
	turnsRed(t, good, checkPrints, map[string]bad{
		"called":       {"internal/git/git.go", "package git\nimport \"fmt\"\nfunc f() { fmt.Printf(\"\") }", "internal/git/git.go:3: fmt.Printf"},
		"passed on":    {"internal/git/git.go", "package git\nimport \"fmt\"\nvar say = fmt.Println", "internal/git/git.go:3: fmt.Println"},
		"stdout":       {"internal/git/git.go", "package git\nimport \"os\"\nvar _ = os.Stdout", "internal/git/git.go:3: os.Stdout"},
		"under a name": {"internal/git/git.go", "package git\nimport f \"fmt\"\nvar say = f.Println", "internal/git/git.go:3: fmt.Println"},
	})
}

// uses finds the places where a file names one of the given "package.Name", whatever it calls the import.
func uses(f file, names ...string) (places []string) {
	called := map[string]string{} // local name of an import → its last element
	for _, spec := range f.ast.Imports {
		base := path.Base(strings.Trim(spec.Path.Value, `"`))
		called[base] = base
		if spec.Name != nil {
			called[spec.Name.Name] = base
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok {
			if name := called[x.Name] + "." + sel.Sel.Name; slices.Contains(names, name) {
				places = append(places, fmt.Sprintf("%s:%d: %s", f.path, f.fset.Position(n.Pos()).Line, name))
			}
		}
		return true
	})
	return places
}

// grabBag matches package names that say nothing about what is inside.
var grabBag = regexp.MustCompile(`^(utils?|common|core|shared|helpers?|misc|base|types|models?|managers?|services?|api|.+utils?)$`)

// checkNames refuses what hides: code that runs because of an import, and packages named after nothing.
func checkNames(files []file) (bad []string) {
	named := map[string]bool{}
	for _, f := range files {
		dir := path.Dir(f.path)
		if grabBag.MatchString(path.Base(dir)) && !named[dir] {
			named[dir] = true
			bad = append(bad, dir+": name the package by what it knows")
		}
		for _, decl := range f.ast.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				bad = append(bad, fmt.Sprintf("%s:%d: no init functions: make a list that someone can read", f.path, f.fset.Position(fn.Pos()).Line))
			}
		}
	}
	return bad
}

func TestNames(t *testing.T) { report(t, checkNames(tree(t))) }

func TestNamesTurnsRed(t *testing.T) {
	good := fstest.MapFS{
		"internal/host/host.go": source("package host\ntype t struct{}\nfunc (t) init() {}"),
	}
	turnsRed(t, good, checkNames, map[string]bad{
		"init":         {"internal/host/host.go", "package host\nfunc init() {}", "internal/host/host.go:2: no init"},
		"init in test": {"internal/host/host_test.go", "package host\nfunc init() {}", "internal/host/host_test.go:2: no init"},
		"util":         {"internal/util/a.go", "package util", "internal/util: name the package"},
		"fileutil":     {"internal/fileutil/a.go", "package fileutil", "internal/fileutil: name the package"},
		"in testing":   {"testing/common/a.go", "package common", "testing/common: name the package"},
	})
}

// What a reader holds in mind at once. Over it, the top comment of the file (for a package: of the file with the
// package comment) says "over budget:" and why.
const (
	functionLines = 60
	fileLines     = 400
	packageLines  = 1200
)

func checkBudgets(files []file) (bad []string) {
	size, excused := map[string]int{}, map[string]bool{}
	for _, f := range files {
		if !ours(f) {
			continue
		}
		dir := path.Dir(f.path)
		size[dir] += f.lines
		if overBudget(f) {
			excused[dir] = excused[dir] || f.ast.Doc != nil
			continue
		}
		if f.lines > fileLines {
			bad = append(bad, fmt.Sprintf("%s: %d lines, over %d", f.path, f.lines, fileLines))
		}
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			first, last := f.fset.Position(fn.Type.Func).Line, f.fset.Position(fn.End()).Line
			if n := last - first + 1; n > functionLines {
				bad = append(bad, fmt.Sprintf("%s:%d: %s has %d lines, over %d", f.path, first, fn.Name.Name, n, functionLines))
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(size)) {
		if size[dir] > packageLines && !excused[dir] {
			bad = append(bad, fmt.Sprintf("%s: %d lines, over %d", dir, size[dir], packageLines))
		}
	}
	return bad
}

var excuse = regexp.MustCompile(`(?i)\bover budget: \S`)

// overBudget looks for the excuse above the package clause.
func overBudget(f file) bool {
	return slices.ContainsFunc(f.ast.Comments, func(c *ast.CommentGroup) bool {
		return c.End() <= f.ast.Package && excuse.MatchString(c.Text())
	})
}

func TestBudgets(t *testing.T) { report(t, checkBudgets(tree(t))) }

func TestBudgetsTurnsRed(t *testing.T) {
	lines := func(n int) string { return strings.Repeat("\n", n) }
	function := func(n int) string { return "package a\nfunc long() {" + lines(n-1) + "}\n" }
	file := func(n int) string { return "package a" + lines(n) }
	good := fstest.MapFS{
		"internal/a/a.go":      source(function(functionLines)),
		"internal/a/b.go":      source(file(fileLines)),
		"internal/a/c.go":      source(file(fileLines)),
		"internal/a/a_test.go": source(function(500)),
		"internal/b/b.go":      source("// Over budget: a table.\n\n" + function(500)),
		"testing/demo/main.go": source(function(500)),
	}
	turnsRed(t, good, checkBudgets, map[string]bad{
		"function":        {"internal/a/a.go", function(functionLines + 1), "internal/a/a.go:2: long has 61 lines"},
		"file":            {"internal/c/c.go", file(fileLines + 1), "internal/c/c.go: 401 lines"},
		"no reason":       {"internal/b/b.go", "// Over budget:\n\n" + function(61), "internal/b/b.go:4: long"},
		"reason too late": {"internal/b/b.go", function(61) + "// over budget: because\n", "internal/b/b.go:2: long"},
		"package":         {"internal/a/d.go", file(fileLines), "internal/a: 1261 lines"},
		"excused file":    {"internal/a/d.go", "// over budget: a table\n\n" + file(500), "internal/a: 1363 lines"},
	})
}
