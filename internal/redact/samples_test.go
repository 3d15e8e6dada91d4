package redact

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// letters are those of most tokens.
const letters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789"

// random is a text of n of the characters, the same one each time for the same seed: no text of these tests is a token
// that somebody has.
func random(seed, n int, characters string) string {
	var text strings.Builder
	state := uint64(seed)*2862933555777941757 + 3037000493
	for range n {
		state = state*6364136223846793005 + 1442695040888963407
		text.WriteByte(characters[int(state>>33)%len(characters)])
	}
	return text.String()
}

// bech32Letters are those of bech32 (BIP 173).
const bech32Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 encodes data as age does its keys, with the checksum of BIP 173.
func bech32(prefix string, data []byte) string {
	var groups []byte
	bits, have := 0, 0
	for _, b := range data {
		bits, have = bits<<8|int(b), have+8
		for ; have >= 5; have -= 5 {
			groups = append(groups, byte(bits>>(have-5)&31))
		}
	}
	if have > 0 {
		groups = append(groups, byte(bits<<(5-have)&31))
	}
	var expanded []byte
	for _, c := range []byte(prefix) {
		expanded = append(expanded, c>>5)
	}
	expanded = append(expanded, 0)
	for _, c := range []byte(prefix) {
		expanded = append(expanded, c&31)
	}
	check := uint32(1)
	for _, v := range append(append(expanded, groups...), 0, 0, 0, 0, 0, 0) {
		top := check >> 25
		check = check&0x1ffffff<<5 ^ uint32(v)
		for i, generator := range []uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				check ^= generator
			}
		}
	}
	check ^= 1
	text := prefix + "1"
	for _, g := range groups {
		text += string(bech32Letters[g])
	}
	for i := range 6 {
		text += string(bech32Letters[check>>(5*(5-i))&31])
	}
	return text
}

func ageKey() string {
	return strings.ToUpper(bech32("age-secret-"+"key-", []byte(random(1, 32, letters))))
}

// sshKey is a private key of the real ssh-keygen and its public one.
func sshKey(t *testing.T, kind string) (private, public string) {
	t.Helper()
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("no ssh-keygen")
	}
	file := filepath.Join(t.TempDir(), "key")
	args := append([]string{"-q", "-N", "", "-C", "ada@orion", "-f", file}, strings.Fields(kind)...)
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	read := func(name string) string {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return read(file), read(file + ".pub")
}

// wireguard is a key as wg(8) writes it: 32 bytes in base64.
func wireguard(seed int) string {
	return base64.StdEncoding.EncodeToString([]byte(random(seed, 32, letters)))
}

// sample is a line with a secret in it, and what has to stand in its place.
type sample struct{ line, secret, kind string }

// samples have one of each kind.
func samples() []sample {
	word := random(3, 20, letters)
	long := random(4, 40, letters)
	upper := random(5, 16, "ABCDEFGHJKLMNPQRSTUVWXYZ234567")
	in := func(before, secret, after, kind string) sample { return sample{before + secret + after, secret, kind} }
	jwt := "ey" + "J" + random(6, 20, letters) + ".ey" + "J" + random(7, 30, letters) + "." + random(8, 43, letters)
	return []sample{
		in("key: ", ageKey(), " # ada", "age secret key"),
		in("", strings.ToLower(ageKey()), "", "age secret key"),
		in("using ", "gh"+"p_"+long[:36], " for it", "github token"),
		in("a/", "gh"+"s_"+long[:36], "/b", "github token"),
		in("", "github"+"_pat_"+long+long, "", "github token"),
		in("(", "gl"+"pat-"+word, ")", "gitlab token"),
		in("", "gl"+"rt-"+word, "", "gitlab token"),
		in("model from ", "h"+"f_"+long[:34], "", "hugging face token"),
		in("", "sk-"+"ant-api03-"+long+long+"AA", "", "anthropic key"),
		in("", "sk-"+"proj-"+long+"T3Blbk"+"FJ"+long, ".", "openai key"),
		in("", "sk-"+word+"T3Blbk"+"FJ"+word, "", "openai key"),
		in("id ", "AK"+"IA"+upper, " of S3", "aws key"),
		in("", "xo"+"xb-123456789012-123456789012-"+word, "", "slack token"),
		in("", "np"+"m_"+long[:36], "", "npm token"),
		in("", jwt, "", "web token"),
		in("ada:", "$6"+"$"+word[:16]+"$"+long+long+"/.", ":19000:0:99999:7:::", "password hash"),
		in("ada:", "$y"+"$j9T$"+word+"$"+long, ":19000::", "password hash"),
		in(`hashed "`, "$2b"+"$05$"+long+word[:13], `"`, "password hash"),
		in("Authorization: ", "Basic "+base64.StdEncoding.EncodeToString([]byte("ada:"+word)), "", "authorization"),
		in("> authorization: ", "token "+word, "", "authorization"),
		in("-H 'Proxy-Authorization: ", "Bearer "+long, "' https://x", "authorization"),
		in("sent bearer ", long, " to it", "authorization"),
		in("Cookie: ", "session="+word+"; theme=dark", "", "cookie"),
		in("< Set-Cookie: ", "id="+word, "", "cookie"),
		in("fetching https://ada:", word, "@example.org/a.tar.gz'", "password"),
		in("git+https://x-access-token:", word, "@github.com/a/b", "password"),
		in("https://", long, "@github.com/a/b", "token"),
		in("https://", long, ":x-oauth-basic@github.com/a/b", "token"),
		in("https://", word, ":@github.com/a/b", "token"),
		in("postgresql://nqd:", "p@"+word, "@127.0.0.1:5432/nqd", "password"),
		in("access-tokens = github.com=", word, "", "access token"),
		in("access-tokens = github.com=x gitlab.com=PAT:", word, " a.example=OAuth2:x", ""),
		in("extra-access-tokens = example.org=", word, "", "access token"),
		in("machine example.org login ada password ", word, " port 1", "password"),
		in("  password ", word, "", "password"),
		in("DB_PASSWORD=", word+` "#;&, `+word, "", "secret"),
		in("export GITHUB_TOKEN=", word, "", "secret"),
		in("environment: PGPASSWORD=", word, " PGUSER=ada", "secret"),
		in(`api_key = "`, word+`\" `+word, `" # TOML`, "secret"),
		in(`{"user":"ada","password":"`, word+" "+word, `","port":5432}`, "secret"),
		in(`{"line":"{\"apiKey\":\"`, word, `\",\"x\":1}"}`, "secret"),
		in(`{"line":"TOKEN=`, word, `","kind":"nix"}`, "secret"),
		in(`services.x.adminPassword = "`, word, `";`, "secret"),
		in("  clientSecret = ''", word, "'';", "secret"),
		in("token: ", word, "", "secret"),
		in("https://example.org/x?access_token=", word, "", "secret"),
		in("PrivateKey = ", wireguard(2), "", "secret"),
		in("[peer] preshared-key: ", wireguard(2), "", "secret"),
		in(`privateKey = "`, wireguard(2), `";`, "secret"),
	}
}

// plain is what stays: it is no secret, or says only where one is.
func plain() []string {
	return []string{
		"",
		"/nix/store/0f5z55vs9swzxwdmcms03bq2nakciwpa-password-store-1.7.4",
		"building '/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-python3.13-tokenizers-0.22.1.drv'...",
		"got:    sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"specified: sha256:0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73",
		"commit 3f786850e387550fdab836ed7e6dc881de23001b",
		`"narHash": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",`,
		`"rev": "da39a3ee5e6b4b0d3255bfef95601890afd80709",`,
		"trusted-public-keys = cache.nixos.org-1:6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=",
		"ssh-" + "ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ" + random(9, 42, letters) + " ada@orion",
		"age1" + random(10, 58, bech32Letters),
		"PublicKey = " + wireguard(11),
		"git+ssh://git@github.com/a/b", "ssh://ada@orion/x", "https://ada@example.org/", "https://example.org:8443/a@b",
		`passwordFile = "/run/secrets/postgres";`, "hashedPasswordFile: /etc/nqd/hash",
		"PasswordAuthentication = false", "password = /run/secrets/x", "token: null,",
		"keyboard: de", "max-tokens=4096", "the token is gone", "monkey = 1",
		`{"secrets":["a"],"checks":3}`, `"tokens":[1,2]`,
		"-----BEGIN PUBLIC KEY-----", "-----BEGIN CERTIFICATE-----",
		"https://ada:xxxxx@example.org/",
		"open /etc/passwd: permission denied", "--with=/etc/passwd: not a file of the workspace",
		"cookie jar", "a bearer of news", "password required for root",
	}
}
