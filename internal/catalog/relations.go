package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masterofnull/nixos-quick-deploy/internal/document"
)

// checkRelations judges what features say of each other.
func (l *loader) checkRelations() {
	known := l.catalog.Features
	ids := slices.Sorted(maps.Keys(known))
	for _, id := range ids {
		feature := known[id]
		d := l.documents[feature.File]
		for i, other := range feature.Requires {
			switch at := element("requires", i); {
			case other == id:
				d.Complain(at, "a feature cannot require itself", "take it out")
			case known[other] == nil:
				d.Complain(at, fmt.Sprintf("no feature %q", document.Abridged(other)), document.Suggest(other, ids, nil))
			case l.catalog.Conflict(id, other):
				d.Complain(at, fmt.Sprintf("%s and %s exclude each other, so %s could never be on", id, other, id), "take one of the two out")
			}
		}
		for i, other := range feature.Conflicts {
			at := element("conflicts", i)
			switch {
			case other == id:
				d.Complain(at, "a feature cannot exclude itself", "take it out")
			case known[other] != nil && known[other].Always && feature.Always:
				d.Complain(at, fmt.Sprintf("%s and %s are both always on", id, other), "take it out, or `always`")
			default:
				complaints{d}.shaped(at, other, idShape, "a name", idCure) // it need not be known here
			}
		}
		if circle := l.circle(id); circle != nil && circle[0] == slices.Min(circle) {
			d.Complain("requires", "a circle: "+strings.Join(append(circle, id), " requires "), "take one of them out")
		}
	}
}

// circle is the way from feature id back to itself by what each requires, or nil. A feature that
// requires itself is told elsewhere.
func (l *loader) circle(id string) []string {
	seen := map[string]bool{}
	var walk func(way []string) []string
	walk = func(way []string) []string {
		feature := l.catalog.Features[way[len(way)-1]]
		if feature == nil {
			return nil
		}
		for _, next := range feature.Requires {
			if next == id && len(way) > 1 {
				return way
			}
			if seen[next] {
				continue
			}
			seen[next] = true
			if found := walk(append(slices.Clone(way), next)); found != nil {
				return found
			}
		}
		return nil
	}
	return walk([]string{id})
}

// checkSecrets wants the names of secrets to differ: each is one file, whatever feature it is for.
func (l *loader) checkSecrets() {
	owners := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(l.catalog.Features)) {
		feature := l.catalog.Features[id]
		for i, secret := range feature.Secrets {
			if owner := owners[secret.Name]; owner != "" && owner != id {
				l.documents[feature.File].Complain(element("secrets", i)+".name",
					fmt.Sprintf("%q is a secret of %s already", secret.Name, owner), "give it another name")
			}
			owners[secret.Name] = id
		}
	}
}

// checkPresets wants a host file with nothing but a preset to be right.
func (l *loader) checkPresets() {
	d := l.documents[presetsFile]
	for _, name := range slices.Sorted(maps.Keys(l.catalog.Presets)) {
		at := document.Join("", name) + ".features"
		for i, id := range l.catalog.Presets[name].Features {
			if l.catalog.Features[id] == nil {
				d.Complain(element(at, i), fmt.Sprintf("no feature %q", id), document.Suggest(id, slices.Sorted(maps.Keys(l.catalog.Features)), nil))
			}
		}
		complaints{d}.unique(at, l.catalog.Presets[name].Features)
		l.checkTogether(d, at, slices.DeleteFunc(l.catalog.Enabled(name, nil), l.isOwn))
	}
}

// isOwn reports whether the feature is the user's: it may be on with any preset, and the host file
// is told where it does not go with one.
func (l *loader) isOwn(id string) bool {
	return !strings.HasPrefix(l.catalog.Features[id].File, "nixlib/")
}

// checkTogether wants the features of a preset to be able to be on together.
func (l *loader) checkTogether(d *document.Document, at string, ids []string) {
	ports := map[string]string{}
	for i, id := range ids {
		feature := l.catalog.Features[id]
		for _, other := range feature.Requires {
			if !slices.Contains(ids, other) {
				d.Refuse(d.Place(at), at, fmt.Sprintf("%s requires %s, which is not in the preset", id, other), "put it in")
			}
		}
		for _, other := range ids[:i] {
			if l.catalog.Conflict(id, other) {
				d.Refuse(d.Place(at), at, fmt.Sprintf("%s and %s exclude each other", other, id), "take one of them out")
			}
		}
		for _, name := range slices.Sorted(maps.Keys(feature.Ports)) {
			port := feature.Ports[name]
			number := fmt.Sprintf("%s port %v", port.Protocol, feature.Options[port.Option].Default)
			if first := ports[number]; first != "" && first != id {
				d.Refuse(d.Place(at), at, fmt.Sprintf("%s and %s both want %s", first, id, number), "give one of them another default")
			}
			ports[number] = id
		}
	}
}
