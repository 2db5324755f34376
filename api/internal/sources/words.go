package sources

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Words returns an overlay with a place for the words about each thing that is
// new, or nil if nothing is.
func (u *Updater) Words() *yaml.Node {
	actions, done := &yaml.Node{Kind: yaml.SequenceNode}, map[string]bool{}
	all := slices.Clone(u.added)
	for _, a := range u.added {
		for i, parameter := range tree.Items(a.node, "parameters") {
			all = append(all, addition{a.at + ".parameters" + position(parameter, i), parameter})
		}
	}
	for _, a := range all {
		// The properties of a schema that had none, unless this is one of that name.
		if schema, ok := strings.CutSuffix(a.at, "['properties']"); ok && !strings.HasSuffix(schema, "['properties']") {
			members := a.node
			a = addition{schema, &yaml.Node{Kind: yaml.MappingNode}}
			u.SetMember(a.node, "properties", members)
		}
		if words := u.wordsOf(a.node); len(words.Content) > 0 && !done[a.at] {
			done[a.at] = true
			action := &yaml.Node{Kind: yaml.MappingNode}
			u.SetMember(action, "target", a.at)
			u.SetMember(action, "update", words)
			actions.Content = append(actions.Content, action)
		}
	}
	if len(actions.Content) == 0 {
		return nil
	}
	overlay := u.Parse("overlay: 1.1.0\ninfo:\n  title: Words about what is new\n  version: 1.0.0\n", actions)
	u.SetMember(overlay, "actions", actions)
	return overlay
}

// wordsOf has an empty description for a schema or a parameter and for each member
// in it, and a summary, too, for an operation.
func (u *Updater) wordsOf(n *yaml.Node) *yaml.Node {
	words := &yaml.Node{Kind: yaml.MappingNode}
	ask := func(key string) { u.SetMember(words, key, "").Style = yaml.SingleQuotedStyle }
	if tree.Has(n, "operationId") {
		ask("summary")
	}
	if tree.Has(n, "type", "$ref", "oneOf", "anyOf", "allOf", "operationId", "in") && !tree.Has(n, "description") {
		ask("description")
	}
	for key, value := range tree.Entries(n) {
		inner := &yaml.Node{Kind: yaml.MappingNode}
		switch key.Value {
		case "properties":
			for name, member := range tree.Entries(value) {
				u.SetMember(inner, name.Value, u.wordsOf(member))
			}
		case "requestBody", "content", "responses", "application/json", "200", "201":
			inner = u.wordsOf(value)
		case "schema", "items":
			if tree.Has(value, "properties", "items") {
				inner = u.wordsOf(value)
			}
		}
		if len(inner.Content) > 0 {
			u.SetMember(words, key.Value, inner)
		}
	}
	return words
}
