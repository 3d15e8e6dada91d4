package step

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/masterofnull/nixos-quick-deploy/internal/engine"
	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/guard"
	"github.com/masterofnull/nixos-quick-deploy/internal/home"
)

// Told makes the actions tell which station they belong to: those of one station that follow each other are told as one.
// Their errors, which the journal keeps, have no secrets in them.
func (t Tools) Told(actions []engine.Action) []engine.Action {
	var told []engine.Action
	for i, action := range actions {
		station, one := stationOf(action.Kind()), teller{Action: action, tools: t}
		if i == 0 || stationOf(actions[i-1].Kind()) != station {
			end := i + 1
			for end < len(actions) && stationOf(actions[end].Kind()) == station {
				end++
			}
			// What only takes notes in homes is not told.
			if station != event.Home || slices.ContainsFunc(actions[i:end], changesFiles) {
				one.station, one.subject = station, subject(actions[i:end])
			}
		}
		told = append(told, one)
	}
	return told
}

// subject says what a station is about, by the actions in it.
func subject(actions []engine.Action) string {
	switch action := actions[0].(type) {
	case *guard.Try:
		return string(action.New)
	case *guard.Commit:
		return string(action.New)
	case check:
		return strconv.Itoa(len(action.checks))
	}
	// In homes, files of the user's are what matters; the rest is about links that come and go.
	main := actions[0]
	if i := slices.IndexFunc(actions, changesFiles); i >= 0 {
		main = actions[i]
	}
	many := 0
	for _, action := range actions {
		if action.Kind() == main.Kind() {
			many++
		}
	}
	if many > 1 {
		return fmt.Sprintf("%s, and %d more", main.Describe(), many-1)
	}
	return main.Describe()
}

func changesFiles(action engine.Action) bool {
	return slices.Contains([]string{home.KindClear, home.KindReturn, home.KindUnlink}, action.Kind())
}

// teller is an action as a deployment takes it.
type teller struct {
	engine.Action
	tools   Tools
	station event.Station // empty for all but the first action of one
	subject string
}

func (t teller) Do(ctx context.Context) error {
	if t.station == "" {
		return t.tools.withoutSecrets(t.Action.Do(ctx))
	}
	return Begin(t.tools.Sink, t.station, t.subject, func() error { return t.tools.withoutSecrets(t.Action.Do(ctx)) })
}

func (t teller) Undo(ctx context.Context) error { return t.tools.withoutSecrets(t.Action.Undo(ctx)) }

// MarshalJSON is that of the action alone.
func (t teller) MarshalJSON() ([]byte, error) { return json.Marshal(t.Action) }

// withoutSecrets is err with another text, where that has secrets in it.
func (t Tools) withoutSecrets(err error) error {
	if err == nil || t.Secrets == nil {
		return err
	}
	text := t.Secrets.Text(err.Error())
	if text == err.Error() {
		return err
	}
	return &redacted{error: err, text: text}
}

// redacted is an error whose text had secrets in it.
type redacted struct {
	error
	text string
}

func (r *redacted) Error() string { return r.text }
func (r *redacted) Unwrap() error { return r.error }
