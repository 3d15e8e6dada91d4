// Command generate writes docs/features.md, docs/options.md, docs/explain.md, docs/hardware.md and docs/plan.schema.json out
// of what the library, the host file's schema, the known failures, the table of graphics hardware and the types of a plan
// say of themselves: `make docs`.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/nixlib"
)

func main() {
	if err := run("docs"); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run writes the pages into a folder.
func run(folder string) error {
	pages, err := pages()
	if err != nil {
		return err
	}
	for name, text := range pages {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pages are the texts by the names of their files.
func pages() (map[string]string, error) {
	c, err := catalog.Load(nixlib.FS, nil)
	if err != nil {
		return nil, err
	}
	schema, err := planSchema()
	if err != nil {
		return nil, err
	}
	known, err := explanations()
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"features.md": features(c), "options.md": options(c), "explain.md": known, "plan.schema.json": schema,
		"hardware.md": hardware(),
	}, nil
}
