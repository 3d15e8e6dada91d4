package document

import (
	"strings"
	"testing"
)

func TestAbridged(t *testing.T) {
	for value, want := range map[string]string{
		"":                      "",
		strings.Repeat("ü", 80): strings.Repeat("ü", 80),
		strings.Repeat("ü", 81): strings.Repeat("ü", 80) + "…",
	} {
		if got := Abridged(value); got != want {
			t.Errorf("%q: got %q", value, got)
		}
	}
}

func TestSuggest(t *testing.T) {
	known, places := []string{"name", "release"}, []string{"user.git_email", "host.name"}
	for name, want := range map[string]string{
		"nme":       "did you mean name?",
		"relaese":   "did you mean release?",
		"git_email": "did you mean user.git_email?",
		"wobble":    "known here: name, release",
		"RELEASE":   "did you mean release?",
	} {
		if got := Suggest(name, known, places); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if got := Suggest("x", nil, nil); got != "known here: nothing" {
		t.Errorf("got %s", got)
	}
}

// Decode says what it cannot put anywhere, at its place and in the words of TOML.
func TestDecode(t *testing.T) {
	type inner struct {
		Text  string   `toml:"text"`
		Texts []string `toml:"texts"`
		Size  *int64   `toml:"size"`
		Own   string   `toml:"-"`
	}
	type outer struct {
		On     bool             `toml:"on"`
		Tables []inner          `toml:"tables"`
		Named  map[string]inner `toml:"named"`
		Any    any              `toml:"any"`
	}
	for text, want := range map[string]string{
		"on = true\n[[tables]]\ntext = \"x\"\n[named.a]\nsize = 1\n": "",
		"on = 1\n":                    "f:1:6: on: want true or false\n  hint: write true or false, without quotes",
		"named = 1\n":                 "f:1:9: named: want a table\n  hint: write it as [named]",
		"[named]\na = 1\n":            "f:2:5: named.a: want a table\n  hint: write it as [named.a]",
		"[named.a]\nsize = \"x\"\n":   "f:2:8: named.a.size: want a whole number\n  hint: write it in digits alone, without quotes",
		"[named.a]\nsize = 1.0\n":     "f:2:8: named.a.size: want a whole number\n  hint: write it in digits alone, without quotes",
		"[named.a]\ntexts = \"x\"\n":  "f:2:9: named.a.texts: want a list of texts\n  hint: write it in brackets, as [\"a\", \"b\"]",
		"[named.a]\ntexts = [1]\n":    "f:2:10: named.a.texts[0]: want a text\n  hint: write one text, in quotes",
		"[named.a]\ntext = [\"x\"]\n": "f:2:1: named.a.text: want a text\n  hint: write one text, in quotes",
		"any = [{ on = 1 }]\n":        "",

		"tables = 1\n":                  "f:1:10: tables: want a list of tables\n  hint: write each under [[tables]], with two brackets",
		"[tables]\ntext = \"x\"\n":      "f:1:2: tables: want a list of tables\n  hint: write each under [[tables]], with two brackets",
		"tables = { text = \"x\" }\n":   "f:1:10: tables: want a list of tables\n  hint: write each under [[tables]], with two brackets",
		"tables.text = \"x\"\n":         "f:1:1: tables: want a list of tables\n  hint: write each under [[tables]], with two brackets",
		"tables = [1]\n":                "f:1:11: tables[0]: want a table\n  hint: write it under [[tables]], with two brackets",
		"tables = [{ text = \"x\" }]\n": "",

		"[named.\"a b\"]\nsiz = 1\n": "f:2:1: named.\"a b\".siz: unknown key\n  hint: did you mean size?",
		"[[tables]]\nwobble = 1\n":   "f:2:1: tables[0].wobble: unknown key\n  hint: known here: size, text, texts",
		"[[tables]]\nown = 1\n-=1\n": "f:2:1: tables[0].own: unknown key\n  hint: known here: size, text, texts\nf:3:1: tables[0].-: unknown key\n  hint: known here: size, text, texts",
		"ON = true\n":                "f:1:1: ON: unknown key\n  hint: did you mean on?",
		"[[Tables]]\n":               "f:1:3: Tables: unknown key\n  hint: did you mean tables?",
		"[named.a]\nText = \"x\"\n":  "f:2:1: named.a.Text: unknown key\n  hint: did you mean text?",
		"[[tables]]\n\n[[tables]]\ntext = 1\n[[tables]]\nText = 1\n[[tables]]\ntext = 1\n": "f:4:8: tables[1].text: want a text\n  hint: write one text, in quotes\n" +
			"f:6:1: tables[2].Text: unknown key\n  hint: did you mean text?\n" +
			"f:8:8: tables[3].text: want a text\n  hint: write one text, in quotes",

		"on = yes\n":                  "f:1:6: unexpected character U+0079 'y' at start of value\n  hint: a text stands in quotes",
		"on.outPath = 1\n":            "f:1:1: on: want true or false\n  hint: write true or false, without quotes\nf:1:4: on.outPath: Nix takes a table with outPath for a store path\n  hint: take the key out",
		"named.__a.text = 1\n":        "f:1:7: named.__a: keys that begin with \"_\" are code to the Nix module system\n  hint: take the key out",
		"on = 07:32:00\n":             "f:1:6: on: Nix reads no dates and times\n  hint: write it as a text, in quotes",
		"named.a.texts = [\"\\e\"]\n": "f:1:19: named.a.texts[0]: \\e is an escape that Nix does not read\n  hint: write \\u001b",
	} {
		d := Read("f", []byte(text))
		d.Decode(new(outer))
		got := ""
		if err := d.Err(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want)
		}
	}
}

// What is wrong with the file itself has no place in it.
func TestErrorWithoutAPlace(t *testing.T) {
	e := &Error{File: "features", Problem: "no folder"}
	if got := e.Error(); got != "features: no folder" {
		t.Errorf("got %s", got)
	}
}

func TestUnjudged(t *testing.T) {
	d := Read("f", []byte("a = 1\nb = 2\n"))
	d.Complain("b", "wrong", "")
	again := d.Unjudged()
	if err := again.Err(); err != nil || again.IsRefused("b") {
		t.Errorf("judged: %v", err)
	}
	again.Complain("a", "wrong", "")
	again.Complain("b", "bad", "")
	if got, want := again.Err().Error()+"\n"+d.Err().Error(), "f:1:5: a: wrong\nf:2:5: b: bad\nf:2:5: b: wrong"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
