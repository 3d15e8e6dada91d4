package activation

import (
	"fmt"
	"strings"
)

// fstab is a file system table: what is mounted by its place, and the devices that are swapped to.
type fstab struct {
	mounts map[string]mount
	swaps  map[string]bool
}

type mount struct{ device, kind, options string }

// parseFstab is parse_fstab of main.rs: a line with a # anywhere is none.
func parseFstab(text string) fstab {
	table := fstab{mounts: map[string]mount{}, swaps: map[string]bool{}}
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 3 || strings.Contains(line, "#") {
			continue
		}
		options := ""
		if len(fields) > 3 {
			options = fields[3]
		}
		if fields[2] == "swap" {
			table.swaps[fields[0]] = true
		} else {
			table.mounts[fields[1]] = mount{fields[0], fields[2], options}
		}
	}
	return table
}

// fstab decides about mounts and returns the devices that are no longer swapped to (main.rs, do_system_switch). New file
// systems are mounted as local-fs.target is started again.
func (s *switching) fstab(old, new fstab) (swaps []string) {
	for place, before := range old.mounts {
		name := unitOfPath(place, ".mount")
		after, stays := new.mounts[place]
		remount := before.options != after.options
		switch moved := before.kind != after.kind || before.device != after.device; {
		case !stays:
			s.stop[name] = true
		case moved && place != "/" && place != "/nix":
			s.restart[name] = true
		case remount:
			s.reload[name] = true
		case moved:
			s.skip[name] = true
		}
	}
	for device := range old.swaps {
		if !new.swaps[device] {
			swaps = append(swaps, device)
		}
	}
	return swaps
}

// unitOfPath names the unit of a path, as systemd-escape --path does (systemd, src/basic/unit-name.c, do_escape).
func unitOfPath(abs, suffix string) string {
	parts := strings.FieldsFunc(abs, func(r rune) bool { return r == '/' })
	if len(parts) == 0 {
		return "-" + suffix
	}
	var name strings.Builder
	for i, c := range []byte(strings.Join(parts, "/")) {
		switch {
		case c == '/':
			name.WriteByte('-')
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == ':', c == '_', c == '.' && i > 0:
			name.WriteByte(c)
		default:
			fmt.Fprintf(&name, `\x%02x`, c)
		}
	}
	return name.String() + suffix
}
