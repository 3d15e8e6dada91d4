package runlog

import (
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

const (
	oldSystem = "/nix/store/ldsmvzdv3wpgaqvb2f3rlhms4ryrhp5q-nixos-system-orion-old"
	newSystem = "/nix/store/zv4sy5g1zkjv368pf3c6m6irg0zyd0sv-nixos-system-orion-new"
)

func TestStopwatch(t *testing.T) {
	t.Parallel()
	var s Stopwatch
	if got := s.Read(); got.Built != 0 || got.Fetched != 0 || len(got.Seconds) != 0 {
		t.Errorf("nothing was told: got %+v", got)
	}
	var passed []event.Event
	sink := s.Watch(func(e event.Event) { passed = append(passed, e) })
	told := []event.Event{
		event.StationStarted{Station: event.Build},
		event.StationDone{Station: event.Evaluate, Seconds: 2},
		event.StationDone{Station: event.Build, Seconds: 1.5},
		event.StationDone{Station: event.Build, Seconds: 1},
		event.ActivityDone{Activity: event.Building, Subject: "/nix/store/0f5z55vs9swzxwdmcms03bq2nakciwpa-x.drv"},
		event.ActivityDone{Activity: event.Download, Subject: oldSystem},
		event.ActivityDone{Activity: event.Copy, Subject: newSystem},
		event.ActivityDone{Activity: event.Download, Subject: "https://example.org/source.tar.gz"},
		event.ActivityDone{Activity: event.Query, Subject: oldSystem},
		event.ActivityDone{Activity: event.Other, Subject: oldSystem},
		event.Note{Text: "x"},
	}
	for _, e := range told {
		sink(e)
	}
	if !slices.Equal(passed, told) {
		t.Errorf("handed on %v, want %v", passed, told)
	}
	want := Effort{Seconds: map[event.Station]float64{event.Evaluate: 2, event.Build: 2.5}, Fetched: 2, Built: 1}
	got := s.Read()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	// What was read stays as it was.
	sink(event.StationDone{Station: event.Try, Seconds: 1})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("changed to %+v", got)
	}
}

func TestStopwatchFromSeveralGoroutines(t *testing.T) {
	t.Parallel()
	var s Stopwatch
	sink := s.Watch(func(event.Event) {})
	var wait sync.WaitGroup
	for range 50 {
		wait.Go(func() {
			sink(event.ActivityDone{Activity: event.Building})
			sink(event.StationDone{Station: event.Build, Seconds: 1})
			s.Read()
		})
	}
	wait.Wait()
	if got := s.Read(); got.Built != 50 || got.Seconds[event.Build] != 50 {
		t.Errorf("got %+v", got)
	}
}
