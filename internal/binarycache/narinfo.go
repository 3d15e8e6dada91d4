package binarycache

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/machine"
)

// infoFile says what a cache is.
const infoFile = "nix-cache-info"

// largest is more bytes than any .narinfo has: ten thousand references are about 600 kilobytes.
const largest = 8 << 20

// damage is an answer that is not what it should be. One that is not lasting may have been cut off on the way.
type damage struct {
	text    string
	lasting bool
}

func (d *damage) Error() string { return d.text }

// parse reads a .narinfo. What Nix does not take (nix, src/libstore/nar-info.cc) is refused here too: it would be no
// use to know of it. Names that are not known are passed over.
func parse(data []byte) (Narinfo, error) {
	if len(data) > largest {
		return Narinfo{}, &damage{text: fmt.Sprintf("more than %d bytes", largest), lasting: true}
	}
	fields, err := fields(string(data))
	if err != nil {
		return Narinfo{}, err
	}
	for _, name := range []string{"StorePath", "URL", "NarHash", "NarSize"} {
		if fields[name] == "" {
			return Narinfo{}, &damage{text: name + " is missing"}
		}
	}
	var info Narinfo
	if info.Path, err = machine.ParseStorePath(fields["StorePath"]); err != nil {
		return Narinfo{}, fmt.Errorf("StorePath: %w", err)
	}
	if info.NarSize, err = size(fields["NarSize"]); err != nil || info.NarSize == 0 {
		return Narinfo{}, &damage{text: "NarSize is " + strconv.Quote(fields["NarSize"])}
	}
	switch text, given := fields["FileSize"]; {
	case given:
		if info.FileSize, err = size(text); err != nil {
			return Narinfo{}, &damage{text: "FileSize is " + strconv.Quote(text)}
		}
	case fields["Compression"] == "none":
		info.FileSize = info.NarSize // it is sent as it is
	}
	for name := range strings.FieldsSeq(fields["References"]) {
		path, err := machine.ParseStorePath("/nix/store/" + name)
		if err != nil {
			return Narinfo{}, fmt.Errorf("in References: %w", err)
		}
		info.References = append(info.References, path)
	}
	return info, nil
}

// fields are the lines "Name: value". The last one has an end too: without it, it was cut off. Sig may stand more than
// once, what is read here may not.
func fields(text string) (map[string]string, error) {
	fields := make(map[string]string)
	for line := range strings.Lines(text) {
		line, whole := strings.CutSuffix(line, "\n")
		name, value, found := strings.Cut(line, ":")
		if !whole || !found {
			return nil, &damage{text: "broken line " + strconv.Quote(shortened(line))}
		}
		if _, twice := fields[name]; twice && name != "Sig" {
			return nil, &damage{text: name + " stands there twice"}
		}
		fields[name] = strings.TrimPrefix(value, " ")
	}
	return fields, nil
}

// size reads a number of bytes: digits alone.
func size(text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	return int64(n), err
}

// shortened keeps what a server answered instead, a page maybe, from filling the screen.
func shortened(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
