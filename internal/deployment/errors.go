package deployment

import "fmt"

// CollectedError is a rollback to a system that is not in the store any more.
type CollectedError struct {
	ID     int // 0 for what nqd did not deploy
	System string
}

func (e *CollectedError) Error() string {
	if e.ID == 0 {
		return e.System + ": was collected"
	}
	return fmt.Sprintf("deployment %d: its system %s was collected", e.ID, e.System)
}

// Hint says how to have it again.
func (e *CollectedError) Hint() string {
	return "nqd history lists what there is; the workspace of a deployment is kept as refs/nqd/deployments/ID, and nqd apply builds it again"
}

// OvertakenError is a cut off deployment of a machine that somebody else switched since.
type OvertakenError struct{ ID int }

func (e *OvertakenError) Error() string {
	return fmt.Sprintf("deployment %d cannot go on: somebody else switched the machine since", e.ID)
}

// Hint says how to get on.
func (e *OvertakenError) Hint() string {
	return "nqd abort leaves that as it is and takes back the rest; nqd apply deploys the workspace then"
}
