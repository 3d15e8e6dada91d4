package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// Kept is a directory that keeps answers of evaluations, each in a file named by all that it
// depends on. The file "" keeps nothing.
type Kept struct {
	Dir     string
	Machine *machine.Machine
}

// File is where an answer that depends on those texts is kept.
func (k Kept) File(on ...string) (string, error) {
	text, err := json.Marshal(on)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return filepath.Join(k.Dir, hex.EncodeToString(sum[:])+".json"), nil
}

// Read reads an answer that was kept. It is of use as long as the store has the system or its
// derivation: both may have been collected since.
func (k Kept) Read(file string) (Evaluation, bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Evaluation{}, false
	}
	evaluation, err := ParseEvaluation(data)
	if err != nil {
		return Evaluation{}, false
	}
	for _, path := range []string{string(evaluation.System), evaluation.Derivation} {
		if _, err := os.Lstat(k.Machine.Path(path)); err == nil {
			return evaluation, true
		}
	}
	return Evaluation{}, false
}

// Write keeps an answer.
func (k Kept) Write(file string, data []byte) error {
	if file == "" {
		return nil
	}
	if err := atomicfile.MkdirAll(k.Dir, 0o700); err != nil {
		return err
	}
	return atomicfile.Write(file, data, 0o600)
}
