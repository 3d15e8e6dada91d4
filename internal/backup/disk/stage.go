package disk

import (
	"crypto/sha256"
	"encoding/hex"
)

// Stage is what a name beside another one is for. Such names are made out of the other, so that a second call finds what
// the first one left.
type Stage string

// The stages of what is not at its place.
const (
	Fresh Stage = "fresh" // it is being restored
	Aside Stage = "aside" // it is taken from its place, and not looked at yet
	Spent Stage = "spent" // it is in a backup, as it is: it goes
)

// Of is the name beside name.
func (s Stage) Of(name string) string {
	sum := sha256.Sum256([]byte(name))
	return ".nqd-" + string(s) + "-" + hex.EncodeToString(sum[:8])
}
