package answer

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

var update = flag.Bool("update", false, "write what the tests got to testdata")

const (
	oldSystem = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-nixos-system-orion-26.05"
	newSystem = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-nixos-system-orion-26.05"
)

// everything is a plan with every kind of row.
var (
	dataSize   = int64(3 << 30)
	everything = event.Plan{
		Host: "orion", Old: oldSystem, New: newSystem,
		Files: []event.FileChange{
			{Path: "flake.nix", Change: "changed"}, {Path: "nixlib/default.nix", Change: "new"}, {Path: "nixlib/lib/want.nix", Change: "removed"},
			{Path: "hosts/orion/host.toml", Change: "new"},
		},
		Features: event.Change{Added: []string{"ollama", "git"}, Removed: []string{"nginx"}, Kept: []string{"base"}},
		Packages: event.Packages{
			Exact: true, SizeBefore: 5 << 30, SizeAfter: 5<<30 + 3<<20,
			Added:   []event.PackageChange{{Name: "ollama", After: []string{"0.18.2"}, Size: 123456789}, {Name: "unit-ollama.service"}},
			Removed: []event.PackageChange{{Name: "nginx", Before: []string{"1.28"}, Size: -2 << 20}},
			Changed: []event.PackageChange{{Name: "python3", Before: []string{"3.12", "3.13"}, After: []string{"3.13", "3.14"}, Size: 1536}},
		},
		Units: event.Units{
			Start: []string{"ollama.service"}, Stop: []string{"nginx.service"}, Restart: []string{"home-manager-ada.service", "sshd.service"},
			Reload: []string{"dbus.service"}, Later: []string{"display-manager.service"},
		},
		Users:    event.Change{Added: []string{"bob"}, Removed: []string{"eve"}, Kept: []string{"ada"}},
		Accounts: event.Change{Added: []string{"ollama"}, Removed: []string{"nginx"}, Kept: []string{"root"}},
		Groups:   event.Change{Added: []string{"ollama"}, Removed: []string{"nginx"}, Kept: []string{"wheel"}},
		Ports: []event.Port{
			{Feature: "ollama", Name: "api", Protocol: "tcp", Number: 11434, Change: "new", Taken: "llama-server"},
			{Feature: "postgresql", Name: "server", Protocol: "tcp", Number: 5432, Expose: []string{"wg0", "lan"}, Change: "changed"},
			{Feature: "vpn", Name: "server", Protocol: "udp", Number: 51820, Expose: []string{"wan"}, Change: "new"},
			{Feature: "web", Name: "page", Protocol: "tcp", Number: 80, Expose: []string{"lan", "*"}, Change: "new"},
			{Feature: "nginx", Name: "page", Protocol: "tcp", Number: 8080, Change: "removed"},
			{Feature: "grafana", Name: "page", Protocol: "tcp", Number: 3000, Change: "kept"},
			{Feature: "redis", Name: "server", Protocol: "tcp", Number: 6379, Change: "kept"},
		},
		Home: []event.HomeFile{
			{User: "ada", Path: "/home/ada/.config/git/config"},
			{User: "ada", Path: "/home/ada/.bashrc", Kept: event.HomeBackup},
		},
		Flatpaks: event.Change{Added: []string{"md.obsidian.Obsidian"}, Kept: []string{"org.gimp.GIMP"}},
		Secrets:  []event.Secret{{Feature: "grafana", Name: "key", File: "secrets/orion/key.age"}},
		State: []event.StateChange{
			{
				Feature: "redis", Path: "/var/lib/redis", Kind: "files", Package: "redis", Before: "7.2.4", After: "8.2.2",
				Units: []string{"redis.service"}, Snapshot: "/var/lib/nqd/snapshots",
			},
			{
				Feature: "grafana", Path: "/var/lib/grafana/data/grafana.db", Kind: "sqlite", Package: "grafana", Before: "12.3.0", After: "13.0.0", Size: &dataSize,
				Units: []string{"grafana.service"}, Snapshot: "/var/lib/nqd/snapshots",
			},
			{
				Feature: "postgresql", Path: "/var/lib/postgresql", Kind: "postgres", Package: "postgresql", Before: "17.8", After: "18.3", Size: &dataSize,
				Units: []string{"postgresql.service"}, Snapshot: "/var/lib/nqd/snapshots",
			},
			{Feature: "postgresql", Path: "/var/lib/postgresql", Kind: "postgres", Package: "postgresql", Before: "17.8", After: "18.3", Size: &dataSize, Without: "room"},
			{Feature: "open-webui", Path: "/var/lib/vectors", Kind: "cache", Package: "open-webui", Before: "1", After: "2", Without: "cache"},
			{Feature: "qdrant", Path: "/var/lib/qdrant", Kind: "files", Package: "qdrant", Before: "1", After: "2", Size: &dataSize, Without: "room"},
			{Feature: "mine", Path: "/var/lib/mine", Kind: "files", Package: "mine", Before: "1", After: "2", Without: "units"},
		},
		Checks: []event.PlannedCheck{
			{Feature: "ollama", ID: "api", Kind: "http", Target: "http://127.0.0.1:11434/", Critical: true}, {Feature: "git", ID: "runs", Kind: "command"},
		},
		Adopted: []event.Adopted{
			{Kind: "opens", Option: "networking.firewall.allowedTCPPorts", Value: json.RawMessage(`[8080,9090]`), Files: []string{"hosts/orion/imported/configuration.nix"}},
			{Kind: "collects", Option: "nix.gc.automatic", Value: json.RawMessage(`true`)},
		},
		Lost: []event.Lost{
			{Feature: "base", Option: "networking.hostName", Wanted: json.RawMessage(`"orion"`), Final: json.RawMessage(`"nixos"`), Files: []string{"a.nix", "b.nix"}},
			{Feature: "git", Option: "programs.git.enable", Wanted: json.RawMessage(`true`), Final: json.RawMessage(`false`)},
		},
		Overrides: []event.Override{
			{Feature: "ollama", Option: "services.ollama.port", Value: json.RawMessage("8080"), Replaced: []json.RawMessage{json.RawMessage("11434")}, Files: []string{"hosts/orion/local.nix"}},
			{Feature: "base", Option: "time.timeZone", Value: json.RawMessage(`"UTC"`), Replaced: []json.RawMessage{json.RawMessage(`"Asia/Tokyo"`), json.RawMessage(`"Europe/Oslo"`)}, Files: []string{"a.nix", "b.nix"}},
			{Feature: "base", Option: "i18n.defaultLocale", Value: json.RawMessage(`"` + strings.Repeat("C", 80) + `"`), Replaced: []json.RawMessage{json.RawMessage(`""`)}},
		},
		Skipped: []event.Skipped{{Feature: "fonts", Package: "nerd-fonts.hack", Why: "nixpkgs has no such package"}},
		Builds: event.Builds{Generated: 12, Sources: 2, Compiled: []event.PlannedBuild{
			{Name: "linux-7.0.4"}, {Name: "ollama-0.18.2", Features: []string{"ollama"}}, {Name: "cuda-12.9", Features: []string{"ollama", "whisper"}},
			{Name: "go-1.26", Features: []string{"ollama"}},
		}},
		Fetches: event.Fetches{Paths: 321, Download: 234 << 20, Unpacked: 1 << 30, Caches: []event.Cache{
			{URL: "https://cache.nixos.org", Paths: 321}, {URL: "https://cache.example", Problem: "no answer within 10 s"},
		}},
		Space: []event.Space{
			{Path: "/nix/store", For: []string{"what is downloaded"}, Need: 1 << 30, Free: 50 << 30},
			{Path: "/boot", For: []string{"another kernel", "more"}, Need: 90 << 20, Free: 20 << 20},
		},
		Preconditions: preconditions,
		Reboot: []event.Reboot{
			{What: "systemd", Before: "258", After: "259", Required: true},
			{What: "kernel", Before: "linux-6.18.9", After: "linux-7.0.4"},
			{What: "kernel parameters", Before: "quiet", After: "mitigations=off"},
			{What: "kernel parameters", After: "zswap.enabled=0"},
			{What: "display manager", After: "gdm"},
			{What: "initrd"},
		},
		Took: []event.Effort{
			{Deployment: 7, Built: 3, Fetched: 120, Seconds: map[event.Station]float64{
				event.Evaluate: 3.21, event.Build: 754, event.Try: 12, event.Check: 8.5, event.Commit: 3700, event.Read: 0.1,
			}},
			{Deployment: 6},
			{Deployment: 5, Built: 1, Seconds: map[event.Station]float64{event.Try: 1}},
			{Deployment: 4, Fetched: 2, Seconds: map[event.Station]float64{event.Try: 1}},
			{Deployment: 3, Seconds: map[event.Station]float64{event.Try: 1}},
		},
		Unknown: []string{"what the caches have"},
	}
)

func rendered(p event.Plan, width int) string {
	var out bytes.Buffer
	Plan(&out, p, width)
	return out.String()
}

// At width 0 nothing is broken.
func TestPlan(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 80, 40} {
		file := fmt.Sprintf("testdata/plan-%d.txt", width)
		got := rendered(everything, width)
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || got != string(want) {
			t.Errorf("%v; got\n%s\nwant\n%s", err, got, want)
		}
	}
}

// Only a word that is longer than a line makes one wider than the terminal.
func TestRowsKeepTheWidth(t *testing.T) {
	t.Parallel()
	for width := 1; width <= 130; width++ {
		for line := range strings.Lines(rendered(everything, width)) {
			line = strings.TrimSuffix(line, "\n")
			if ansi.StringWidth(line) > width && len(strings.Fields(line)) > 1 && line != "Plan for orion" {
				t.Errorf("width %d: %q", width, line)
			}
		}
	}
}

// label is how every row begins where lines are not broken.
var label = regexp.MustCompile(`^  (runs now|wanted|file|features|packages|closure|services|users|accounts|groups|ports?|home|flatpaks|secret|data|` +
	`checks|loses|overrides|skipped|adopted|compile|generate|fetch|cache|room|preflight|reboot|took|unknown) +\S`)

// fill sets every text in a value.
func fill(value reflect.Value, text string) {
	switch value.Kind() {
	case reflect.String:
		value.SetString(text)
	case reflect.Slice:
		if value.Type() == reflect.TypeFor[json.RawMessage]() {
			value.SetBytes([]byte(text))
			return
		}
		for i := range value.Len() {
			fill(value.Index(i), text)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			fill(value.Field(i), text)
		}
	}
}

// whole is a copy of everything with that text in place of each of its own.
func whole(t *testing.T, text string) (p event.Plan) {
	t.Helper()
	data, err := json.Marshal(everything)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	fill(reflect.ValueOf(&p).Elem(), text)
	p.New = "another " + text // or else there is nothing to do
	return p
}

// Whatever the names in a plan are made of, they make no rows, and nothing but letters for a terminal.
func TestNamesDoNotLookLikeRows(t *testing.T) {
	t.Parallel()
	harmless := rendered(whole(t, "x"), 0)
	for _, evil := range []string{
		"a\n  unknown   nothing", "a\r\n\r\n  port      closed", "a\x1b[2Jb\x07", "a\u2028b\u2029c\u0085d", "a\u202ebidi\u200fb", "\t\v\fa\x00b\x7f", "\xff\xfea",
	} {
		got := rendered(whole(t, evil), 0)
		if strings.Count(got, "\n") != strings.Count(harmless, "\n") {
			t.Errorf("%q: %d lines, want %d:\n%s", evil, strings.Count(got, "\n"), strings.Count(harmless, "\n"), got)
		}
		for i, line := range strings.Split(strings.TrimSuffix(got, "\n"), "\n") {
			if i > 0 && !label.MatchString(line) {
				t.Errorf("%q: no row: %q", evil, line)
			}
			if at := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsGraphic(r) }); at >= 0 {
				t.Errorf("%q: %q at %d", evil, line, at)
			}
		}
		// On a narrow terminal rows go on in lines that begin with more spaces.
		for i, line := range strings.Split(strings.TrimSuffix(rendered(whole(t, evil), 30), "\n"), "\n") {
			if i > 0 && !strings.HasPrefix(line, "    ") && !regexp.MustCompile(`^  \S`).MatchString(line) {
				t.Errorf("%q: %q", evil, line)
			}
		}
	}
	if nothing := rendered(event.Plan{Host: "a\nb", Old: "x", New: "x"}, 0); nothing != "Plan for a b: nothing to do.\n" {
		t.Errorf("got %q", nothing)
	}
}

// Every label is shown, so that whoever looks for one finds all there are.
func TestEveryLabelIsShown(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	for line := range strings.Lines(rendered(everything, 0)) {
		if found := label.FindStringSubmatch(line); found != nil {
			shown[found[1]] = true
		} else if !strings.HasPrefix(line, "Plan for ") {
			t.Errorf("no row: %q", line)
		}
	}
	if len(shown) != 30 {
		t.Errorf("%d labels: %v", len(shown), shown)
	}
}

// A long list is cut, and says by how much.
func TestManyBuilds(t *testing.T) {
	t.Parallel()
	var builds []event.PlannedBuild
	for i := range 23 {
		builds = append(builds, event.PlannedBuild{Name: fmt.Sprintf("n%d", i+1)})
	}
	for n, want := range map[int]string{1: "n1", 20: "n20", 21: "n20, and 1 more", 23: "n20, and 3 more"} {
		got := rendered(event.Plan{New: "x", Builds: event.Builds{Compiled: builds[:n]}}, 0)
		if !strings.Contains(got, "  compile   for the system: n1") || !strings.HasSuffix(got, want+"\n") {
			t.Errorf("%d: %s", n, got)
		}
	}
}
