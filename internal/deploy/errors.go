package deploy

import (
	"cmp"
	"fmt"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Reverted is a deployment that did not pass. The machine runs what ran before.
type Reverted struct {
	ID    int
	Old   machine.StorePath
	Cause error
}

func (e *Reverted) Error() string { return fmt.Sprintf("deployment %d: %v", e.ID, e.Cause) }

// Unwrap returns the cause.
func (e *Reverted) Unwrap() error { return e.Cause }

// Hint says what state this leaves.
func (e *Reverted) Hint() string {
	return "the machine is back on " + string(e.Old) + "\nwhat happened: nqd show " + fmt.Sprint(e.ID)
}

// Broken is a deployment that neither passed nor could be taken back.
type Broken struct {
	ID    int
	Old   machine.StorePath
	Cause error
	// Running and BootDefault are what the machine runs and boots now; empty where that
	// could not be read.
	Running, BootDefault machine.StorePath
}

func (e *Broken) Error() string {
	return fmt.Sprintf("deployment %d could not be taken back: %v", e.ID, e.Cause)
}

// Unwrap returns the cause.
func (e *Broken) Unwrap() error { return e.Cause }

// Hint says what state this is and how to get out of it by hand.
func (e *Broken) Hint() string {
	const unknown = "an unknown system"
	state := fmt.Sprintf("the machine runs %s and boots %s\n", cmp.Or(e.Running, unknown), cmp.Or(e.BootDefault, unknown))
	program := string(e.Old) + "/bin/switch-to-configuration"
	if e.BootDefault == e.Old {
		return state + "to be back on what ran before, reboot, or as root run " + program + " test"
	}
	return state + "to be back on what ran before, as root run " + program + " switch, or choose it in the boot menu"
}
