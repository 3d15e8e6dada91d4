package nixcli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixlog"
)

// Error is a nix that ended with an error of its own.
type Error struct {
	Doing   string
	Message string // nix's own last error, without its trace and without what a builder wrote
	Code    int
	// Derivation is the one that failed by itself; empty where no build failed, or nix did not
	// say which.
	Derivation machine.StorePath
	// Lines are the last that its builder wrote, at most builderLines.
	Lines []string

	// Tries is how often nix was run, where the network failed; else 0.
	Tries int

	store  string // of a sandbox, as --store takes it
	outage string // what of the network failed; empty where it was something else
}

const (
	// builderLines bounds the lines of a builder that are kept, shownLines those of them that the
	// error's text has.
	builderLines, shownLines = 20, 10
	// messageLines bounds how much of nix's last error is shown; assertions may be many.
	messageLines = 30
)

// Error says what nix was run for, its error, and below that the last lines of the builder that
// failed.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: nix: %s", e.Doing, e.Message)
	if e.Tries > 1 {
		text = fmt.Sprintf("%s, tried %d times: nix: %s", e.Doing, e.Tries, e.Message)
	}
	for _, line := range e.Lines[max(0, len(e.Lines)-shownLines):] {
		text += "\n  | " + line
	}
	return text
}

// Log is the command that prints all that the builder wrote; empty where no build failed. It is one that no experimental
// feature has to be switched on for.
func (e *Error) Log() string {
	switch {
	case e.Derivation == "":
		return ""
	case e.store != "":
		return "nix-store --store '" + e.store + "' --read-log " + string(e.Derivation)
	}
	return "nix-store --read-log " + string(e.Derivation)
}

// failure is the error of a nix that said messages and could not build failed.
func failure(doing string, code int, messages []string, failed []nixlog.Failure) *Error {
	message, lines := withoutLog(last(messages))
	e := &Error{Doing: doing, Code: code, Message: bounded(message), Lines: lines}
	if len(failed) > 0 {
		// Nix knows the path: where it is none, it is better to have none.
		e.Derivation, _ = machine.ParseStorePath(failed[0].Derivation)
		if len(failed[0].Lines) > 0 {
			e.Lines = failed[0].Lines
		}
	}
	e.Lines = e.Lines[max(0, len(e.Lines)-builderLines):]
	return e
}

// split parts what nix writes without JSON into its errors. An error begins at the start of a
// line, and its further lines are indented; what a builder printed (behind "> ") may contain
// anything. Without any error all of it is one message.
func split(text string) []string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	var found []string
	for i, line := range lines {
		if strings.HasPrefix(line, "error:") {
			found = append(found, strings.Join(message(lines[i:]), "\n"))
		}
	}
	if found == nil {
		return []string{strings.Join(lines, "\n")}
	}
	return found
}

// last is what went wrong, out of all messages of level error: the last error that is not merely
// about the failure of something else, without its trace. In a trace, what went wrong comes last.
// Traces of an evaluation (builtins.trace) are of that level too, and no errors.
func last(messages []string) string {
	var found []string
	for _, message := range slices.Backward(messages) {
		if !strings.HasPrefix(message, "error:") {
			continue
		}
		candidate := withoutTrace(strings.Split(strings.TrimRight(message, " \n"), "\n"))
		if found == nil {
			found = candidate
		}
		if !aboutDependency(candidate) {
			found = candidate
			break
		}
	}
	if found == nil {
		found = strings.Split(strings.Join(messages, "\n"), "\n")
	}
	text := make([]string, len(found))
	for i, line := range found {
		text[i] = strings.TrimPrefix(strings.TrimRight(line, " "), indent)
	}
	text[0] = strings.TrimPrefix(text[0], "error:")
	if joined := strings.TrimSpace(strings.Join(text, "\n")); joined != "" {
		return joined
	}
	return "ended without saying why"
}

func bounded(message string) string {
	lines := strings.Split(message, "\n")
	if len(lines) > messageLines {
		lines = append(lines[:messageLines:messageLines], "…")
	}
	return strings.Join(lines, "\n")
}

// logged is what nix adds to the error of a build where nobody listens to the builder, as a daemon
// does (nix, src/libstore/build/derivation-goal.cc, later derivation-building-goal.cc).
var logged = regexp.MustCompile(`;?\n[Ll]ast \d+ log lines:\n((?:> ?[^\n]*(?:\n|$))*)(?:For full logs, run:\n.*)?$`)

// withoutLog parts the message of a failed build from the last lines of its builder.
func withoutLog(message string) (rest string, lines []string) {
	at := logged.FindStringSubmatchIndex(message)
	if at == nil {
		return message, nil
	}
	for line := range strings.Lines(message[at[2]:at[3]]) {
		lines = append(lines, strings.TrimPrefix(strings.TrimPrefix(strings.TrimRight(line, "\n"), ">"), " "))
	}
	return message[:at[0]], lines
}

// indent is what nix puts before the further lines of an error.
const indent = "       "

// message is the error that the first line begins, without what nix said after it.
func message(lines []string) []string {
	for i, line := range lines[1:] {
		if line != "" && !strings.HasPrefix(line, " ") {
			return lines[:i+1]
		}
	}
	return lines
}

// withoutTrace is the error at the end of a trace. A trace has nothing beside its "error:".
func withoutTrace(lines []string) []string {
	if strings.TrimSpace(lines[0]) != "error:" {
		return lines
	}
	for i, line := range lines {
		if strings.HasPrefix(line, indent+"error:") {
			return lines[i:]
		}
	}
	return lines
}

// dependencyFailed is how nix says that a derivation was not built since another one failed:
// up to Nix 2.30 or so in one line, then as a reason.
var dependencyFailed = regexp.MustCompile(`^error: \d+ dependenc(y|ies) of derivation |^ *Reason: \d+ dependenc(y|ies) failed`)

func aboutDependency(lines []string) bool {
	return slices.ContainsFunc(lines[:min(2, len(lines))], dependencyFailed.MatchString)
}
