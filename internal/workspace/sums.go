package workspace

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// sumsFile says what nqd last wrote, in the form of sha256sum(1), so that
// `sha256sum -c nixlib/SHA256SUMS` in the workspace checks it without nqd.
const sumsFile = "nixlib/SHA256SUMS"

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}

func formatSums(files []File) []byte {
	var text bytes.Buffer
	for _, file := range files {
		fmt.Fprintf(&text, "%s  %s\n", sum(file.Data), file.Path)
	}
	return text.Bytes()
}

// readSums maps the path of each file that nqd last wrote to its sum; it is empty before the
// first time.
func (w Workspace) readSums() (map[string]string, error) {
	data, err := os.ReadFile(w.path(sumsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sums := make(map[string]string)
	lines := bufio.NewScanner(bytes.NewReader(data))
	for number := 1; lines.Scan(); number++ {
		digest, path, found := strings.Cut(lines.Text(), "  ")
		if !found {
			return nil, fmt.Errorf("%s:%d: not a line of sha256sum", w.path(sumsFile), number)
		}
		sums[path] = digest
	}
	return sums, lines.Err()
}
