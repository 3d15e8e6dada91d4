package control

import (
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
)

// The colours are those of the terminal's own palette, as in progress (internal/ui/tui). Whatever they say is in words or
// signs too.
// Present is what one is at.
func Present(s string) string {
	return lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Cyan).Render(s)
}

// Bold is what is asked.
func Bold(s string) string { return lipgloss.NewStyle().Bold(true).Render(s) }

// Dim is what one may read.
func Dim(s string) string { return lipgloss.NewStyle().Faint(true).Render(s) }

// Alarm is what is wrong.
func Alarm(s string) string {
	return lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Yellow).Render(s)
}

// theme is how huh draws: no borders, and the chosen row as what is present.
func theme(bool) *huh.Styles {
	styles := huh.ThemeBase(false)
	styles.Focused.Base = lipgloss.NewStyle()
	styles.Focused.SelectSelector = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Cyan).SetString("> ")
	styles.Focused.SelectedOption = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Cyan)
	styles.Focused.TextInput.Prompt = lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Cyan)
	styles.Blurred = styles.Focused
	return styles
}
