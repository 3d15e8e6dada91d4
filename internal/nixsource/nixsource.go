// Package nixsource reads the words of a Nix file: which paths, texts and names stand where. It evaluates nothing.
package nixsource

import (
	"fmt"
	"iter"
	"strings"
)

// Kind is what a token is.
type Kind int

// The kinds of tokens.
const (
	Name     Kind = iota + 1 // an identifier or a keyword
	Number                   // 1, 1.5
	Path                     // ./x, ../x, /x, x/y
	HomePath                 // ~/x
	Lookup                   // <nixpkgs>
	Text                     // "…" and ''…''
	URI                      // https://example.org without quotation marks
	Operator                 // anything else, brackets too
	Comment                  // # … and /* … */
)

// Token is one word of a file.
type Token struct {
	Kind Kind
	Line int // from 1; where it begins
	// Source is the token as it stands there; of a text or path with something put in, as far as that.
	Source string
	// Parts are what a text, or a path with something put in, says by itself. Escapes are resolved; the indent of ''…'' is
	// still there.
	Parts []Part
	// Inside are the tokens within ${…} of a text or path.
	Inside []Token
}

// Part is a piece of a text without anything put in.
type Part struct {
	Line int // where it begins
	Text string
}

// IsOpen reports whether something is put into the text or path.
func (t Token) IsOpen() bool { return len(t.Inside) > 0 }

// Value is all that a text or path says by itself. Where something is put in, nothing stands.
func (t Token) Value() string {
	var b strings.Builder
	for _, part := range t.Parts {
		b.WriteString(part.Text)
	}
	return b.String()
}

// Is reports whether the token is this name or operator.
func (t Token) Is(source string) bool {
	return (t.Kind == Name || t.Kind == Operator) && t.Source == source
}

// All are the tokens and those inside of them, in the order of the file.
func All(tokens []Token) iter.Seq[Token] {
	return func(yield func(Token) bool) { each(tokens, yield) }
}

func each(tokens []Token, yield func(Token) bool) bool {
	for _, one := range tokens {
		if !yield(one) || !each(one.Inside, yield) {
			return false
		}
	}
	return true
}

// Error is a file that cannot be taken apart.
type Error struct {
	Line    int
	Problem string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Problem) }

// deepest is how many texts may be put into each other; our own choice, far beyond what people write.
const deepest = 200

// Tokens takes the text of a file apart by the rules of Nix's own lexer (NixOS/nix, src/libexpr/lexer.l). With an
// error come the tokens before it.
func Tokens(text string) ([]Token, error) {
	l := &lexer{text: text, line: 1}
	tokens, err := l.expression(0)
	return tokens, err
}
