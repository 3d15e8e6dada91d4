package binarycache

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func TestParse(t *testing.T) {
	t.Parallel()
	self := string(path(0))
	whole := about(path(0))
	change := func(old, new string) string { return strings.Replace(whole, old, new, 1) }
	for text, want := range map[string]Narinfo{
		whole:                                 {Path: path(0), FileSize: 40, NarSize: 100},
		change("FileSize: 40\n", ""):          {Path: path(0), NarSize: 100},
		change("xz\nF", "none\nF"):            {Path: path(0), FileSize: 40, NarSize: 100},
		change("References: \n", ""):          {Path: path(0), FileSize: 40, NarSize: 100},
		change("References: ", "References:"): {Path: path(0), FileSize: 40, NarSize: 100},
		strings.Replace(change("FileSize: 40\n", ""), ": xz", ": none", 1): {Path: path(0), FileSize: 100, NarSize: 100},
		change("References: ", "References: "+string(path(1))[11:]+"  "+self[11:]): {
			Path: path(0), FileSize: 40, NarSize: 100, References: []machine.StorePath{path(1), path(0)},
		},
		change("100", "9223372036854775807"): {Path: path(0), FileSize: 40, NarSize: 1<<63 - 1},
	} {
		if got, err := parse([]byte(text)); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s\ngot %+v, %v\nwant %+v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		change("StorePath: "+self, "StorePath: /gnu/store/x"):  `StorePath: "/gnu/store/x": not a store path`,
		change("StorePath: "+self+"\n", ""):                    "StorePath is missing",
		change("nar/x.nar.xz", ""):                             "URL is missing",
		change("NarHash: sha256:2\n", ""):                      "NarHash is missing",
		change("NarSize: 100\n", ""):                           "NarSize is missing",
		change("NarSize: 100", "NarSize: 0"):                   `NarSize is "0"`,
		change("NarSize: 100", "NarSize: 0x64"):                `NarSize is "0x64"`,
		change("NarSize: 100", "NarSize: 9223372036854775808"): `NarSize is "9223372036854775808"`,
		change("FileSize: 40", "FileSize: +40"):                `FileSize is "+40"`,
		change("FileSize: 40", "FileSize: "):                   `FileSize is ""`,
		change("References: ", "References: "+self):            `in References: "/nix/store//nix/store/` + self[11:] + `": not a store path`,
		change("Sig: k:1", "NarSize: 5"):                       "NarSize stands there twice",
		change("Later: words", "Later words"):                  `broken line "Later words"`,
		whole[:len(whole)-1]:                                   `broken line "Later: words"`,
		strings.Repeat("ü", 61) + "\n":                         `broken line "` + strings.Repeat("ü", 60) + `…"`,
		"":                                                     "StorePath is missing",
	} {
		if got, err := parse([]byte(text)); err == nil || err.Error() != want || got.Path != "" {
			t.Errorf("%s\ngot %+v, %v\nwant %s", text, got, err, want)
		}
	}
}

// FuzzParse: whatever a server answers, it is either refused or means what it says when it is written down again.
func FuzzParse(f *testing.F) {
	f.Add(about(path(0)))
	f.Add(strings.Replace(about(path(0)), "References: ", "References: "+string(path(1))[11:], 1))
	f.Add("StorePath:\n\n: \nURL")
	f.Fuzz(func(t *testing.T, text string) {
		info, err := parse([]byte(text))
		if err != nil {
			return
		}
		if info.NarSize <= 0 || info.FileSize < 0 {
			t.Fatalf("sizes %d, %d", info.FileSize, info.NarSize)
		}
		var references []string
		for _, p := range append([]machine.StorePath{info.Path}, info.References...) {
			if _, err := machine.ParseStorePath(string(p)); err != nil {
				t.Fatal(err)
			}
			references = append(references, string(p)[11:])
		}
		again, err := parse(fmt.Appendf(nil, "References: %s\nStorePath: %s\nNarHash: x\nURL: x\nNarSize: %d\nFileSize: %d\n",
			strings.Join(references[1:], " "), info.Path, info.NarSize, info.FileSize))
		if err != nil || again.Path != info.Path || again.NarSize != info.NarSize || again.FileSize != info.FileSize ||
			!slices.Equal(again.References, info.References) {
			t.Fatalf("%+v and again %+v, %v", info, again, err)
		}
	})
}
