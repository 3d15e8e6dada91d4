package snapshot

import (
	"fmt"
	"math"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/tree"
)

// RoomError is a snapshot for which there is no room.
type RoomError struct {
	Data Data
	// Size is that of the data, Free what the file system of the snapshots has, in bytes.
	Size, Free int64
	Cause      error
}

func (e *RoomError) Error() string {
	return fmt.Sprintf("a snapshot of %s: needs %d bytes at %s, which has %d free", e.Data, e.Size, Root, e.Free)
}

// Unwrap is why the blocks of the data cannot be shared.
func (e *RoomError) Unwrap() error { return e.Cause }

// Hint says what to do.
func (e *RoomError) Hint() string {
	return "make room there, or go on without a snapshot: --accept-risk=state"
}

// roomToPlan is how much of data may be copied, in bytes: what the file system of the snapshots has free, or more than
// anybody needs where it shares the blocks of copies.
func roomToPlan(m *machine.Machine) int64 {
	if free, shares := tree.Room(m.Path(Root)); !shares {
		return free
	}
	return math.MaxInt64
}

// room is what the file system of the snapshots has free, in bytes.
func room(m *machine.Machine) int64 {
	free, _ := tree.Room(m.Path(Root))
	return free
}
