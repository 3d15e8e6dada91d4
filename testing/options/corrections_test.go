package main

import (
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

// facts as they come before corrections.
func flat() table.Table {
	return table.Table{
		"a":          {{Type: table.New("str"), Default: []byte(`"x"`), Src: "memory"}},
		"gone":       {{Since: "26.11", Removed: "Use b.", Src: "memory"}},
		"b.<name>.c": {{Type: table.New("int"), Src: "read"}},
		"b.<name>.d": {{Type: table.New("bool"), Src: "read"}},
	}
}

func TestCorrections(t *testing.T) {
	for name, test := range map[string]struct{ corrections, want string }{
		"type":    {`"a": {"type": "listOf int", "default": [1], "src": "read", "why": "w"}`, `"a":{"type":{"kind":"listOf","of":{"kind":"int"}},"default":[1],"src":"read"}`},
		"default": {`"a": {"default": "y", "why": "w"}`, `"a":{"type":{"kind":"str"},"default":"y","src":"memory"}`},
		"null is a default": {
			`"a": {"type": {"kind": "nullOr", "of": {"kind": "str"}}, "default": null, "why": "w"}`,
			`"a":{"type":{"kind":"nullOr","of":{"kind":"str"}},"default":null,"src":"memory"}`,
		},
		"without":      {`"a": {"without": ["default"], "why": "w"}`, `"a":{"type":{"kind":"str"},"src":"memory"}`},
		"renamed":      {`"a": {"renamed": "b", "src": "read", "why": "w"}`, `"renamed":{"a":{"to":"b","src":"read"}}`},
		"before":       {`"gone": {"type": "bool", "src": "read", "why": "w"}`, `"26.05":{"options":{"gone":{"until":"26.11","type":{"kind":"bool"},"src":"read"}}}`},
		"still gone":   {`"gone": {"type": "bool", "src": "read", "why": "w"}`, `"26.11":{"removed":{"gone":{"instead":"Use b.","src":"memory"}}}`},
		"element":      {`"b.<name>.c": {"default": 1, "why": "w"}`, `"c":{"type":{"kind":"int"},"default":1,"src":"read"}`},
		"not in facts": {`"e.f": {"type": "bool", "src": "memory", "why": "w"}`, `"e":{"f":{"type":{"kind":"bool"},"src":"memory"}}`},
		"drop":         {`"b": {"drop": true, "why": "w"}`, `{"options":{"a":{"type":{"kind":"str"},"default":"x","src":"memory"}},"releases"`},

		"why":             {`"a": {"default": "y"}`, "error: a: a correction without `why`"},
		"nothing to drop": {`"z": {"drop": true, "why": "w"}`, "error: z: nothing to drop"},
		"no such field":   {`"a": {"kind": "str", "why": "w"}`, `error: unknown field "kind"`},
		"no such type":    {`"a": {"type": "strr", "why": "w"}`, "error: strr: unknown type"},
		"no place":        {`"a.b": {"type": "bool", "why": "w"}`, "error: a: no place for the options below"},
		"lost name":       {`"a": {"renamed": "nowhere", "why": "w"}`, "error: a: renamed to nowhere, which is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := corrected(`{` + test.corrections + `}`)
			complaint, refused := strings.CutPrefix(test.want, "error: ")
			if refused != (err != nil) || refused && !strings.Contains(err.Error(), complaint) || !refused && !strings.Contains(got, test.want) {
				t.Errorf("\n got %s (%v)\nwant %s", got, err, test.want)
			}
		})
	}
}

func corrected(text string) (string, error) {
	corrections, err := readCorrections([]byte(text))
	if err != nil {
		return "", err
	}
	facts := flat()
	if err := correct(facts, corrections); err != nil {
		return "", err
	}
	nested, err := nest(facts)
	if err != nil {
		return "", err
	}
	sheet, err := nested.Sheet()
	if err != nil {
		return "", err
	}
	data, err := table.Marshal(sheet)
	return string(data), err
}
