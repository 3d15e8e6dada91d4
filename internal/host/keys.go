package host

import (
	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
)

// Key is a key of the host file, as its reference describes it. Path has "<name>" where names are
// the user's; a key that is not required may be left out.
type Key struct {
	Path     string
	Option   catalog.Option
	Required bool
}

// Keys lists the keys with a fixed place, in their order in the file, then those of accounts.
func Keys() []Key {
	var keys []Key
	add := func(table string, entries []entry) {
		for _, e := range entries {
			option := e.option
			option.Doc = e.doc
			keys = append(keys, Key{Path: table + e.path, Option: option, Required: e.required})
		}
	}
	add("", schema)
	add("users.<name>.", account)
	return keys
}
