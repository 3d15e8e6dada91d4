// Package words says numbers, names and sentences as a person reads them on a terminal.
package words

import (
	"fmt"
	"strings"
	"unicode"
)

// Size is a number of bytes for a person, in the units that Nix uses.
func Size(bytes int64) string {
	amount, unit := float64(bytes), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if amount < 1024 && amount > -1024 {
			break
		}
		amount, unit = amount/1024, next
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f %s", amount, unit)
}

// Span is a number of seconds for a person.
func Span(seconds float64) string {
	if seconds < 10 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	switch all := int(seconds); {
	case all < 60:
		return fmt.Sprintf("%d s", all)
	case all < 3600 && all%60 == 0:
		return fmt.Sprintf("%d min", all/60)
	case all < 3600:
		return fmt.Sprintf("%d min %d s", all/60, all%60)
	default:
		return fmt.Sprintf("%d h %d min", all/3600, all%3600/60)
	}
}

// Count is a number of things, such as "1 path" or "2 paths".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Moved is how many bytes of how many came; empty where none did. The whole is left out where it is not known, or
// where it cannot be right.
func Moved(done, expected int64) string {
	switch {
	case done <= 0 && expected <= 0:
		return ""
	case expected >= done:
		before, whole := Size(done), Size(expected)
		number, unit, _ := strings.Cut(before, " ")
		if strings.HasSuffix(whole, " "+unit) {
			before = number
		}
		return before + " of " + whole
	}
	return Size(done)
}

// Name is what a person calls a store path or a derivation: its name without directory, hash and ".drv". Anything else,
// such as an address, is its own name.
func Name(subject string) string {
	const hash = 32 // characters of a store path's hash
	base := subject[strings.LastIndexByte(subject, '/')+1:]
	if IsURL(subject) || len(base) <= hash+1 || base[hash] != '-' {
		return OneLine(subject)
	}
	return strings.TrimSuffix(base[hash+1:], ".drv")
}

// IsURL reports whether a subject is an address.
func IsURL(subject string) bool { return strings.Contains(subject, "://") }

// Short is a store path by the start of its hash and its name.
func Short(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	hash, rest, found := strings.Cut(name, "-")
	if !found || len(hash) < 8 {
		return path
	}
	return hash[:8] + "-" + rest
}

// OneLine is a text that somebody else wrote, which must not look like lines of the plan, nor do anything to a terminal.
func OneLine(text string) string {
	visible := strings.Map(func(r rune) rune {
		if unicode.IsGraphic(r) {
			return r
		}
		return ' '
	}, text)
	return strings.Join(strings.Fields(visible), " ")
}
