package files

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Link is a symbolic link as it was.
type Link struct {
	Path     string    `json:"path"` // absolute, on the machine
	Target   string    `json:"target"`
	UID      int       `json:"uid"`
	GID      int       `json:"gid"`
	Modified time.Time `json:"modified"`
}

// ReadLink is the link at abs, nil where no link stands there. Taken says that something else does.
func ReadLink(m *machine.Machine, abs string) (link *Link, taken bool, err error) {
	info, file, err := Look(m, abs)
	if err != nil || info == nil {
		return nil, false, err
	}
	if info.Mode().Type() != fs.ModeSymlink {
		return nil, true, nil
	}
	target, err := os.Readlink(file)
	if err != nil {
		return nil, false, err
	}
	link = &Link{Path: abs, Target: target, Modified: info.ModTime()}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		link.UID, link.GID = int(stat.Uid), int(stat.Gid)
	}
	return link, false, nil
}

// Make puts the link where nothing stands, as it was.
func (l Link) Make(m *machine.Machine) error {
	file, err := At(m, l.Path)
	if err != nil {
		return err
	}
	if err := os.Symlink(l.Target, file); err != nil {
		return err
	}
	return l.Dress(m)
}

// Dress gives a link that leads where it did its owner and its time again.
func (l Link) Dress(m *machine.Machine) error {
	file, err := At(m, l.Path)
	if err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if err := os.Lchown(file, l.UID, l.GID); err != nil {
			return err
		}
	}
	modified, err := unix.TimeToTimespec(l.Modified)
	if err != nil {
		return err
	}
	times := []unix.Timespec{{Nsec: unix.UTIME_OMIT}, modified}
	return unix.UtimesNanoAt(unix.AT_FDCWD, file, times, unix.AT_SYMLINK_NOFOLLOW)
}

// Remove removes a link or an empty folder and makes that durable.
func Remove(m *machine.Machine, abs string) error {
	file, err := At(m, abs)
	if err != nil {
		return err
	}
	if err := os.Remove(file); err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(file))
}

// linksAt are the links that stand at these places, by their real paths.
func linksAt(m *machine.Machine, places []string) ([]Link, error) {
	var links []Link
	for _, place := range places {
		place, err := Real(m, place)
		if err != nil {
			if err = UnlessMissing(err); err != nil {
				return nil, err
			}
			continue
		}
		link, _, err := ReadLink(m, place)
		if err != nil {
			return nil, err
		}
		if link != nil {
			links = append(links, *link)
		}
	}
	return links, nil
}
