package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRunRefuses(t *testing.T) {
	for _, test := range []struct {
		args string
		code int
		want string // in the message
	}{
		{"", 2, "usage:"},
		{"frob x", 2, "usage:"},
		{"prepare", 2, "usage:"},
		{"prepare x y", 2, "usage:"},
		{"install x", 2, "usage:"},
		{"install x --nix-bin y", 2, "usage:"},
		{"install x --frob", 2, "flag provided but not defined"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), strings.Fields(test.args), &stdout, &stderr)
		if code != test.code || !strings.Contains(stderr.String(), test.want) {
			t.Errorf("sandbox %s: exit code %d, %q; want %d and %q", test.args, code, stderr.String(), test.code, test.want)
		}
	}
}
