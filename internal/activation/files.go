package activation

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// folder is where NixOS puts the units of a system, below the system and below the root of the machine.
const folder = "etc/systemd/system"

// Files are the unit files of one system. Made by Read they are all of them; made by FromTexts they are those that the
// configuration writes, without what packages bring.
type Files struct {
	units   map[string]file
	dropIns map[string][]file   // by unit: what NAME.d holds
	pulls   map[string][]string // by unit: what its .wants, .requires and .upholds hold
	fstab   string
	// hasFstab tells an empty fstab from one that is not known.
	hasFstab bool
	// generated marks Files of FromTexts; packages are what else the system takes units from.
	generated bool
	packages  map[string]bool
}

// file is a unit file, or a drop-in of one.
type file struct {
	name   string
	text   string
	masked bool // a link to /dev/null
	// origin is the store path of the package that the file comes from; empty where NixOS wrote it for this system.
	origin string
}

// Source is a unit as the configuration has it, before anything is built.
type Source struct {
	Text string `json:"text"`
	// Masked is a unit with enable = false.
	Masked bool `json:"masked"`
	// DropIn is a unit whose text only adds to that of a package, or of a template (overrideStrategy = "asDropin").
	DropIn bool `json:"drop_in"`
	// WantedBy are the units that start this one along with themselves, by .wants, .requires or .upholds.
	WantedBy []string `json:"wanted_by"`
}

// FromTexts makes Files of the units that an evaluation knows, by name. Where packages, the store paths that
// systemd.packages and systemd.package evaluate to, are given, units of a package that is there before and after are
// known to stay as they are. Without fstab, the text of /etc/fstab, mounts are not compared.
func FromTexts(units map[string]Source, packages []string, fstab *string) Files {
	f := Files{
		units: map[string]file{}, dropIns: map[string][]file{}, pulls: map[string][]string{},
		generated: true, packages: map[string]bool{},
	}
	for _, name := range packages {
		f.packages[name] = true
	}
	if fstab != nil {
		f.fstab, f.hasFstab = *fstab, true
	}
	for name, source := range units {
		for _, owner := range source.WantedBy {
			f.pulls[owner] = append(f.pulls[owner], name)
		}
		own := file{name: name, text: source.Text, masked: source.Masked}
		if own.masked {
			own.text = ""
		}
		if source.DropIn { // one that is masked says nothing
			own.name = overrides
			f.dropIns[name] = []file{own}
		} else {
			f.units[name] = own
		}
	}
	return f
}

// overrides is the drop-in that NixOS writes for a unit of a package (nixos/lib/systemd-lib.nix, generateUnits).
const overrides = "overrides.conf"

// Read reads the unit files of a system: a store path, /run/current-system, or / for what the machine itself has below
// /etc. A system without the folder has no units. Links are followed within the machine; one that leads nowhere is no
// unit.
func Read(m *machine.Machine, system string) (Files, error) {
	f := Files{units: map[string]file{}, dropIns: map[string][]file{}, pulls: map[string][]string{}}
	units, err := list(m, path.Join(system, folder))
	if err != nil {
		return Files{}, fmt.Errorf("reading units: %w", err)
	}
	for _, entry := range units.entries {
		if err := f.read(m, units, entry); err != nil {
			return Files{}, fmt.Errorf("reading units: %w", err)
		}
	}
	fstab, err := m.ReadFile(path.Join(system, "etc/fstab"))
	f.fstab, f.hasFstab = string(fstab), true
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Files{}, fmt.Errorf("reading units: %w", err)
	}
	return f, nil
}

// directory is one of the machine, with links followed.
type directory struct {
	path    string
	object  string // the store path that it is, or is part of; empty outside of the store
	entries []string
}

func list(m *machine.Machine, abs string) (directory, error) {
	end, err := target(m, abs)
	if err != nil {
		return directory{}, ignoreMissing(err)
	}
	entries, err := os.ReadDir(m.Path(end))
	if err != nil {
		return directory{}, ignoreMissing(err)
	}
	d := directory{path: end, object: storeObject(end)}
	for _, entry := range entries { // sorted, as drop-ins count in the order of their names
		d.entries = append(d.entries, entry.Name())
	}
	return d, nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// target is where a path leads to, all links followed.
func target(m *machine.Machine, abs string) (string, error) {
	passed, err := m.Links(abs)
	if err != nil || len(passed) == 0 {
		return path.Clean(abs), err
	}
	return passed[len(passed)-1], nil
}

// storeObject is the store path that abs is, or is part of.
func storeObject(abs string) string {
	parts := strings.SplitN(abs, "/", 5)
	if len(parts) < 4 {
		return ""
	}
	object, err := machine.ParseStorePath(strings.Join(parts[:4], "/"))
	if err != nil {
		return ""
	}
	return string(object)
}

// read takes in one entry of the folder of units.
func (f *Files) read(m *machine.Machine, units directory, name string) error {
	abs := path.Join(units.path, name)
	switch kind := path.Ext(name); kind {
	case ".wants", ".requires", ".upholds":
		pulled, err := list(m, abs)
		owner := strings.TrimSuffix(name, kind)
		f.pulls[owner] = append(f.pulls[owner], pulled.entries...)
		return err
	case ".d":
		return f.readDropIns(m, units, strings.TrimSuffix(name, kind), abs)
	}
	found, err := readFile(m, units, abs)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errFolder) {
		return nil
	}
	f.units[name] = found
	return err
}

func (f *Files) readDropIns(m *machine.Machine, units directory, owner, abs string) error {
	folder, err := list(m, abs)
	if err != nil {
		return err
	}
	for _, name := range folder.entries {
		if path.Ext(name) != ".conf" {
			continue
		}
		dropIn, err := readFile(m, units, path.Join(folder.path, name))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errFolder) {
			continue
		}
		if err != nil {
			return err
		}
		f.dropIns[owner] = append(f.dropIns[owner], dropIn)
	}
	return nil
}

var errFolder = errors.New("a folder")

// readFile reads the unit file abs, of the folder units.
func readFile(m *machine.Machine, units directory, abs string) (file, error) {
	f := file{name: path.Base(abs)}
	// Also where there is no /dev, as in a sandbox.
	if passed, _ := m.Links(abs); len(passed) > 0 && passed[len(passed)-1] == "/dev/null" {
		f.masked = true
		return f, nil
	}
	end, err := target(m, abs)
	if err != nil {
		return f, err
	}
	info, err := os.Stat(m.Path(end))
	if err != nil {
		return f, err
	}
	if info.IsDir() {
		return f, errFolder
	}
	text, err := os.ReadFile(m.Path(end))
	f.text = string(text)
	if !isGenerated(end, units) {
		f.origin = storeObject(end)
		if f.origin == "" {
			f.origin = end
		}
	}
	return f, err
}

// isGenerated reports whether NixOS wrote the file for this system: it is part of the folder of units itself, or it is
// /nix/store/<hash>-unit-NAME/NAME (nixos/lib/systemd-lib.nix, makeUnit).
func isGenerated(end string, units directory) bool {
	object := storeObject(end)
	if object == units.object && (object != "" || strings.HasPrefix(end, units.path+"/")) {
		return true
	}
	return object != "" && machine.StorePath(object).Name() == "unit-"+safeName.Replace(path.Base(end))
}

// safeName is mkPathSafeName of nixos/lib/systemd-lib.nix.
var safeName = strings.NewReplacer("@", "-", ":", "-", `\`, "-", "[", "", "]", "")

// exists reports whether the system has a file of that name.
func (f Files) exists(name string) bool {
	_, exists := f.units[name]
	return exists
}

// texts are those of a unit and its drop-ins in the order in which they count. base is the unit, or the template that it
// is an instance of.
func (f Files) texts(base, name string) []string {
	texts := []string{f.units[base].text}
	for _, dropIn := range f.dropIns[base] {
		texts = append(texts, dropIn.text)
	}
	if name != base {
		for _, dropIn := range f.dropIns[name] {
			texts = append(texts, dropIn.text)
		}
	}
	return texts
}

// complete puts what packages bring into Files of FromTexts, as far as it is known from the units that run: where a unit
// of old comes from a package that stays, its file stays too, and what the configuration says is a drop-in of it.
// unknown are the units of the other packages.
func (f Files) complete(old Files) (whole Files, unknown map[string]bool) {
	unknown = map[string]bool{}
	if !f.generated {
		return f, unknown
	}
	whole = f
	whole.units, whole.dropIns = map[string]file{}, map[string][]file{}
	for name, own := range f.units {
		before, had := old.units[name]
		if own.masked || !had || before.origin == "" {
			whole.units[name] = own
			continue
		}
		whole.dropIns[name] = append(whole.dropIns[name], file{name: overrides, text: own.text})
	}
	for name, dropIns := range f.dropIns {
		whole.dropIns[name] = append(whole.dropIns[name], dropIns...)
	}
	for name, before := range old.units {
		if whole.exists(name) || before.origin == "" && !before.masked {
			continue
		}
		whole.units[name] = before
		unknown[name] = !f.packages[before.origin]
	}
	for name, dropIns := range old.dropIns {
		for _, before := range dropIns {
			if before.origin == "" {
				continue
			}
			whole.dropIns[name] = append(whole.dropIns[name], before)
			unknown[name] = unknown[name] || !f.packages[before.origin]
		}
	}
	for _, dropIns := range whole.dropIns {
		slices.SortStableFunc(dropIns, func(a, b file) int { return strings.Compare(a.name, b.name) })
	}
	return whole, unknown
}
