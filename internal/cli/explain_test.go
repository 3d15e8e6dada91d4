package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/cli/exit"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/explain"
)

// explained runs nqd explain where there is neither a workspace nor a nix.
func explained(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	t.Setenv("PATH", t.TempDir())
	t.Setenv("NQD_WORKSPACE", t.TempDir()+"/none")
	var out, err bytes.Buffer
	code = Main("v0", append([]string{"explain"}, args...), strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

func TestExplainJSON(t *testing.T) {
	one, err := explain.Find("no-space")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want []event.Explanation
	}{
		{[]string{"--json"}, explain.Known()},
		{[]string{"--json", "no-space"}, []event.Explanation{one}},
	} {
		code, stdout, stderr := explained(t, c.args...)
		var got struct {
			Type string `json:"message_type"`
			event.Explanations
		}
		if err := json.Unmarshal([]byte(stdout), &got); err != nil {
			t.Fatalf("%q: %v in %q", c.args, err, stdout)
		}
		if code != 0 || stderr != "" || got.Type != "explanations" || len(got.Known) != len(c.want) || got.Known[0] != c.want[0] {
			t.Errorf("%q: exit code %d, %q, stderr %q", c.args, code, stdout, stderr)
		}
	}
}

func TestExplainText(t *testing.T) {
	code, list, _ := explained(t)
	for _, e := range explain.Known() {
		if !strings.Contains(list, e.ID+" ") || !strings.Contains(list, " "+e.Title+"\n") {
			t.Errorf("the list has no %s", e.ID)
		}
	}
	if lines := strings.Count(list, "\n"); code != 0 || lines != len(explain.Known()) {
		t.Errorf("exit code %d, %d lines", code, lines)
	}
	one, err := explain.Find("boot-full")
	if err != nil {
		t.Fatal(err)
	}
	if code, text, _ := explained(t, "boot-full"); code != 0 || !strings.Contains(text, one.Cause) || !strings.Contains(text, one.Cure) {
		t.Errorf("exit code %d: %s", code, text)
	}
}

func TestExplainUnknown(t *testing.T) {
	code, stdout, stderr := explained(t, "nospace")
	if code != int(exit.Usage) || stdout != "" {
		t.Errorf("exit code %d, stdout %q", code, stdout)
	}
	for _, part := range []string{`"nospace"`, "did you mean no-space?", "nqd explain lists all"} {
		if !strings.Contains(stderr, part) {
			t.Errorf("no %q in %q", part, stderr)
		}
	}
	if code, _, _ := explained(t, "no-space", "dns"); code != int(exit.Usage) {
		t.Errorf("two IDs: exit code %d", code)
	}
}
