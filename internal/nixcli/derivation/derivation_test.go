package derivation

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Both Nix read the same derivations.
func TestParseRecorded(t *testing.T) {
	t.Parallel()
	want := map[machine.StorePath]Derivation{
		"/nix/store/h1zp7mvvm26lp9xhyxiil44fpah28gpp-curl-8.7.1.drv": {
			Name: "curl-8.7.1", Pname: "curl", Version: "8.7.1",
			Outputs: map[string]machine.StorePath{"out": "/nix/store/2jjjf4jxrlvfbwsjz8qsvfp15q874mql-curl-8.7.1"},
			Inputs:  []machine.StorePath{"/nix/store/355rrc9bh74xn7dz9igan7vic1i96h8y-model.drv", "/nix/store/h5gh4lr66nbld5my68kbxzpc6hhppvy6-openssl-3.0.13.drv"},
		},
		"/nix/store/ym176bvy0d9nl5czhipvahzk2f9yw025-fzf-0.60.drv": {
			Name: "fzf-0.60", Pname: "fzf", Version: "0.60", PreferLocalBuild: true,
			Outputs: map[string]machine.StorePath{"out": "/nix/store/s9y377zh1h464v7dy7bqmlx517ng9vrd-fzf-0.60"},
			Inputs:  []machine.StorePath{"/nix/store/h1zp7mvvm26lp9xhyxiil44fpah28gpp-curl-8.7.1.drv"},
		},
		"/nix/store/826302yspp137wnc5hgy3dnbhavdpvkp-source.tar.gz.drv": {
			Name:    "source.tar.gz",
			Outputs: map[string]machine.StorePath{"out": "/nix/store/2ci18943z8ckhxz20j4sp9ginadvax43-source.tar.gz"},
		},
		"/nix/store/yfxi6aip881wdczwvbhpfalck0yv6lr7-unit-curl.service.drv": {
			Name: "unit-curl.service", PreferLocalBuild: true,
			Outputs: map[string]machine.StorePath{"out": "/nix/store/cz034mspi2329n116wj2v04ckbsl5vs3-unit-curl.service"},
			Inputs:  []machine.StorePath{"/nix/store/h1zp7mvvm26lp9xhyxiil44fpah28gpp-curl-8.7.1.drv"},
		},
		"/nix/store/nbb0ai4vj4yldc1045iwjc2n7p8yvmw7-zlib-1.3.drv": {
			Name:    "zlib-1.3",
			Outputs: map[string]machine.StorePath{"dev": "/nix/store/gadkb1sr2zcsii65bvy48j7ilfpj4bi7-zlib-1.3-dev", "out": "/nix/store/b837sswylyi529dyahnrybxga6rny6pm-zlib-1.3"},
			Inputs:  []machine.StorePath{"/nix/store/826302yspp137wnc5hgy3dnbhavdpvkp-source.tar.gz.drv"},
		},
	}
	for _, version := range []string{"2.26", "2.34"} {
		got, err := Parse([]byte(read(t, version+".json")))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v\nwant %v", version, got, err, want)
		}
		// Where the output goes is known after the build alone.
		got, err = Parse([]byte(read(t, version+"-floating.json")))
		if err != nil || len(got) != 1 {
			t.Errorf("%s: got %v, %v", version, got, err)
		}
		for _, one := range got {
			if want := (Derivation{Name: "floating", Outputs: map[string]machine.StorePath{}}); !reflect.DeepEqual(one, want) {
				t.Errorf("%s: got %v, want %v", version, one, want)
			}
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	const drv = curl + ".drv"
	base := strings.TrimPrefix(drv, "/nix/store/")
	for name, c := range map[string]struct {
		text string
		want Derivation
	}{
		"nothing known": {`{"` + drv + `":{}}`, Derivation{}},
		// Synthetic, after the release notes of Nix 2.32: no directories, and not wrapped yet.
		"2.32": {
			`{"` + base + `":{"name":"curl","inputDrvs":{"` + base + `":{}},"outputs":{"out":{"path":"yyra8w3cf49rnpkksls7f2cr0jzqkvgq-curl-8.7.1"}}}}`,
			Derivation{Name: "curl", Inputs: []machine.StorePath{drv}, Outputs: map[string]machine.StorePath{"out": curl}},
		},
		"preferred":         {`{"` + drv + `":{"env":{"preferLocalBuild":"1"}}}`, Derivation{PreferLocalBuild: true}},
		"not preferred":     {`{"` + drv + `":{"env":{"preferLocalBuild":""}}}`, Derivation{}},
		"structured":        {`{"` + drv + `":{"structuredAttrs":{"preferLocalBuild":true,"pname":"x"}}}`, Derivation{PreferLocalBuild: true, Pname: "x"}},
		"structured, false": {`{"` + drv + `":{"structuredAttrs":{"preferLocalBuild":false}}}`, Derivation{}},
		"version 8":         {`{"` + drv + `":{"structuredAttrs":{"version":8,"pname":["x"]}}}`, Derivation{}},
		"structured before": {`{"` + drv + `":{"env":{"__json":"{\"version\":\"8\"}"}}}`, Derivation{Version: "8"}},
	} {
		if c.want.Outputs == nil {
			c.want.Outputs = map[string]machine.StorePath{}
		}
		got, err := Parse([]byte(c.text))
		if err != nil || !reflect.DeepEqual(got, map[machine.StorePath]Derivation{drv: c.want}) {
			t.Errorf("%s: got %v, %v\nwant %v", name, got, err, c.want)
		}
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":        {"", "unknown answer"},
		"a list":         {"[]", "unknown answer"},
		"foreign":        {`{"/etc/passwd":{}}`, `"/etc/passwd": not a store path`},
		"foreign input":  {`{"` + drv + `":{"inputDrvs":{"/etc/passwd":{}}}}`, `curl-8.7.1.drv: "/etc/passwd": not a store path`},
		"foreign output": {`{"` + drv + `":{"outputs":{"out":{"path":"/etc/passwd"}}}}`, `curl-8.7.1.drv: "/etc/passwd": not a store path`},
		"bad __json":     {`{"` + drv + `":{"env":{"__json":"{"}}}`, "curl-8.7.1.drv: unexpected end of JSON input"},
	} {
		if got, err := Parse([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v; want an error with %q", name, got, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"2.26", "2.34", "2.26-floating", "2.34-floating"} {
		f.Add([]byte(read(f, name+".json")))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		found, _ := Parse(data)
		for path, one := range found {
			all := append(one.Inputs, path)
			for _, output := range one.Outputs {
				all = append(all, output)
			}
			for _, path := range all {
				if _, err := machine.ParseStorePath(string(path)); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// curl is a store path.
const curl = "/nix/store/yyra8w3cf49rnpkksls7f2cr0jzqkvgq-curl-8.7.1"

func read(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
