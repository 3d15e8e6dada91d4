package manifest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/masterofnull/nixos-quick-deploy/internal/backup/disk"
)

// format is the version of what encode writes.
const format = 1

const (
	head = `{"version":1,"sha256":"`
	neck = `","manifest":`
	tail = "}\n"
)

// encode writes the manifest and the SHA-256 of it, so that no damage goes unseen.
func encode(m Manifest) ([]byte, error) {
	body, err := json.Marshal(renamed(m, escape))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return slices.Concat(front(sum), body, []byte(tail)), nil
}

// front is what stands before a body of that hash.
func front(sum [sha256.Size]byte) []byte { return []byte(head + hex.EncodeToString(sum[:]) + neck) }

// decode reads what encode wrote, and nothing else.
func decode(data []byte) (Manifest, error) {
	start := len(head) + 2*sha256.Size + len(neck)
	if !bytes.HasPrefix(data, []byte(head)) || len(data) < start+len(tail) {
		return Manifest{}, foreign(data)
	}
	body := data[start : len(data)-len(tail)]
	if !bytes.HasPrefix(data, front(sha256.Sum256(body))) || !bytes.HasSuffix(data, []byte(tail)) {
		return Manifest{}, errors.New("it is not what was written")
	}
	var m Manifest
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return Manifest{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Manifest{}, errors.New("something follows it")
	}
	m = renamed(m, unescape)
	m.Version = format
	return m, m.check()
}

// foreign says why data is no manifest of this format.
func foreign(data []byte) error {
	var other struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &other); err == nil && other.Version > format {
		return fmt.Errorf("its format is %d, and this nqd reads %d: a newer nqd wrote it", other.Version, format)
	}
	return errors.New("it does not begin as one")
}

// renamed is m with rename done to all names. Its entries are its own.
func renamed(m Manifest, rename func(string) string) Manifest {
	entries := func(list []Entry) []Entry {
		list = append(make([]Entry, 0, len(list)), list...)
		for i := range list {
			e := &list[i]
			e.Path, e.Target, e.Same = rename(e.Path), rename(e.Target), rename(e.Same)
			if e.Xattrs != nil {
				all := make(map[string][]byte, len(e.Xattrs))
				for key, value := range e.Xattrs {
					all[rename(key)] = value
				}
				e.Xattrs = all
			}
		}
		return list
	}
	m.Entries, m.Parents = entries(m.Entries), entries(m.Parents)
	m.Paths = append([]string{}, m.Paths...)
	for i := range m.Paths {
		m.Paths[i] = rename(m.Paths[i])
	}
	m.Skipped = append([]Skipped(nil), m.Skipped...)
	for i := range m.Skipped {
		m.Skipped[i].Path = rename(m.Skipped[i].Path)
	}
	return m
}

// escape makes a name of any bytes one that JSON can hold: % and what is not UTF-8 become % and two digits.
func escape(name string) string {
	if utf8.ValidString(name) && !strings.Contains(name, "%") {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		if r == '%' || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "%%%02X", name[i])
		} else {
			b.WriteString(name[i : i+size])
		}
		i += size
	}
	return b.String()
}

// unescape is the name that escape wrote.
func unescape(name string) string {
	if !strings.Contains(name, "%") {
		return name
	}
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '%' && i+2 < len(name) {
			if value, err := strconv.ParseUint(name[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(value))
				i += 2
				continue
			}
		}
		b.WriteByte(name[i])
	}
	return b.String()
}

// check refuses a manifest that no backup has, even where its hash is right: what is restored must stand where the
// backup has it, and nowhere else.
func (m Manifest) check() error {
	if m.ID < 1 {
		return fmt.Errorf("%d is no number of a backup", m.ID)
	}
	asked := map[string]bool{}
	for _, path := range m.Paths {
		asked[path] = true
	}
	seen := make(map[string]*Entry, len(m.Entries))
	for i := range m.Entries {
		e := &m.Entries[i]
		if err := e.check(seen); err != nil {
			return fmt.Errorf("%q: %w", e.Path, err)
		}
		if above := seen[filepath.Dir(e.Path)]; !asked[e.Path] && (above == nil || above.Kind != disk.Folder) {
			return fmt.Errorf("%q: it is in no folder of the backup", e.Path)
		}
		seen[e.Path] = e
	}
	for _, e := range m.Parents {
		if e.Kind != disk.Folder || !Absolute(e.Path) {
			return fmt.Errorf("%q: not a folder above", e.Path)
		}
	}
	return nil
}

// Absolute says whether the path is one that a backup can have: absolute, clean, and not the root of all.
func Absolute(path string) bool {
	return filepath.IsAbs(path) && filepath.Clean(path) == path && path != "/" && !strings.Contains(path, "\x00")
}

func (e *Entry) check(seen map[string]*Entry) error {
	switch {
	case !Absolute(e.Path):
		return errors.New("it is no absolute path")
	case seen[e.Path] != nil:
		return errors.New("it is there twice")
	case e.Mode > 0o7777 || e.Size < 0 || e.ModTime[1] < 0 || e.ModTime[1] >= 1e9:
		return errors.New("its mode, size or time cannot be")
	case (e.Kind == disk.File) != (e.Hash != "") || e.Hash != "" && !isHash(e.Hash):
		return errors.New("it has the wrong hash for what it is")
	case (e.Kind == disk.Link) != (e.Target != ""):
		return errors.New("it has the wrong target for what it is")
	}
	switch e.Kind {
	case disk.File, disk.Link, disk.Folder, disk.Fifo:
	default:
		return fmt.Errorf("%q is no kind", e.Kind)
	}
	if e.Same == "" {
		return nil
	}
	first := seen[e.Same]
	if first == nil || first.Same != "" || first.Kind != e.Kind || e.Kind == disk.Folder || first.Hash != e.Hash {
		return fmt.Errorf("it cannot be the same as %q", e.Same)
	}
	return nil
}

func isHash(text string) bool {
	return len(text) == 2*sha256.Size && strings.Trim(text, "0123456789abcdef") == ""
}
