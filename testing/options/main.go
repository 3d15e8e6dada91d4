// Command options makes the option tables of the stand-ins out of the facts about NixOS and Home Manager: what the
// modules declare, as it was read (facts/), and what is known better (corrections.json), become structured types in
// options.json. It is run in the folder of go.mod.
package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

//go:embed spellings.json
var spellingsFile []byte

// spellings are the types that the facts tell in prose, written as a module does.
type spellings struct {
	NixOS       map[string]string `json:"nixos"`
	HomeManager map[string]string `json:"home-manager"`
}

// rawFile lists the options whose type could not be made one.
const rawFile = "testing/options/raw.txt"

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "options:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	files, err := convert(os.DirFS("."))
	if err != nil {
		return err
	}
	if err := os.RemoveAll(partsFolder); err != nil {
		return err
	}
	if err := os.Mkdir(partsFolder, 0o755); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.WriteFile(name, files[name], 0o644); err != nil {
			return err
		}
	}
	raw := files[rawFile]
	fmt.Fprintf(out, "%s%d options without a type\n", raw, bytes.Count(raw, []byte("\n")))
	return nil
}

// convert makes all files out of those in ROOT, the folder of go.mod.
func convert(root fs.FS) (map[string][]byte, error) {
	var spelled spellings
	if err := json.Unmarshal(spellingsFile, &spelled); err != nil {
		return nil, fmt.Errorf("spellings.json: %w", err)
	}
	var facts []fact
	if err := read(root, "testing/nixpkgs/facts/nixos-options.json", &facts); err != nil {
		return nil, err
	}
	home, err := readHome(root)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	var raw []string
	for folder, flat := range map[string]table.Table{
		"testing/nixpkgs":      nixos(facts, spelled.NixOS),
		"testing/home-manager": home.entries(spelled.HomeManager),
	} {
		options, proses, err := finish(root, folder, flat)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", folder, err)
		}
		sheet, err := options.Sheet()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", folder, err)
		}
		if err := lay(sheet, folder, files); err != nil {
			return nil, err
		}
		raw = append(raw, proses...)
	}
	slices.Sort(raw)
	files[rawFile] = []byte(strings.Join(raw, ""))
	return files, nil
}

// partsFolder has the parts of the table that is large: most evaluations read few of them.
const partsFolder = "testing/home-manager/options"

// lay writes a sheet into the files of FOLDER.
func lay(sheet *table.Sheet, folder string, files map[string][]byte) (err error) {
	if folder+"/options" == partsFolder {
		for name, part := range sheet.Part() {
			if files[partsFolder+"/"+name+".json"], err = table.Format(part); err != nil {
				return err
			}
		}
	}
	files[folder+"/options.json"], err = table.Format(sheet)
	return err
}

// finish corrects and nests a table, and lists what is raw in it.
func finish(root fs.FS, folder string, flat table.Table) (table.Table, []string, error) {
	data, err := fs.ReadFile(root, folder+"/corrections.json")
	if err != nil {
		return nil, nil, err
	}
	corrections, err := readCorrections(data)
	if err != nil {
		return nil, nil, fmt.Errorf("corrections.json: %w", err)
	}
	if err := correct(flat, corrections); err != nil {
		return nil, nil, err
	}
	var raw []string
	for name, variants := range flat {
		for _, entry := range variants {
			if entry.Type != nil && entry.Type.Prose != "" {
				raw = append(raw, fmt.Sprintf("%s: %s: %q\n", path.Base(folder), name, entry.Type.Prose))
				break
			}
		}
	}
	options, err := nest(flat)
	return options, raw, err
}

func readHome(root fs.FS) (homeFacts, error) {
	const folder = "testing/home-manager/facts/"
	var home homeFacts
	var availability struct{ Options map[string]string }
	for name, to := range map[string]any{
		"options-26.05.json.gz": &home.older, "options-26.11.json.gz": &home.newer,
		"hidden-options.json.gz": &home.hidden, "renamed.json": &home.renamed, "availability.json.gz": &availability,
	} {
		if err := read(root, folder+name, to); err != nil {
			return home, err
		}
	}
	home.codes = availability.Options
	return home, nil
}

// read decodes a JSON file, which may be compressed.
func read(root fs.FS, name string, to any) error {
	file, err := root.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(file); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := json.NewDecoder(in).Decode(to); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
