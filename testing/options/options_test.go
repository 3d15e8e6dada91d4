package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

const root = "../.."

// maxRaw may only shrink: what the facts tell of a type and nobody made a type of yet.
const maxRaw = 0

// The tables are those that the facts and corrections make; `make tables` writes them.
func TestFresh(t *testing.T) {
	files, err := convert(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(root + "/" + name)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the facts make (%v): run `make tables`", name, err)
		}
	}
	parts, err := os.ReadDir(root + "/" + partsFolder)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts {
		if name := partsFolder + "/" + part.Name(); files[name] == nil {
			t.Errorf("%s is of no use: run `make tables`", name)
		}
	}
}

func TestRaw(t *testing.T) {
	data, err := os.ReadFile("raw.txt")
	if err != nil {
		t.Fatal(err)
	}
	count := strings.Count(string(data), "\n")
	t.Logf("%d options without a type", count)
	if count > maxRaw {
		t.Errorf("%d options without a type, more than %d: add a spelling or a correction", count, maxRaw)
	}
	if count < maxRaw {
		t.Errorf("%d options without a type: lower maxRaw from %d", count, maxRaw)
	}
}
