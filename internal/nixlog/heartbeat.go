package nixlog

import (
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
)

// Times after which an activity is told as stalled. A build may well be silent for some minutes: 300 s is what
// nix-fast-build takes. A download is given up by nix itself after 300 s without a byte (stalled-download-timeout; nix,
// src/libstore/filetransfer.hh), and somebody who waits should know before that; bytes come many times a second.
const (
	stalled         = 300 * time.Second
	stalledDownload = 60 * time.Second
)

// maxTold is how many activities a heartbeat names.
const maxTold = 20

func (r *Reader) heartbeat() event.Heartbeat {
	beat := event.Heartbeat{
		Seconds: r.now.Seconds(), Totals: r.sums.totals(r.told), Active: []event.Unfinished{},
	}
	list := r.unfinished()
	for _, a := range list[:min(len(list), maxTold)] {
		silent := r.now - a.heard
		limit := stalled
		if a.kind == event.Download || a.kind == event.Query {
			limit = stalledDownload
		}
		beat.Active = append(beat.Active, event.Unfinished{
			ID: eventID(a.id), Activity: a.kind, Subject: a.subject, From: a.from, Phase: a.phase,
			Seconds: (r.now - a.started).Seconds(), Silent: silent.Seconds(), Stalled: silent >= limit,
			Line: a.tail.last(), Done: a.done, Expected: a.expected,
		})
	}
	return beat
}
