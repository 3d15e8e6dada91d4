package words

import (
	"reflect"
	"testing"
)

const (
	oldSystem = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-nixos-system-orion-26.05"
	ollama    = "/nix/store/1zfnvdlwxmjyjk7x3ajm9x3m3hjj9jqd-ollama-0.9.1.drv"
	linux     = "/nix/store/8sh2z3ly7pv9h6ar1gmf6vvr5yx2i8kd-linux-6.12.8"
	glibc     = "/nix/store/dlxsy2dx3ydxvb7n7b5k7s3gqdqv7v8d-glibc-2.40-66"
	source    = "https://example.org/source-1.tar.gz"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for bytes, want := range map[int64]string{
		0: "0 B", 1: "1 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 1 << 20: "1.0 MiB", 1 << 30: "1.0 GiB",
		1 << 40: "1.0 TiB", 1 << 50: "1024.0 TiB", -1: "-1 B", -1023: "-1023 B", -1024: "-1.0 KiB", -5 << 30: "-5.0 GiB",
	} {
		if got := Size(bytes); got != want {
			t.Errorf("%d: got %s, want %s", bytes, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]string{
		0: "0.0 s", 9.94: "9.9 s", 10: "10 s", 59.9: "59 s", 60: "1 min", 61: "1 min 1 s", 3599: "59 min 59 s", 3600: "1 h 0 min", 90000: "25 h 0 min",
	} {
		if got := Span(seconds); got != want {
			t.Errorf("%v: got %s, want %s", seconds, got, want)
		}
	}
}

func TestMoved(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		done, expected int64
		want           string
	}{{0, 0, ""}, {-1, 0, ""}, {0, 1024, "0 B of 1.0 KiB"}, {5, 0, "5 B"}, {5, 5, "5 of 5 B"}, {1 << 20, 3 << 20, "1.0 of 3.0 MiB"}, {6, 5, "6 B"}} {
		if got := Moved(test.done, test.expected); got != test.want {
			t.Errorf("%d, %d: got %q, want %q", test.done, test.expected, got, test.want)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for subject, want := range map[string]string{
		ollama: "ollama-0.9.1", linux: "linux-6.12.8", source: source, "": "", "evaluating\nthis": "evaluating this", "/nix/store/short-x": "/nix/store/short-x",
		"/tmp/machine" + glibc: "glibc-2.40-66",
	} {
		if got := Name(subject); got != want {
			t.Errorf("%s: got %q, want %q", subject, got, want)
		}
	}
}

func TestShort(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		oldSystem: "ldsmvzdv-nixos-system-orion-26.05", "/odd": "/odd", "": "", "/a-b": "/a-b", "/nix/store/12345678-x": "12345678-x",
		"/nix/store/1234567-x": "/nix/store/1234567-x",
	} {
		if got := Short(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text   string
		width  int
		indent string
		want   []string
	}{
		{"", 10, "  ", []string{""}},
		{"one two three", 0, "  ", []string{"one two three"}},
		{"one two three", 13, "  ", []string{"one two three"}},
		{"one two three", 12, "  ", []string{"one two", "  three"}},
		{"one two three", 1, "", []string{"one", "two", "three"}},
		{"  one two", 7, "    ", []string{"  one", "    two"}},
		{"one  two", 8, "  ", []string{"one  two"}},
		{"a\n b\nc d", 4, "  ", []string{"a", "   b", "  c", "  d"}},
		{"at " + linux + " is", 20, "  ", []string{"at", "  " + linux, "  is"}},
		{"failed:\n| one two six\nnext", 12, "  ", []string{"failed:", "  | one two", "  |   six", "  next"}},
		{"failed:\n   one two", 11, " ", []string{"failed:", "    one two"}},
		{"failed:\n  one two", 9, "  ", []string{"failed:", "    one", "    two"}},
		{"failed:\n      one two", 9, " ", []string{"failed:", "       one", " two"}},
		{"日本 日本", 8, " ", []string{"日本", " 日本"}},
		{"日本 日本", 9, " ", []string{"日本 日本"}},
		{"日本 日本 日本", 9, " ", []string{"日本 日本", " 日本"}},
	} {
		if got := Wrap(test.text, test.width, test.indent); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q in %d: got %q, want %q", test.text, test.width, got, test.want)
		}
	}
}
