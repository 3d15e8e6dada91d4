package wizard

import "strings"

// signs are what not every terminal shows: what stands for the rest of a line, and between two parts of one.
type signs struct{ more, dot string }

func signsOf(environ []string) signs {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(variable(environ, name)); locale != "" {
			if strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8") {
				return signs{"…", " · "}
			}
			break
		}
	}
	return signs{"...", ", "}
}
