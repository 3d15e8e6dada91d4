package plain

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// What takes less than this is summed up at the end of its station; what takes more is worth a line.
const (
	longBuild    = 2.0 // seconds
	longTransfer = 10.0
	bigTransfer  = 10 << 20 // bytes
)

// mostNamed is how many activities a heartbeat names.
const mostNamed = 5

// work is what was done since the station began.
type work struct {
	built, paths, files int
	bytes               int64
}

// activityDone counts, and tells what was long or big. It does not say that it went well: nix does not say so
// either, until all of it is done.
func (r *renderer) activityDone(e event.ActivityDone) {
	var took []string
	if e.Bytes > 0 {
		took = append(took, words.Size(e.Bytes))
	}
	took = append(took, words.Span(e.Seconds))
	switch e.Activity {
	case event.Building:
		r.work.built++
		if e.Seconds >= longBuild {
			r.line(r.progress, "  build of %s: %s", words.Name(e.Subject), words.Span(e.Seconds))
		}
	case event.Download, event.Copy:
		if words.IsURL(e.Subject) {
			r.work.files++
		} else {
			r.work.paths++
		}
		r.work.bytes += e.Bytes
		if e.Bytes >= bigTransfer || e.Seconds >= longTransfer {
			r.line(r.progress, "  %s of %s: %s", e.Activity, words.Name(e.Subject), strings.Join(took, " in "))
		}
	default:
		if e.Seconds >= longTransfer {
			r.line(r.progress, "  %s: %s", doing(e.Activity, e.Subject), words.Span(e.Seconds))
		}
	}
}

// stationDone sums up what nix did in a station that came to its end: all of it went well then.
func (r *renderer) stationDone() {
	var parts []string
	var came []string
	if r.work.paths > 0 {
		came = append(came, words.Count(r.work.paths, "path", "paths"))
	}
	if r.work.files > 0 {
		came = append(came, words.Count(r.work.files, "file", "files"))
	}
	if len(came) > 0 {
		parts = append(parts, fmt.Sprintf("fetched %s, %s", strings.Join(came, " and "), words.Size(r.work.bytes)))
	}
	if r.work.built > 0 {
		parts = append(parts, fmt.Sprintf("built %d", r.work.built))
	}
	if len(parts) > 0 {
		r.line(r.progress, "  %s", strings.Join(parts, "; "))
	}
}

// heartbeat tells what is under way: what is stalled first, then builds, as they take longest.
func (r *renderer) heartbeat(h event.Heartbeat) {
	var stalled, builds, others []string
	for _, a := range h.Active {
		switch {
		case a.Stalled:
			stalled = append(stalled, stall(a))
		case a.Activity == event.Building:
			builds = append(builds, under(a))
		default:
			others = append(others, under(a))
		}
	}
	active := slices.Concat(stalled, builds, others)
	if more := len(active) - mostNamed; more > 0 {
		active = append(active[:mostNamed], fmt.Sprintf("and %d more", more))
	}
	parts := append(doneSoFar(h.Totals), active...)
	if len(parts) == 0 {
		r.line(r.progress, "  still at it after %s", words.Span(h.Seconds))
		return
	}
	r.line(r.progress, "  still at it after %s: %s", words.Span(h.Seconds), strings.Join(parts, "; "))
}

func doneSoFar(t event.Totals) (parts []string) {
	if t.Builds.Done > 0 {
		parts = append(parts, fmt.Sprintf("built %d so far", t.Builds.Done))
	}
	if t.Fetches.Done > 0 {
		parts = append(parts, fmt.Sprintf("fetched %d so far, %s", t.Fetches.Done, words.Size(t.Bytes.Done)))
	}
	return parts
}

// under is an activity under way, with all that is known of it.
func under(a event.Unfinished) string {
	var known []string
	if a.Phase != "" {
		known = append(known, a.Phase)
	}
	if moved := words.Moved(a.Done, a.Expected); moved != "" {
		known = append(known, moved)
	}
	text := strings.Join(append(known, words.Span(a.Seconds)), ", ")
	if line := words.OneLine(a.Line); line != "" {
		text += ", last: " + line
	}
	return fmt.Sprintf("%s (%s)", doing(a.Activity, a.Subject), text)
}

func stall(a event.Unfinished) string {
	if a.Activity == event.Other {
		return fmt.Sprintf("stalled: %s, for %s", words.OneLine(a.Subject), words.Span(a.Silent))
	}
	if a.From == "" {
		return fmt.Sprintf("stalled: nothing from %s for %s", words.Name(a.Subject), words.Span(a.Silent))
	}
	known := words.Name(a.Subject)
	if moved := words.Moved(a.Done, a.Expected); moved != "" {
		known += ", " + moved
	}
	return fmt.Sprintf("stalled: nothing from %s for %s (%s)", a.From, words.Span(a.Silent), known)
}

// doing says an activity as a person would: "building ollama-0.9.1".
func doing(activity event.Activity, subject string) string {
	switch activity {
	case event.Building:
		return "building " + words.Name(subject)
	case event.Download:
		return "downloading " + words.Name(subject)
	case event.Copy:
		return "copying " + words.Name(subject)
	case event.Query:
		return "asking about " + words.Name(subject)
	case event.Fetch:
		return "fetching " + words.Name(subject)
	}
	return words.OneLine(subject)
}
