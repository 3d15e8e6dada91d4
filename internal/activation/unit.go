package activation

import (
	"slices"

	"github.com/masterofnull/nixos-quick-deploy/internal/activation/unitfile"
)

// difference is what a changed file asks for.
type difference int

const (
	equal difference = iota
	needsReload
	needsRestart
)

// ignored reports whether a key of [Unit] changes nothing that runs (main.rs, compare_units, unit_section_ignores).
func ignored(key string) bool {
	switch key {
	case "X-Reload-Triggers", "Description", "Documentation", "OnFailure", "OnSuccess", "OnFailureJobMode",
		"IgnoreOnIsolate", "StopWhenUnneeded", "RefuseManualStart", "RefuseManualStop", "AllowIsolate", "CollectMode",
		"SourcePath":
		return true
	}
	return false
}

// compareUnits is compare_units of main.rs: a reload is enough where only X-Reload-Triggers of [Unit] or Options of
// [Mount] differ.
func compareUnits(old, new unitfile.Unit) difference {
	most := equal
	for name, keys := range old {
		if other, stays := new[name]; stays {
			most = max(most, compareSections(name, keys, other))
		} else if name != "Unit" || !allIgnored(keys) {
			return needsRestart
		}
	}
	for name, keys := range new {
		if _, was := old[name]; was {
			continue
		}
		if name != "Unit" || !allIgnored(keys) {
			return needsRestart
		}
		if _, has := keys["X-Reload-Triggers"]; has {
			most = max(most, needsReload)
		}
	}
	return most
}

func allIgnored(keys map[string][]string) bool {
	for key := range keys {
		if !ignored(key) {
			return false
		}
	}
	return true
}

func compareSections(name string, old, new map[string][]string) difference {
	most := equal
	for key, values := range old {
		other, stays := new[key]
		if stays && slices.Equal(values, other) {
			continue
		}
		most = max(most, weight(name, key, stays))
	}
	for key := range new {
		if _, was := old[key]; !was {
			most = max(most, added(name, key))
		}
	}
	return most
}

// weight is what it takes that a key has another value, or (stays is false) is gone.
func weight(section, key string, stays bool) difference {
	switch {
	case section == "Unit" && key == "X-Reload-Triggers" && stays, section == "Mount" && key == "Options" && stays:
		return needsReload
	case section == "Unit" && ignored(key):
		return equal
	}
	return needsRestart
}

// added is what it takes that a key is new.
func added(section, key string) difference {
	switch {
	case section == "Unit" && key == "X-Reload-Triggers":
		return needsReload
	case section == "Unit" && ignored(key):
		return equal
	}
	return needsRestart
}
