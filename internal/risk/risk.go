// Package risk names what a command would do that cannot be undone: it refuses to, unless that risk was accepted by its
// name. There is no way to accept all.
package risk

import "fmt"

// Risk is the name of one, as --accept-risk takes it.
type Risk string

// All risks that there are.
const (
	// ReplaceConfiguration is the first deployment of a machine whose /etc/nixos was not adopted:
	// what stands there besides the hardware is not part of the new system.
	ReplaceConfiguration Risk = "replace-configuration"
	// State is another version of a program that changes its data, of which no copy can be made.
	State Risk = "state"
	// Overwrite is a backup that is restored over files that were changed since.
	Overwrite Risk = "overwrite"
	// Purge is that nqd is uninstalled with its backups and its history.
	Purge Risk = "purge"
	// Room is a file system that has too little of it for what would be written.
	Room Risk = "room"
	// WrongHost is a host of the workspace whose machine is not this one, by its name or its hardware.
	WrongHost Risk = "wrong-host"
)

// Known are all of them.
func Known() []Risk { return []Risk{Overwrite, Purge, ReplaceConfiguration, Room, State, WrongHost} }

// Error is a risk that was not accepted.
type Error struct {
	Risk    Risk
	Problem string
	// Instead says what makes the risk go away.
	Instead string
}

func (e *Error) Error() string { return e.Problem }

// Hint says how the risk is accepted.
func (e *Error) Hint() string {
	return fmt.Sprintf("%s, or give --accept-risk=%s", e.Instead, e.Risk)
}
