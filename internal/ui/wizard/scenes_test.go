package wizard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// With formVariable set, the test program asks that form on its own terminal instead, and writes what came of it to the
// file of resultVariable.
const (
	formVariable   = "NQD_WIZARD_FORM"
	resultVariable = "NQD_WIZARD_RESULT"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(formVariable); name != "" {
		perform(name)
		return
	}
	os.Exit(m.Run())
}

// result is what came of Ask.
type result struct {
	Answers                     map[string]string
	Error                       string
	Canceled, Declined, Expired bool
}

var errTerminated = errors.New("terminated")

func perform(name string) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		if <-signals == syscall.SIGTERM {
			cancel(errTerminated)
		}
		cancel(context.Canceled)
	}()
	form, known := forms()[name]
	if !known {
		panic("no form " + name)
	}
	given, err := Ask(ctx, form, Terminal{In: os.Stdin, Out: os.Stderr, Environ: os.Environ()})
	r := result{Answers: given, Canceled: errors.Is(err, context.Canceled), Declined: errors.Is(err, ErrDeclined), Expired: errors.Is(err, errTerminated)}
	if err != nil {
		r.Error = err.Error()
	}
	text, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	if path := os.Getenv(resultVariable); path != "" {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			panic(err)
		}
		return
	}
	fmt.Println(string(text))
}

func forms() map[string]Form {
	hostile := machineForm()
	hostile.Found = []string{"It is \x1b[31mred\x1b[0m\x1b[2J and has\nlines."}
	hostile.Questions[0].Value = "愛田 Ada\u202e evil\x1b[5Ax"
	hostile.Settings[0].Value = strings.Repeat("長い", 60)
	hostile.Settings[1].Value = "שלום עולם"
	wrong := machineForm()
	wrong.Settings[0].Value = "not a name!"
	panics := machineForm()
	panics.Questions[0].Check = func(string) error { panic("boom") }
	return map[string]Form{
		"machine": machineForm(), "hostile": hostile, "wrong": wrong, "panics": panics,
		"short": {Title: "short", Settings: []Field{{Key: "a", Title: "A", Value: "1"}}},
		"empty": {Title: "empty", Found: []string{"It is nothing."}, Confirm: "Write nothing?"},
	}
}

// machineForm is like what a person gets.
func machineForm() Form {
	return Form{
		Title: "nqd init",
		Found: []string{
			"This is a laptop with an AMD Ryzen 7 7840U (16 threads, x86-64-v4) and 32 GB of memory.",
			"Graphics: AMD Radeon 780M, by the driver amdgpu. Compute by ROCm is on.",
			"NixOS 26.05 was installed here with GNOME. What was configured in /etc/nixos (2 files) is taken over as it is.",
		},
		Questions: []Field{
			{Key: "git-name", Title: "Name for git", Help: "It stands in every commit that you make.", Value: "Ada Lovelace", From: "git config", Check: needed},
			{Key: "git-mail", Title: "E-mail for git", Help: "It stands in every commit that you make.", Value: "ada@example.org", From: "git config", Check: mail},
			{Key: "editor", Title: "Editor", Help: "It opens where a program asks for an editor.", Value: "helix", From: "nothing was set", Choices: []Choice{
				{"helix", "Helix"}, {"neovim", "Neovim"}, {"nano", "nano"}, {"", "none"},
			}},
			{Key: "preset", Title: "What is this machine for?", Help: "A preset is a set of features; each can be switched off later.", Value: "ai-workstation", From: "it has a desktop", Choices: []Choice{
				{"minimal", "minimal: the shell, git and nothing else"},
				{"workstation", "workstation: a desktop with tools for development"},
				{"ai-workstation", "ai-workstation: the same, with local models and agents"},
				{"inference-server", "inference-server: models for other machines, without a desktop"},
			}},
		},
		Settings: []Field{
			{Key: "name", Title: "Host name", Value: "orion", From: "/etc/hostname", Check: needed},
			{Key: "user", Title: "User", Value: "ada", From: "who runs this", Check: needed},
			{Key: "zone", Title: "Time zone", Value: "Europe/Berlin", From: "/etc/localtime", Choices: zones()},
			{Key: "locale", Title: "Language", Value: "de_DE.UTF-8", From: "LANG"},
			{Key: "keyboard", Title: "Keyboard of the console", Value: "de-latin1-nodeadkeys", From: "/etc/vconsole.conf"},
			{Key: "release", Title: "Release of NixOS", Value: "26.05", From: "/etc/os-release", Choices: []Choice{{"26.05", ""}, {"26.11", ""}}},
			{Key: "state", Title: "State version", Value: "26.05", From: "/etc/nixos/configuration.nix"},
			{Key: "gpu", Title: "AMD graphics", Help: "Kernel driver, Vulkan, video and ROCm.", Value: "yes", From: "1002:15bf is gfx1103", Choices: []Choice{{"yes", ""}, {"no", ""}}},
			{Key: "unfree", Title: "Unfree packages allowed", Value: "", From: "nothing needs one"},
		},
		Confirm: "Write the workspace to /home/ada/nqd?",
	}
}

func zones() (choices []Choice) {
	for _, name := range []string{"Africa", "America", "Asia", "Europe"} {
		for i := range 20 {
			choices = append(choices, Choice{Value: fmt.Sprintf("%s/City_%02d", name, i)})
		}
	}
	return append(choices, Choice{Value: "Europe/Berlin"}, Choice{Value: "Europe/Bern"}, Choice{Value: "America/New_Bern"}, Choice{Value: "UTC"})
}

func needed(value string) error {
	switch {
	case value == "":
		return errors.New("it must not be empty")
	case strings.Contains(value, "!"):
		return fmt.Errorf("%q has a ! in it, which no name has", value)
	}
	return nil
}

func mail(value string) error {
	if !strings.Contains(value, "@") {
		return fmt.Errorf("%q has no @ in it", value)
	}
	return nil
}
