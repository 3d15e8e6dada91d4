package answer

import (
	"io"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/ui/words"
)

// Bundled writes what is in a bundle, or would be, and where it is.
func Bundled(w io.Writer, b event.Bundled, width int) {
	for _, entry := range b.Entries {
		words.Line(w, width, "  %s", entry)
	}
	if b.File == "" {
		words.Line(w, width, "Nothing was written: this is what a bundle would have in it.")
		return
	}
	words.Line(w, width, "%s: %s, %s redacted. Read it before you give it away.", b.File, words.Count(len(b.Entries), "file", "files"), words.Count(b.Redacted, "secret", "secrets"))
}
