package preflight

import (
	"errors"
	"strings"
	"testing"

	"github.com/masterofnull/nixos-quick-deploy/internal/risk"
)

// What a configuration says is not lost without a yes to just that.
func TestReplacement(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		configured, deployed bool
		accepted             []risk.Risk
		refused              bool
	}{
		"first deployment":     {true, false, nil, true},
		"another risk":         {true, false, []risk.Risk{"lose-ssh"}, true},
		"accepted":             {true, false, []risk.Risk{"lose-ssh", risk.ReplaceConfiguration}, false},
		"deployed by nqd":      {true, true, nil, false},
		"without such a file":  {false, false, nil, false},
		"neither one nor both": {false, true, nil, false},
	} {
		err := Replacement(c.configured, c.deployed, c.accepted)
		var risk *risk.Error
		if (err != nil) != c.refused || c.refused && (!errors.As(err, &risk) || !strings.Contains(risk.Hint(), "--accept-risk=replace-configuration")) {
			t.Errorf("%s: got %v, want refused %t", name, err, c.refused)
		}
	}
}
