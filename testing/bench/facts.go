package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/facts"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/preflight"
)

// facts compares reading what this machine is, and looking whether it can be deployed to, with what people run to see a
// part of that: lspci, lsblk and df, one after the other. The network is not asked.
func (b *bench) facts(ctx context.Context) (a, programs float64, err error) {
	start := time.Now()
	found := facts.Read(machine.Local())
	rows := preflight.Look{Machine: machine.Local(), Host: found.HostName, Offline: true}.Begin(ctx).Rows()
	a = time.Since(start).Seconds()
	if found.CPUs == 0 || len(rows) == 0 {
		return 0, 0, errors.New("nothing was found")
	}
	for _, command := range [][]string{{"lspci", "-nnk"}, {"lsblk"}, {"df"}} {
		if _, err := exec.LookPath(command[0]); err != nil {
			return 0, 0, fmt.Errorf("there is no %s to compare with; scripts/prepare installs it for root on Debian (apt-get install pciutils util-linux)", command[0])
		}
		took, err := seconds(ctx, command[0], command[1:]...)
		if err != nil {
			return 0, 0, err
		}
		programs += took
	}
	return a, programs, nil
}
