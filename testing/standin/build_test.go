package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runBuild builds S into a new folder.
func runBuild(t *testing.T, s any) (string, error) {
	t.Helper()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "out")
	environment := map[string]string{"spec": string(data), "out": out, "name": "hello-1", "pname": "hello"}
	return out, build(func(key string) string { return environment[key] })
}

func TestBuildFiles(t *testing.T) {
	out, err := runBuild(t, json.RawMessage(`{
		"program": "/nix/store/x-standin",
		"files": {
			"bin/hello": {"program": true},
			"share/doc/empty": {"text": ""},
			"share/doc/run": {"text": "x\n", "mode": "0755"},
			"etc": {"link": "/nix/store/x-etc/etc"}
		},
		"fill": 1000
	}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"bin/hello": "/nix/store/x-standin", "etc": "/nix/store/x-etc/etc"} {
		if got, _ := os.Readlink(filepath.Join(out, name)); got != want {
			t.Errorf("%s leads to %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]struct {
		size int64
		mode os.FileMode
	}{
		"share/doc/empty":  {0, 0o644},
		"share/doc/run":    {2, 0o755},
		"share/hello/data": {1000, 0o644},
	} {
		info, err := os.Stat(filepath.Join(out, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if info.Size() != want.size || info.Mode().Perm() != want.mode {
			t.Errorf("%s: %d bytes, mode %o; want %d, %o", name, info.Size(), info.Mode().Perm(), want.size, want.mode)
		}
	}
}

func TestBuildIsDeterministic(t *testing.T) {
	var first []byte
	for range 2 {
		out, err := runBuild(t, spec{Fill: 70000})
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(out, "share/hello/data"))
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && string(first) != string(data) {
			t.Error("the filler differs between two builds")
		}
		first = data
	}
}

func TestBuildRefuses(t *testing.T) {
	for name, test := range map[string]struct{ spec, want string }{
		"no JSON":         {`"`, "spec:"},
		"outside":         {`{"files": {"../x": {"text": ""}}}`, "../x: not a path below the output"},
		"absolute":        {`{"files": {"/x": {"text": ""}}}`, "/x: not a path below the output"},
		"nothing in it":   {`{"files": {"x": {}}}`, "x: neither text, link nor program"},
		"unknown program": {`{"files": {"x": {"program": true}}}`, "x: the spec names no program"},
		"wrong mode":      {`{"files": {"x": {"text": "", "mode": "rw"}}}`, `x: mode "rw"`},
		"missing tree":    {`{"merge": ["/nowhere/x"]}`, "merging /nowhere/x"},
	} {
		t.Run(name, func(t *testing.T) {
			environment := map[string]string{"spec": test.spec, "out": filepath.Join(t.TempDir(), "out")}
			err := build(func(key string) string { return environment[key] })
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q in it", err, test.want)
			}
		})
	}
}

// tree makes a folder with files, by path.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, file := range files {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(root), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestMerge(t *testing.T) {
	a, b := tree(t, "bin/a", "share/a/version"), tree(t, "bin/b")
	out, err := runBuild(t, spec{Merge: []string{a, b, a}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"bin/a":           a + "/bin/a",
		"bin/b":           b + "/bin/b",
		"share/a/version": a + "/share/a/version",
	} {
		if got, _ := os.Readlink(filepath.Join(out, name)); got != want {
			t.Errorf("%s leads to %q, want %q", name, got, want)
		}
	}
}

func TestMergeConflict(t *testing.T) {
	a, b, folder := tree(t, "bin/x"), tree(t, "bin/x"), tree(t, "bin/x/y")
	for _, other := range []string{b, folder} {
		_, err := runBuild(t, spec{Merge: []string{a, other}})
		if err == nil {
			t.Fatal("a conflict was accepted")
		}
		for _, path := range []string{a + "/bin/x", other + "/bin/x"} {
			if !strings.Contains(err.Error(), path) {
				t.Errorf("error %q does not name %s", err, path)
			}
		}
	}
}

func TestMergeIgnoringCollisions(t *testing.T) {
	a, b := tree(t, "bin/x"), tree(t, "bin/x")
	out, err := runBuild(t, spec{Merge: []string{a, b}, IgnoreCollisions: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.Readlink(filepath.Join(out, "bin/x")); got != a+"/bin/x" {
		t.Errorf("bin/x leads to %q, want the first tree", got)
	}
}

// A build can be made to say something and to fail, for those who look on.
func TestBuildFails(t *testing.T) {
	var log strings.Builder
	err := spec{Say: []string{"compiling", "  error: no"}, Exit: 3}.perform(&log)
	if err != failedBuild(3) || log.String() != "compiling\n  error: no\n" {
		t.Errorf("got %v and %q", err, &log)
	}
	if out, err := runBuild(t, spec{Exit: 3}); err != failedBuild(3) {
		t.Errorf("got %v", err)
	} else if _, err := os.Stat(out); err == nil {
		t.Error("what failed has an output")
	}
}
