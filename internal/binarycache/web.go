package binarycache

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/retry"
)

// How often a question is asked, and how long to rest before it is asked again. Nix asks five times and starts with
// 250 ms (download-attempts; nix, src/libstore/filetransfer.hh); a plan is worth less patience.
const (
	tries         = 4
	firstRest     = 250 * time.Millisecond
	longestRest   = 4 * time.Second
	longestBidden = 10 * time.Second // of Retry-After
)

// newTransport keeps connections for the next question and takes the proxy of the environment, as Nix does.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		MaxConnsPerHost:     atOnce,
		MaxIdleConnsPerHost: atOnce,
		IdleConnTimeout:     time.Minute,
		TLSHandshakeTimeout: 10 * time.Second,
	}
}

// opening is what it takes to ask any cache.
type opening struct {
	transport http.RoundTripper
	options   Options
}

// errUnread is a cache that nix reads and nqd does not, such as s3:// or ssh://.
var errUnread = errors.New("not asked: nqd reads http, https and file caches")

// open finds out how a cache is asked. Settings of Nix may stand behind the URL, as in ?priority=10.
func (o opening) open(address string) (source, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("not asked: %w", withoutURL(err))
	}
	u.RawQuery, u.Fragment = "", ""
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
		client := &http.Client{Transport: o.transport}
		return &web{client: client, base: u, options: o.options}, nil
	case u.Scheme == "file" && u.Host == "":
		info, err := os.Stat(u.Path)
		if err == nil && !info.IsDir() {
			err = fmt.Errorf("%s: not a directory", u.Path)
		}
		return directory(u.Path), err
	}
	return nil, errUnread
}

// directory is a cache that Nix wrote into a directory.
type directory string

func (d directory) file(_ context.Context, name string, take func([]byte) error) error {
	data, err := os.ReadFile(filepath.Join(string(d), name))
	if name == infoFile && errors.Is(err, fs.ErrNotExist) {
		return nil // Nix writes it where it is missing
	}
	if err != nil {
		return err
	}
	return take(data)
}

// web is a cache that is asked over HTTP.
type web struct {
	client  *http.Client
	base    *url.URL
	options Options
}

// passing is a problem that may be gone when the cache is asked again; it bids to wait that long.
type passing struct {
	err    error
	bidden time.Duration
}

func (p *passing) Error() string { return p.err.Error() }
func (p *passing) Unwrap() error { return p.err }

// MayPass and RetryAfter are for package retry.
func (p *passing) MayPass() bool             { return true }
func (p *passing) RetryAfter() time.Duration { return p.bidden }

// file asks until there is an answer, or no hope of one. What the cache said last is the error, without how often it was
// asked: it says more than that the time was over, too.
func (w *web) file(ctx context.Context, name string, take func([]byte) error) error {
	policy := retry.Policy{
		Tries: tries, First: firstRest, Factor: 2, Cap: longestRest, Jitter: 0.5, Bidden: longestBidden,
		Clock: retry.Clock{Wait: w.options.Wait},
	}
	if w.options.Once {
		policy.Tries = 1
	}
	var last error
	err := retry.Do(ctx, policy, func(ctx context.Context) error {
		err := w.once(ctx, name, take)
		if last != nil && ctx.Err() != nil {
			return last
		}
		last = err
		return err
	})
	var gave *retry.Error
	if errors.As(err, &gave) {
		err = gave.Last
	}
	var passed *passing
	if errors.As(err, &passed) {
		return passed.err
	}
	return err
}

func (w *web) once(ctx context.Context, name string, take func([]byte) error) error {
	once, cancel := context.WithTimeout(ctx, w.options.AnswerTime)
	defer cancel()
	data, err := w.get(once, name)
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil && once.Err() != nil:
		return &passing{err: fmt.Errorf("no answer within %s", w.options.AnswerTime)}
	case err != nil:
		return err
	}
	err = take(data)
	var bad *damage
	if errors.As(err, &bad) && !bad.lasting {
		return &passing{err: err}
	}
	return err
}

func (w *web) get(ctx context.Context, name string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.base.JoinPath(name).String(), nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "nqd/"+w.options.Version)
	response, err := w.client.Do(request)
	if err != nil {
		return nil, judge(withoutURL(err))
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		// A short answer is read to its end, so that the connection can be used again.
		_, _ = io.CopyN(io.Discard, response.Body, 64<<10)
		return nil, judgeStatus(response)
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, largest+1))
	if err != nil {
		return nil, judge(fmt.Errorf("the answer breaks off: %w", err))
	}
	return data, nil
}

// judgeStatus tells what a status other than 200 means, as Nix does (nix, src/libstore/filetransfer.cc): a bucket of S3
// that nobody may list answers 403 for what it does not have. Not as Nix, 401 is a problem: nqd reads no netrc, so it
// does not know what the cache would tell Nix.
func judgeStatus(response *http.Response) error {
	err := fmt.Errorf("answers %s", response.Status)
	switch response.StatusCode {
	case http.StatusNotFound, http.StatusGone, http.StatusForbidden:
		return fs.ErrNotExist
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return &passing{err, bidden(response.Header)}
	}
	return err
}

// bidden is how long the cache bids to wait (RFC 9110, 10.2.3); 0 where it does not, or not in a way that is known. A
// date is held against the cache's own clock.
func bidden(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	until, err := http.ParseTime(text)
	now, errNow := http.ParseTime(header.Get("Date"))
	if err != nil || errNow != nil {
		return 0
	}
	return max(0, until.Sub(now))
}

// judge tells failures of the network, which may pass, from those that stay: a certificate, a name that nobody has, too
// many redirections.
func judge(err error) error {
	var name *net.DNSError
	if errors.As(err, &name) && name.IsNotFound {
		return err
	}
	var operation *net.OpError
	var network net.Error
	var header textproto.ProtocolError
	if errors.As(err, &operation) || errors.As(err, &network) && network.Timeout() || errors.As(err, &header) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return &passing{err: err}
	}
	return err
}

// withoutURL takes the operation and the URL off an error: the cache is named beside it already.
func withoutURL(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
