package preflight

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/binarycache"
)

// answerTime is how long a cache may take to say that it is one: less than the question as a whole.
const answerTime = 4 * time.Second

// caches asks each cache that nix fetches from whether it is one. None is needed where all is in the store, so those that do
// not answer refuse nothing.
func caches(ctx context.Context, l Look) []row {
	const name = "caches"
	if l.Offline {
		return []row{ok(name, "not asked: nqd is offline")}
	}
	addresses, err := l.Caches(ctx)
	if err != nil {
		return []row{warn(name, "which there are: "+err.Error(), "look at nix.conf")}
	}
	if len(addresses) == 0 {
		return []row{ok(name, "there are none")}
	}
	var rows []row
	options := binarycache.Options{Version: l.Version, Deadline: answerTime, AnswerTime: answerTime, Once: true}
	unread := 0
	for _, cache := range binarycache.Reach(ctx, addresses, options) {
		switch {
		case cache.Unread:
			unread++
		case cache.Problem != "":
			rows = append(rows, warn(name, cache.URL+": "+cache.Problem+proxied(), "look at the network, or give --offline to go on with what is there"))
		}
	}
	if len(rows) > 0 {
		return rows
	}
	found := fmt.Sprintf("%d of %d answer", len(addresses)-unread, len(addresses))
	if unread > 0 {
		found += "; the others only nix can ask"
	}
	return []row{ok(name, found)}
}

// proxied names the variables that send what is asked to a proxy. Their values may have a password in them.
func proxied() string {
	var set []string
	for _, name := range []string{"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"} {
		if os.Getenv(name) != "" {
			set = append(set, name)
		}
	}
	if len(set) == 0 {
		return ""
	}
	return " (by way of " + strings.Join(set, ", ") + ")"
}
