package adopt

import (
	"encoding/base64"
	"math"
	"path"
	"regexp"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixsource"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
)

// Passwords of accounts, by the names of their options, and what else always holds a secret.
var (
	accountOptions = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(hashedPassword|initialPassword|initialHashedPassword|password)$`)
	})
	secretOptions = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(psk|pskRaw|privateKey|presharedKey|passphrase|(?i:.*password|.*passphrase)|.*_(?:PASS|PWD))$`)
	})
	// Of these it depends on the value.
	secretNames = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(passwd|secret|token|(api|access|private|secret|signing|encryption|auth)[_-]?key|credentials?)$`)
	})
)

// secret is the finding of one, with the cure that fits.
func secret(file string, at spot) event.Finding {
	cure := "remove it from the file, and give it in a file of its own that only its service reads: most services have an option whose name ends in File"
	switch {
	case accountOptions().MatchString(at.option):
		cure = "remove the line: the account keeps the password that it has, as long as users.mutableUsers is not false; " +
			"or set hashedPasswordFile to the path, in quotation marks, of a file that only root reads"
	case at.option == "psk" || at.option == "pskRaw":
		cure = "remove the line: NetworkManager keeps its networks itself; networking.wireless takes keys from networking.wireless.secretsFile"
	case at.option == "privateKey" || at.option == "presharedKey":
		cure = "remove the line, and set " + at.option + "File to the path, in quotation marks, of a file that only root reads"
	}
	what := at.what
	if at.option != "" {
		what = at.option + " is set to " + what
	}
	return event.Finding{ID: "adopt-secret", File: file, Line: at.line, Text: what + ", which would be readable by everybody", Cure: cure}
}

// spot is where a secret stands, and what it is; never the secret.
type spot struct {
	line         int
	option, what string
}

// secrets looks for secrets in all words, comments too: what stands in one is published as well.
func (s *source) secrets(tokens []nixsource.Token) {
	words := code(tokens)
	for i, t := range words {
		if t.Is("=") && i > 0 {
			s.assigned(words[i-1], words[i+1:])
		}
		if t.Is("+") && i > 0 {
			s.joined(words, i)
		}
	}
	for _, t := range tokens {
		switch t.Kind {
		case nixsource.Comment:
			s.comment(t)
		case nixsource.Text:
			for _, part := range t.Parts {
				for _, at := range plainSecrets(part.Text, part.Line) {
					s.findings = append(s.findings, secret(s.file, at))
				}
			}
			s.secrets(t.Inside)
		case nixsource.URI, nixsource.Name:
			for _, at := range tokensIn(t.Source, t.Line) {
				s.findings = append(s.findings, secret(s.file, at))
			}
		}
	}
}

// comment reads a comment as what it may have been before: lines of Nix.
func (s *source) comment(t nixsource.Token) {
	for _, at := range tokensIn(t.Source, t.Line) {
		s.findings = append(s.findings, secret(s.file, at))
	}
	line := t.Line
	for text := range strings.Lines(strings.TrimLeft(t.Source, "#/*")) {
		inner, _ := nixsource.Tokens(text) // prose is none, and tells nothing
		words := code(inner)
		for i, w := range words {
			if w.Is("=") && i > 0 && i+1 < len(words) && words[i+1].Kind == nixsource.Text {
				words[i+1].Line = line
				s.assigned(words[i-1], words[i+1:i+2])
			}
		}
		line++
	}
}

// joined reads texts with a + between them as the one that they make; of a row of them, at its first sign.
func (s *source) joined(words []nixsource.Token, at int) {
	if at > 1 && words[at-2].Is("+") || words[at-1].Kind != nixsource.Text {
		return
	}
	value := words[at-1].Value()
	for i := at; i+1 < len(words) && words[i].Is("+") && words[i+1].Kind == nixsource.Text; i += 2 {
		value += words[i+1].Value()
	}
	for _, found := range plainSecrets(value, 0) {
		found.line = words[at-1].Line
		s.findings = append(s.findings, secret(s.file, found))
	}
}

// bound are the texts that the file gives names, as in `let NAME = "…";`: of each name the first that can be a secret.
func bound(words []nixsource.Token) map[string]nixsource.Token {
	texts := map[string]nixsource.Token{}
	for i := range max(0, len(words)-2) {
		name, text := words[i], words[i+2]
		if _, is := texts[name.Source]; !is && name.Kind == nixsource.Name && words[i+1].Is("=") && isSecret(text.Value()) {
			texts[name.Source] = text
		}
	}
	return texts
}

// assigned is NAME = …; with the tokens behind the sign.
func (s *source) assigned(name nixsource.Token, behind []nixsource.Token) {
	option := name.Source
	if name.Kind == nixsource.Text {
		option = name.Value()
	}
	strict := accountOptions().MatchString(option) || secretOptions().MatchString(option)
	if !strict && !secretNames().MatchString(option) {
		return
	}
	depth := 0
	for i, t := range behind[:min(len(behind), longestValueOf)] {
		switch {
		case t.Is("{") || t.Is("(") || t.Is("["):
			if t.Is("{") {
				return // what is in a set has names of its own
			}
			depth++
		case t.Is(")") || t.Is("]"):
			depth--
		case t.Is(";") && depth <= 0:
			return
		case t.Kind == nixsource.Path && strict:
			s.findings = append(s.findings, secret(s.file, spot{t.Line, option, "what is in " + path.Base(t.Source)}))
		case t.Kind == nixsource.Text && (strict && isSecret(t.Value()) || !strict && isRandom(t.Value())):
			s.findings = append(s.findings, secret(s.file, spot{t.Line, option, "a text in the file"}))
		case t.Kind == nixsource.Name && strict && !isSelected(behind[:i]):
			if text, is := s.texts[t.Source]; is {
				s.findings = append(s.findings, secret(s.file, spot{text.Line, option, "a text in the file"}))
			}
		}
	}
}

// isSecret reports whether a text can be a secret at all: of an account, "!" and "*" say that there is no password, and
// a path leads to one.
func isSecret(value string) bool {
	value = strings.TrimSpace(value)
	switch {
	case value == "", strings.HasPrefix(value, "/"), strings.HasPrefix(value, "ext:"), strings.HasPrefix(value, "@"), strings.HasPrefix(value, "<"):
		return false
	}
	return strings.Trim(value, "!*x") != "" && !strings.HasPrefix(value, "$__file{")
}

// A value that nobody chose: so long, and so many bits in each character. Our own choice; words of a language stay below.
const (
	longWord     = 16
	bitsPerChar  = 3.2
	longestValue = 512
)

// isRandom reports whether a text looks like a key or a token, and not like a name, a path or an identifier of one.
func isRandom(value string) bool {
	if len(value) < longWord || len(value) > longestValue || strings.ContainsAny(value, " \n\t") || strings.Contains(value, "/") && !isBase64(value) || strings.HasPrefix(value, "$") ||
		strings.HasPrefix(value, "ssh-") || strings.HasPrefix(value, "age1") || strings.HasPrefix(value, "sha256-") {
		return false
	}
	if fingerprint().MatchString(value) || !strings.ContainsAny(value, "0123456789") {
		return false
	}
	counts := map[rune]float64{}
	for _, c := range value {
		counts[c]++
	}
	bits, n := 0.0, float64(len([]rune(value)))
	for _, count := range counts {
		bits -= count / n * math.Log2(count/n)
	}
	return bits >= bitsPerChar
}

// isBase64 reports whether a text with slashes is bytes in base64, and no path.
func isBase64(value string) bool {
	_, err := base64.StdEncoding.DecodeString(value)
	return err == nil && value != strings.ToLower(value) && value != strings.ToUpper(value)
}

// fingerprint is the number of a public key, or of a disk: letters of hexadecimal in groups, or in capitals.
var fingerprint = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(0x)?[0-9A-F]{16,40}$|^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
})

// psk is a key of a network in the files of wpa_supplicant and NetworkManager; one in quotation marks may have spaces.
var psk = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^\s*(psk|wep-key\d|wep_key\d|sae_password)\s*=\s*("[^"\n]{8,}|[^\s"#]{8,})`)
})

// apacheHash is a password of htpasswd.
var apacheHash = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}`) })

// elsewhere begins what stands for a secret and is none: what a shell puts in, and what sops has encrypted.
var elsewhere = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^["'\\]*(\$|ENC\[)`) })

// plainSecrets finds secrets in text that is no Nix, which begins in that line.
func plainSecrets(text string, line int) []spot {
	found := findings(text, line, func(what string) bool { return true })
	for _, at := range psk().FindAllStringSubmatchIndex(text, -1) {
		if value := strings.TrimPrefix(text[at[4]:at[5]], `"`); !strings.HasPrefix(value, "$") && !strings.HasPrefix(value, "@") && !strings.HasPrefix(value, "ext:") {
			found = append(found, spot{line + strings.Count(text[:at[4]], "\n"), "psk", "a text in the file"})
		}
	}
	for _, at := range apacheHash().FindAllStringIndex(text, -1) {
		found = append(found, spot{line: line + strings.Count(text[:at[0]], "\n"), what: "a password hash"})
	}
	return found
}

// passwordHash is what redact calls the hash of a password.
const passwordHash = "password hash"

// tokensIn finds only what is a secret by its own looks, whatever stands beside it.
func tokensIn(text string, line int) []spot {
	return findings(text, line, func(what string) bool { return what != "secret" && what != "password" })
}

// findings is what redact takes out of a text, line by line; never the secret.
func findings(text string, line int, counts func(what string) bool) (found []spot) {
	var r redact.Redactor
	var stream redact.Stream
	for one := range strings.Lines(text) {
		one = strings.TrimRight(one, "\r\n")
		shown, _ := r.Line(&stream, one)
		if shown != one {
			if at := strings.Index(shown, "‹redacted: "); at >= 0 {
				what, _, _ := strings.Cut(shown[at+len("‹redacted: "):], "›")
				// A hash begins with $ too.
				if counts(what) && (what == passwordHash || !elsewhere().MatchString(one[min(at, len(one)):])) {
					found = append(found, spot{line: line, what: article(what)})
				}
			}
		}
		line++
	}
	return found
}

func article(what string) string {
	if strings.ContainsAny(what[:min(1, len(what))], "aeiou") {
		return "an " + what
	}
	return "a " + what
}
