package home

import (
	"slices"
	"testing"
)

func TestUnitsAmong(t *testing.T) {
	t.Parallel()
	got := unitsAmong([]string{
		"/home/ada/.config/systemd/user/a.service", "/home/ada/.config/systemd/user/b.timer", "/data/config/systemd/user/c.socket",
		"/home/ada/.config/systemd/user/t@.service", "/home/ada/.config/systemd/user/t@1.service", "/home/ada/.config/systemd/user/a.conf",
		"/home/ada/.config/systemd/user/default.target.wants/a.service", "/home/ada/a.service", "/home/ada/.config/systemd/user/.service",
	})
	if want := []string{"a.service", "b.timer", "c.socket", "t@1.service"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestStopCommand(t *testing.T) {
	t.Parallel()
	c := stopCommand(1000, []string{"a.service", "b.timer"})
	if want := []string{"--user", "--no-ask-password", "stop", "--", "a.service", "b.timer"}; !slices.Equal(c.Args, want) || c.Root || !c.Inside {
		t.Errorf("%+v", c)
	}
	if want := []string{"LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR=/run/user/1000"}; !slices.Equal(c.Env, want) {
		t.Errorf("%q", c.Env)
	}
}
