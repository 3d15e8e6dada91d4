package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// command is one Exec line of a unit, ready to run.
type command struct {
	Path          string // the program behind Args[0]
	Args          []string
	IgnoreFailure bool // "-" in front
}

// command reads an Exec line of the unit NAME: prefixes, quoting, $VARIABLES of ENVIRONMENT
// and the specifiers %% and %n (systemd.service(5), COMMAND LINES).
func (m machine) command(line, name string, environment []string) (command, error) {
	program := strings.TrimLeft(line, "-@:+!")
	c := command{IgnoreFailure: strings.Contains(line[:len(line)-len(program)], "-")}
	words, err := splitWords(program)
	if err != nil {
		return command{}, err
	}
	if len(words) == 0 {
		return command{}, errors.New("no program")
	}
	if !filepath.IsAbs(words[0]) {
		words[0] = filepath.Join(servicePath, words[0])
	}
	variables := map[string]string{"$": "$"} // $$ is a dollar sign
	for _, setting := range environment {
		key, value, _ := strings.Cut(setting, "=")
		variables[key] = value
	}
	specifiers := strings.NewReplacer("%%", "%", "%n", name)
	for i, word := range words {
		word = specifiers.Replace(word)
		if i > 0 {
			word = os.Expand(word, func(key string) string { return variables[key] })
		}
		words[i] = word
	}
	c.Path = m.follow(words[0])
	c.Args = append([]string{m.at(words[0])}, words[1:]...)
	return c, nil
}

// splitWords splits a value at blanks as systemd does: quotes keep blanks, a backslash
// keeps the next character (systemd.syntax(7), QUOTING).
func splitWords(text string) ([]string, error) {
	var (
		words  []string
		word   strings.Builder
		inWord bool
		quote  rune
		escape bool
	)
	for _, r := range text {
		switch {
		case escape:
			word.WriteRune(unescaped(r))
			escape = false
		case r == '\\':
			escape, inWord = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, inWord = r, true
		case r == ' ' || r == '\t':
			if inWord {
				words = append(words, word.String())
				word.Reset()
			}
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 || escape {
		return nil, errors.New("unbalanced quoting")
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// unescaped is the character that a backslash in front of R stands for.
func unescaped(r rune) rune {
	switch r {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 's':
		return ' '
	}
	return r
}
