package main

import "strings"

// table is a table of Markdown.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		for _, cell := range cells {
			b.WriteString("| " + strings.ReplaceAll(plain(cell), "|", `\|`) + " ")
		}
		b.WriteString("|\n")
	}
	line(head)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// plain keeps "<" from being read as HTML, which it is not between backticks.
func plain(s string) string {
	parts := strings.Split(s, "`")
	for i := 0; i < len(parts); i += 2 {
		parts[i] = strings.ReplaceAll(parts[i], "<", "&lt;")
	}
	return strings.Join(parts, "`")
}

func code(s string) string { return "`" + s + "`" }

func codes(list []string) []string { return each(list, code) }

// links lead to the sections of features.
func links(ids []string) string {
	return strings.Join(each(ids, func(id string) string { return "[" + id + "](#" + id + ")" }), ", ")
}

func each[T any](list []T, f func(T) string) []string {
	texts := make([]string, len(list))
	for i, element := range list {
		texts[i] = f(element)
	}
	return texts
}

func empty(s string) bool { return s == "" }
