package nixsource

import (
	"strings"
)

// lexer stands at a place in a text.
type lexer struct {
	text string
	at   int
	line int
}

func (l *lexer) rest() string { return l.text[l.at:] }

// take goes on by n bytes, and returns them.
func (l *lexer) take(n int) string {
	taken := l.text[l.at : l.at+n]
	l.at += n
	l.line += strings.Count(taken, "\n")
	return taken
}

// operators are those of more than one character, the longer ones first.
var operators = [...]string{"...", "==", "!=", "<=", ">=", "&&", "||", "->", "//", "++", "|>", "<|", "${"}

// expression reads tokens up to the end of the file; depth says that it ends with the brace that closes ${.
func (l *lexer) expression(depth int) ([]Token, error) {
	if depth > deepest {
		return nil, &Error{l.line, "texts are put into each other too often"}
	}
	var tokens []Token
	braces := 0
	for l.at < len(l.text) {
		if c := l.text[l.at]; c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			l.take(1)
			continue
		}
		if depth > 0 && braces == 0 && l.text[l.at] == '}' {
			return tokens, nil
		}
		token, err := l.token(depth)
		if err != nil {
			return tokens, err
		}
		if token.Is("{") || token.Is("${") {
			braces++
		}
		if token.Is("}") {
			braces--
		}
		tokens = append(tokens, token)
	}
	if depth > 0 {
		return tokens, &Error{l.line, "the file ends within ${"}
	}
	return tokens, nil
}

func (l *lexer) token(depth int) (Token, error) {
	line, rest := l.line, l.rest()
	simple := func(kind Kind, n int) (Token, error) { return Token{Kind: kind, Line: line, Source: l.take(n)}, nil }
	switch {
	case rest[0] == '#':
		return simple(Comment, lineEnd(rest))
	case strings.HasPrefix(rest, "/*"):
		if end := strings.Index(rest[2:], "*/"); end >= 0 {
			return simple(Comment, end+4)
		}
	case rest[0] == '"':
		return l.quoted(depth)
	case strings.HasPrefix(rest, "''"):
		return l.indented(depth)
	}
	if begins, home := pathStart(rest); begins > 0 {
		return l.path(begins, home, depth)
	}
	if n := lookup(rest); n > 0 {
		return simple(Lookup, n)
	}
	if n := uri(rest); n > 0 {
		return simple(URI, n)
	}
	if n := name(rest); n > 0 {
		return simple(Name, n)
	}
	if n := number(rest); n > 0 {
		return simple(Number, n)
	}
	for _, one := range operators {
		if strings.HasPrefix(rest, one) {
			return simple(Operator, len(one))
		}
	}
	return simple(Operator, 1)
}

// lineEnd is how long the first line is, without its end.
func lineEnd(text string) int {
	if n := strings.IndexAny(text, "\r\n"); n >= 0 {
		return n
	}
	return len(text)
}

// inserted reads ${…}, from its first character on.
func (l *lexer) inserted(depth int) ([]Token, error) {
	l.take(2)
	tokens, err := l.expression(depth + 1)
	if err != nil {
		return tokens, err
	}
	l.take(1) // }
	if tokens == nil {
		// Not valid, and something is put in all the same.
		tokens = []Token{{Kind: Operator, Line: l.line}}
	}
	return tokens, nil
}

// piece is a Part that is being read.
type piece struct {
	line int
	text []byte
}

// quoted reads "…".
func (l *lexer) quoted(depth int) (Token, error) {
	t := Token{Kind: Text, Line: l.line}
	start := l.at
	l.take(1)
	part := piece{line: l.line}
	for l.at < len(l.text) {
		rest := l.rest()
		switch {
		case rest[0] == '"':
			l.take(1)
			return t.closed(part, l.text[start:l.at]), nil
		case rest[0] == '\\' && len(rest) > 1:
			part.text = append(part.text, unescaped(l.take(2)[1])...)
		case strings.HasPrefix(rest, "${"):
			if err := l.insert(&t, &part, depth); err != nil {
				return t, err
			}
		case rest[0] == '$' && len(rest) > 1 && rest[1] != '"' && rest[1] != '\\':
			part.text = append(part.text, l.take(2)...)
		default:
			part.text = append(part.text, l.take(plain(rest, "\"\\$"))...)
		}
	}
	return t, &Error{t.Line, "a text has no end"}
}

// insert ends a part of a text before ${, and begins the one behind it.
func (l *lexer) insert(t *Token, part *piece, depth int) error {
	inside, err := l.inserted(depth)
	if len(part.text) > 0 {
		t.Parts = append(t.Parts, Part{part.line, string(part.text)})
	}
	t.Inside = append(t.Inside, inside...)
	*part = piece{line: l.line}
	return err
}

// closed is a text that ended.
func (t Token) closed(last piece, source string) Token {
	if len(last.text) > 0 {
		t.Parts = append(t.Parts, Part{last.line, string(last.text)})
	}
	t.Source = source
	return t
}

func unescaped(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 'r':
		return "\r"
	case 't':
		return "\t"
	}
	return string([]byte{c})
}

// indented reads text between two pairs of apostrophes.
func (l *lexer) indented(depth int) (Token, error) {
	t := Token{Kind: Text, Line: l.line}
	start := l.at
	l.take(2)
	part := piece{line: l.line}
	for l.at < len(l.text) {
		rest := l.rest()
		switch {
		case strings.HasPrefix(rest, "''$"):
			part.text = append(part.text, l.take(3)[2:]...)
		case strings.HasPrefix(rest, "'''"):
			part.text = append(part.text, l.take(3)[1:]...)
		case strings.HasPrefix(rest, `''\`) && len(rest) > 3:
			part.text = append(part.text, unescaped(l.take(4)[3])...)
		case strings.HasPrefix(rest, "''"):
			l.take(2)
			return t.closed(part, l.text[start:l.at]), nil
		case strings.HasPrefix(rest, "${"):
			if err := l.insert(&t, &part, depth); err != nil {
				return t, err
			}
		case rest[0] == '$' && len(rest) > 1 && rest[1] != '\'', rest[0] == '\'' && len(rest) > 1 && rest[1] != '$':
			part.text = append(part.text, l.take(2)...)
		default:
			part.text = append(part.text, l.take(plain(rest, "'$"))...)
		}
	}
	return t, &Error{t.Line, "a text has no end"}
}

// path reads a path that begins with so many bytes; behind each part of it ${…} may stand.
func (l *lexer) path(begins int, home bool, depth int) (Token, error) {
	t := Token{Kind: Path, Line: l.line}
	if home {
		t.Kind = HomePath
	}
	start := l.at
	part := piece{l.line, []byte(l.take(begins))}
	for {
		rest := l.rest()
		if strings.HasPrefix(rest, "${") {
			if err := l.insert(&t, &part, depth); err != nil {
				return t, err
			}
			continue
		}
		n := pathOn(rest, strings.HasSuffix(l.text[start:l.at], "/"))
		if n == 0 {
			return t.closed(part, l.text[start:l.at]), nil
		}
		part.text = append(part.text, l.take(n)...)
	}
}

// plain is how far text goes without what means something; its first character means nothing here.
func plain(text, meaning string) int {
	if n := strings.IndexAny(text[1:], meaning); n >= 0 {
		return 1 + n
	}
	return len(text)
}
