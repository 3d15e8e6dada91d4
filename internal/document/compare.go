package document

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Compare names the first path at which Nix read a file otherwise than nqd; reading is the tree
// that nqd read, nix what the evaluation returned for the same file. A difference is a bug of
// nqd, and nothing may be built from such a file.
func Compare(reading any, nix json.RawMessage) error {
	decoder := json.NewDecoder(bytes.NewReader(nix))
	decoder.UseNumber() // float64 would hide the difference between 1 and 1.0, and above 2^53
	var theirs any
	if err := decoder.Decode(&theirs); err != nil {
		return fmt.Errorf("what Nix read is no JSON: %w", err)
	}
	return compare("", reading, theirs)
}

func compare(path string, ours, theirs any) error {
	switch ours := ours.(type) {
	case map[string]any:
		if theirs, ok := theirs.(map[string]any); ok {
			return compareTables(path, ours, theirs)
		}
	case []any:
		if theirs, ok := theirs.([]any); ok {
			return compareLists(path, ours, theirs)
		}
	case int64:
		if theirs, ok := theirs.(json.Number); ok && theirs.String() == strconv.FormatInt(ours, 10) {
			return nil
		}
	case float64:
		if theirs, ok := theirs.(json.Number); ok && sameFloat(ours, theirs.String()) {
			return nil
		}
	case string, bool:
		if ours == theirs {
			return nil
		}
	}
	return differs(path, ours, theirs)
}

func compareTables(path string, ours, theirs map[string]any) error {
	keys := slices.Collect(maps.Keys(ours))
	for key := range theirs {
		if _, both := ours[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		mine, here := ours[key]
		yours, there := theirs[key]
		switch path := Join(path, key); {
		case !there:
			return fmt.Errorf("%s: nqd reads %s, Nix does not see the key", path, show(mine))
		case !here:
			return fmt.Errorf("%s: Nix reads %s, nqd does not see the key", path, show(yours))
		default:
			if err := compare(path, mine, yours); err != nil {
				return err
			}
		}
	}
	return nil
}

func compareLists(path string, ours, theirs []any) error {
	if len(ours) != len(theirs) {
		return fmt.Errorf("%s: nqd reads %d elements, Nix %d", path, len(ours), len(theirs))
	}
	for i := range ours {
		if err := compare(fmt.Sprintf("%s[%d]", path, i), ours[i], theirs[i]); err != nil {
			return err
		}
	}
	return nil
}

// sameFloat is for floats of which Nix prints the shortest text that reads back as the same.
func sameFloat(ours float64, theirs string) bool {
	number, err := strconv.ParseFloat(theirs, 64)
	return err == nil && strings.ContainsAny(theirs, ".eE") && math.Float64bits(number) == math.Float64bits(ours)
}

func differs(path string, ours, theirs any) error {
	if path == "" {
		path = "all of it"
	}
	return fmt.Errorf("%s: nqd reads %s, Nix reads %s", path, show(ours), show(theirs))
}

// show is a value as JSON, abridged.
func show(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return Abridged(string(text))
}
