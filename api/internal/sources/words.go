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
	var actions []*yaml.Node
	done := map[string]bool{}
	all := slices.Clone(u.added)
	for _, a := range u.added {
		for i, parameter := range tree.OrEmpty(tree.Get(a.node, "parameters")).Content {
			all = append(all, addition{a.at + ".parameters" + position(parameter, i), parameter})
		}
	}
	for _, a := range all {
		if schema, ok := strings.CutSuffix(a.at, "['properties']"); ok && !strings.HasSuffix(schema, "['properties']") { // of a schema that had none
			a = addition{schema, mapping("properties", a.node)}
		}
		if words := wordsOf(a.node, tree.IDOf(a.node) != ""); len(words.Content) > 0 && !done[a.at] {
			done[a.at] = true
			actions = append(actions, mapping("target", scalar(a.at), "update", words))
		}
	}
	if len(actions) == 0 {
		return nil
	}
	return mapping("overlay", scalar("1.1.0"), "info", mapping("title", scalar("Words about what is new"), "version", scalar("1.0.0")),
		"actions", &yaml.Node{Kind: yaml.SequenceNode, Content: actions})
}

// wordsOf has an empty description for a schema or a parameter and for each member
// in it, and a summary, too, for an operation.
func wordsOf(n *yaml.Node, operation bool) *yaml.Node {
	words := &yaml.Node{Kind: yaml.MappingNode}
	add := func(key string, value *yaml.Node) { words.Content = append(words.Content, scalar(key), value) }
	if operation {
		add("summary", scalar(""))
	}
	if describes := slices.ContainsFunc([]string{"type", "$ref", "oneOf", "anyOf", "allOf", "operationId", "in"}, func(key string) bool { return tree.Get(n, key) != nil }); describes && tree.Get(n, "description") == nil {
		add("description", scalar(""))
	}
	within := func(key string, value *yaml.Node) {
		if inner := wordsOf(value, false); len(inner.Content) > 0 {
			add(key, inner)
		}
	}
	for key, value := range tree.Entries(n) {
		switch key.Value {
		case "properties":
			members := &yaml.Node{Kind: yaml.MappingNode}
			for name, member := range tree.Entries(value) {
				members.Content = append(members.Content, scalar(name.Value), wordsOf(member, false))
			}
			add("properties", members)
		case "requestBody", "content", "responses", "application/json", "200", "201":
			within(key.Value, value)
		case "schema", "items":
			if tree.Get(value, "properties") != nil || tree.Get(value, "items") != nil {
				within(key.Value, value)
			}
		}
	}
	return words
}

func scalar(value string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	if value == "" {
		n.Style = yaml.SingleQuotedStyle
	}
	return n
}

func mapping(entries ...any) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for i := 0; i < len(entries); i += 2 {
		n.Content = append(n.Content, scalar(entries[i].(string)), entries[i+1].(*yaml.Node))
	}
	return n
}
