package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/testing/options/table"
)

// A node is one part of the names of options: what is declared there and what below.
type node struct {
	variants table.Variants
	children map[string]*node
}

func (n *node) child(name string) *node {
	if n.children == nil {
		n.children = map[string]*node{}
	}
	if n.children[name] == nil {
		n.children[name] = &node{}
	}
	return n.children[name]
}

func (n *node) at(path ...string) *node {
	for _, part := range path {
		n = n.child(part)
	}
	return n
}

// nest makes a table of one level: what stands below an attribute set, a list or a submodule goes into its type.
func nest(flat table.Table) (table.Table, error) {
	root := &node{}
	for name, variants := range flat {
		root.at(table.Split(name)...).variants = variants
	}
	n := nester{root: root}
	out := table.Table{}
	n.level(root, "", "", out)
	for _, name := range slices.Sorted(maps.Keys(out)) {
		if variants, ok := out[name]; ok { // no other name led to it before
			open(variants)
			n.follow(name, variants, out)
		}
	}
	slices.Sort(n.problems)
	if len(n.problems) > 0 {
		return nil, fmt.Errorf("%s", strings.Join(n.problems, "\n"))
	}
	return out, nil
}

type nester struct {
	root     *node
	problems []string
}

func (n *nester) problem(format string, args ...any) {
	n.problems = append(n.problems, fmt.Sprintf(format, args...))
}

// level writes the options below AT into OUT, by their names behind PREFIX. INSIDE is the place of the submodule that OUT
// belongs to, with a dot at its end: what is renamed there is renamed within it.
func (n *nester) level(at *node, prefix, inside string, out table.Table) {
	template(at)
	for _, name := range slices.Sorted(maps.Keys(at.children)) {
		child := at.children[name]
		path := prefix + name
		if !typed(child.variants) && len(child.children) > 0 {
			child.variants = implied(child)
		}
		if len(child.variants) == 0 {
			n.level(child, path+".", inside, out)
			continue
		}
		variants := slices.Clone(child.variants)
		for i := range variants {
			variants[i].Type = variants[i].Type.Clone()
			within(&variants[i], inside)
		}
		if len(child.children) > 0 && !n.attachAll(variants, child.children, inside+path+".") {
			n.problem("%s%s: no place for the options below", inside, path)
		}
		out[path] = variants
	}
}

// template gives each of its siblings what `<name>` has: a set of options that are alike, but for their names.
func template(at *node) {
	pattern := at.children["<name>"]
	if pattern == nil || len(at.children) == 1 {
		return
	}
	delete(at.children, "<name>")
	for _, sibling := range at.children {
		for name, option := range pattern.children {
			if sibling.children[name] == nil {
				sibling.child(name).variants = slices.Clone(option.variants)
			}
		}
	}
}

func typed(variants table.Variants) bool {
	return slices.ContainsFunc(variants, func(e table.Entry) bool { return e.Type != nil })
}

// implied is the entry of an option of which the facts only know what is below. What is below an old name says more than
// the old name.
func implied(at *node) table.Variants {
	for placeholder, kindOf := range map[string]string{"<name>": "attrsOf", "*": "listOf"} {
		if below := at.children[placeholder]; below != nil && len(at.children) == 1 {
			empty := map[string]string{"<name>": "{}", "*": "[]"}[placeholder]
			return table.Variants{{Type: table.New(kindOf, table.New("submodule")), Default: []byte(empty), Src: below.src()}}
		}
	}
	return nil
}

// src is how the first entry at or below a node is known.
func (n *node) src() string {
	if len(n.variants) > 0 {
		return n.variants[0].Src
	}
	for _, name := range slices.Sorted(maps.Keys(n.children)) {
		return n.children[name].src()
	}
	return ""
}

// within makes a new name one of the submodule; a name outside of it can only be told.
func within(entry *table.Entry, inside string) {
	if to, ok := strings.CutPrefix(entry.Renamed, inside); ok {
		entry.Renamed = to
	} else if entry.Renamed != "" {
		entry.Removed, entry.Renamed = fmt.Sprintf("Use `%s' instead.", entry.Renamed), ""
	}
}

// attachAll puts what is below an option into its types; one that can hold it is enough.
func (n *nester) attachAll(variants table.Variants, below map[string]*node, inside string) bool {
	done := false
	for i := range variants {
		if t := variants[i].Type; t != nil && n.attach(t, below, inside) {
			done = true
		}
	}
	return done
}

// attach puts options into T, or into the type inside it that has a place for them.
func (n *nester) attach(t *table.Type, below map[string]*node, inside string) bool {
	element := map[string]string{
		"attrsOf": "<name>", "lazyAttrsOf": "<name>", "dagOf": "<name>", "listOf": "*", "nonEmptyListOf": "*",
	}[t.Kind]
	switch {
	case t.Like != "":
		like := n.root.at(table.Split(t.Like)...)
		t.Like = ""
		if typed(like.variants) {
			t.Like = like.variants[0].Type.Like
		}
		return n.attach(t, merged(like.children, below), inside)
	case element != "" && below[element] != nil && len(below) == 1:
		return n.attachElement(t, below[element], inside+element+".")
	case below["<name>"] != nil && t.Kind == "submodule" && t.Freeform != nil && len(below) == 1:
		return n.attach(t.Freeform, below, inside)
	case below["<name>"] != nil || below["*"] != nil:
	case t.Kind == "submodule":
		t.Options = table.Table{}
		n.level(&node{children: below}, "", inside, t.Options)
		return true
	case slices.Contains([]string{"attrsOf", "json", "toml", "yaml", "ini", "value", "attrs", "anything", "raw"}, t.Kind):
		*t = table.Type{Kind: "submodule", Freeform: t.Clone()}
		return n.attach(t, below, inside)
	}
	for _, of := range t.Of {
		if n.attach(of, below, inside) {
			return true
		}
	}
	return false
}

func merged(a, b map[string]*node) map[string]*node {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// attachElement puts options into the type of the elements of T; the facts may know that type by the element's own entry.
func (n *nester) attachElement(t *table.Type, at *node, inside string) bool {
	if len(at.variants) > 0 && at.variants[0].Type != nil {
		t.Of[0] = at.variants[0].Type.Clone()
		t.Of[0].Like = at.variants[0].Type.Like
	}
	if len(at.children) == 0 && t.Of[0].Like == "" {
		return true
	}
	return n.attach(t.Of[0], at.children, inside)
}

// open lets a submodule of which no option is known take any.
func open(variants table.Variants) {
	for i := range variants {
		openType(variants[i].Type)
	}
}

func openType(t *table.Type) {
	if t == nil {
		return
	}
	if t.Kind == "submodule" && t.Options == nil && t.Freeform == nil {
		t.Freeform = table.New("attrsOf", table.New("anything"))
	}
	for _, of := range t.Of {
		openType(of)
	}
	openType(t.Freeform)
	for _, variants := range t.Options {
		open(variants)
	}
}

// follow makes an old name of a whole set of options one for each of them.
func (n *nester) follow(name string, variants table.Variants, out table.Table) {
	for _, entry := range variants {
		if option, _ := out.Find(entry.Renamed); entry.Renamed == "" || out[option] != nil {
			continue
		}
		found := false
		for to := range out {
			if below, ok := strings.CutPrefix(to, entry.Renamed+"."); ok {
				one := entry
				one.Renamed = to
				found = true
				if out[name+"."+below] == nil {
					out[name+"."+below] = table.Variants{one}
				}
			}
		}
		if found {
			delete(out, name)
		} else {
			n.problem("%s: renamed to %s, which is not there", name, entry.Renamed)
		}
	}
}
