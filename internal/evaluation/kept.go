package evaluation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/masterofnull/nixos-quick-deploy/internal/atomicfile"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// keeper is a directory that keeps answers of evaluations, each in a file named by all that it
// depends on. The file "" keeps nothing.
type keeper struct {
	dir     string
	machine *machine.Machine
}

// file is where an answer that depends on those texts is kept.
func (k keeper) file(on ...string) (string, error) {
	text, err := json.Marshal(on)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return filepath.Join(k.dir, hex.EncodeToString(sum[:])+".json"), nil
}

// read reads an answer that was kept. It is of use as long as the store has the system or its
// derivation: both may have been collected since.
func (k keeper) read(file string) (Answer, bool) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Answer{}, false
	}
	evaluation, err := Parse(data)
	if err != nil {
		return Answer{}, false
	}
	for _, path := range []string{string(evaluation.System), evaluation.Derivation} {
		if _, err := os.Lstat(k.machine.Path(path)); err == nil {
			return evaluation, true
		}
	}
	return Answer{}, false
}

// write keeps an answer.
func (k keeper) write(file string, data []byte) error {
	if file == "" {
		return nil
	}
	if err := atomicfile.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	return atomicfile.Write(file, data, 0o600)
}
