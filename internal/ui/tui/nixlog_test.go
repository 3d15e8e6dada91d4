package tui

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixlog"
)

// What real calls of nix wrote can be shown at every moment, and nothing is under way when they are over.
func TestRealLogs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../nixlog/testdata/*/*.log")
	if err != nil || len(files) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	wanted := map[string]string{
		"build.log": "building  program-2.1", "build-failure.log": "building  broken-0.9",
		"substitute-file.log": "fetching  program-2.1", "substitute-http.log": "fetching  program-2.1",
	}
	for _, file := range files {
		log, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out, err := os.Create(filepath.Join(t.TempDir(), "out"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		v, _ := scene{}.play(Options{Out: out, Answers: io.Discard, Environ: []string{"LANG=C.UTF-8"}})
		c := &clock{}
		v.now = c.now
		v.Sink(event.StationStarted{Station: event.Build, Subject: system})
		reader := &nixlog.Reader{Sink: v.Sink, Now: c.now}
		var shown bytes.Buffer
		for line := range bytes.Lines(log) {
			c.seconds += 0.4
			reader.Write(line)
			for _, v.canvas.width = range []int{80, 40} {
				live := ansi.Strip(v.frame())
				checkLive(t, live, v.canvas)
				shown.WriteString(live)
			}
		}
		reader.Beat()
		reader.Close()
		if left := len(v.picture.activities) + len(v.picture.byID); left > 0 {
			t.Errorf("%s: %d activities never ended", file, left)
		}
		if want := wanted[filepath.Base(file)]; !strings.Contains(shown.String(), want) {
			t.Errorf("%s: never shows %q", file, want)
		}
		if t.Failed() {
			t.Fatal(file)
		}
	}
}
