package facts

import (
	"path"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestLevel(t *testing.T) {
	t.Parallel()
	one := "lm cmov cx8 fpu fxsr mmx sse sse2"
	two := one + " cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3"
	three := two + " avx avx2 bmi1 bmi2 f16c fma abm movbe xsave"
	four := three + " avx512f avx512bw avx512cd avx512dq avx512vl"
	for flags, want := range map[string]int{
		"": 0, "fpu sse": 0, one: 1, two: 2, three: 3, four: 4,
		strings.Replace(three, " abm", "", 1):                2, // LZCNT is missing
		strings.Replace(four, "cx16 ", "", 1):                1, // a level is all that is below it, too
		strings.Replace(two, "sse4_1 ", "sse4_1x ", 1):       1,
		strings.Replace(four, " avx512vl", " avx512_vl", 1):  3,
		"fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics": 0,
	} {
		cpuinfo := "processor\t: 0\nflags\t\t: " + flags + "\n\nprocessor\t: 1\nflags\t\t: " + four + "\n"
		p := parseProcessor(cpuinfo)
		if p.level() != want || p.count != 2 {
			t.Errorf("%q: level %d of %d, want %d", flags, p.level(), p.count, want)
		}
	}
}

func TestParseMounts(t *testing.T) {
	t.Parallel()
	text := `21 26 0:20 / /proc rw shared:5 - proc proc rw
26 1 0:27 /@ / rw,relatime shared:1 - btrfs /dev/mapper/luks-root rw,ssd,subvolid=256,subvol=/@
27 26 0:27 /@/nix/store /nix/store ro,relatime shared:2 - btrfs /dev/mapper/luks-root rw,subvolid=256,subvol=/@
28 26 0:27 /@with\040space /a\040b\011c rw master:3 shared:3 - btrfs /dev/sda2 rw,subvol=/@with\040space
29 26 8:1 / /boot rw shared:4 - vfat /dev/sda1 rw,fmask=0022
30 26 0:41 / /tank rw shared:5 - zfs tank/data rw,xattr
31 26 7:0 / /snap/core ro - squashfs /dev/loop0 ro
32 26 8:3 /var/lib/x /mnt rw - ext4 /dev/sda3 rw
33 26 0:50 / /home/ada/server rw - nfs4 host:/x rw
34 26 8:4 / /data rw - ext4 /dev/sda4 rw
38 26 8:7 / /media/stick rw - vfat /dev/sdb1 rw
39 26 8:8 / /run/media/ada/stick rw - vfat /dev/sdb2 rw
35 34 8:5 / /data rw - xfs /dev/sda5 rw
too short
36 26 8:6 / relative rw - ext4 /dev/sda6 rw
37 26 8:6 / /short rw - ext4
`
	want := []mount{
		{"/", "btrfs", "/dev/mapper/luks-root", "/@"},
		{"/a b\tc", "btrfs", "/dev/sda2", "/@with space"},
		{"/boot", "vfat", "/dev/sda1", ""},
		{"/data", "xfs", "/dev/sda5", ""},
		{"/media/stick", "vfat", "/dev/sdb1", ""},
		{"/run/media/ada/stick", "vfat", "/dev/sdb2", ""},
		{"/tank", "zfs", "tank/data", ""},
	}
	if got := parseMounts(text); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestDisks: what is a disk of the machine, what is one of an hour, and what is none.
func TestDisks(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	add := func(name, size string, more map[string]string) {
		files["/sys/block/"+name+"/device/model"], files["/sys/class/block/"+name+"/size"] = "", size+"\n"
		for file, text := range more {
			files["/sys/block/"+name+"/"+file] = text + "\n"
		}
	}
	const usb = "/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdc"
	add("sda", "1953525168", map[string]string{"queue/rotational": "1", "removable": "0"})
	add("sdb", "31250000", map[string]string{"removable": "1"})
	add("sr0", "1953525168", map[string]string{"removable": "1"})
	add("nvme0c0n1", "1953525168", map[string]string{"hidden": "1"})
	add("mmcblk0boot0", "8192", nil)
	files["/sys/class/block/loop0/size"], files["/sys/block/loop0/removable"] = "1953525168\n", "0\n"
	files["/sys/block/sdc"], files[usb+"/device/model"], files[usb+"/removable"] = "-> ../.."+usb, "", "0\n" // it does not say so itself
	files["/sys/class/block/sdc/size"] = "3907029168\n"
	want := []Disk{
		{Name: "sda", SizeGB: 1000, Rotational: true}, {Name: "sdb", SizeGB: 16, Removable: true}, {Name: "sdc", SizeGB: 2000, Removable: true},
	}
	if got := Read(computer(t, files)).Disks; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// TestEncrypted: LUKS of either version, and not what cryptsetup opens besides (lib/libdevmapper.c, lib/setup.c).
func TestEncrypted(t *testing.T) {
	t.Parallel()
	for uuid, want := range map[string]bool{
		"CRYPT-LUKS2-0123456789abcdef0123456789abcdef-root": true, "CRYPT-LUKS1-0123456789abcdef0123456789abcdef-root": true,
		"CRYPT-PLAIN-swap": false, "CRYPT-VERITY-0123456789abcdef0123456789abcdef-usr": false, "LVM-0123": false, "": false,
	} {
		files := map[string]string{"/sys/block/dm-0/dm/uuid": uuid + "\n", "/sys/block/dm-0/dm/name": "root\n"}
		if got := Read(computer(t, files)).Encrypted; got != want {
			t.Errorf("%q: got %t", uuid, got)
		}
	}
}

// TestFree: a file system that a program serves is not asked, as the program may hang.
func TestFree(t *testing.T) {
	t.Parallel()
	const mounts = "28 26 8:1 / / rw - ext4 /dev/sda1 rw\n29 26 8:2 / /win rw - fuseblk /dev/sda2 rw\n" +
		"30 26 8:3 / /media/stick rw - vfat /dev/sdb1 rw\n31 26 8:4 / /run/media/ada/stick rw - vfat /dev/sdb2 rw\n" // no part of the machine
	found := Read(computer(t, map[string]string{"/proc/self/mountinfo": mounts, "/win/file": ""})).FileSystems
	if len(found) != 2 || found[0].Free <= 0 || found[1].Mount != "/win" || found[1].Free != 0 {
		t.Errorf("got %+v", found)
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`a\040b`: "a b", `a\134b`: `a\b`, `\04`: `\04`, `\`: `\`, `\999`: `\999`, `\777`: `\777`, `\101`: "A", `\0400`: " 0",
	} {
		if got := unescape(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestSwap(t *testing.T) {
	t.Parallel()
	const head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
	for text, want := range map[string]int{
		"": 0, head: 0,
		head + "/dev/nvme0n1p3 partition 16777212 4096 -2\n":                          16383,
		head + "/dev/zram0 partition 8388604 0 100\n/swap\\040file file 2097148 0 -2": 2047,
		head + "/dev/sda1 partition -5 0 -2\n/dev/sda2 partition many 0 -2\n":         0,
		head + "/dev/sda1 partition 99999999999999999999 0 -2\n":                      0,
	} {
		if got := swap(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestLoaderName(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]string{
		"": "", "\x06\x00": "", "\x06\x00\x00\x00": "", "\x06\x00\x00\x00G\x00R\x00U": "GR", "\x06\x00\x00\x00s\x00": "s",
	} {
		if got := loaderName([]byte(variable)); got != want {
			t.Errorf("%q: got %q, want %q", variable, got, want)
		}
	}
}

// TestFirmware: what starts the machine, by the files that its kernel shows.
func TestFirmware(t *testing.T) {
	t.Parallel()
	info := func(name string) string {
		text := "\x06\x00\x00\x00"
		for _, letter := range name {
			text += string(letter) + "\x00"
		}
		return text
	}
	for name, c := range map[string]struct {
		files            map[string]string
		firmware, loader string
		secure           bool
	}{
		"a board":          {map[string]string{"/boot/extlinux/extlinux.conf": ""}, "", "extlinux", false},
		"bios":             {map[string]string{"/sys/firmware/acpi/pm_profile": "1\n", "/boot/grub/grub.cfg": ""}, "bios", "grub", false},
		"grub says so":     {map[string]string{loaderVariable: info("GRUB 2.12"), "/boot/loader/loader.conf": ""}, "uefi", "grub", false},
		"another loader":   {map[string]string{loaderVariable: info("rEFInd 0.14")}, "uefi", "", false},
		"secure":           {map[string]string{secureBootVariable: "\x06\x00\x00\x00\x01", loaderVariable: info("Limine 9")}, "uefi", "limine", true},
		"not secure":       {map[string]string{secureBootVariable: "\x06\x00\x00\x00\x00"}, "uefi", "", false},
		"half a variable":  {map[string]string{secureBootVariable: "\x06\x00\x00\x00"}, "uefi", "", false},
		"a long variable":  {map[string]string{secureBootVariable: "\x06\x00\x00\x00\x01\x01"}, "uefi", "", false},
		"systemd's loader": {map[string]string{loaderVariable: info("systemd-boot 257.10")}, "uefi", "systemd-boot", false},
	} {
		f := Read(computer(t, c.files))
		if f.Firmware != c.firmware || f.BootLoader != c.loader || f.SecureBoot != c.secure {
			t.Errorf("%s: got %q, %q, %t", name, f.Firmware, f.BootLoader, f.SecureBoot)
		}
	}
}

func TestVirtualisation(t *testing.T) {
	t.Parallel()
	const (
		cpu   = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu\n"
		guest = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu hypervisor\n"
		arm   = "processor\t: 0\nCPU implementer\t: 0x41\n"
		dmi   = "/sys/class/dmi/id/"
		clock = "/sys/devices/system/clocksource/clocksource0/available_clocksource"
	)
	for name, c := range map[string]struct {
		want, cpuinfo string
		files         map[string]string
	}{
		"nothing is known":    {"", "", nil},
		"metal":               {"none", cpu, map[string]string{dmi + "sys_vendor": "LENOVO\n"}},
		"metal of Amazon":     {"none", cpu, map[string]string{dmi + "sys_vendor": "Amazon EC2\n"}},
		"Amazon":              {"amazon", guest, map[string]string{dmi + "sys_vendor": "Amazon EC2\n"}},
		"an emulation":        {"qemu", guest, map[string]string{dmi + "sys_vendor": "QEMU\n", clock: "tsc acpi_pm\n"}},
		"KVM by its clock":    {"kvm", guest, map[string]string{dmi + "sys_vendor": "QEMU\n", clock: "kvm-clock tsc\n"}},
		"without firmware":    {"kvm", guest, map[string]string{clock: "tsc kvm-clock \n"}},
		"VirtualBox":          {"oracle", guest, map[string]string{dmi + "product_name": "VirtualBox\n"}},
		"Hyper-V":             {"microsoft", guest, map[string]string{clock: "hyperv_clocksource_tsc_page\n"}},
		"Xen":                 {"xen", guest, map[string]string{"/sys/hypervisor/type": "xen\n"}},
		"some hypervisor":     {"vm-other", guest, nil},
		"a board":             {"none", arm, nil},
		"QEMU on ARM":         {"qemu", arm, map[string]string{dmi + "sys_vendor": "QEMU\n"}},
		"docker on KVM":       {"docker", guest, map[string]string{"/run/systemd/container": "docker\n", clock: "kvm-clock\n"}},
		"docker, no systemd":  {"docker", guest, map[string]string{"/.dockerenv": ""}},
		"told by its manager": {"systemd-nspawn", cpu, map[string]string{"/run/host/container-manager": "systemd-nspawn\n"}},
		"podman":              {"podman", cpu, map[string]string{"/run/.containerenv": ""}},
		"WSL":                 {"wsl", guest, map[string]string{"/proc/sys/kernel/osrelease": "6.6.87.2-microsoft-standard-WSL2\n"}},
		"some container":      {"container-other", cpu, map[string]string{"/run/systemd/container": "\x1b[2Jwell\n"}},
	} {
		files := map[string]string{"/proc/cpuinfo": c.cpuinfo}
		for file, text := range c.files {
			files[file] = text
		}
		if got := Read(computer(t, files)).Virtualisation; got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestBatteryAndKeyboard(t *testing.T) {
	t.Parallel()
	const supply = "/sys/class/power_supply/"
	for name, c := range map[string]struct {
		files   map[string]string
		battery bool
	}{
		"none":         {nil, false},
		"laptop":       {map[string]string{supply + "AC/type": "Mains\n", supply + "BAT0/type": "Battery\n"}, true},
		"a mouse":      {map[string]string{supply + "hidpp_battery_0/type": "Battery\n", supply + "hidpp_battery_0/scope": "Device\n"}, false},
		"of a system":  {map[string]string{supply + "BAT1/type": "Battery\n", supply + "BAT1/scope": "System\n"}, true},
		"plugged only": {map[string]string{supply + "AC/type": "Mains\n"}, false},
	} {
		if got := Read(computer(t, c.files)).Battery; got != c.battery {
			t.Errorf("%s: got %t", name, got)
		}
	}
	const xorg = "Section \"InputClass\"\n  Identifier \"Keyboard catchall\"\n  MatchIsKeyboard \"on\"\n  Option \"XkbModel\" \"pc104\"\n" +
		"  Option \"XkbLayout\" \"de,us\"\n  option \"xkbvariant\" \"nodeadkeys,\"\n  Option \"XkbOptions\" \"caps:escape\"\n  # Option \"XkbLayout\" \"fr\"\n  Option \"XkbLayout\nEndSection\n"
	f := Read(computer(t, map[string]string{"/etc/X11/xorg.conf.d/00-keyboard.conf": xorg}))
	if f.XkbLayout != "de,us" || f.XkbVariant != "nodeadkeys," || f.XkbOptions != "caps:escape" {
		t.Errorf("X: %q, %q, %q", f.XkbLayout, f.XkbVariant, f.XkbOptions)
	}
	f = Read(computer(t, map[string]string{"/etc/X11/xorg.conf.d/00-keyboard.conf": xorg, "/etc/vconsole.conf": "KEYMAP=fr\nXKBLAYOUT=fr\n"}))
	if f.XkbLayout != "fr" || f.XkbVariant != "" || f.XkbOptions != "" {
		t.Errorf("the console's: %q, %q, %q", f.XkbLayout, f.XkbVariant, f.XkbOptions)
	}
}

func TestDesktop(t *testing.T) {
	t.Parallel()
	const sw = "/run/current-system/sw/share/"
	const gathered = "/nix/store/0123456789abcdfghijklmnpqrsvwxyz-desktops"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"none":            {nil, ""},
		"plasma":          {map[string]string{sw + "wayland-sessions/plasma.desktop": "", sw + "xsessions/plasmax11.desktop": ""}, "plasma"},
		"a whole desktop": {map[string]string{sw + "wayland-sessions/sway.desktop": "", sw + "xsessions/xfce.desktop": ""}, "xfce"},
		"something else":  {map[string]string{sw + "wayland-sessions/home-made.desktop": "", sw + "wayland-sessions/gnome": ""}, ""},
		"gathered": {map[string]string{
			gathered + "/share/wayland-sessions/cosmic.desktop": "",
			"/etc/systemd/system/display-manager.service":       "[Service]\nEnvironment=\"XDG_DATA_DIRS=" + gathered + "/share/\"\n",
		}, "cosmic"},
		// As nixpkgs writes it; there is no display manager of X.
		"cosmic by greetd": {map[string]string{
			gathered + "/share/wayland-sessions/cosmic.desktop": "",
			"/etc/set-environment":                              "# DO NOT EDIT\nexport XDG_DATA_DIRS=\"" + gathered + "/share:$HOME/.nix-profile/share\"\n",
		}, "cosmic"},
		"gathered by nobody": {map[string]string{gathered + "/share/wayland-sessions/cosmic.desktop": ""}, ""},
	} {
		if got := Read(computer(t, c.files)).Desktop; got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// FuzzParse: whatever the kernel's files hold, nothing ends, and file systems have a place.
func FuzzParse(f *testing.F) {
	f.Add("28 26 0:27 /@ /a\\040b rw - btrfs /dev/sda2 rw,subvol=/@")
	f.Add("processor\t: 0\nmodel\t: -5\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, one := range parseMounts(text) {
			if !path.IsAbs(one.at) {
				t.Errorf("%q", one)
			}
		}
		if n := swap(text); n < 0 {
			t.Errorf("swap %d", n)
		}
		p := parseProcessor(text)
		if p.level() < 0 || p.level() > 4 || p.number("model") < 0 {
			t.Errorf("%+v", p)
		}
		for _, row := range (Facts{HostName: text, FileSystems: []FileSystem{{Mount: text, Free: 1 << 40}}}).Personal() {
			if !utf8.ValidString(row.Name) || strings.ContainsAny(row.Name+row.Value, "\x1b\n") {
				t.Errorf("%q", row)
			}
		}
		xorgOptions(text)
		loaderName([]byte(text))
	})
}
