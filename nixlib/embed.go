// Package nixlib is the Nix module library of nqd, as files inside the program.
//
// A workspace gets its own copy of FS, so that it builds without nqd.
package nixlib

import "embed"

// FS holds the library as it stands beside this file. go:embed cannot look upwards, so the
// declaration lives here; `all:` keeps names that begin with "_" or "." [STYLE C17].
//
//go:embed all:default.nix all:mk-host.nix all:manifest.nix all:presets.toml all:lib all:modules all:features
var FS embed.FS
