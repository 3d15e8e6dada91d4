package adopt

import (
	"path"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/event"
	"github.com/masterofnull/nixos-quick-deploy/internal/nixsource"
)

// source is one Nix file: its words, and what comes out of them.
type source struct {
	file        string // absolute, on the machine
	name        string // below the folder
	tokens      []nixsource.Token
	module      bool
	names       []wanted
	texts       map[string]nixsource.Token // what names stand for, where that is a text
	findings    []event.Finding
	filesystems bool
}

// scan goes through the words once. It knows nothing of what they come to: a place that is not reached counts as well.
func (s *source) scan() {
	optional := s.askedFor(s.tokens)
	s.walk(s.tokens, optional)
	s.arguments()
	s.texts = bound(code(s.tokens))
	s.secrets(s.tokens)
}

// code are tokens without comments.
func code(tokens []nixsource.Token) []nixsource.Token {
	return slices.DeleteFunc(slices.Clone(tokens), func(t nixsource.Token) bool { return t.Kind == nixsource.Comment })
}

// askedFor are the paths that the file looks for before it uses them (builtins.pathExists).
func (s *source) askedFor(tokens []nixsource.Token) map[string]bool {
	asked := map[string]bool{}
	var before nixsource.Token
	for t := range nixsource.All(tokens) {
		if t.Kind == nixsource.Comment || t.Is("(") {
			continue
		}
		if t.Kind == nixsource.Path && before.Is("pathExists") {
			asked[t.Source] = true
		}
		before = t
	}
	return asked
}

// walk looks at each word with those around it.
func (s *source) walk(tokens []nixsource.Token, optional map[string]bool) {
	words := code(tokens)
	lists := importLists(words)
	for i, t := range words {
		before, behind := words[:i], words[i+1:]
		switch t.Kind {
		case nixsource.Path:
			s.path(t, before, behind, lists[i], optional[t.Source])
		case nixsource.HomePath:
			s.find("adopt-absolute-path", t.Line, "names a file in a home, "+t.Source, "copy it to "+Folder+" and name it as ./FILE")
		case nixsource.Lookup:
			s.findings = append(s.findings, lookup(s.file, t))
		case nixsource.Name:
			s.word(t, before, behind)
		case nixsource.Text:
			s.text(t, before)
		}
		s.walk(t.Inside, optional)
	}
}

func (s *source) find(id string, line int, text, cure string) {
	s.findings = append(s.findings, event.Finding{ID: id, File: s.file, Line: line, Text: text, Cure: cure})
}

// importLists marks the tokens within the list of an `imports`.
func importLists(words []nixsource.Token) []bool {
	marked := make([]bool, len(words))
	depth, until := 0, -1
	for i, t := range words {
		switch {
		case t.Is("[") || t.Is("(") || t.Is("{") || t.Is("${"):
			depth++
		case t.Is("]") || t.Is(")") || t.Is("}"):
			depth--
		case t.Is("imports") && i+1 < len(words) && words[i+1].Is("=") && until < 0:
			until = depth
		case t.Is(";") && depth == until:
			until = -1
		}
		marked[i] = until >= 0
	}
	return marked
}

// last is the token before a place, brackets aside; the zero one at the beginning.
func last(before []nixsource.Token) nixsource.Token {
	for _, t := range slices.Backward(before[max(0, len(before)-longestValueOf):]) {
		if !t.Is("(") {
			return t
		}
	}
	return nixsource.Token{}
}

// path is a path that the file names.
func (s *source) path(t nixsource.Token, before, behind []nixsource.Token, listed, optional bool) {
	literal := t.Source
	if t.IsOpen() {
		// The folder before what is put in, with all that is in it.
		literal = t.Parts[0].Text[:strings.LastIndex(t.Parts[0].Text, "/")+1]
		if len(t.Parts) == 0 || literal == "" {
			return
		}
	}
	if path.IsAbs(literal) {
		s.absolute(t.Line, literal)
		return
	}
	if len(behind) > 1 && behind[0].Is("+") && behind[1].Kind == nixsource.Text && !behind[1].IsOpen() {
		literal += behind[1].Value()
	}
	name, inside := below(s.name, literal)
	if !inside {
		s.find("adopt-absolute-path", t.Line, "names a file outside of "+Folder+", "+literal, "copy it to "+Folder+" and name it as ./FILE")
		return
	}
	imported := listed || last(before).Is("import")
	s.names = append(s.names, wanted{
		name: name, from: s.file, line: t.Line, module: listed, imported: imported && !t.IsOpen(),
		optional: optional || last(before).Is("pathExists"),
	})
}

// absolute is a file that is named by its whole path.
func (s *source) absolute(line int, name string) {
	cure := "copy it to " + Folder + " and name it as ./FILE; a secret stays where it is, and its path is given as text in quotation marks"
	if relative, in := strings.CutPrefix(path.Clean(name), Folder+"/"); in {
		up := strings.Repeat("../", strings.Count(s.name, "/"))
		if up == "" {
			up = "./"
		}
		cure = "write " + up + relative + " in its place"
	}
	s.find("adopt-absolute-path", line, "names "+name+" by its whole path, which a flake may not read", cure)
}

// readers are functions whose argument is read during the evaluation.
var readers = []string{"import", "readFile", "readDir", "pathExists", "scopedImport", "importJSON", "importTOML"}

// text is a text that stands where a path may.
func (s *source) text(t nixsource.Token, before []nixsource.Token) {
	value := t.Value()
	if strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "/nix/store/") && len(t.Parts) > 0 &&
		strings.HasPrefix(t.Source, t.Source[:1]+"/") && slices.Contains(readers, last(before).Source) {
		s.absolute(t.Line, value)
	}
}

// impure are names that mean something else on each machine.
var impure = map[string]string{
	"getEnv": "getEnv is empty in a flake, without any word", "currentSystem": "currentSystem is not there in a flake",
	"__currentSystem": "currentSystem is not there in a flake", "currentTime": "currentTime is not there in a flake",
	"__currentTime": "currentTime is not there in a flake", "__getEnv": "getEnv is empty in a flake, without any word",
}

// word is a name that may mean something outside of the files.
func (s *source) word(t nixsource.Token, before, behind []nixsource.Token) {
	if isSelected(before) && !hasBuiltins(before) {
		return // an attribute of something else
	}
	if text, is := impure[t.Source]; is && !isAssigned(behind) {
		cure := "write the value itself in its place"
		if strings.HasSuffix(t.Source, "urrentSystem") {
			cure = "write pkgs.stdenv.hostPlatform.system in its place"
		}
		s.find("adopt-impure-fetch", t.Line, text, cure)
		return
	}
	switch t.Source {
	case "fetchTarball", "fetchGit", "fetchTree", "fetchMercurial", "getFlake":
	case "fetchurl":
		if !hasBuiltins(before) {
			return // of pkgs, mostly: that always has a hash
		}
	case "fileSystems":
		s.filesystems = true
		return
	default:
		return
	}
	if !isAssigned(behind) {
		s.fetch(t, argument(behind))
	}
}

func isSelected(before []nixsource.Token) bool {
	return len(before) > 0 && before[len(before)-1].Is(".")
}

func hasBuiltins(before []nixsource.Token) bool {
	return len(before) > 1 && isSelected(before) && before[len(before)-2].Is("builtins")
}

// isAssigned reports whether what stands behind a name makes it one of the file's own.
func isAssigned(behind []nixsource.Token) bool {
	return len(behind) > 0 && (behind[0].Is("=") || behind[0].Is("?") || behind[0].Is(":"))
}

// longestValueOf is how many words of an argument or value are looked at; our own choice. What is longer is no download and
// no password, and the work grows with the file alone.
const longestValueOf = 200

// argument are the tokens of the first argument of a call: one word, or what is between brackets.
func argument(behind []nixsource.Token) []nixsource.Token {
	behind = behind[:min(len(behind), longestValueOf)]
	depth := 0
	for i, t := range behind {
		switch {
		case t.Is("(") || t.Is("{") || t.Is("[") || t.Is("rec"):
			if !t.Is("rec") {
				depth++
			}
		case t.Is(")") || t.Is("}") || t.Is("]"):
			depth--
		}
		if depth <= 0 && !t.Is("rec") {
			return behind[:i+1]
		}
	}
	return behind
}

// fetch is a download during the evaluation.
func (s *source) fetch(t nixsource.Token, argument []nixsource.Token) {
	var text strings.Builder
	pinned := false
	for one := range nixsource.All(argument) {
		text.WriteString(one.Source + " ")
		for _, name := range []string{"sha256", "narHash", "rev", "hash"} {
			pinned = pinned || one.Is(name)
		}
	}
	all := text.String()
	if strings.Contains(all, "home-manager") {
		s.find("adopt-channel-home-manager", t.Line, "downloads Home Manager, which nqd brings along", channelCure)
		return
	}
	if pinned || t.Source == "getFlake" && (strings.Contains(all, "rev=") || revision().MatchString(all)) {
		return
	}
	if len(argument) == 1 && argument[0].Kind == nixsource.Name {
		return // what that is, the evaluation knows
	}
	cure := "give it as a set with url and sha256 (`nix-prefetch-url --unpack URL` tells the hash)"
	if t.Source == "fetchGit" || t.Source == "getFlake" || t.Source == "fetchTree" {
		cure = "add the commit that is meant, as rev"
	}
	s.find("adopt-impure-fetch", t.Line, t.Source+" downloads what has neither a hash nor a commit", cure)
}

// arguments looks at the first line of a module for what only a flake gives.
func (s *source) arguments() {
	words := code(s.tokens)
	if !s.module || len(words) == 0 || !words[0].Is("{") {
		return
	}
	for i, t := range words {
		if t.Is("}") {
			if i+1 >= len(words) || !words[i+1].Is(":") && !words[i+1].Is("@") {
				return // a set
			}
			break
		}
	}
	depth := 0
	for i, t := range words {
		switch {
		case t.Is("{") || t.Is("(") || t.Is("["):
			depth++
		case t.Is("}") || t.Is(")") || t.Is("]"):
			if depth--; depth == 0 {
				return
			}
		case depth == 1 && (t.Is("inputs") || t.Is("self") || t.Is("outputs")) && (words[i-1].Is("{") || words[i-1].Is(",")):
			if i+1 < len(words) && !words[i+1].Is("?") {
				s.find("adopt-flake", t.Line, "asks for `"+t.Source+"`, which the flake that it is from gives it", flakeCure)
			}
		}
	}
}
