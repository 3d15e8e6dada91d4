package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/binarycache"
	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// narinfos compares asking a cache for 2,000 paths at once with asking for one after the other. The cache takes 20 ms
// for each answer, as one does that is some countries away. One by one that is 40 seconds: measure it once, cold, as
// nothing is kept between the calls.
func (b *bench) narinfos(ctx context.Context) (a, n float64, err error) {
	const count, latency = 2000, 20 * time.Millisecond
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(latency):
		case <-r.Context().Done(): // nobody waits any more
			return
		}
		hash, is := strings.CutSuffix(path.Base(r.URL.Path), ".narinfo")
		if !is {
			fmt.Fprint(w, "StoreDir: /nix/store\n")
			return
		}
		fmt.Fprintf(w, "StorePath: /nix/store/%s-x\nURL: nar/x.nar\nCompression: none\nNarHash: sha256:x\nNarSize: 1\n", hash)
	}))
	defer server.Close()
	var paths []machine.StorePath
	for i := range count {
		paths = append(paths, machine.StorePath(fmt.Sprintf("/nix/store/%032d-x", i)))
	}
	start := time.Now()
	answer, err := binarycache.Ask(ctx, []string{server.URL}, paths, binarycache.Options{})
	a = time.Since(start).Seconds()
	if err != nil {
		return 0, 0, err
	}
	if len(answer.Found) != count {
		return 0, 0, fmt.Errorf("%d of %d paths found: %+v", len(answer.Found), count, answer.Caches)
	}
	start = time.Now()
	for _, p := range paths {
		if err := getNarinfo(ctx, server, p); err != nil {
			return 0, 0, err
		}
	}
	return a, time.Since(start).Seconds(), nil
}

// getNarinfo asks for one path, over a connection that is kept.
func getNarinfo(ctx context.Context, server *httptest.Server, p machine.StorePath) error {
	hash, _, _ := strings.Cut(path.Base(string(p)), "-")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/"+hash+".narinfo", nil)
	if err != nil {
		return err
	}
	response, err := server.Client().Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text := make([]byte, 1024)
	if read, _ := response.Body.Read(text); !strings.Contains(string(text[:read]), string(p)) {
		return fmt.Errorf("%s: %s %q", p, response.Status, text[:read])
	}
	return nil
}
