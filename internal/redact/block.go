package redact

import (
	"strings"
)

// block follows a private key over its lines, as OpenSSL, OpenSSH and GnuPG write it: a line that begins it, base64 and a
// few headers, a line that ends it. Where it is cut off, the first line that cannot be of it is shown again.
type block struct {
	inside bool
	lines  int
}

// longestKey is how many lines a private key may have: an RSA key of 16384 bits has about 200.
const longestKey = 1000

var (
	keyBegins = compiled(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)
	keyEnds   = compiled(`-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)
	// ofKey is a line in a block: base64 or a header, behind what logs and quoted text put before it.
	ofKey = compiled(`^[\s>|"'\\+,;n]*(?:[A-Za-z0-9+/=]*|(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash): .*|(?:‹redacted: [^‹›]*›)+)[\s"'\\+,;]*(?:\\n)?[\s"'\\+,;]*$`)
)

const privateKey = "private key"

// take is a line without what is of a private key; it is not shown where nothing else is in it.
func (b *block) take(r *Redactor, line string) (rest string, shown bool) {
	if !b.inside && !strings.Contains(line, "PRIVATE KEY") {
		return line, true
	}
	if b.inside {
		end := keyEnds().FindStringIndex(line)
		if end == nil {
			if b.lines++; ofKey().MatchString(line) && b.lines <= longestKey {
				return "", false
			}
			b.inside = false
			return b.take(r, line)
		}
		b.inside = false
		line = line[end[1]:]
		if strings.Trim(line, " \t\r\"',;") == "" {
			return "", false
		}
	}
	return b.begins(r, line), true
}

// begins looks for keys in a line outside of one. In JSON a whole key may stand in one line.
func (b *block) begins(r *Redactor, line string) string {
	var out strings.Builder
	for {
		begin := keyBegins().FindStringIndex(line)
		if begin == nil {
			return out.String() + line
		}
		r.count.Add(1)
		out.WriteString(line[:begin[0]] + mark(privateKey))
		line = line[begin[1]:]
		end := keyEnds().FindStringIndex(line)
		if end == nil {
			b.inside, b.lines = true, 0
			// Only what is certainly behind it stays.
			if _, behind, is := strings.Cut(line, `"`); is {
				return out.String() + `"` + behind
			}
			return out.String()
		}
		line = line[end[1]:]
	}
}
