package event

import "encoding/json"

// Plan is everything that a deployment would change, as far as it is known before the build. Lists are never null in
// JSON.
type Plan struct {
	Host string `json:"host"`
	// Old is the system that runs, New the one the workspace asks for.
	Old      string       `json:"old"`
	New      string       `json:"new"`
	Files    []FileChange `json:"files"`
	Features Change       `json:"features"`
	Packages Packages     `json:"packages"`
	Units    Units        `json:"units"`
	// Users are the accounts of people, Accounts those of services.
	Users    Change `json:"users"`
	Accounts Change `json:"accounts"`
	Groups   Change `json:"groups"`
	Ports    []Port `json:"ports"`
	// Home are files that stand where the new home would put its own.
	Home     []HomeFile     `json:"home"`
	Flatpaks Change         `json:"flatpaks"`
	Secrets  []Secret       `json:"secrets"`
	State    []StateChange  `json:"state"`
	Checks   []PlannedCheck `json:"checks"`
	Lost     []Lost         `json:"lost"`
	// Overrides are values of the host file that replace those of other files.
	Overrides []Override `json:"overrides"`
	// Skipped are packages that features want and the system goes without.
	Skipped []Skipped `json:"skipped"`
	Builds  Builds    `json:"builds"`
	Fetches Fetches   `json:"fetches"`
	// Space is what each file system would have to have room for.
	Space []Space `json:"space"`
	// Reboot says what takes effect only after a reboot, or needs one before.
	Reboot []Reboot `json:"reboot"`
	// Adopted is what files taken over from the machine's own configuration do by themselves.
	Adopted []Adopted `json:"adopted"`
	// Preconditions are what has to be right before it is deployed.
	Preconditions []Precondition `json:"preconditions"`
	// Took is how long a deployment of this host took before, the latest first.
	Took []Effort `json:"took"`
	// Unknown says what this plan could not know, one sentence each.
	Unknown []string `json:"unknown"`
}

// Packages compares what the system has with what it would have. Where Exact, the closures were compared: the new
// system is in the store. Else these are the packages that the system and its users name, and Size is unknown (0) where no
// cache told it.
type Packages struct {
	Exact   bool            `json:"exact"`
	Added   []PackageChange `json:"added"`
	Removed []PackageChange `json:"removed"`
	Changed []PackageChange `json:"changed"`
	// SizeBefore and SizeAfter are the sizes of the closures in bytes, unpacked; SizeAfter is 0 unless Exact.
	SizeBefore int64 `json:"size_before"`
	SizeAfter  int64 `json:"size_after,omitempty"`
}

// Units is what activation does to units of systemd, by the rules of switch-to-configuration.
type Units struct {
	// Start are new units that an active target wants.
	Start []string `json:"start"`
	// Stop are those that are gone.
	Stop []string `json:"stop"`
	// Restart are running units whose file changed, Reload those that take the change while they run.
	Restart []string `json:"restart"`
	Reload  []string `json:"reload"`
	// Later are changed units that go on as they are until the next boot.
	Later []string `json:"later"`
}

// HomeFile is a file in the way of one of the new home's own.
type HomeFile struct {
	User string `json:"user"`
	Path string `json:"path"` // absolute
	// Kept is where the deployment would keep it: HomeBackup. Empty where it is somebody else's home: it stays, and that
	// home cannot be put in place.
	Kept string `json:"kept,omitempty"`
}

// HomeBackup is where a deployment keeps files that are in the way: in a backup of nqd.
const HomeBackup = "backup"

// Secret is one that an enabled feature needs.
type Secret struct {
	Feature string `json:"feature"`
	Name    string `json:"name"`
	File    string `json:"file"` // in the workspace
}

// StateChange is data that a newer version of its program changes so that the older one may not read it any more.
type StateChange struct {
	Feature string `json:"feature"`
	Path    string `json:"path"`
	Kind    string `json:"kind"`
	Package string `json:"package"`
	Before  string `json:"before"`
	After   string `json:"after"`
	// Size is that of the data in bytes; nil where it may not be read.
	Size *int64 `json:"size"`
	// Units write to the data, and are stopped while it is copied.
	Units []string `json:"units"`
	// Snapshot is the folder in which a copy is made first; empty where none is.
	Snapshot string `json:"snapshot,omitempty"`
	// Without says why there is none: cache for data that is made anew, units where nobody could be stopped meanwhile,
	// room where there is not enough.
	Without string `json:"without,omitempty"`
}

// Lost reports whether the older version would not find its data again: it is changed, and no copy is made.
func (c StateChange) Lost() bool {
	return c.Without != "" && c.Without != "cache" && c.Kind != "postgres"
}

// Builds is what no cache has and what would be built here.
type Builds struct {
	// Compiled are builds of programs, and whatever else nixpkgs does not mark as not worth a download.
	Compiled []PlannedBuild `json:"compiled"`
	// Generated is how many more there are that only write configuration or links.
	Generated int `json:"generated"`
	// Sources are downloads from where something is published, of unknown size, for what is compiled.
	Sources int `json:"sources"`
	// Dir is the folder that nix builds in, where something is compiled.
	Dir string `json:"dir,omitempty"`
}

// PlannedBuild is one derivation that would be built here, and the features that need it; none where only the base does.
type PlannedBuild struct {
	Derivation string   `json:"derivation"`
	Name       string   `json:"name"`
	Features   []string `json:"features"`
}

// Fetches is what would be downloaded: bytes on the way (Download) and in the store (Unpacked).
type Fetches struct {
	Paths    int     `json:"paths"`
	Download int64   `json:"download"`
	Unpacked int64   `json:"unpacked"`
	Caches   []Cache `json:"caches"`
}

// Cache is one binary cache: how many of the paths would come from it, and what it could not be asked.
type Cache struct {
	URL     string `json:"url"`
	Paths   int    `json:"paths"`
	Problem string `json:"problem,omitempty"`
}

// Space is one file system: what would be written there, what for, and what is free, in bytes.
type Space struct {
	Path string   `json:"path"`
	For  []string `json:"for"`
	Need int64    `json:"need"`
	Free int64    `json:"free"`
	// Inodes are the files and directories that would come, estimated by what the file system has now; FreeInodes how many
	// more it can have. Both are missing where a file system makes them as needed.
	Inodes     int64 `json:"inodes,omitempty"`
	FreeInodes int64 `json:"free_inodes,omitempty"`
}

// Reboot is one reason for a reboot. Required marks those without which the machine refuses to switch.
type Reboot struct {
	What     string `json:"what"` // kernel, initrd, kernel parameters, systemd, …
	Before   string `json:"before,omitempty"`
	After    string `json:"after,omitempty"`
	Required bool   `json:"required,omitempty"`
}

// Effort is what an earlier deployment took.
type Effort struct {
	Deployment int                 `json:"deployment"`
	Seconds    map[Station]float64 `json:"seconds"` // by station
	// Fetched and Built are how many paths it downloaded and derivations it built.
	Fetched int `json:"fetched"`
	Built   int `json:"built"`
}

// FileChange is one file of the workspace and what would become of it.
type FileChange struct {
	Path   string `json:"path"`
	Change string `json:"change"` // new, changed or removed
}

// Change names what comes, goes and stays.
type Change struct {
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Kept    []string `json:"kept"`
}

// Port is one entry of the port map. Without Expose it is reachable on loopback only.
type Port struct {
	Feature  string   `json:"feature"`
	Name     string   `json:"name"`
	Protocol string   `json:"protocol"`
	Number   int      `json:"number"`
	Expose   []string `json:"expose"`
	// Change is new, changed, removed or kept in a plan; empty in a manifest.
	Change string `json:"change,omitempty"`
	// Taken names the program that listens there now, "another program" where that may not be known.
	Taken string `json:"taken,omitempty"`
}

// PlannedCheck is a health check that a deployment has to pass before it is committed.
type PlannedCheck struct {
	Feature  string `json:"feature"`
	ID       string `json:"id"`
	Kind     string `json:"kind"`
	Target   string `json:"target"`
	Critical bool   `json:"critical"`
}

// Lost is a value a feature wanted that another definition replaced.
type Lost struct {
	Feature string          `json:"feature"`
	Option  string          `json:"option"`
	Wanted  json.RawMessage `json:"value"`
	Final   json.RawMessage `json:"final"`
	Files   []string        `json:"files"` // where the definition that won may stand
}

// Override is a value of the host file and what other files say instead.
type Override struct {
	Feature  string            `json:"feature"`
	Option   string            `json:"option"`
	Value    json.RawMessage   `json:"value"`
	Replaced []json.RawMessage `json:"replaced"`
	Files    []string          `json:"files"` // of the value at the same place in Replaced
}

// Skipped is a package that a feature would install and that is not there, or may not be.
type Skipped struct {
	Feature string `json:"feature"`
	Package string `json:"package"`
	Why     string `json:"why"`
}

// Difference compares the closures of two systems by package name and version.
type Difference struct {
	Old     string          `json:"old"`
	New     string          `json:"new"`
	Added   []PackageChange `json:"added"`
	Removed []PackageChange `json:"removed"`
	Changed []PackageChange `json:"changed"`
	// SizeBefore and SizeAfter are the sizes of the closures in bytes, unpacked.
	SizeBefore int64 `json:"size_before"`
	SizeAfter  int64 `json:"size_after"`
}

// PackageChange is one package name in both closures. The version lists are empty where the
// package has no version in its name; Size is the growth in bytes.
type PackageChange struct {
	Name   string   `json:"name"`
	Before []string `json:"before"`
	After  []string `json:"after"`
	Size   int64    `json:"size"`
}

// Why says what pulls a package into a system: chains of store paths from the system to the package, the shortest
// first.
type Why struct {
	Name   string     `json:"name"`
	Chains [][]string `json:"chains"`
}

// MessageType implements Event.
func (Why) MessageType() string { return "why" }
