package main

import (
	"fmt"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/explain"
)

const explainIntro = `# Known failures

What ` + "`nqd explain`" + ` knows: failures of nix, of the network and of activation that nqd recognises by what they say, with
cause and cure. ` + "`nqd explain ID`" + ` tells one of them. An ID never changes its meaning. This page is written by ` + "`make docs`" + `
out of ` + "`internal/explain`" + `.
`

// stages are the headings of the page, in the order in which a deployment comes to them.
var stages = []struct {
	stage explain.Stage
	title string
}{
	{explain.Adopting, "While `nqd init` looks at the machine's own configuration"},
	{explain.Evaluating, "While the configuration is evaluated"},
	{explain.Fetching, "While something is downloaded"},
	{explain.Storing, "In nix's store, database and settings"},
	{explain.Building, "While something is built"},
	{explain.Activating, "While a system is activated or made the boot default"},
}

// explanations is the page of all known failures.
func explanations() (string, error) {
	var b strings.Builder
	b.WriteString(explainIntro)
	for _, s := range stages {
		ids := explain.In(s.stage)
		rows := make([][]string, len(ids))
		var sections strings.Builder
		for i, id := range ids {
			e, err := explain.Find(id)
			if err != nil {
				return "", err
			}
			rows[i] = []string{links([]string{id}), e.Title}
			fmt.Fprintf(&sections, "\n### %s\n\n**%s.** %s\n\n*Cure:* %s\n", e.ID, plain(e.Title), plain(e.Cause), plain(e.Cure))
		}
		fmt.Fprintf(&b, "\n## %s\n\n", s.title)
		b.WriteString(table([]string{"ID", "what it is"}, rows))
		b.WriteString(sections.String())
	}
	return b.String(), nil
}
