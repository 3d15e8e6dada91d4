package redact

import (
	"regexp"
	"strings"
	"sync"
)

// rule is something that secrets look like.
type rule struct {
	kind string
	// hints are in lower case; a line that has none of them is not looked at.
	hints []string
	// pattern has one group: the secret. It is compiled when a line has a hint: most runs of nqd see none.
	pattern func() *regexp.Regexp
	// harmless says of a match that it is none; nil for never.
	harmless func(secret string) bool
}

// compiled is a pattern that is compiled when it is asked for.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// The prefixes of tokens are those of gitleaks, config/gitleaks.toml, without its exact lengths: a token that was cut
// off is no use to anybody, and neither is it to be shown. That of a post-quantum age key is in C2SP's age.md.
func tokenRules() []rule {
	token := func(kind, pattern string, hints ...string) rule {
		return rule{kind: kind, hints: hints, pattern: compiled(`\b(` + pattern + `)`)}
	}
	return []rule{
		token("age secret key", `(?i:age-secret-key-(?:pq-)?1[02-9a-z]+)`, "age-secret-key-"),
		token("age plugin identity", `AGE-PLUGIN-[A-Z0-9+-]+-1[02-9A-Z]+`, "age-plugin-"),
		token("github token", `gh[pousr]_[0-9A-Za-z]{16,}|github_pat_\w{16,}`, "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
		token("gitlab token", `gl(?:pat|dt|rt|cbt|ptt|ft|imt|soat|agent|oas)-[\w.-]{16,}|GR1348941[\w-]{16,}`,
			"glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glsoat-", "glagent-", "gloas-", "gr1348941"),
		token("hugging face token", `hf_[A-Za-z0-9]{16,}|api_org_[A-Za-z0-9]{16,}`, "hf_", "api_org_"),
		token("anthropic key", `sk-ant-[\w-]{16,}`, "sk-ant-"),
		token("openai key", `sk-(?:proj|svcacct|admin)-[\w-]{16,}|sk-[A-Za-z0-9]{20,}T3BlbkFJ[A-Za-z0-9]+|sk-[A-Za-z0-9]{40,}`, "sk-"),
		token("aws key", `(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b`, "a3t", "akia", "asia", "abia", "acca"),
		token("slack token", `xox[abeoprs](?:\.xox[bp])?-[\w-]{10,}|xapp-\d-[\w-]{10,}`, "xox", "xapp-"),
		token("npm token", `npm_[A-Za-z0-9]{16,}`, "npm_"),
		token("pypi token", `pypi-AgEIcHlwaS5vcmc[\w-]{16,}`, "pypi-"),
		token("google key", `AIza[\w-]{35}`, "aiza"),
		// A header of JSON in base64 begins so; three parts (RFC 7519).
		token("web token", `eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*`, "eyj"),
		// crypt(5): yescrypt, gost-yescrypt, scrypt, bcrypt, SHA-512, SHA-256, MD5; and argon2.
		{"password hash", []string{"$"}, compiled(`(\$(?:y|gy|7|2[abxy]|6|5|1|argon2(?:id|i|d))\$[./A-Za-z0-9=,+$-]{16,})`), nil},
	}
}

// sensitive are the ends of names that have a secret for their value: as in db_password, "apiKey", PrivateKey of
// WireGuard. Those of files that hold one, such as passwordFile, end otherwise.
const sensitive = `(?i:(?:password|passwd|passphrase|passwort|secret|token|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|` +
	`preshared[_-]?key|signing[_-]?key|encryption[_-]?key|master[_-]?key|credentials?|x-amz-signature))`

// already is what stands in the place of a secret.
const already = `‹redacted: [^‹›]*›`

// The words of sensitive, for a look before the pattern.
var sensitiveHints = []string{"passw", "passphrase", "secret", "token", "_key", "-key", "apikey", "accesskey", "secretkey", "privatekey",
	"presharedkey", "signingkey", "encryptionkey", "masterkey", "credential", "x-amz-signature"}

func assignmentRules() []rule {
	assigned := func(pattern string) rule {
		return rule{"secret", sensitiveHints, compiled(pattern), harmless}
	}
	const word = `(` + already + `|(?:\\[^n]|[^\s"'\\‹{\[(])(?:` + already + `|\\[^n]|[^\s"\\‹])*)`
	return []rule{
		// A line that does nothing else, as in files of environments, INI and TOML: all that stands behind it, as a
		// password may have anything in it.
		assigned(`^\s*(?:export\s+|set\s+-x\s+)?[\w.-]*` + sensitive + `\s*=\s*([^\s"'].*?)\s*$`),
		// "…" with what is escaped in it, also within another such text, and '…' and ''…''.
		assigned(sensitive + `\\*["']?\s*(?:[:=]|=>)\s*"((?:[^"\\]|\\.)+)"?`),
		assigned(sensitive + `\\+["']?\s*(?:[:=]|=>)\s*\\+"((?:[^"\\])+)\\+"`),
		assigned(sensitive + `["']?\s*(?:[:=]|=>)\s*'+([^']+)'`),
		// Anything else ends where a space does, or the text that it stands in.
		assigned(sensitive + `\s*=\s*` + word),
		// A colon behind a path is that of a message: "/etc/passwd: not there".
		assigned(`(?:^|[^/\w.@%-])[\w.-]*` + sensitive + `\s*:\s*` + word),
		assigned(sensitive + `\\*["']\s*:\s*([\w.+-]+)`),
	}
}

// harmlessValue are values that say nothing, and paths, which lead to a secret and are none.
var harmlessValue = compiled(`^(?i:true|false|null|none|nil|yes|no|\d{1,5}|-+|\*+|xxxxx|)[,;})\]]*$|` +
	`^/(?:nix/store|run|etc|var|home|root|proc|dev)/[\w./@%+-]*[,;})\]]*$`)

func harmless(secret string) bool { return harmlessValue().MatchString(secret) }

func headerRules() []rule {
	const value = `\\*["']?\s*[:=]\s*\\*["']?([^"'\r\n\\]+)`
	return []rule{
		{"authorization", []string{"authorization"}, compiled(`(?i:authorization)` + value), nil},
		{"cookie", []string{"cookie"}, compiled(`(?i:\b(?:set-)?cookie)` + value), nil},
		{"authorization", []string{"bearer"}, compiled(`(?i:\bbearer)\s+([\w.~+/=-]{16,})`), nil},
		// netrc(5): on one line, and on lines of their own.
		{"password", []string{"password"}, compiled(`(?:machine|default|login)\s.*?\bpassword\s+(` + already + `|\S+)`), nil},
		{"password", []string{"password"}, compiled(`^\s*password\s+(` + already + `|\S+)\s*$`), nil},
	}
}

// kinds are all that patterns say of a secret.
func kinds() map[string]bool {
	all := map[string]bool{privateKey: true, "password": true, "token": true, "access token": true}
	for _, r := range rules {
		all[r.kind] = true
	}
	return all
}

var rules = append(append(tokenRules(), headerRules()...), assignmentRules()...)

// withoutPatterns looks for what secrets look like in one line.
func (r *Redactor) withoutPatterns(line string) string {
	lower := strings.ToLower(line)
	if strings.Contains(lower, "access-tokens") {
		line = r.accessTokens(line)
	}
	if strings.Contains(line, "://") {
		line = r.userInfo(line)
	}
	for _, rule := range rules {
		for _, hint := range rule.hints {
			if strings.Contains(lower, hint) {
				line = r.without(rule, line)
				break
			}
		}
	}
	return line
}

func (r *Redactor) without(rule rule, line string) string {
	var out strings.Builder
	end := 0
	for _, at := range rule.pattern().FindAllStringSubmatchIndex(line, -1) {
		secret := line[at[2]:at[3]]
		if marked().MatchString(secret) || rule.harmless != nil && rule.harmless(secret) {
			continue
		}
		r.count.Add(1)
		out.WriteString(line[end:at[2]] + mark(rule.kind))
		end = at[3]
	}
	if end == 0 {
		return line
	}
	return out.String() + line[end:]
}

// withUser is a URL up to the end of its user information.
var withUser = compiled(`(?i)\b([a-z][a-z0-9+.-]*)://([^\s/?#"'<>]+)@`)

// longestUser is how long the name of a user may be in a URL of the web, in bytes. A longer one is a token.
const longestUser = 15

func (r *Redactor) userInfo(line string) string {
	return withUser().ReplaceAllStringFunc(line, func(found string) string {
		parts := withUser().FindStringSubmatch(found)
		user, password, _ := strings.Cut(parts[2], ":")
		hide := func(text *string, what string) {
			if *text != "" && *text != "xxxxx" && !marked().MatchString(*text) {
				r.count.Add(1)
				*text = mark(what)
			}
		}
		web := strings.Contains(strings.ToLower(parts[1]), "http")
		// GitHub takes a token for the user, beside no password or this one.
		if _, given := strings.CutPrefix(parts[2], user+":"); password == "x-oauth-basic" || given && password == "" {
			hide(&user, "token")
		} else if given {
			hide(&password, "password")
		} else if web && len(user) > longestUser {
			hide(&user, "token")
		}
		if strings.Contains(parts[2], ":") {
			user += ":" + password
		}
		return parts[1] + "://" + user + "@"
	})
}

// tokenOf is one entry of access-tokens in nix.conf: HOST=TOKEN.
var tokenOf = compiled(`([\w.-]+)=([^\s"'\\;‹]+)`)

// accessTokens takes the tokens out of the setting access-tokens of Nix.
func (r *Redactor) accessTokens(line string) string {
	at := strings.Index(strings.ToLower(line), "access-tokens") + len("access-tokens")
	return line[:at] + tokenOf().ReplaceAllStringFunc(line[at:], func(found string) string {
		host, _, _ := strings.Cut(found, "=")
		r.count.Add(1)
		return host + "=" + mark("access token")
	})
}
