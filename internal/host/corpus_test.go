package host

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

// alike are documents that Go and every Nix read, and read alike.
var alike = map[string]string{
	"Uok":           "a = \"\\U0010FFFF\\U0001F600\"\n",
	"aot":           "[[a]]\nb=1\n[[a]]\nb=2\n[a.c]\nd=1\n",
	"aot_inner":     "[[a.b]]\nc=1\n[[a.b]]\nc=2\n",
	"aot_nested":    "[[a]]\n[[a.b]]\nc=1\n[[a]]\n[[a.b]]\nc=2\n",
	"arrcomment":    "a = [ # x\n1, # y\n]\n",
	"arrempty":      "a = [ ]\n",
	"arrmixed":      "a = [1,\"x\",true,[1.5],{b=1}]\n",
	"arrnl":         "a = [\n\n1\n,\n2\n]\n",
	"arrtrail":      "a = [1,2,]\n",
	"bin":           "a = 0b1101\n",
	"bommid":        "a = \"\ufeffx\"\n",
	"bool":          "a = true\nb = false\n",
	"comment_after": "[a] # x\nb = 1 # y\n",
	"crlf":          "a = 1\r\n[b]\r\nc = [\r\n1,\r\n2]\r\n",
	"crlf_ll":       "a = '''\r\nx\r\ny'''\n",
	"crlf_ml":       "a = \"\"\"x\r\ny\"\"\"\n",
	"crlf_ml2":      "a = \"\"\"\r\nx\r\ny\\\r\n  z\"\"\"\n",
	"datekey":       "2020-01-01 = 1\n",
	"dotinto2":      "[fruit]\napple.color=\"r\"\napple.taste.sweet=true\n[fruit.apple.texture]\nsmooth=true\n",
	"dotted":        "a.b = 1\na.c = 2\n",
	"dottedws":      "a . b = 1\n",
	"e_us":          "a = 1e1_0\n",
	"empty":         ``,
	"emptykey":      "\"\" = 1\n",
	"emptytable":    "[a]\n[b]\n",
	"escs":          "a = \"\\b\\t\\n\\f\\r\\\"\\\\\"\n",
	"f1":            "a = 1.0\n",
	"f17":           "a = 0.1\n",
	"f3":            "a = 3.14159265358979311599796346854\n",
	"fE":            "a = 1E+2\n",
	"fbig":          "a = 1.7976931348623157e308\n",
	"fdenorm":       "a = 5e-324\n",
	"fe":            "a = 6.626e-34\n",
	"fe02":          "a = 1e02\n",
	"fexp":          "a = 1e3\n",
	"fint17":        "a = 9007199254740993.0\n",
	"fl_long":       "a = 123456789012345678901234567890.0\n",
	"float_e_lead":  "a = 0e1\n",
	"fsmall":        "a = 1e-400\n",
	"fu":            "a = 1_0.0_1\n",
	"hash_in":       "a = \"#x\"\n",
	"headerq":       "[\"a b\".c]\nd=1\n",
	"hex":           "a = 0xDEADBEEF\n",
	"hexlong0":      "a = 0x00000000000000000000000000000001\n",
	"hexlow":        "a = 0xdeadbeef\n",
	"hexmax":        "a = 0x7FFFFFFFFFFFFFFF\n",
	"hexunder":      "a = 0xDEAD_BEEF\n",
	"hexzero":       "a = 0x00ff\n",
	"indent":        "  [ a . b ]\n\t c = 1\n",
	"infkey":        "inf = 1\nnan = 2\ntrue = 3\n",
	"inl_dotted":    "a = {b.c=1, b.d=2}\n",
	"inl_mlstr":     "a = { b = \"\"\"x\ny\"\"\" }\n",
	"inl_nl_arr":    "a = { b = [\n1,\n2\n] }\n",
	"inlarr":        "a = [{b=1},{c=2}]\n",
	"inlempty":      "a = {}\n",
	"inlnest":       "a = {b={c=1}}\n",
	"inltab":        "a = {b=1}\n",
	"int_max":       "a = 9223372036854775807\n",
	"int_min":       "a = -9223372036854775808\n",
	"litkey":        "'a' = 1\n",
	"ls":            "a = \"\u2028\"\n",
	"mf0":           "a = -0.0\n",
	"minus0":        "a = -0\n",
	"mixed_aot":     "[a]\nb=1\n[[c]]\nd=1\n[c.e]\nf=1\n[[c.g]]\nh=1\n",
	"ml":            "a = \"\"\"\nx\ny\"\"\"\n",
	"ml10":          "a = \"\"\"\n\nx\n\"\"\"\n",
	"ml11":          "a = \"\"\"x\\\n\"\"\"\n",
	"ml12":          "a = \"\"\"x \\\n\t y  \n z\"\"\"\n",
	"ml13":          "a = '''\n\nx'''\n",
	"ml14":          "a = \"\"\"\\\"\"\"\\\"\"\"\"\n",
	"ml15":          "a = ''''''\n",
	"ml16":          "a = \"\"\"\"\"\"\n",
	"ml17":          "a = \"\"\"\"\"\"\"\"\n",
	"ml18":          "a = ''''''''\n",
	"ml19":          "a = \"\"\"\\\r\n  x\"\"\"\n",
	"ml2":           "a = \"\"\"x\\\n   y\"\"\"\n",
	"ml20":          "a = \"\"\"x\\\n\\\n y\"\"\"\n",
	"ml3":           "a = \"\"\"x\\  \n\n  y\"\"\"\n",
	"ml4":           "a = \"\"\"\"\"x\"\"\"\"\"\n",
	"ml5":           "a = \"\"\"\"x\"\"\"\"\n",
	"ml6":           "a = ''''x''''\n",
	"ml7":           "a = '''''x'''''\n",
	"ml8":           "a = \"\"\"x\"\"\\\"\"\"\"\n",
	"ml9":           "a = \"\"\"\\\n  \"\"\"\n",
	"mltab":         "a = \"\"\"\tx\"\"\"\n",
	"nbsp":          "a = \"\u00a0\"\n",
	"nel":           "a = \"\u0085\"\n",
	"noeol":         `a = 1`,
	"nospace":       "a=1\n",
	"oct":           "a = 0o755\n",
	"octlong0":      "a = 0o0000000000000000000000000000000000001\n",
	"onlycomment":   `# x`,
	"plus":          "a = +5\n",
	"plus0":         "a = +0\n",
	"pua":           "a = \"\U000f0000\"\n",
	"quotedkey":     "\"a.b\" = 1\n",
	"rawfffe":       "a = \"\ufffe\uffff\"\n",
	"replacement":   "a = \"\ufffd\"\n",
	"sub_of_dotted": "a.b.c=1\n[a.b.d]\ne=1\n",
	"super":         "[a.b]\nx=1\n[a]\ny=1\n",
	"tablit":        "a = 'x\ty'\n",
	"tabstr":        "a = \"x\ty\"\n",
	"tabws":         "a\t=\t1\t\n",
	"u0001":         "a = \"\\u0001\\u001b\\u007f\"\n",
	"u80":           "a = \"\\u0080\\u00ff\\u0100\"\n",
	"ufffe":         "a = \"\\uFFFE\\uFFFF\"\n",
	"ulow":          "a = \"\\u00E9 \\u00e9\"\n",
	"under":         "a = 1_000\n",
	"unicode_tz":    "a = \"\u65e5\u672c\u8a9e\"\n",
	"unikey":        "\"\u028e\" = 1\n",
	"zwj":           "a = \"\u200d\u202e\"\n",
	"nested lists":  "a = " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n",
	"nested tables": "a = " + strings.Repeat("{a=", 200) + "1" + strings.Repeat("}", 200) + "\n",
	"long key":      "a" + strings.Repeat(".a", 500) + " = 1\n",
	"long text":     "a = \"" + strings.Repeat("x", 100_000) + "\"\n",
	"binlong":       "a = 0b" + strings.Repeat("1", 63) + "\n",
	"binlong0":      "a = 0b" + strings.Repeat("0", 80) + "1\n",
}

// onlyGo are documents that go-toml reads and no Nix does [R 21].
var onlyGo = map[string]string{
	"date":         "a = 1979-05-27\n",
	"date_space":   "a = 1979-05-27 07:32:00\n",
	"datetime":     "a = 1979-05-27T07:32:00Z\n",
	"time":         "a = 07:32:00\n",
	"localdt":      "a = 1979-05-27T07:32:00\n",
	"esc_e":        "a = \"\\e\"\n",
	"esc_x":        "a = \"\\x41\"\n",
	"esc_e_key":    "\"\\x41\" = 1\n",
	"esc_e_ml":     "a = \"\"\"\\e\"\"\"\n",
	"u0000":        "a = \"x\\u0000y\"\n",
	"U00000000":    "a = \"x\\U00000000y\"\n",
	"u0000ml":      "a = \"\"\"x\\u0000y\"\"\"\n",
	"u0000key":     "\"x\\u0000\" = 1\n",
	"inl_nl":       "a = { b = 1,\n c = 2 }\n",
	"inl_nl_first": "a = {\n b = 1 }\n",
	"inl_comment":  "a = { b = 1 # x\n }\n",
	"inl_empty_nl": "a = {\n}\n",
	"inl_trail":    "a = { b = 1, }\n",
}

// code are documents that go-toml or Nix read otherwise than they are written: a table that is
// none to Nix, a number that is no JSON, a mark that go-toml takes for a key.
var code = map[string]string{
	"bom":     "\ufeffa = 1\n",
	"inf":     "a = inf\n",
	"minf":    "a = -inf\n",
	"nan":     "a = nan\n",
	"outpath": "a.outPath = \"/etc\"\n",
	"functor": "a.__functor = \"x\"\n",
	"type_d":  "a.type = \"derivation\"\n",
	"dashkey": "-a = 1\n_a = 1\n",
}

// neither are documents that neither reads.
var neither = map[string]string{
	"Ubig":                "a = \"\\U00110000\"\n",
	"aot_static":          "a = []\n[[a]]\n",
	"aot_table":           "[a]\n[[a]]\n",
	"aot_then_dotted":     "[[a]]\nb.c=1\n[a.b]\nd=1\n",
	"arrcomma":            "a = [,]\n",
	"boolcase":            "a = True\n",
	"cr":                  "a = 1\rb = 2\n",
	"cr_comment":          "a = 1 # x\ry\n",
	"cr_end":              "a = 1\r",
	"cr_ll":               "a = '''x\ry'''\n",
	"cr_ml":               "a = \"\"\"x\ry\"\"\"\n",
	"cr_str":              "a = \"x\ry\"\n",
	"ctrl":                "a = \"\x01\"\n",
	"ctrlcomment":         "a = 1 # \x01\n",
	"ctrllit":             "a = '\x01'\n",
	"ctrlml":              "a = \"\"\"\x01\"\"\"\n",
	"del":                 "a = \"\x7f\"\n",
	"delcomment":          "a = 1 # \x7f\n",
	"dellit":              "a = '\x7f'\n",
	"dotend":              "a = 1.\n",
	"dotinto":             "[a.b.c]\nz=9\n[a]\nb.c.t=\"x\"\n",
	"dotstart":            "a = .5\n",
	"dotted_redefine":     "a.b=1\na.b.c=2\n",
	"dotted_super":        "a.b = 1\n[a]\nc = 1\n",
	"dotted_table":        "[a]\nb.c = 1\n[a.b]\nd = 1\n",
	"dquote_tail":         "a = \"x\"y\n",
	"dup":                 "a = 1\na = 2\n",
	"duptable":            "[a]\nb=1\n[a]\nc=2\n",
	"emptyheader":         "[]\n",
	"escs2":               "a = \"\\s\"\n",
	"escslash":            "a = \"\\/\"\n",
	"f400":                "a = 1e400\n",
	"ff":                  "\fa = 1\n",
	"float_lead":          "a = 01.5\n",
	"float_us":            "a = 1._5\n",
	"hdrnl":               "[a\n]\n",
	"hexempty":            "a = 0x\n",
	"hexffff":             "a = 0xFFFFFFFFFFFFFFFF\n",
	"hexneg":              "a = -0x1\n",
	"hexover":             "a = 0x8000000000000000\n",
	"hexplus":             "a = +0x1\n",
	"hexup":               "a = 0XFF\n",
	"implicit_then_aot":   "[a.b]\n[[a]]\n",
	"inl_dup":             "a = {b=1, b=2}\n",
	"inl_extend":          "a = {b=1}\na.c = 2\n",
	"inl_extend2":         "a = {b=1}\n[a.c]\nd=1\n",
	"inl_overlap":         "a.b = 1\na = {c=2}\n",
	"int_over":            "a = 9223372036854775808\n",
	"int_under":           "a = -9223372036854775809\n",
	"key_nl":              "a\n= 1\n",
	"keyml":               "\"\"\"a\"\"\" = 1\n",
	"keyscalar":           "a=1\n[a.b]\nc=1\n",
	"lead0":               "a = 01\n",
	"nbspws":              "a\u00a0= 1\n",
	"nokey":               "= 1\n",
	"noval":               "a =\n",
	"nulcomment":          "a = 1 # \x00\n",
	"nulraw":              "a = \"x\x00y\"\n",
	"numkey":              "1 = 2\n1.2 = 3\n",
	"octover":             "a = 0o7777777777777777777777\n",
	"quotedsame":          "a = 1\n\"a\" = 2\n",
	"spacekey":            "a b = 1\n",
	"toptable_dotted_hdr": "a.b.c=1\n[a.b]\nd=1\n",
	"twoline":             "a = 1 b = 2\n",
	"ud800":               "a = \"\\uD800\"\n",
	"udfff":               "a = \"\\uDFFF\"\n",
	"under2":              "a = 1__0\n",
	"underscore_edge":     "a = _1\n",
	"underscore_end":      "a = 1_\n",
	"unibare":             "\u028e = 1\n",
	"utf8bad":             "a = \"\xff\"\n",
	"utf8bad_comment":     "a = 1 # \xff\n",
	"utf8bad_lit":         "a = '\xff'\n",
	"utf8bad_ml":          "a = \"\"\"\xff\"\"\"\n",
	"utf8overlong":        "a = \"\xc0\x80\"\n",
	"utf8surr":            "a = \"\xed\xa0\x80\"\n",
	"val_nl":              "a = \n1\n",
	"vt":                  "a = 1\v\n",
	"binlong64":           "a = 0b" + strings.Repeat("1", 64) + "\n",
}

func TestReadsLikeNix(t *testing.T) {
	var names []string
	var documents [][]byte
	for name, text := range alike {
		names = append(names, name)
		documents = append(documents, []byte(text))
	}
	eachNix(t, func(t *testing.T, nix nix) {
		for i, theirs := range nix.readAll(t, documents) {
			d := read(names[i], documents[i])
			if len(d.errs) > 0 {
				t.Errorf("Nix reads %q, Go: %v", documents[i], d.errs)
			} else if err := Compare(d.tree, theirs); err != nil {
				t.Errorf("%s: %q: %v", names[i], documents[i], err)
			}
		}
	})
}

func TestRefusesWhatNixDoes(t *testing.T) {
	for name, text := range onlyGo {
		if err := toml.Unmarshal([]byte(text), new(map[string]any)); err != nil {
			t.Errorf("%s: go-toml refuses it by itself now: %v", name, err)
		}
	}
	for _, group := range []map[string]string{onlyGo, code, neither} {
		for name, text := range group {
			if d := read(name, []byte(text)); len(d.errs) == 0 {
				t.Errorf("%s: Go reads %q as %v", name, text, d.tree)
			}
		}
	}
	eachNix(t, func(t *testing.T, nix nix) {
		for name, text := range onlyGo {
			if theirs, err := nix.read(t, []byte(text)); err == nil {
				t.Errorf("%s: %q: Nix reads %s", name, text, theirs)
			}
		}
	})
}

// What Nix makes of a table with outPath is why such keys are refused.
func TestNixTakesOutPathForAPath(t *testing.T) {
	eachNix(t, func(t *testing.T, nix nix) {
		theirs, err := nix.read(t, []byte(`a.outPath = "/etc"`))
		if err != nil || string(theirs) != `{"a":"/etc"}` {
			t.Errorf("Nix reads %s, %v", theirs, err)
		}
	})
}

func TestCompareNamesTheFirstDifference(t *testing.T) {
	ours := map[string]any{
		"a": map[string]any{"b": []any{int64(1), "x"}, "odd key": true},
		"f": 1.0,
	}
	for nix, want := range map[string]string{
		`{"a":{"b":[1,"x"],"odd key":true},"f":1.0}`:         "",
		`{"a":{"b":[1,"y"],"odd key":false},"f":1.0}`:        `host file: a.b[1]: nqd reads "x", Nix reads "y"`,
		`{"a":{"b":[1.0,"x"],"odd key":true},"f":1.0}`:       `host file: a.b[0]: nqd reads 1, Nix reads 1.0`,
		`{"a":{"b":[1],"odd key":true},"f":1.0}`:             `host file: a.b: nqd reads 2 elements, Nix 1`,
		`{"a":{"b":[1,"x"],"odd key":null},"f":1.0}`:         `host file: a."odd key": nqd reads true, Nix reads null`,
		`{"a":{"b":[1,"x"]},"f":1.0}`:                        `host file: a."odd key": nqd reads true, Nix does not see the key`,
		`{"a":{"b":[1,"x"],"odd key":true},"f":1.0,"g":[2]}`: `host file: g: Nix reads [2], nqd does not see the key`,
		`{"a":{"b":[1,"x"],"odd key":true},"f":1}`:           `host file: f: nqd reads 1, Nix reads 1`,
		`{"a":"/etc","f":1.0}`:                               `host file: a: nqd reads {"b":[1,"x"],"odd key":true}, Nix reads "/etc"`,
		`[]`:                                                 `host file: all of it: nqd reads {"a":{"b":[1,"x"],"odd key":true},"f":1}, Nix reads []`,
		``:                                                   `host file: what Nix read is no JSON: EOF`,
	} {
		got := ""
		if err := Compare(ours, json.RawMessage(nix)); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", nix, got, want)
		}
	}
}
