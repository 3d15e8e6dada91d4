package architecture

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "github.com/masterofnull/nixos-quick-deploy"

// row is one line of the import table: a package of ours and those of ours that it may import. Names are written
// without "internal/", as people say them.
type row struct {
	level   int
	name    string
	imports []string
}

// imports is the table that docs/layout.md shows. An arrow points to a row above, so there are no circles. A new
// package needs a row here and there.
var imports = []row{
	{0, "activation/unitfile", nil},
	{0, "architecture", nil},
	{0, "atomicfile", nil},
	{0, "backup/disk", nil},
	{0, "cli/streams", nil},
	// Host files and feature files are TOML that Go and Nix must read alike: what that takes knows neither.
	{0, "document", nil},
	{0, "event", nil},
	{0, "gpu/chips", nil},
	{0, "nixlib", nil},
	{0, "nixsource", nil},
	{0, "printable", nil},
	{0, "redact", nil},
	{0, "risk", nil},
	{0, "retry", nil},
	{0, "retry/outage", nil},
	{0, "tree", nil},
	{0, "ui/words", nil},
	{1, "backup/content", words("atomicfile")},
	{1, "backup/manifest", words("atomicfile backup/disk event")},
	{1, "catalog", words("document")},
	{1, "cli/interrupt", words("event")},
	{1, "doctor", words("event")},
	{1, "engine/journal", words("atomicfile")},
	{1, "explain", words("event")},
	{1, "host", words("catalog document")},
	// What only root may read is written durably as well.
	{1, "machine", words("atomicfile tree")},
	// What nix logs becomes events in one place; it knows nothing of how nix is run.
	{1, "nixlog", words("event printable")},
	// What was fetched is told by what is a store path.
	{1, "runlog", words("event machine redact")},
	{1, "ui/answer", words("event ui/words")},
	{1, "ui/jsonl", words("event")},
	{1, "ui/plain", words("event ui/answer ui/words")},
	// What stays on the screen is written as everywhere else.
	{1, "ui/tui", words("event ui/plain ui/words")},
	// Forms are data: what the answers are for, it does not know.
	{1, "ui/wizard/control", words("printable")},
	{1, "ui/wizard", words("printable ui/wizard/control ui/words")},
	{2, "activation", words("activation/unitfile event machine")},
	{2, "backup", words("atomicfile backup/content backup/disk backup/manifest event")},
	{2, "binarycache", words("machine printable retry")},
	// The history makes its own directories, and makes them durable.
	{2, "engine", words("atomicfile engine/journal")},
	// git tells how long it took, as nixcli and guard do.
	{2, "git", words("event machine")},
	{2, "guard", words("event machine printable")},
	{2, "running", words("machine printable")},
	{2, "facts/pci", words("machine")},
	// Facts tell what is free on a file system as running finds it.
	{2, "facts", words("facts/pci machine printable running")},
	{2, "store", words("event machine")},
	{2, "nixcli/derivation", words("machine")},
	{2, "nixcli/settings", nil},
	// nixcli answers for the store where its database cannot be read.
	{2, "nixcli", words("event machine nixcli/derivation nixcli/settings nixlog printable retry retry/outage store")},
	{2, "nixcli/mistake", words("nixcli")},
	{2, "postgresql", words("machine")},
	// Units are asked for and stopped in one place, which knows nothing of data.
	{2, "systemd", words("machine")},
	{2, "snapshot", words("event machine postgresql systemd tree")},
	{3, "adopt", words("event machine nixsource redact")},
	{3, "gpu", words("facts facts/pci gpu/chips")},
	{3, "gpu/proof", words("facts facts/pci gpu machine printable")},
	// What stands in a home is running's to know; home writes a unit for the next login (atomicfile).
	{3, "home/files", words("atomicfile machine running")},
	{3, "home", words("atomicfile backup event home/files machine running")},
	{3, "home/survey", words("home home/files machine running")},
	{3, "workspace", words("atomicfile catalog document host nixlib")},
	// Whose sizes it tells, it tells as everywhere else (ui/words).
	{4, "adopt/trial", words("adopt nixcli")},
	{4, "preflight", words("binarycache catalog engine event facts guard host machine printable risk running ui/words workspace")},
	// What is asked is data: setup makes the form, and does not ask.
	{4, "setup", words("adopt catalog facts gpu host machine ui/wizard")},
	// evaluation keeps answers (atomicfile), compares what Nix read (document), and evaluates what git has.
	{4, "evaluation", words("activation atomicfile document event git host machine nixcli nixcli/mistake workspace")},
	{4, "plan/room", words("activation event machine running snapshot")},
	// plan asks everybody what they know.
	{4, "plan", words("activation binarycache evaluation event git host machine nixcli plan/room running snapshot store workspace")},
	{5, "bundle", words("machine redact runlog")},
	{5, "deployment", words("doctor engine evaluation event home machine runlog")},
	// garbage takes away what deployments left, and backups and snapshots with them.
	{5, "garbage", words("atomicfile backup deployment engine event guard machine nixcli snapshot store")},
	{5, "garbage/traces", words("deployment engine event git guard machine snapshot store")},
	{5, "step", words("backup deployment doctor engine event git guard home machine redact snapshot")},
	{5, "deploy/write", words("atomicfile evaluation event git nixcli step workspace")},
	{5, "report", words("activation deployment engine event guard machine nixcli plan store workspace")},
	// deploy writes flake.lock (atomicfile), and decides when the workspace is committed (git).
	{5, "deploy", words("activation backup deploy/write deployment doctor engine evaluation event git guard home home/survey host machine nixcli plan preflight redact report risk runlog snapshot step store workspace")},
	// Which code a run ends with is decided by the errors of everybody.
	{6, "cli/exit", words("backup deploy document engine event explain guard nixcli risk workspace")},
	{6, "cli/wiring", words("backup cli/exit cli/streams deploy deployment doctor engine event facts git gpu/proof guard machine nixcli redact risk runlog ui/jsonl ui/plain ui/tui ui/wizard workspace")},
	{6, "cli/upkeep", words("backup bundle cli/exit cli/wiring deploy deployment engine event facts garbage garbage/traces machine risk")},
	{6, "cli/hostflags", words("catalog cli/exit host setup")},
	{6, "cli/begin", words("adopt adopt/trial catalog cli/exit cli/hostflags cli/wiring deploy document event machine setup ui/wizard workspace")},
	{6, "cli/hardware", words("atomicfile cli/exit cli/wiring deploy deployment doctor engine event facts git gpu machine workspace")},
	// The journal is the engine's own record: who wants to know asks the engine.
	{6, "cli", words("cli/begin cli/exit cli/hardware cli/interrupt cli/streams cli/upkeep cli/wiring deploy engine event explain report risk")},
	{7, "cmd/nqd", words("cli")},
}

func words(s string) []string { return strings.Fields(s) }

// short is the name of a directory in the table.
func short(dir string) string { return strings.TrimPrefix(dir, "internal/") }

// checkImports holds the tree against the table.
func checkImports(files []file, table []row) (bad []string) {
	allowed := map[string][]string{}
	for _, r := range table {
		allowed[r.name] = r.imports
	}
	seen, used := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		pkg := short(path.Dir(f.path))
		if !f.under("internal", "cmd", "nixlib") {
			continue
		}
		if _, listed := allowed[pkg]; !listed {
			if !seen[pkg] {
				bad = append(bad, pkg+": package is not in the import table")
			}
			seen[pkg] = true
			continue
		}
		seen[pkg] = true
		for _, spec := range f.ast.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			ours, found := strings.CutPrefix(name, module+"/")
			if !found || f.test {
				continue
			}
			used[pkg+" → "+short(ours)] = true
			if !slices.Contains(allowed[pkg], short(ours)) {
				bad = append(bad, fmt.Sprintf("%s: %s may not import %s", f.path, pkg, short(ours)))
			}
		}
	}
	for _, r := range table {
		if !seen[r.name] {
			bad = append(bad, r.name+": in the import table, but there is no such package")
			continue
		}
		for _, name := range r.imports {
			if arrow := r.name + " → " + name; !used[arrow] {
				bad = append(bad, arrow+": in the import table, but nothing needs it")
			}
		}
	}
	return bad
}

func TestImports(t *testing.T) {
	report(t, checkImports(tree(t), imports))
}

func TestImportTableHasNoCircles(t *testing.T) {
	earlier := map[string]int{}
	for i, r := range imports {
		for _, name := range r.imports {
			if level, listed := earlier[name]; !listed || level > r.level {
				t.Errorf("%s may import %s, which does not stand above it", r.name, name)
			}
		}
		if i > 0 && r.level < imports[i-1].level {
			t.Errorf("%s stands below its level", r.name)
		}
		earlier[r.name] = r.level
	}
}

// table writes the import table as docs/layout.md shows it.
func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| level | package | may import of ours |\n|---|---|---|\n")
	for _, r := range rows {
		list := "—"
		if len(r.imports) > 0 {
			list = "`" + strings.Join(r.imports, "` `") + "`"
		}
		fmt.Fprintf(&b, "| %d | `%s` | %s |\n", r.level, r.name, list)
	}
	return b.String()
}

func TestImportTableIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/layout.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := table(imports); !strings.Contains(string(page), want) {
		t.Errorf("docs/layout.md does not show this table:\n%s", want)
	}
}

func TestImportsTurnsRed(t *testing.T) {
	rows := []row{{0, "event", nil}, {1, "doctor", words("event")}, {7, "cmd/nqd", words("doctor")}}
	good := fstest.MapFS{
		"internal/event/event.go":        source("package event\nimport _ \"fmt\""),
		"internal/doctor/doctor.go":      source("package doctor\nimport _ \"" + module + "/internal/event\""),
		"internal/doctor/doctor_test.go": source("package doctor\nimport _ \"" + module + "/internal/event\""),
		"internal/event/event_test.go":   source("package event\nimport _ \"" + module + "/internal/doctor\""),
		"cmd/nqd/main.go":                source("package main\nimport _ \"" + module + "/internal/doctor\""),
		"testing/demo/main.go":           source("package main\nimport _ \"" + module + "/internal/doctor\""),
		"internal/doctor/testdata/x.go":  source("not Go at all"),
		"internal/doctor/_old/broken.go": source("not Go at all"),
	}
	turnsRed(t, good, func(files []file) []string { return checkImports(files, rows) }, map[string]bad{
		"arrow upwards":      {"internal/event/event.go", "package event\nimport _ \"" + module + "/internal/doctor\"", "event may not import doctor"},
		"test helpers":       {"internal/event/more.go", "package event\nimport _ \"" + module + "/testing/demo\"", "event may not import testing/demo"},
		"unlisted":           {"internal/stray/stray.go", "package stray", "stray: package is not in the import table"},
		"unlisted test only": {"cmd/other/main_test.go", "package main", "cmd/other: package is not in the import table"},
		"arrow for nothing":  {"internal/doctor/doctor.go", "package doctor", "doctor → event: in the import table, but nothing needs it"},
		"gone":               {"cmd/nqd/main.go", "", "cmd/nqd: in the import table, but there is no such package"},
	})
}
