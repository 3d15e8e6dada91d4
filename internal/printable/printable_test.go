package printable

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain ü\ttab\nline": "plain ü\ttab\nline", "\x1b[31;1merror:\x1b[0m x": "error: x", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x07": "link",
		"\x1b(Bx": "Bx", "a\rb\bc\x00\x7f": "abc", "c1 \u009b31m": "c1 31m", "\x1b": "", "\x1b[31": "", "\x1b]x": "",
		"lone \x9b31m": "lone \uFFFD31m", "\xff\x1bü": "\uFFFD",
	} {
		if got := Text(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestPasswords: those in URLs are not told, whatever else stands there.
func TestPasswords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"unable to download 'https://ada:s3cret@cache.example/x': 401": "unable to download 'https://ada:xxxxx@cache.example/x': 401",
		"https://:s3cret@a https://b:p:q@c/d@e":                        "https://:xxxxx@a https://b:xxxxx@c/d@e",
		"https://ada:s3\x1b[0mcret@a":                                  "https://ada:xxxxx@a",
		"https://cache.example:8080/x@y":                               "https://cache.example:8080/x@y",
		"git+ssh://git@host.example/x":                                 "git+ssh://git@host.example/x",
		"http://a: b@c":                                                "http://a: b@c",
	} {
		if got := Text(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{" \x1b[1mone\x1b[0m \ntwo": "one ", "äöü": "äö…", "abcde": "abcde", "": ""} {
		if got := Line(text, 5); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestAnyText: whatever comes, what goes is UTF-8 without control characters, of the size that was asked for.
func TestAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("\x1b[]\x07m:/@a")))).Draw(t, "text"))
		got := Text(text)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, isControl) || Text(got) != got {
			t.Fatalf("%q: %q", text, got)
		}
		if line := Line(text, 7); len(line) > 7+len("…") || strings.Contains(line, "\n") || !utf8.ValidString(line) {
			t.Fatalf("%q: line %q", text, line)
		}
	})
}
