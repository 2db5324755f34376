package sources

import (
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Words returns an overlay with an empty description for each operation, parameter,
// schema and property that was added, for the maintainer to fill in. It is nil if nothing was.
func (u *Updater) Words() *yaml.Node {
	actions, done := &yaml.Node{Kind: yaml.SequenceNode}, map[string]bool{}
	for _, a := range u.added {
		// A schema that had no properties got some: they are an update of the schema.
		// Below ['properties'], this is a property with the name "properties".
		if schema, ok := strings.CutSuffix(a.target, "['properties']"); ok && !strings.HasSuffix(schema, "['properties']") {
			properties := a.value
			a = addition{schema, &yaml.Node{Kind: yaml.MappingNode}}
			u.SetMember(a.value, "properties", properties)
		}
		if words := u.form(a.value); len(words.Content) > 0 && !done[a.target] {
			done[a.target] = true // Two sources can have the same schema.
			action := &yaml.Node{Kind: yaml.MappingNode}
			u.SetMember(action, "target", a.target)
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

// CheckWords adds an error for the first word of a form that is still empty. Otherwise the
// next update would make empty descriptions of them, and nobody would be asked again.
func (u *Updater) CheckWords(words tree.File) {
	var empty []*yaml.Node
	tree.EachKeyword(u.Load(words), func(key, value *yaml.Node) {
		if (key.Value == "description" || key.Value == "summary") && value.Kind == yaml.ScalarNode && value.Value == "" {
			empty = append(empty, key)
		}
	})
	if len(empty) > 0 {
		u.Errorf("%s: the %s is empty, as are %d more words of the last import; fill them in, or remove their lines", u.At(empty[0]), empty[0].Value, len(empty)-1)
	}
}

// form returns the update of an overlay action that describes a value: an operation, with
// a summary, or a schema or parameter, and everything in it that has a description.
func (u *Updater) form(n *yaml.Node) *yaml.Node {
	form := &yaml.Node{Kind: yaml.MappingNode}
	ask := func(key string) { u.SetMember(form, key, "").Style = yaml.SingleQuotedStyle }
	if tree.Has(n, "operationId") {
		ask("summary")
	}
	if tree.Has(n, "type", "$ref", "oneOf", "anyOf", "allOf", "operationId", "in") && !tree.Has(n, "description") {
		ask("description")
	}
	for key, value := range tree.Entries(n) {
		nested := &yaml.Node{Kind: yaml.MappingNode}
		switch key.Value {
		case "properties":
			for name, property := range tree.Entries(value) {
				u.SetMember(nested, name.Value, u.form(property))
			}
		case "requestBody", "content", "responses", "application/json", "200", "201":
			nested = u.form(value)
		case "schema", "items":
			if tree.Has(value, "properties", "items") {
				nested = u.form(value)
			}
		}
		if len(nested.Content) > 0 {
			u.SetMember(form, key.Value, nested)
		}
	}
	return form
}
