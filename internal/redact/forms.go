package redact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// parts are what of a value is a secret of its own: all of it, each line, and what lines assign.
func parts(value string) []string {
	whole := strings.TrimSpace(value)
	found := []string{whole}
	for line := range strings.Lines(whole) {
		line = strings.TrimSpace(line)
		// The first and last line of a private key are those of every other one too.
		if strings.HasPrefix(line, "-----") || strings.HasPrefix(line, "#") {
			continue
		}
		found = append(found, line)
		if _, assigned, is := strings.Cut(line, "="); is {
			found = append(found, strings.Trim(assigned, ` "'`))
		}
	}
	return slices.DeleteFunc(found, func(part string) bool { return len(part) < shortest })
}

// forms are the ways in which a value is written.
func forms(value string) []string {
	all := []string{value, url.QueryEscape(value), url.PathEscape(value)}
	var upper, lower strings.Builder
	for i := range len(value) {
		fmt.Fprintf(&upper, "%%%02X", value[i])
		fmt.Fprintf(&lower, "%%%02x", value[i])
	}
	all = append(all, upper.String(), lower.String(), strings.ToLower(url.QueryEscape(value)))
	if quoted, err := json.Marshal(value); err == nil {
		all = append(all, string(quoted[1:len(quoted)-1]))
	}
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		all = append(all, encoding.EncodeToString([]byte(value)))
		for before := range 3 {
			all = append(all, within(encoding, value, before))
		}
	}
	return slices.DeleteFunc(all, func(form string) bool { return len(form) < shortest })
}

// within are the characters of base64 that value alone decides, where it stands behind so many bytes of a group of
// three: as the password of "user:password" does.
func within(encoding *base64.Encoding, value string, before int) string {
	text := encoding.EncodeToString(append(make([]byte, before), value...))
	return text[(8*before+5)/6 : 8*(before+len(value))/6]
}

// secretive are the words of names of environment variables that have a secret.
var secretive = compiled(`TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|(^|_)(PASS|PWD|[A-Z]*KEY)$|API_?KEY`)

// elsewhere are the ends of names that say where a secret is, not what it is.
var elsewhere = compiled(`_(FILE|PATH|DIR|SOCK|COMMAND|URL|ID)$|_(DIR|PATH)_`)

// Environ adds the values of those environment variables, NAME=VALUE, whose name says that they are secret.
func (r *Redactor) Environ(environ []string) {
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		upper := strings.ToUpper(name)
		// PWD and OLDPWD are the shell's directories, and a path leads to a secret and is none.
		if !secretive().MatchString(upper) || elsewhere().MatchString(upper) || strings.HasPrefix(value, "/") || upper == "PWD" {
			continue
		}
		r.Add("value of "+name, value)
	}
}
