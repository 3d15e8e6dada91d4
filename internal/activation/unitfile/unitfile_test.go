package unitfile

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, texts ...string) Unit {
	t.Helper()
	u, err := Read(texts)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// How rust-ini reads what systemd units hold.
func TestRead(t *testing.T) {
	got := read(t, `Stray=1
# comment=1
  ; comment
[Unit]
Description = An = sign: and a colon  
After=dev-disk-by\x2dlabel-root.device
Empty=
 Indented=1
[Service]
Environment="A=1 # no comment" 'B "2"' "C=3"
Environment=LANG="de"
ExecStart=/bin/a \
  b
ExecStart=
ExecStart="/bin/c"
Quoted="\"x\""
Key : value
[Install]
WantedBy=multi-user.target
[ Unit ]
After=later.service
[Empty]`, "[Service]\nEnvironment=D=4\nExecStart=\n[New]\r\nKey=a\r\n")
	want := Unit{
		"Unit": {
			"Description": {"An = sign: and a colon"},
			"After":       {`dev-disk-by\x2dlabel-root.device`, "later.service"},
			"Empty":       {},
			"Indented":    {"1"},
		},
		"Service": {
			// Two lines, looked at twice.
			"Environment": {`A=1 # no comment 'B "2"' "C=3"`, `LANG="de"`, `A=1 # no comment 'B "2"' "C=3"`, `LANG="de"`, "D=4"},
			"ExecStart":   {},
			"Quoted":      {`\"x\"`},
			"Key":         {"value"},
		},
		"Empty": {},
		"New":   {"Key": {"a"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	if got := read(t, "[S]\nE=/bin/a \\\n  b\n")["S"]["E"]; !slices.Equal(got, []string{"/bin/a   b"}) {
		t.Errorf("a line that goes on: %q", got)
	}
}

func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]error{
		"[Unit":                     errCut,
		"[Unit]\nno value here\n":   errCut,
		"[Unit]\nA=\"not closed\n":  errCut,
		"[Unit]\n=value\n":          errNoKey,
		"[Unit]\nA=1\n : value\n":   errNoKey,
		"[Unit]\nA='x' \"y\n[B]\n":  nil, // only quotes that touch each other are
		"[Unit]\nA='x'\"y\n[B]\nC=": errCut,
	} {
		if _, err := Read([]string{text}); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
}

func TestFlag(t *testing.T) {
	for value, want := range map[string]bool{"1": true, "yes": true, "true": true, "on": true, "True": false, "t": false, "0": false, "x": false} {
		if got := read(t, "[A]\nB=no\nB="+value+"\n").Flag("A", "B", !want); got != want {
			t.Errorf("%q is %v", value, got)
		}
	}
	for _, text := range []string{"", "[A]\n", "[A]\nB=\n", "[A]\nB=0\nB=\n", "[B]\nB=0\n"} {
		if !read(t, text).Flag("A", "B", true) || read(t, text).Flag("A", "B", false) {
			t.Errorf("%q: not as if the key was missing", text)
		}
	}
}

// Whatever a file holds, reading it ends, is the same each time, and twice the file is no shorter.
func FuzzRead(f *testing.F) {
	f.Add("[Unit]\nDescription=A \"b\"\n[Service]\nExecStart=\nExecStart=/bin/x \\\n y\nEnvironment='A=1'\"B\"\n[Install]\nWantedBy=a\n")
	f.Add("[S]\nA=\"\\\"\n")
	f.Add("[S]\r\nA:b\\")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := Read([]string{text})
		if err != nil {
			return
		}
		again, _ := Read([]string{text})
		if !reflect.DeepEqual(u, again) {
			t.Fatalf("%q: not equal to itself", text)
		}
		for section, keys := range u {
			if section == "Install" {
				t.Fatalf("%q: [Install] was read", text)
			}
			for key, values := range keys {
				if key == "" || strings.TrimSpace(key) != key || slices.Contains(values, "") {
					t.Fatalf("%q: %q has %q", text, key, values)
				}
			}
		}
	})
}
