package adopt

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixsource"
)

// channelCure takes Home Manager by channel out. What its lines say goes where the workspace has it.
const channelCure = "remove this line and the home-manager.users lines, and after `nqd init` put what they say into hosts/<name>/home.nix: " +
	"the workspace has Home Manager as an input"

// flakeCure is for a configuration that is a flake already. nqd has no module yet that another flake could import.
const flakeCure = "go on without it: `nqd init` makes a flake of its own; afterwards copy the modules that you want to keep into hosts/<name>/ and " +
	"write `imports = [ ./MODULE.nix ];` in hosts/<name>/local.nix"

func flake(file string) event.Finding {
	return event.Finding{ID: "adopt-flake", File: file, Text: "the configuration is a flake, which is built from flake.nix", Cure: flakeCure}
}

func foreignLink(file, target string) event.Finding {
	cure := "put the file itself in the place of the link"
	if path.Dir(target) != Folder && !strings.HasPrefix(target, Folder+"/") {
		cure = "if it is kept in a repository of yours, go on without it, and afterwards copy what you want to keep from there into hosts/<name>/ and " +
			"write `imports = [ ./FILE.nix ];` in hosts/<name>/local.nix; or put the file itself in the place of the link"
	}
	return event.Finding{ID: "adopt-foreign-link", File: file, Text: "is a link to " + target, Cure: cure}
}

func unreadable(file string) event.Finding {
	return event.Finding{
		ID: "adopt-unreadable", File: file, Text: "only root may read it",
		Cure: "if nothing in it is secret, `sudo chmod a+rX " + shellWord(file) + "`; if something is, it does not belong into the configuration: " +
			"give its path as text in quotation marks",
	}
}

// shellWord is text as one word of a command to type.
func shellWord(text string) string {
	if regexp.MustCompile(`^[\w./+-]+$`).MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

func missing(w wanted, abs string) event.Finding {
	return event.Finding{
		ID: "adopt-missing-file", File: w.from, Line: w.line, Text: "names " + abs + ", which is not there",
		Cure: "correct the name, remove the line, or bring the file back",
	}
}

func syntax(file string, err error) event.Finding {
	finding := event.Finding{
		ID: "adopt-evaluation", File: file, Text: "cannot be read: " + err.Error(),
		Cure: "correct it; `nix-instantiate --parse " + shellWord(file) + "` shows the place",
	}
	if at := (*nixsource.Error)(nil); errors.As(err, &at) {
		finding.Line, finding.Text = at.Line, "cannot be read: "+at.Problem
	}
	return finding
}

// lookup is a path in < >, which means whatever the machine's channels hold.
func lookup(file string, t nixsource.Token) event.Finding {
	f := event.Finding{ID: "adopt-lookup-path", File: file, Line: t.Line, Text: "uses " + t.Source + ", whatever a channel holds"}
	name, rest, _ := strings.Cut(strings.Trim(t.Source, "<>"), "/")
	switch {
	case name == "home-manager":
		f.ID, f.Text, f.Cure = "adopt-channel-home-manager", "imports Home Manager from a channel, "+t.Source, channelCure
	case name == "nixpkgs" && strings.HasPrefix(rest, "nixos/modules/"):
		f.Cure = fmt.Sprintf("write (modulesPath + %q) in its place, and modulesPath among the arguments in the first line",
			strings.TrimPrefix(rest, "nixos/modules"))
	case name == "nixpkgs" && rest != "":
		f.Cure = fmt.Sprintf("write (pkgs.path + %q) in its place", "/"+rest)
	case name == "nixpkgs":
		f.Cure = "use `pkgs`, an argument of the file, in its place: `import <nixpkgs> { }` is what that is"
	case name == "nixos-hardware":
		f.Cure = "remove the line: nqd sets the graphics up itself; what else it did, write into the file or, as an input, into flake.nix afterwards"
	default:
		f.Cure = "remove it here, and add the source as an input to flake.nix afterwards"
	}
	return f
}

var revision = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\b[0-9a-f]{40}\b`) })

// The places that Nix names: in the imported folder, with a line behind.
var place = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`([^\s'"` + "`" + `‘’«»()]*/)?imported/([^\s'"` + "`" + `‘’«»:]+\.nix)'?(?::(\d+))?`)
})

// known are words of Nix 2.26 and 2.34 for what the scan knows too, where only the evaluation could see it.
var known = sync.OnceValue(func() []struct {
	words    *regexp.Regexp
	id, cure string
} {
	row := func(words, id, cure string) struct {
		words    *regexp.Regexp
		id, cure string
	} {
		return struct {
			words    *regexp.Regexp
			id, cure string
		}{regexp.MustCompile(words), id, cure}
	}
	return []struct {
		words    *regexp.Regexp
		id, cure string
	}{
		row(`cannot look up '<[^>]*>' in pure|was not found in the Nix search path`, "adopt-lookup-path", "use `pkgs`, an argument of the file, in its place"),
		row(`access to absolute path '[^']*' is forbidden`, "adopt-absolute-path", "copy the file to "+Folder+" and name it as ./FILE"),
		row(`[Pp]ath '[^']*' does not exist|getting status of '`, "adopt-missing-file", "correct the name, or bring the file back"),
		row(`will not fetch unlocked|in pure evaluation mode, 'fetch|requires a ('?sha256'?|Git revision)|pure (evaluation|eval) mode.*fetch|attribute 'current(System|Time)' missing`,
			"adopt-impure-fetch", "give what is downloaded with its hash or commit"),
		row(`attribute '(inputs|self|outputs)' missing`, "adopt-flake", flakeCure),
		row("The option `home-manager' does not exist", "adopt-channel-home-manager", channelCure),
	}
})

// said is the finding for what Nix said against files.
func said(text string, files []File) event.Finding {
	f := event.Finding{
		ID: "adopt-evaluation", File: Configuration, Text: "does not evaluate by itself: " + strings.TrimSpace(text),
		Cure: "correct what the message names; `sudo nixos-rebuild dry-build` tries the file as it is",
	}
	for _, one := range known() {
		if one.words.MatchString(text) {
			f.ID, f.Cure = one.id, one.cure
			break
		}
	}
	for _, at := range place().FindAllStringSubmatch(text, -1) {
		for _, file := range files {
			if file.Path == at[2] {
				f.File = file.From
				f.Line, _ = strconv.Atoi(at[3])
				return f
			}
		}
	}
	return f
}
