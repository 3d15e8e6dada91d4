package setup

import (
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/host"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// mostOfZones is far above tzdata.zi, which has about 100 kB.
const mostOfZones = 1 << 20

// readZones are the time zones that the machine's database names and a host file can have, sorted. The compact file has a
// line "Z NAME ..." for each zone and "L TARGET NAME" for each other name of one (zic(8)); the older table has the name in
// the third column. A machine may have neither: then there are none.
func readZones(m *machine.Machine) []string {
	var zones []string
	take := func(name string) {
		if host.CheckText("host.timezone", name) == nil {
			zones = append(zones, name)
		}
	}
	if data, err := m.ReadShort("/etc/zoneinfo/tzdata.zi", mostOfZones); err == nil {
		for line := range strings.Lines(string(data)) {
			switch words := strings.Fields(line); {
			case len(words) > 2 && words[0] == "Z":
				take(words[1])
			case len(words) == 3 && words[0] == "L":
				take(words[2])
			}
		}
	} else if data, err := m.ReadShort("/etc/zoneinfo/zone1970.tab", mostOfZones); err == nil {
		for line := range strings.Lines(string(data)) {
			if columns := strings.Split(strings.TrimSpace(line), "\t"); len(columns) > 2 && !strings.HasPrefix(line, "#") {
				take(columns[2])
			}
		}
	}
	if len(zones) == 0 {
		return nil
	}
	zones = append(zones, "UTC")
	slices.Sort(zones)
	return slices.Compact(zones)
}
