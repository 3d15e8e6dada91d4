package prose

import (
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

var types = []struct{ constructors, description, want string }{
	{"bool", "boolean", `{"kind":"bool"}`},
	{"ints.u16", "16 bit unsigned integer; between 0 and 65535 (both inclusive)", `{"kind":"u16"}`},
	{"nullOr (listOf str)", "null or (list of string)", `{"kind":"nullOr","of":{"kind":"listOf","of":{"kind":"str"}}}`},
	{
		"oneOf [str int bool]", "string or signed integer or boolean",
		`{"kind":"either","of":[{"kind":"str"},{"kind":"int"},{"kind":"bool"}]}`,
	},
	{
		"either (listOf int) str", "list of signed integer or string",
		`{"kind":"either","of":[{"kind":"listOf","of":{"kind":"int"}},{"kind":"str"}]}`,
	},
	{
		`nullOr (enum ["a" "b c"])`, `null or one of "a", "b c"`,
		`{"kind":"nullOr","of":{"kind":"enum","values":["a","b c"]}}`,
	},
	{`enum [null "ssh"]`, `one of <null>, "ssh"`, `{"kind":"enum","values":[null,"ssh"]}`},
	{`enum ["a"] or str`, `value "a" (singular enum) or string`, `{"kind":"either","of":[{"kind":"enum","values":["a"]},{"kind":"str"}]}`},
	{"coercedTo str (listOf str)", "(list of string) or string convertible to it", `{"kind":"oneOrListOf","of":{"kind":"str"}}`},
	{
		"coercedTo bool (submodule)", "(submodule) or boolean convertible to it",
		`{"kind":"either","of":[{"kind":"submodule"},{"kind":"bool"}]}`,
	},
	{
		"", "(list of string) or ((list of string) or string) convertible to it",
		`{"kind":"oneOrListOf","of":{"kind":"str"}}`,
	},
	{"ints.between 0 32", "integer between 0 and 32 (both inclusive)", `{"kind":"between","low":0,"high":32}`},
	{
		"numbers.between 0.1 1", "integer or floating point number between 0.1 and 1 (both inclusive)",
		`{"kind":"numberBetween","low":0.1,"high":1}`,
	},
	{
		`listOf (strMatching "(a|b) or c")`, "list of (string matching the pattern (a|b) or c)",
		`{"kind":"listOf","of":{"kind":"strMatching","pattern":"(a|b) or c"}}`,
	},
	{`separatedString " "`, `strings concatenated with " "`, `{"kind":"separatedString","separator":" "}`},
	{"attrsOf lines", `attribute set of strings concatenated with "\n"`, `{"kind":"attrsOf","of":{"kind":"lines"}}`},
	{"submodule + freeform toml", "open submodule of (TOML value)", `{"kind":"submodule","freeform":{"kind":"toml"}}`},
	{"listOf (submodule {addr port})", "list of (submodule)", `{"kind":"listOf","of":{"kind":"submodule"}}`},
	{"functionTo (listOf package)", "function that evaluates to a(n) list of package", `{"kind":"functionTo","of":{"kind":"listOf","of":{"kind":"package"}}}`},
	{"", "pair of signed integer", `{"kind":"listOf","of":{"kind":"int"},"length":2,"description":"pair of signed integer"}`},
	{"", "list of string of length 2", `{"kind":"listOf","of":{"kind":"str"},"length":2,"description":"list of string of length 2"}`},
	{"", "attribute set of (colour)", `{"kind":"attrsOf","of":{"kind":"enum","values":["red"],"description":"colour"}}`},
}

func TestTypes(t *testing.T) {
	for _, test := range types {
		if test.constructors != "" {
			made, err := Constructors(test.constructors)
			compare(t, test.constructors, made, err, test.want)
		}
		made, err := Description(test.description, map[string]string{"colour": `enum ["red"]`})
		compare(t, test.description, made, err, test.want)
	}
}

func compare(t *testing.T, text string, made *table.Type, err error, want string) {
	t.Helper()
	got, marshalErr := table.Marshal(made)
	if err != nil || marshalErr != nil || string(got) != want {
		t.Errorf("%s:\n got %s (%v, %v)\nwant %s", text, got, err, marshalErr, want)
	}
}

// What is not understood is an error, never half a type.
func TestNoTypes(t *testing.T) {
	for _, text := range []string{"", "listOf", "listOf (str", "str str", "colour", `enum ["a" ...]`, "(str)) or int", "either str"} {
		if made, err := Constructors(text); err == nil {
			t.Errorf("%q is taken for %+v", text, made)
		}
	}
	for _, text := range []string{"", "list of", "list of (string", "stringy", "string or", "boolean string", "attribute set of colours"} {
		if made, err := Description(text, nil); err == nil {
			t.Errorf("%q is taken for %+v", text, made)
		}
	}
}
