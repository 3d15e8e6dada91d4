package redact

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// Each kind of secret goes, what stands around it stays, and a second look changes nothing.
func TestPatterns(t *testing.T) {
	t.Parallel()
	for _, s := range samples() {
		var r Redactor
		got := r.Text(s.line)
		if strings.Contains(got, s.secret) {
			t.Errorf("%q: stays %q", s.line, got)
		}
		if want := strings.Replace(s.line, s.secret, mark(s.kind), 1); s.kind != "" && got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		if again := r.Text(got); again != got {
			t.Errorf("again %q, was %q", again, got)
		}
		if s.kind != "" && r.Count() != 1 {
			t.Errorf("%q: counted %d", got, r.Count())
		}
	}
}

// What is no secret stays.
func TestPlain(t *testing.T) {
	t.Parallel()
	for _, line := range plain() {
		var r Redactor
		if got := r.Text(line); got != line || r.Count() != 0 {
			t.Errorf("got  %q\nwant %q", got, line)
		}
	}
	public := strings.Join(plain(), "\n") + "\n"
	var r Redactor
	if got := r.Text(public); got != public {
		t.Errorf("all of it together: %q", got)
	}
}

// Keys of the real ssh-keygen, in every form, go whole; the public one stays.
func TestPrivateKeys(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"-t ed25519", "-t rsa -b 2048", "-t rsa -b 2048 -m PEM", "-t ecdsa -m PKCS8"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			private, public := sshKey(t, kind)
			lines := strings.Split(strings.TrimSpace(private), "\n")
			quoted, err := json.Marshal(private)
			if err != nil {
				t.Fatal(err)
			}
			cut := strings.Join(lines[:len(lines)-2], "\n")
			for name, c := range map[string]struct{ text, want string }{
				"whole":      {"before\n" + private + "after: x\n" + public, "before\n" + mark(privateKey) + "\nafter: x\n" + public},
				"in a log":   {"       > " + strings.Join(lines, "\n       > ") + "\n       > it failed", "       > " + mark(privateKey) + "\n       > it failed"},
				"in JSON":    {`{"a":` + string(quoted) + `,"b":1}`, `{"a":"` + mark(privateKey) + `\n","b":1}`},
				"cut off":    {cut + "\n/nix/store is full\nend", mark(privateKey) + "\n/nix/store is full\nend"},
				"in a line":  {strings.Join(lines, " ") + " end", mark(privateKey) + " end"},
				"cut JSON":   {`{"a":"` + strings.Join(lines[:3], `\n`) + `","b":1}`, `{"a":"` + mark(privateKey) + `","b":1}`},
				"twice":      {private + private, mark(privateKey) + "\n" + mark(privateKey) + "\n"},
				"at the end": {"x " + cut, "x " + mark(privateKey) + "\n"},
			} {
				var r Redactor
				if got := r.Text(c.text); got != c.want {
					t.Errorf("%s: got %q, want %q", name, got, c.want)
				}
				var stream Stream
				var shown []string
				for line := range strings.Lines(c.text) {
					if line, is := r.Line(&stream, strings.TrimRight(line, "\n")); is {
						shown = append(shown, line)
					}
				}
				if got := strings.Join(shown, "\n"); got != strings.TrimRight(c.want, "\n") {
					t.Errorf("%s, line by line: got %q, want %q", name, got, c.want)
				}
				for _, line := range lines[1 : len(lines)-1] {
					if strings.Contains(public, line) { // the private key has the public one in it
						continue
					}
					if got := r.Text(c.text); strings.Contains(got, line) {
						t.Errorf("%s: %q stays in %q", name, line, got)
					}
				}
			}
		})
	}
}

// A value goes wherever it stands and however it is written; what says what it was is never taken for one.
func TestValues(t *testing.T) {
	t.Parallel()
	const secret = `pä"s w/rd+1`
	var r Redactor
	r.Add("secrets/x", secret+"\n")
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(quoted), `"`),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
	} {
		if got, want := r.Text("a-"+form+"-b"), "a-"+mark("secrets/x")+"-b"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, user := range []string{"", "a", "ad", "ada", "lady"} {
		text := base64.StdEncoding.EncodeToString([]byte(user + ":" + secret + ":x"))
		rest := strings.Replace(r.Text(text), mark("secrets/x"), "", 1)
		if gone := len(text) - len(rest); gone < 4*len(secret)/3-2 {
			t.Errorf("%s: stays %s", text, rest)
		}
	}
	r.Add("other", "secrets")
	r.Add("short", "abcde")
	want := mark("secrets/x") + " " + mark("other") + " abcde"
	got := r.Text(secret + " secrets abcde")
	if got != want || r.Text(got) != want {
		t.Errorf("got %q, then %q", got, r.Text(got))
	}
}

// Of two values that begin alike the longer one counts; lines of a file and what they assign count too.
func TestSeveralValues(t *testing.T) {
	t.Parallel()
	var r Redactor
	r.Add("short", "swordfish")
	r.Add("long", "swordfish-and-more")
	r.Add("file", "# a comment\nUSER=ada\nTHE_THING='melon melon'\n\nanother line\n")
	want := mark("long") + ", " + mark("short") + ", ada, " + mark("file") + ", " + mark("file") + ", a comment"
	if got := r.Text("swordfish-and-more, swordfish, ada, melon melon, another line, a comment"); got != want {
		t.Errorf("got %q", got)
	}
	if r.Count() != 4 {
		t.Errorf("counted %d", r.Count())
	}
}

func TestEnviron(t *testing.T) {
	t.Parallel()
	var r Redactor
	r.Environ([]string{
		"GITHUB_TOKEN=watermelon", "MY_API_KEY=strawberry", "aws_secret_access_key=blackberry", "PGPASSWORD=gooseberry",
		"XKB_KEYBOARD=redcurrant", "PWD=/home/ada", "PASSWORD_STORE_DIR=elderberry", "SSH_AUTH_SOCK=clementine",
		"TOKEN_FILE=pomegranate", "NIX_SIGNING_KEY=/etc/nix/key", "EDITOR=cloudberry", "ODD", "SHORT_TOKEN=ab",
	})
	text := "watermelon strawberry blackberry gooseberry"
	if got := r.Text(text); r.Count() != 4 || !strings.HasPrefix(got, mark("value of GITHUB_TOKEN")+" ") {
		t.Errorf("got %q", got)
	}
	for _, stays := range []string{"redcurrant", "/home/ada", "elderberry", "clementine", "pomegranate", "/etc/nix/key", "cloudberry"} {
		if got := r.Text(stays); got != stays {
			t.Errorf("%s: got %q", stays, got)
		}
	}
}

// aSecret draws a value that is no part of what is put in its place.
func aSecret(t *rapid.T) string {
	secret := rapid.StringMatching(`[A-Za-z0-9!$%&/()=?+*#_.:,;<>|~^\\"'\x60{}äöß -]{4,38}[A-Z0-9]{2}`).Draw(t, "secret")
	return "X" + strings.TrimSpace(secret)
}

// A value never survives, whatever stands around it and in whatever pieces it comes; and what was redacted stays as it is.
func TestValueNeverSurvives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r Redactor
		secret := aSecret(t)
		r.Add("it", secret)
		if rapid.Bool().Draw(t, "others") {
			r.Add("other", aSecret(t))
		}
		around := rapid.OneOf(rapid.String(), rapid.SampledFrom(append(plain(), "password=", "‹redacted: ", "›", "\n", "https://ada:", "@")))
		var text string
		for range rapid.IntRange(1, 4).Draw(t, "times") {
			text += around.Draw(t, "before") + rapid.SampledFrom(forms(secret)).Draw(t, "form") + around.Draw(t, "after")
		}
		got := r.Text(text)
		if strings.Contains(got, secret) {
			t.Fatalf("%q has %q", got, secret)
		}
		if again := r.Text(got); again != got {
			t.Fatalf("%q, again %q", got, again)
		}
		pieces := written(t, &r, text)
		if strings.Contains(pieces, secret) {
			t.Fatalf("written: %q has %q", pieces, secret)
		}
	})
}

// written is the text through a Writer, in pieces.
func written(t *rapid.T, r *Redactor, text string) string {
	var out strings.Builder
	w := r.Writer(&out)
	for rest := []byte(text); len(rest) > 0; {
		n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
		if m, err := w.Write(rest[:n]); m != n || err != nil {
			t.Fatalf("took %d of %d, %v", m, n, err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// What looks like a secret never survives either, in any line and in any pieces.
func TestPatternNeverSurvives(t *testing.T) {
	t.Parallel()
	all := slices.DeleteFunc(samples(), func(s sample) bool {
		return strings.HasPrefix(s.line, "DB_PASSWORD") || strings.HasPrefix(s.line, "  password")
	})
	rapid.Check(t, func(t *rapid.T) {
		var r Redactor
		s := rapid.SampledFrom(all).Draw(t, "sample")
		lines := rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(plain()), rapid.StringMatching(`[ -~]{0,40}`)))
		text := strings.Join(append(append(lines.Draw(t, "before"), s.line), lines.Draw(t, "after")...), "\n")
		for _, got := range []string{r.Text(text), written(t, &r, text)} {
			if strings.Contains(got, s.secret) {
				t.Fatalf("%q has %q", got, s.secret)
			}
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.line)
	}
	for _, line := range plain() {
		f.Add(line)
	}
	f.Add("-----BEGIN RSA PRIVATE KEY-----\nab\n-----END RSA PRIVATE KEY-----")
	f.Fuzz(func(t *testing.T, text string) {
		var r Redactor
		r.Add("it", "Xylophone1")
		got := r.Text(text + "Xylophone1" + text)
		if strings.Contains(got, "Xylophone1") {
			t.Errorf("%q", got)
		}
		if again := r.Text(got); again != got {
			t.Errorf("%q, again %q", got, again)
		}
	})
}

// A line that is too long to be held is left out, and the next one is not.
func TestLongLine(t *testing.T) {
	t.Parallel()
	var r Redactor
	var out strings.Builder
	w := r.Writer(&out)
	for range 3 {
		if _, err := w.Write([]byte(strings.Repeat("x", longestLine/2))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write([]byte("y\nnext\nlast")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil || out.String() != "(a line of more than 1 MiB was left out)\nnext\nlast" {
		t.Errorf("%q, %v", out.String(), err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	if _, err := r.Writer(full).Write([]byte("x\n")); err == nil {
		t.Error("a full device took it")
	}
}

// Values are redacted at any depth, in a copy; what has no secret is not copied.
func TestAny(t *testing.T) {
	t.Parallel()
	type inner struct {
		Text string
		Raw  json.RawMessage
	}
	type outer struct {
		inner
		Name    string
		Number  int
		Pointer *inner
		List    []string
		Map     map[string]any
		Some    any
	}
	var r Redactor
	r.Add("it", "watermelon")
	value := outer{
		Name: "a watermelon", Number: 3, Pointer: &inner{Text: "watermelon", Raw: json.RawMessage(`{"a":["watermelon",1]}`)},
		List: []string{"x", "watermelon"}, Map: map[string]any{"watermelon": []any{"watermelon"}}, Some: inner{Text: "watermelon"},
	}
	before, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	after, err := json.Marshal(r.Any(value))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(string(before), "watermelon", mark("it")); string(after) != want {
		t.Errorf("got  %s\nwant %s", after, want)
	}
	if still, _ := json.Marshal(value); string(still) != string(before) {
		t.Errorf("changed: %s", still)
	}
	same := &outer{Name: "x", Map: map[string]any{"a": nil}}
	if got := r.Any(same); got != any(same) || r.Any(nil) != nil {
		t.Errorf("copied: %v", got)
	}
}

// The value of an option whose name says that it is secret is one, as plans tell what a host file sets.
func TestOption(t *testing.T) {
	t.Parallel()
	type override struct {
		Option   string
		Value    json.RawMessage
		Replaced []json.RawMessage
	}
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	var r Redactor
	got := r.Any([]override{
		{"services.x.adminPassword", raw(`"melon"`), []json.RawMessage{raw(`"lemon"`), raw("null")}},
		{"services.x.passwordFile", raw(`"/run/x"`), nil}, {"services.x.token", raw(`"/run/secrets/x"`), nil},
	})
	hidden := raw(`"` + mark("secret") + `"`)
	want := []override{
		{"services.x.adminPassword", hidden, []json.RawMessage{hidden, raw("null")}},
		{"services.x.passwordFile", raw(`"/run/x"`), nil}, {"services.x.token", raw(`"/run/secrets/x"`), nil},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", got)
	}
	if again := r.Any(got); !reflect.DeepEqual(again, want) || r.Count() != 2 {
		t.Errorf("again %s, counted %d", again, r.Count())
	}
}

func TestFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	var r Redactor
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			secret := random(i, 12, letters)
			r.Add("it", secret)
			if got := r.Text(secret); got != mark("it") {
				t.Errorf("got %q", got)
			}
		})
	}
	wait.Wait()
	if r.Count() != 20 {
		t.Errorf("counted %d", r.Count())
	}
}

// Twice the text is to take twice the time; go test -bench shows it.
func BenchmarkText(b *testing.B) {
	var r Redactor
	r.Add("it", "watermelon")
	for name, line := range map[string]string{
		"plain": "building '/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-curl-8.7.1.drv' on 'ssh://builder'...\n",
		"hints": `{"token_count":3,"key":"x","https://example.org/":"password required"}` + "\n",
	} {
		for size, times := range map[string]int{"1": 1000, "2": 2000} {
			text := strings.Repeat(line, times)
			b.Run(name+"/"+size, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					r.Text(text)
				}
			})
		}
	}
}
