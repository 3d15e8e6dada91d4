package guard

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// boot copies a synthetic /boot of testdata/loader into the box.
func (b *box) boot(t *testing.T, name string) {
	t.Helper()
	if err := os.CopyFS(b.path("/boot"), os.DirFS("testdata/loader/"+name)); err != nil {
		t.Fatal(err)
	}
}

func TestBootDefault(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"systemd-boot", "grub"} {
		b := newBox(t)
		b.boot(t, name)
		wantBoots(t, b, newSystem)
		b.wantCalls(t) // no need to be root for it
	}
	b := newBox(t)
	if got, err := b.BootDefault(t.Context()); !errors.Is(err, ErrUnknownLoader) {
		t.Errorf("without a loader: %s, %v", got, err)
	}
	// systemd-boot counts where both left files: GRUB's are older.
	b.boot(t, "grub")
	b.boot(t, "systemd-boot")
	b.write(t, "/boot/loader/loader.conf", "default nixos-generation-3.conf\n")
	wantBoots(t, b, oldSystem)
}

func TestBootDefaultRefuses(t *testing.T) {
	t.Parallel()
	const evil = "options init=/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-old/init\n"
	for name, c := range map[string]struct{ config, want string }{
		"empty":            {"", "names no default"},
		"commented":        {"#default nixos-generation-3.conf\n# default\n", "names no default"},
		"no value":         {"default\n", "names no default"},
		"absent":           {"default nixos-generation-9.conf\n", "no such file or directory"},
		"up":               {"default ../../evil.conf\n", `default "../../evil.conf" is not the name of an entry`},
		"absolute":         {"default /evil.conf\n", `default "/evil.conf" is not the name of an entry`},
		"below":            {"default sub/evil.conf\n", `default "sub/evil.conf" is not the name of an entry`},
		"only up":          {"default ..\n", "is a directory"},
		"itself":           {"default .\n", "is a directory"},
		"another system":   {"default windows.conf\n", "/boot/loader/entries/windows.conf: no init=/nix/store/… in it"},
		"not a store path": {"default odd.conf\n", "not a store path"},
		"elsewhere":        {"default home.conf\n", "no init=/nix/store/… in it"},
	} {
		b := newBox(t)
		b.boot(t, "systemd-boot")
		b.write(t, "/evil.conf", evil)
		b.write(t, "/boot/evil.conf", evil)
		b.write(t, "/boot/loader/entries/sub/evil.conf", evil)
		b.write(t, "/boot/loader/entries/windows.conf", "efi /EFI/Microsoft/bootmgfw.efi\n")
		b.write(t, "/boot/loader/entries/odd.conf", "options init=/nix/store/system/init\n")
		b.write(t, "/boot/loader/entries/home.conf", "options init=/home/ada/system/init xinit="+string(oldSystem)+"/init\n")
		b.write(t, "/boot/loader/loader.conf", c.config)
		got, err := b.BootDefault(t.Context())
		if err == nil || !strings.Contains(err.Error(), c.want) || got != "" {
			t.Errorf("%s: got %s, %v; want an error with %q", name, got, err, c.want)
		}
	}
	// Neither loader may be passed over because its file cannot be read.
	for _, file := range []string{systemdBootConfig, grubConfig} {
		b := newBox(t)
		b.mkdir(t, file)
		if got, err := b.BootDefault(t.Context()); err == nil || !strings.Contains(err.Error(), "is a directory") {
			t.Errorf("%s is a directory: %s, %v", file, got, err)
		}
	}
	b := newBox(t)
	b.write(t, grubConfig, "menuentry \"Debian\" { linux /vmlinuz root=/dev/sda1 }\n")
	if got, err := b.BootDefault(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "/boot/grub/grub.cfg: ") {
		t.Errorf("a foreign GRUB: %s, %v", got, err)
	}
}

func TestInitSystem(t *testing.T) {
	t.Parallel()
	const path = string(newSystem)
	for text, want := range map[string]machine.StorePath{
		"init=" + path + "/init":                    newSystem,
		"a init=" + path + "/init\nb":               newSystem,
		"\"init=" + path + "/init\"":                newSystem,
		"init=" + path + "/init init=/nix/store/x/": newSystem, // the first is the default's
		"init=" + path + "/initrd":                  "",
		"init=" + path:                              "",
		"init=" + path + "/sw/init":                 "",
		"rdinit=" + path + "/init":                  "",
		"init=/nix/store/../../home/init":           "",
		"init=/nix/store//init":                     "",
		"":                                          "",
	} {
		if got, err := initSystem("entry", text); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
	}
}

func FuzzInitSystem(f *testing.F) {
	for _, name := range []string{"systemd-boot/loader/entries/nixos-generation-4.conf", "grub/grub/grub.cfg"} {
		data, err := os.ReadFile("testdata/loader/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("init=/nix/store/../etc/init")
	f.Fuzz(func(t *testing.T, text string) {
		system, err := initSystem("entry", text)
		if err != nil {
			if system != "" {
				t.Errorf("%s beside %v", system, err)
			}
			return
		}
		if _, err := machine.ParseStorePath(string(system)); err != nil || !strings.Contains(text, "init="+string(system)+"/init") {
			t.Errorf("%s: %v", system, err)
		}
	})
}
