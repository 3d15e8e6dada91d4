package proof

import (
	"bytes"
	"context"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/printable"
)

// answer is what a program said.
type answer struct {
	out, messages string
	// missing says that the machine does not have it.
	missing bool
	// code is its exit code, -1 for one that was ended by a signal.
	code int
}

// said is all of it: several of these programs write their errors to standard output.
func (a answer) said() string { return a.out + "\n" + a.messages }

// has reports whether it said one of the texts.
func (a answer) has(texts ...string) bool {
	for _, text := range texts {
		if strings.Contains(a.said(), text) {
			return true
		}
	}
	return false
}

// last is the last line that it said, for people, or its exit code in words.
func (a answer) last(nothing string) string {
	lines := strings.Split(strings.TrimSpace(a.said()), "\n")
	if text := strings.TrimSpace(lines[len(lines)-1]); text != "" {
		return printable.Cut(text, 200)
	}
	return nothing
}

// missingCode is the exit code of env(1) for a program that it does not find.
const missingCode = 127

// programs is where NixOS has them. The wrappers come first: a rootless podman needs newuidmap with its capabilities.
const programs = "/run/wrappers/bin:/run/current-system/sw/bin"

// run runs a program of the machine. An error is that it could not be run to its end; that it failed is none.
func (a *Asker) run(ctx context.Context, argv ...string) (answer, error) {
	var out, messages bounded
	env := []string{"PATH=" + programs, "LC_ALL=C.UTF-8"}
	if a.Home != "" {
		env = append(env, "HOME="+a.Home)
	}
	if a.RuntimeDir != "" {
		env = append(env, "XDG_RUNTIME_DIR="+a.RuntimeDir)
	}
	err := a.Machine.Run(ctx, machine.Cmd{
		Doing: "asking", Path: "/run/current-system/sw/bin/env", Args: argv, Env: env, Stdout: &out, Stderr: &messages, Inside: true,
	})
	said := answer{out: printable.Text(out.String()), messages: printable.Text(messages.String())}
	if said.code = machine.ExitCode(err); err == nil {
		said.code = 0
	}
	said.missing = said.code == missingCode && strings.HasPrefix(said.messages, "env: ")
	if err != nil && said.code < 0 {
		return answer{}, err
	}
	return said, nil
}

// most is how many bytes of a stream are read: our own choice, far above what these programs say.
const most = 1 << 20

// bounded keeps the beginning of what is written to it.
type bounded struct{ bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	b.Buffer.Write(p[:min(len(p), most-b.Len())])
	return len(p), nil
}
