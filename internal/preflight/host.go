package preflight

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

// The releases of NixOS that nqd deploys, and the one that it only upgrades (host.release of host.toml is never that).
const (
	firstRelease = "26.05"
	lastRelease  = "26.11"
	upgraded     = "25.11"
)

// release looks at the NixOS that runs. Of unstable the version has "pre" in it; SUPPORT_END is the day from which on there
// are no more updates (nixpkgs, nixos/modules/misc/version.nix; os-release(5)).
func release(_ context.Context, l Look) []row {
	const name = "release"
	data, err := l.Machine.ReadFile("/etc/os-release")
	values := assignments(string(data))
	id := values["VERSION_ID"]
	if err != nil || id == "" {
		return []row{warn(name, "/etc/os-release does not say which NixOS runs", "look what nixos-version says")}
	}
	end := values["SUPPORT_END"] // a day, which sorts as text
	today := l.Now().Format("2006-01-02")
	switch {
	case strings.Contains(values["BUILD_ID"], "pre"):
		return []row{warn(name, "NixOS "+values["BUILD_ID"]+" runs: unstable changes under nqd", "a release such as "+firstRelease+" is what nqd is tested with")}
	case id < upgraded:
		return []row{fail(name, "NixOS "+id+" runs, which nqd does not know", "upgrade it to "+upgraded+" first, one release after the other")}
	case id > lastRelease:
		return []row{warn(name, "NixOS "+id+" runs, which is newer than this nqd", "look for a newer nqd")}
	case end != "" && end < today && id >= l.Release:
		return []row{warn(name, "NixOS "+id+" gets no security updates since "+end, "set host.release of host.toml to a newer one")}
	case id == upgraded:
		return []row{ok(name, "NixOS "+id+" runs, from which nqd upgrades")}
	}
	return []row{ok(name, "NixOS "+id+" runs")}
}

// assignments reads the form of os-release(5).
func assignments(text string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, found := strings.Cut(line, "="); found {
			values[name] = printable.Text(strings.Trim(strings.TrimSpace(value), `"'`))
		}
	}
	return values
}

// processor holds that of the host file against that of the machine.
func processor(_ context.Context, l Look) []row {
	is := l.facts().System
	if is == "" || l.System == "" || is == l.System {
		return []row{ok("processor", is)}
	}
	return []row{fail("processor", "the machine is "+is+", and host.system is "+l.System, "name another host with --host, or set host.system")}
}

// hardware is what facts.json tells of the machine that it is of. A file of an older nqd has some of it.
type hardware struct {
	Vendor string `json:"cpu_vendor"`
	Family int    `json:"cpu_family"`
	Model  int    `json:"cpu_model"`
	Disks  []disk `json:"disks"`
}

type disk struct {
	SizeGB    int  `json:"size_gb"`
	Removable bool `json:"removable"`
}

// wrongHost tells a host of the workspace that is another machine: by its processor, or by what it was deployed as. A name
// alone says little: before its first deployment a machine has whatever name the installer gave it.
func wrongHost(_ context.Context, l Look) []row {
	const name, cure = "host", "name the host of this machine with --host"
	const again = cure + ", or let nqd facts --refresh look again where a part of it was changed"
	now := l.facts()
	was, known := hardware{}, false
	if l.Facts != nil {
		known = json.Unmarshal(l.Facts, &was) == nil
	}
	if known {
		if other := otherProcessor(was, now); other != "" {
			return []row{l.risky(name, fmt.Sprintf("facts.json of %s is of another machine: %s", l.Host, other), again, risk.WrongHost)}
		}
	}
	deployed := ""
	if l.Deployed != nil {
		deployed = l.Deployed()
	}
	if deployed != "" && deployed != l.Host {
		return []row{l.risky(name, fmt.Sprintf("this machine was deployed as %s, not as %s", deployed, l.Host), cure, risk.WrongHost)}
	}
	if known && otherDisks(was.Disks, now.Disks) {
		return []row{warn(name, "no disk of this machine is in facts.json of "+l.Host, again)}
	}
	text, _ := l.Machine.ReadFile("/etc/hostname")
	called := printable.Text(strings.TrimSpace(string(text)))
	if called == "" || called == l.Host || deployed != "" || known && was.Model > 0 {
		return []row{ok(name, l.Host)}
	}
	return []row{warn(name, fmt.Sprintf("this machine is called %s, and would be %s", called, l.Host), cure+", if it is another one")}
}

// otherProcessor says how the processors differ; empty where they do not, as far as both are known.
func otherProcessor(was hardware, now facts.Facts) string {
	other := func(name string) bool { return name != "" && name != "other" }
	if other(was.Vendor) && other(now.CPUVendor) && was.Vendor != now.CPUVendor {
		return fmt.Sprintf("its processor is of %s, this one's of %s", was.Vendor, now.CPUVendor)
	}
	if was.Model > 0 && now.CPUModel > 0 && (was.Model != now.CPUModel || was.Family != now.CPUFamily) {
		return fmt.Sprintf("its processor is family %d, model %d, this one's family %d, model %d", was.Family, was.Model, now.CPUFamily, now.CPUModel)
	}
	return ""
}

// otherDisks reports whether none of the disks has the size of one that was there.
func otherDisks(was []disk, now []facts.Disk) bool {
	there := false
	for _, one := range now {
		if one.Removable {
			continue
		}
		if slices.ContainsFunc(was, func(d disk) bool { return d.SizeGB == one.SizeGB }) {
			return false
		}
		there = true
	}
	return there && len(was) > 0
}
