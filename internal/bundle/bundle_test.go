package bundle

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
	"github.com/masterofnull/nixos-quick-deploy/internal/redact"
)

var at = time.Date(2026, 11, 23, 12, 0, 0, 7, time.UTC)

func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// place is a machine with records and a workspace.
func place(t *testing.T) From {
	t.Helper()
	root, state, space := t.TempDir(), t.TempDir(), t.TempDir()
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	put(t, root, map[string]string{"etc/os-release": "VERSION_ID=26.05\n"})
	put(t, space, map[string]string{
		"hosts/orion/host.toml": "name = \"orion\" # watermelon\n", "flake.lock": "{}", "flake.nix": "x", "notes.txt": "password = melon\n",
		"secrets/orion/token": "watermelon\n", "hosts/orion/local.nix": "{ }",
	})
	put(t, state, map[string]string{
		"deployments/2/journal": "0123456789abcdef {\"header\":\"watermelon\"}\n", "deployments/10/journal": "\x00damaged \xff TOKEN=abcdef",
		"deployments/lock": "", "log/20261123T110000Z-01234567.jsonl": `{"kind":"nix","line":"https://ada:melon@example.org"}` + "\n",
		"log/other": "x",
	})
	return From{
		Machine: m, State: state, Workspace: space, Hosts: []string{"orion"}, Secrets: &redact.Redactor{},
		Answers: []Answer{
			{"status.json", "what runs", func(context.Context) ([]byte, error) { return []byte(`{"a":"watermelon"}`), nil }},
			{"broken.json", "what is broken", func(context.Context) ([]byte, error) { return nil, errors.New("no watermelon here") }},
		},
	}
}

// unpack reads an archive: names in their order, texts by name.
func unpack(t *testing.T, data []byte) (names []string, texts map[string]string) {
	t.Helper()
	packed, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	texts = map[string]string{}
	archive := tar.NewReader(packed)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return names, texts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		if header.Mode != 0o600 || header.Uid != 0 || header.Uname != "" || !header.ModTime.Equal(at.Truncate(time.Second)) {
			t.Errorf("header %+v", header)
		}
		name := strings.TrimPrefix(header.Name, "nqd-bundle/")
		names, texts[name] = append(names, name), string(text)
	}
}

// The archive has what helps, in a fixed order, without any secret, and says what it leaves out.
func TestBundle(t *testing.T) {
	t.Parallel()
	from := place(t)
	from.With = []string{"notes.txt", "secrets/orion/token", "../outside", "missing"}
	b, err := Collect(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "bundle.tar.gz")
	if err := b.Create(file, "orion", at); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	names, texts := unpack(t, data)
	want := []string{
		"MANIFEST", "status.json", "os-release", "workspace/flake.lock", "workspace/hosts/orion/host.toml", "workspace/notes.txt",
		"deployments/2/journal", "deployments/10/journal", "log/20261123T110000Z-01234567.jsonl",
	}
	if !slices.Equal(names, want) || !slices.Equal(b.Names(), want) {
		t.Errorf("names %v, %v", names, b.Names())
	}
	for name, text := range texts {
		if strings.Contains(text, "melon") {
			t.Errorf("%s: %s", name, text)
		}
	}
	if texts["deployments/10/journal"] != "\x00damaged \xff TOKEN=‹redacted: secret›" {
		t.Errorf("damaged journal %q", texts["deployments/10/journal"])
	}
	if got := b.Redacted(); got != 6 {
		t.Errorf("%d redactions", got)
	}
	for _, line := range []string{
		"nqd bundle of orion, 2026-11-23T12:00:00Z\n", "  workspace/flake.lock             which inputs are used; 2 bytes, 0 secrets redacted\n",
		"  workspace/secrets                secrets are never packed\n", "  workspace/secrets/orion/token    secrets are never packed\n",
		"  workspace/../outside             ../outside: not a file below ", "  workspace/missing                ",
		"  broken.json                      no ‹redacted: secrets/orion/token› here\n", "  failed-units.json ",
	} {
		if !strings.Contains(texts["MANIFEST"], line) {
			t.Errorf("no %q in\n%s", line, texts["MANIFEST"])
		}
	}
	again, err := Collect(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	var second bytes.Buffer
	if err := again.write(&second, "orion", at); err != nil || !bytes.Equal(second.Bytes(), data) {
		t.Errorf("another archive of the same: %v", err)
	}
}

// A link is not followed, wherever it is: it may lead to a secret. What is too large stays out.
func TestLinks(t *testing.T) {
	t.Parallel()
	from := place(t)
	for name, target := range map[string]string{"hosts/orion/host.toml": "../../secrets/orion/token", "flake.lock": "/etc/shadow"} {
		file := filepath.Join(from.Workspace, name)
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, file); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("secrets", filepath.Join(from.Workspace, "linked")); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(from.State, "deployments/2/journal"), largestFile+1); err != nil {
		t.Fatal(err)
	}
	from.With = []string{"linked/orion/token"}
	b, err := Collect(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"MANIFEST", "status.json", "os-release", "deployments/10/journal", "log/20261123T110000Z-01234567.jsonl"}
	if got := b.Names(); !slices.Equal(got, want) {
		t.Errorf("names %v", got)
	}
}

// Nothing at all is there: there is still a bundle, which says so.
func TestNothing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	m, err := machine.Sandbox(root)
	if err != nil {
		t.Fatal(err)
	}
	gone := filepath.Join(root, "gone")
	b, err := Collect(t.Context(), From{Machine: m, State: gone, Workspace: gone, Hosts: []string{"orion"}, Secrets: &redact.Redactor{}})
	if err != nil || len(b.Entries) != 0 || len(b.Left) < 5 {
		t.Errorf("%+v, %v", b, err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	cancel(enough)
	if _, err := Collect(ctx, place(t)); err != enough {
		t.Errorf("error %v", err)
	}
}

// A file that is there stays as it is; one that cannot be written whole is removed.
func TestCreate(t *testing.T) {
	t.Parallel()
	b := &Bundle{secrets: &redact.Redactor{}}
	file := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := b.Create(file, "orion", at); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v", err)
	}
	if text, _ := os.ReadFile(file); string(text) != "mine" {
		t.Errorf("now %q", text)
	}
	b.Entries = []Entry{{Name: strings.Repeat("x", 10) + "\x00"}} // no name for an archive
	file += "2"
	if err := b.Create(file, "orion", at); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("half an archive stays")
	}
}
