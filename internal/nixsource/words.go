package nixsource

import "strings"

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }

func isPathChar(c byte) bool {
	return isLetter(c) || isDigit(c) || strings.IndexByte("._-+", c) >= 0
}

// while is how many bytes at the start of text are so.
func while(text string, is func(byte) bool) int {
	for i := range len(text) {
		if !is(text[i]) {
			return i
		}
	}
	return len(text)
}

func name(text string) int {
	if !isLetter(text[0]) && text[0] != '_' {
		return 0
	}
	return while(text, func(c byte) bool { return isLetter(c) || isDigit(c) || strings.IndexByte("_'-", c) >= 0 })
}

func number(text string) int {
	digits := while(text, isDigit)
	rest := text[digits:]
	if strings.HasPrefix(rest, ".") {
		after := while(rest[1:], isDigit)
		if digits+after > 0 {
			return digits + 1 + after
		}
	}
	return digits
}

// segments is how long a row of /NAME is at the start of text.
func segments(text string) int {
	n := 0
	for n < len(text) && text[n] == '/' {
		more := while(text[n+1:], isPathChar)
		if more == 0 {
			break
		}
		n += 1 + more
	}
	return n
}

// pathStart is how long the path is that text begins with, up to what is put in; 0 where it is none.
func pathStart(text string) (n int, home bool) {
	first := 0
	if home = text[0] == '~'; home {
		first = 1
	} else {
		first = while(text, isPathChar)
	}
	n = first + segments(text[first:])
	rest := text[n:]
	switch {
	case strings.HasPrefix(rest, "/${"):
		return n + 1, home
	case n == first:
		return 0, false
	case strings.HasPrefix(rest, "/") && !strings.HasPrefix(rest, "//") && !strings.HasPrefix(rest, "/*"):
		return n + 1, home // a slash at the end, which Nix refuses
	}
	return n, home
}

// pathOn is how much of a path stands behind its beginning or ${…}.
func pathOn(text string, slash bool) int {
	n := while(text, isPathChar)
	if n == 0 && (slash || !strings.HasPrefix(text, "/")) {
		return 0
	}
	n += segments(text[n:])
	if strings.HasPrefix(text[n:], "/${") {
		n++
	}
	return n
}

func lookup(text string) int {
	if text[0] != '<' {
		return 0
	}
	first := while(text[1:], isPathChar)
	if first == 0 {
		return 0
	}
	n := 1 + first + segments(text[1+first:])
	if !strings.HasPrefix(text[n:], ">") {
		return 0
	}
	return n + 1
}

func uri(text string) int {
	if !isLetter(text[0]) {
		return 0
	}
	n := while(text, func(c byte) bool { return isLetter(c) || isDigit(c) || strings.IndexByte("+-.", c) >= 0 })
	if !strings.HasPrefix(text[n:], ":") {
		return 0
	}
	rest := while(text[n+1:], func(c byte) bool {
		return isLetter(c) || isDigit(c) || strings.IndexByte("%/?:@&=+$,-_.!~*'", c) >= 0
	})
	if rest == 0 {
		return 0
	}
	return n + 1 + rest
}
