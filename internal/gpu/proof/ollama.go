package proof

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"syscall"
)

// loadedModel is one of those that Ollama has in memory (GET /api/ps of its API).
type loadedModel struct {
	Name string `json:"name"`
	// Size is all of it in bytes, VRAM the part in the memory of cards.
	Size int64 `json:"size"`
	VRAM int64 `json:"size_vram"`
}

// parseModels reads the answer of /api/ps.
func parseModels(data []byte) ([]loadedModel, error) {
	var answer struct {
		Models *[]loadedModel `json:"models"`
	}
	if err := json.Unmarshal(data, &answer); err != nil || answer.Models == nil {
		return nil, errors.New("no answer of Ollama: it lists no models")
	}
	for _, model := range *answer.Models {
		if model.Size < 0 || model.VRAM < 0 {
			return nil, errors.New("no answer of Ollama: a model of less than nothing")
		}
	}
	return *answer.Models, nil
}

func (a *Asker) ollama(ctx context.Context, address string) (string, error) {
	switch {
	case !a.has(nvidia, amd, intel):
		return noCard, nil
	case a.decision().Compute == "cpu":
		return "not asked: nothing computes with this card", nil
	case address == "":
		return "", errors.New("ollama-gpu: the check names no port")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/ps", nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: &http.Transport{Proxy: nil, DisableKeepAlives: true}}
	response, err := client.Do(request)
	// One that just ends resets what was connected meanwhile.
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) {
		return "not asked: Ollama does not answer", nil
	}
	if err != nil {
		return "", errors.Unwrap(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ollama answers %s", response.Status)
	}
	models, err := parseModels(data)
	if err != nil {
		return "", err
	}
	return judgeModels(models, a.switched())
}

// judgeModels wants a part of one loaded model on a card. Without one there is nothing to judge, and loading one would
// take the memory that somebody else computes with.
func judgeModels(models []loadedModel, switched bool) (string, error) {
	if len(models) == 0 {
		return "not known before a model is loaded", nil
	}
	for _, model := range models {
		if model.VRAM > 0 {
			return "", nil
		}
	}
	problem := &Problem{
		"Ollama computes on the processor alone",
		"its package is made for the processor or another card, or the driver does not work",
		"look at features.ollama.acceleration and the other questions here; journalctl -u ollama -g 'inference compute' says what it found",
	}
	if switched {
		problem.Do = restart + " first: the driver may be from before; else " + problem.Do
	}
	return "", problem
}
