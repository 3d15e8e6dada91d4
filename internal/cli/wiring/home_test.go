package wiring

import (
	"os/user"
	"testing"
)

// A home that is no absolute path would be looked for where nqd was started: the user database knows better.
func TestHomeDir(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Skip("the user database does not know who this is")
	}
	for variable, want := range map[string]string{"/home/ada": "/home/ada", "": me.HomeDir, "ada": me.HomeDir, "./ada": me.HomeDir} {
		t.Setenv("HOME", variable)
		if got, err := homeDir(); err != nil || got != want {
			t.Errorf("HOME=%q: got %q, %v; want %q", variable, got, err, want)
		}
	}
}
