package lib

import (
	"testing"
	"testing/fstest"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

// smallest is a feature of the user's own that leaves out all that may be.
var smallest = own("small", `
units = ["small.service"]
[options.note]
type = "str"
default = ""
doc = "A text."
[options.port]
type = "port"
default = 4711
doc = "Port."
[ports.page]
option = "port"
protocol = "tcp"
[[state]]
path = "/var/lib/small"
kind = "files"
[[checks]]
id = "up"
kind = "unit"
unit = "small.service"
grace = 1
[[checks]]
id = "open"
kind = "tcp"
port = "page"
grace = 2
`)

// What Go accepts, Nix evaluates: a key that may be left out has the same default in both.
func TestSmallest(t *testing.T) {
	const file = "features/small/feature.toml"
	if _, err := catalog.Load(nixlib.FS, fstest.MapFS{file: {Data: []byte(smallest)}}); err != nil {
		t.Fatal(err)
	}
	const on = "[features.small]\nenable = true\n"
	files := map[string]string{file: smallest}
	askAll(t, []hostCase{
		{
			name: "state", more: on, files: files, ask: `lib.filter (s: s.feature == "small") manifest.state`,
			want: `[{"feature":"small","kind":"files","migrates":false,"path":"/var/lib/small","units":["small.service"]}]`,
		},
		{
			name: "checks", more: on, files: files, ask: `lib.filter (c: c.feature == "small") manifest.checks`,
			want: `[{"critical":false,"feature":"small","grace":1,"id":"up","kind":"unit","target":"small.service"},` +
				`{"critical":false,"feature":"small","grace":2,"id":"open","kind":"tcp","target":"127.0.0.1:4711"}]`,
		},
		{
			name: "all of it", more: on, files: files, ask: `builtins.deepSeq manifest (map (p: p.name) manifest.ports)`,
			want: `["api","page"]`,
		},
		{name: "off", files: files, ask: `builtins.deepSeq manifest (lib.elem "small" manifest.features)`, want: `false`},
	})
}
