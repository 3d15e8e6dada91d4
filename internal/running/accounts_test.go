package running

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

func TestAccounts(t *testing.T) {
	t.Parallel()
	m := with(t, map[string]string{
		"/etc/passwd": "root:x:0:0:System administrator:/root:/run/current-system/sw/bin/bash\n" +
			"ada:x:1000:100:Ada, who computes:/home/ada:/bin/zsh\nold:x:999:999::/var/empty:\nlast:x:29999:100::/home/last:\n" +
			"nixbld0:x:30000:30000::/:\nnixbld1:x:30001:30000:Nix build user 1:/var/empty:/sbin/nologin\n" +
			"nobody:x:65534:65534::/var/empty:/sbin/nologin\n" +
			"# comment:x:1:1:::\n+::::::\n\nshort:x:1:1\nletters:x:a:1::/:\nnegative:x:-1:1::/:\n:x:5:5::/:\nend:x:1001:100::/home/end:/bin/sh",
		"/etc/group": "-> /etc/static/group", "/etc/static/group": "root:x:0:\nwheel:x:1:ada,bob\nusers:x:100:\n+:::\nbad:x:y:\n",
	})
	accounts, err := ReadAccounts(m)
	if err != nil {
		t.Fatal(err)
	}
	want := []User{
		{"root", 0, "/root", "/run/current-system/sw/bin/bash", false}, {"ada", 1000, "/home/ada", "/bin/zsh", true},
		{"old", 999, "/var/empty", "", false}, {"last", 29999, "/home/last", "", true}, {"nixbld0", 30000, "/", "", false},
		{"nixbld1", 30001, "/var/empty", "/sbin/nologin", false}, {"nobody", 65534, "/var/empty", "/sbin/nologin", false},
		{"end", 1001, "/home/end", "/bin/sh", true},
	}
	if !slices.Equal(accounts.Users, want) {
		t.Errorf("got  %+v\nwant %+v", accounts.Users, want)
	}
	if want := []Group{{"root", 0}, {"wheel", 1}, {"users", 100}}; !slices.Equal(accounts.Groups, want) {
		t.Errorf("got %+v, want %+v", accounts.Groups, want)
	}
}

func TestNoAccounts(t *testing.T) {
	t.Parallel()
	if accounts, err := ReadAccounts(with(t, nil)); err != nil || accounts.Users != nil || accounts.Groups != nil {
		t.Errorf("%+v, %v", accounts, err)
	}
	for _, file := range []string{"/etc/passwd", "/etc/group"} {
		if accounts, err := ReadAccounts(with(t, map[string]string{file + "/": ""})); !errors.Is(err, syscall.EISDIR) || accounts.Users != nil {
			t.Errorf("%s: %+v, %v", file, accounts, err)
		}
	}
}

// This computer's accounts are those that the system itself tells of.
func TestAccountsOfThisComputer(t *testing.T) {
	t.Parallel()
	accounts, err := ReadAccounts(machine.Local())
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("getent", "--service=files", "passwd").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, u := range accounts.Users {
		got = append(got, fmt.Sprintf("%s %d %s %s", u.Name, u.UID, u.Home, u.Shell))
	}
	for text := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(text), ":")
		want = append(want, f[0]+" "+f[2]+" "+f[5]+" "+f[6])
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestDeclared(t *testing.T) {
	t.Parallel()
	users, groups := "/var/lib/nixos/declarative-users", "/var/lib/nixos/declarative-groups"
	d, known, err := Declared(with(t, map[string]string{users: "root ada nixbld1", groups: "wheel root"}))
	if err != nil || !known || !slices.Equal(d.Users, []string{"ada", "nixbld1", "root"}) || !slices.Equal(d.Groups, []string{"root", "wheel"}) {
		t.Errorf("%+v, %t, %v", d, known, err)
	}
	if d, known, err = Declared(with(t, map[string]string{users: "", groups: ""})); err != nil || !known || len(d.Users)+len(d.Groups) > 0 {
		t.Errorf("%+v, %t, %v", d, known, err)
	}
	for _, files := range []map[string]string{nil, {users: "ada"}, {groups: "root"}} {
		if d, known, err := Declared(with(t, files)); err != nil || known || d.Users != nil || d.Groups != nil {
			t.Errorf("%v: %+v, %t, %v", files, d, known, err)
		}
	}
	if _, known, err := Declared(with(t, map[string]string{users + "/": "", groups: ""})); err == nil || known {
		t.Errorf("a directory: %t, %v", known, err)
	}
}

func TestDeclaredInSecret(t *testing.T) {
	t.Parallel()
	notRoot(t)
	m := with(t, map[string]string{"/var/lib/nixos/declarative-users": "ada", "/var/lib/nixos/declarative-groups": "root"})
	must(t, os.Chmod(m.Path("/var/lib/nixos/declarative-users"), 0))
	if d, known, err := Declared(m); err != nil || known || d.Groups != nil {
		t.Errorf("%+v, %t, %v", d, known, err)
	}
	must(t, os.Chmod(m.Path("/var/lib/nixos"), 0))
	defer os.Chmod(m.Path("/var/lib/nixos"), 0o755)
	if _, known, err := Declared(m); err != nil || known {
		t.Errorf("%t, %v", known, err)
	}
}
