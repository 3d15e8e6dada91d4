package host

import (
	"errors"
	"fmt"

	"github.com/pelletier/go-toml/v2"

	"github.com/masterofnull/nixos-quick-deploy/internal/catalog"
	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// Part is a file that says some of what a host file says, by the same keys and rules.
type Part struct {
	Host     Host // what is not said is empty
	document *document.Document
}

// ParsePart reads such a file. Its error is document.Errors: all that is wrong, sorted by line.
// Features are not held against each other: that takes the whole host.
func ParsePart(name string, data []byte, c *catalog.Catalog) (*Part, error) {
	d := file{document.Read(name, data)}
	if d.Tree != nil {
		d.check(c, false)
	}
	if err := d.Err(); err != nil {
		return nil, err
	}
	p := &Part{document: d.Document}
	if err := toml.Unmarshal(data, &p.Host); err != nil {
		return nil, fmt.Errorf("%s: the schema let through what Host cannot hold: %w", name, err)
	}
	for _, options := range p.Host.Features {
		for name, value := range options {
			options[name] = typed(value)
		}
	}
	return p, nil
}

// Text is the text at a dotted path; false where the file does not say it.
func (p *Part) Text(path string) (string, bool) {
	value, _ := p.document.Lookup(path)
	text, said := value.(string)
	return text, said
}

// Texts are the paths of all keys with a fixed place that hold one text.
func Texts() []string {
	var paths []string
	for _, e := range schema {
		if e.option.Type == "str" || e.option.Type == "enum" {
			paths = append(paths, e.path)
		}
	}
	return paths
}

// Choices are all values that the text at that path may have; nil where they are not a list.
func Choices(path string) []string {
	for _, e := range schema {
		if e.path == path {
			return e.option.Values
		}
	}
	return nil
}

// CheckText holds a text against the rules of the key at that path. The error names neither, and has a Hint where
// something can be said.
func CheckText(path, value string) error {
	for _, e := range schema {
		if e.path != path {
			continue
		}
		if problem := e.option.Mismatch(value); problem != "" {
			return errors.New(problem)
		}
		if e.rule == nil {
			return nil
		}
		if problem, cure := e.rule(value); problem != "" {
			return &TextError{Problem: problem, Cure: cure}
		}
		return nil
	}
	return fmt.Errorf("%s: no such key", path)
}

// TextError is a text that a host file cannot have in its place.
type TextError struct{ Problem, Cure string }

func (e *TextError) Error() string { return e.Problem }

// Hint is what to write instead.
func (e *TextError) Hint() string { return e.Cure }
