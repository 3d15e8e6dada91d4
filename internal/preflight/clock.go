package preflight

import (
	"context"
	"encoding/json"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// slack is by how much a clock may be behind. One that keeps local time, as Windows sets it, is off by fourteen hours at
// most, and certificates are older than that.
const slack = 24 * time.Hour

// clock finds one that is behind: to it, no certificate of a cache is valid yet.
func clock(_ context.Context, l Look) []row {
	const name = "clock"
	now := l.Now()
	for _, known := range []struct {
		what string
		time time.Time
	}{{"nqd was made", built()}, {"what flake.lock names was made", locked(l.Lock)}} {
		if now.Add(slack).Before(known.time) {
			return []row{fail(name, "it is "+now.Format("2006-01-02 15:04")+" here, which is before "+known.what+" ("+known.time.Format("2006-01-02")+")",
				"set the clock: timedatectl set-ntp true, or in the firmware")}
		}
	}
	if !l.Machine.IsSandbox() && !synchronised(l) {
		return []row{warn(name, "nobody keeps it right", "timedatectl set-ntp true")}
	}
	return []row{ok(name, now.Format("2006-01-02 15:04"))}
}

// built is when nqd's own source was committed; zero where the program does not say.
func built() time.Time {
	info, there := debug.ReadBuildInfo()
	if !there {
		return time.Time{}
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.time" {
			when, _ := time.Parse(time.RFC3339, setting.Value)
			return when
		}
	}
	return time.Time{}
}

// locked is the newest time of what flake.lock names.
func locked(lock []byte) time.Time {
	var file struct {
		Nodes map[string]struct {
			Locked struct {
				LastModified int64 `json:"lastModified"`
			} `json:"locked"`
		} `json:"nodes"`
	}
	if json.Unmarshal(lock, &file) != nil {
		return time.Time{}
	}
	newest := int64(0)
	for _, node := range file.Nodes {
		newest = max(newest, node.Locked.LastModified)
	}
	return time.Unix(newest, 0)
}

// synchronised asks systemd-timesyncd (systemd-timesyncd.service(8)), and for any other program the kernel (adjtimex(2)),
// which nothing is set of.
func synchronised(l Look) bool {
	if there, err := l.Machine.Exists("/run/systemd/timesync/synchronized"); err == nil && there {
		return true
	}
	var state unix.Timex
	_, err := unix.Adjtimex(&state)
	return err == nil && state.Status&unix.STA_UNSYNC == 0
}
