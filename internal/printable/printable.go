// Package printable makes what other programs say fit to be shown and to be kept: it must neither act on the user's
// terminal nor tell a password.
package printable

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Text takes out of text what only a terminal understands: colours and other escape sequences (ECMA-48), and control
// characters but tabs and line ends. What is not UTF-8 becomes U+FFFD: a terminal may take a lone 0x9b for the beginning
// of an escape sequence. Passwords in URLs become xxxxx, as url.URL.Redacted has them.
func Text(text string) string {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, isControl) {
		text = withoutControls(text)
	}
	if strings.Contains(text, "://") {
		text = password.ReplaceAllString(text, "${1}xxxxx@")
	}
	return text
}

func withoutControls(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		if text[0] == 0x1b {
			text = text[escapeLength(text):]
			continue
		}
		letter, size := utf8.DecodeRuneInString(text)
		if !isControl(letter) {
			out.WriteRune(letter)
		}
		text = text[size:]
	}
	return out.String()
}

// password matches a URL up to the end of its password.
var password = regexp.MustCompile(`(://[^\s/?#@:'"]*:)[^\s/?#@'"]+@`)

func isControl(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' || r >= 0x7f && r <= 0x9f
}

// escapeLength is how long the escape sequence is that text begins with.
func escapeLength(text string) int {
	if len(text) < 2 {
		return len(text)
	}
	switch text[1] {
	case '[': // CSI: parameters, then a letter
		for i := 2; i < len(text); i++ {
			if text[i] >= 0x40 && text[i] <= 0x7e {
				return i + 1
			}
		}
		return len(text)
	case ']': // OSC: up to BEL or ST
		for i := 2; i < len(text); i++ {
			if text[i] == 0x07 {
				return i + 1
			}
			if text[i] == 0x1b {
				return min(i+2, len(text))
			}
		}
		return len(text)
	}
	_, size := utf8.DecodeRuneInString(text[1:])
	return 1 + size
}

// Cut shortens text to at most SIZE bytes of whole characters and says so.
func Cut(text string, size int) string {
	if len(text) <= size {
		return text
	}
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	return text[:size] + "…"
}

// Line is the first line of text, without space around it, and at most SIZE bytes of it.
func Line(text string, size int) string {
	text, _, _ = strings.Cut(strings.TrimSpace(Text(text)), "\n")
	return Cut(text, size)
}
