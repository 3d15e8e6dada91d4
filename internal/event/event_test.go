package event

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"testing"
)

// messageTypes reads what each MessageType returns, by the name of its type.
func messageTypes(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string]string)
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			method, is := decl.(*ast.FuncDecl)
			if !is || method.Recv == nil || method.Name.Name != "MessageType" {
				continue
			}
			literal := method.Body.List[0].(*ast.ReturnStmt).Results[0].(*ast.BasicLit)
			name, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			found[method.Recv.List[0].Type.(*ast.Ident).Name] = name
		}
	}
	return found
}

// The kinds are part of the output that scripts read: none changes, none is used twice.
func TestMessageTypes(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"StationStarted": "station_started", "StationDone": "station_done", "Note": "note", "Program": "program", "Output": "output",
		"Checked": "check", "Failure": "failure", "Outcome": "outcome", "Version": "version", "Initialized": "initialized",
		"History": "history", "Shown": "deployment", "Status": "status", "Plan": "plan", "Difference": "difference",
		"ActivityStarted": "activity_started", "ActivityProgress": "activity_progress", "ActivityPhase": "activity_phase",
		"ActivityLine": "activity_line", "ActivityDone": "activity_done", "Totals": "totals", "Heartbeat": "heartbeat",
		"Explanations": "explanations", "Why": "why", "Underway": "underway", "Garbage": "garbage", "Uninstalled": "uninstalled",
		"Bundled": "bundled", "Backups": "backups", "BackupShown": "backup", "BackupVerified": "backup_verified",
		"BackupRestored": "backup_restored", "GPU": "gpu", "Adoption": "adoption", "Facts": "facts", "BackupPruned": "backup_pruned",
		"Preconditions": "preconditions",
	}
	if got := messageTypes(t); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v; a new event goes into this list", got, want)
	}
	taken := make(map[string]string)
	for name, kind := range want {
		if taken[kind] != "" {
			t.Errorf("%s and %s are both %q", name, taken[kind], kind)
		}
		taken[kind] = name
	}
}

// Station names are in JSON too.
func TestStations(t *testing.T) {
	t.Parallel()
	got := []Station{Read, Write, Evaluate, Build, Show, Try, Check, Commit, Late, Record, Revert}
	want := []Station{"read", "write", "evaluate", "build", "show", "try", "check", "commit", "late", "record", "revert"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

var snake = regexp.MustCompile(`^[a-z]+(_[a-z]+)*(,omitempty)?$`)

// Every member has a name of its own in JSON, not the one that Go gives it.
func TestMemberNames(t *testing.T) {
	t.Parallel()
	var check func(reflect.Type)
	seen := make(map[reflect.Type]bool)
	check = func(kind reflect.Type) {
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
			kind = kind.Elem()
		}
		if kind.Kind() != reflect.Struct || kind.PkgPath() != reflect.TypeFor[Note]().PkgPath() || seen[kind] {
			return
		}
		seen[kind] = true
		for i := range kind.NumField() {
			field := kind.Field(i)
			if !field.Anonymous && !snake.MatchString(field.Tag.Get("json")) {
				t.Errorf("%s.%s: json:%q", kind, field.Name, field.Tag.Get("json"))
			}
			check(field.Type)
		}
	}
	for _, e := range []Event{
		StationStarted{}, StationDone{}, Note{}, Program{}, Output{}, Checked{}, Failure{}, Outcome{}, Version{}, Initialized{},
		History{}, Shown{}, Status{}, Plan{}, Difference{}, ActivityStarted{}, ActivityProgress{}, ActivityPhase{},
		ActivityLine{}, ActivityDone{}, Totals{}, Heartbeat{}, Explanations{}, Why{},
	} {
		check(reflect.TypeOf(e))
	}
	if len(seen) < 20 {
		t.Errorf("only %d types seen", len(seen))
	}
}
