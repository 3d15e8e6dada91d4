package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/masterofnull/nixos-quick-deploy/testing/hardware"
	"github.com/masterofnull/nixos-quick-deploy/testing/hardware/decided"
)

// fixtures says for how many of the machines in testing/hardware the decision about their graphics cards is the expected
// one. It is a count, no ratio: anything but all of them is an error.
func fixtures() (string, error) {
	folder, err := os.MkdirTemp("", "nqd-fixtures-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	right, all := 0, hardware.Names()
	for _, name := range all {
		m, err := hardware.Load(name)
		if err != nil {
			return "", err
		}
		decision, err := decided.Decide(filepath.Join(folder, name), name)
		if err != nil {
			return "", err
		}
		if len(decided.Differ(m.Expected, decision)) == 0 {
			right++
		}
	}
	text := fmt.Sprintf("bench fixtures-decided right=%d all=%d", right, len(all))
	if right < len(all) {
		return "", fmt.Errorf("%s", text)
	}
	return text, nil
}
