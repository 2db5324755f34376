package normal

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Schemas brings a document into OpenAPI 3.1 and all of its schemas into one
// form, whoever wrote them:
//
//   - What may be null has "null" among its types, or beside a reference as the
//     second of anyOf.
//   - Exclusive limits are numbers.
//   - An object without further members says additionalProperties: false, or
//     unevaluatedProperties: false where it is made of several. The type of others
//     is in additionalProperties where it is not.
//   - An allOf of one schema is that schema.
//   - A constant is an enumeration of one value.
//   - An enumeration of whole numbers is of integers, and one that has no type has
//     that of its values.
//   - A choice among strings is a string, with the values of all if each has some;
//     else the values are examples.
//   - Arrays say what is in them, and parameters what they are.
//   - Parameters, request bodies, responses and headers stand where they are used,
//     and the parameters of a path are those of its operations.
//
// None of this changes what the document means, but for limits of one alternative
// among strings.
func Schemas(set *tree.Set, root *yaml.Node) {
	m := &form{Set: set}
	rules := []func(*yaml.Node){m.limits, m.constant, m.closed, m.dissolve, m.choice, m.valueType, m.items}
	if version := tree.NonNil(tree.Get(root, "openapi")); strings.HasPrefix(version.Value, "3.0.") {
		version.Value = "3.1.0"
		rules = slices.Insert(rules, 4, m.nullable)
	}
	m.inlineComponents(root)
	m.parameters(root)
	tree.EachSchema(root, func(n *yaml.Node) {
		for _, rule := range rules {
			rule(n)
		}
	})
}

var choices = []string{"anyOf", "oneOf"}

// isNull reports whether a schema allows null and nothing else.
func isNull(n *yaml.Node) bool { return tree.IsType(n, "null") }

// items says that the items of an array are anything if nothing is said of them.
func (m *form) items(n *yaml.Node) {
	if tree.IsType(n, "array") && !tree.Has(n, "items", "prefixItems") {
		m.SetMember(n, "items", m.Parse("{}", n))
	}
}

func (m *form) nullable(n *yaml.Node) {
	given := tree.Value(n, "nullable")
	if tree.Remove(n, "nullable"); given == "true" {
		m.allowNull(n)
	}
}

// allowNull says as OpenAPI 3.1 does that a value may be null.
func (m *form) allowNull(n *yaml.Node) {
	for _, key := range choices {
		if choice := tree.Get(n, key); choice != nil {
			if !slices.ContainsFunc(choice.Content, isNull) {
				choice.Content = append(choice.Content, m.Parse("{type: 'null'}", n))
			}
			return
		}
	}
	if ref := tree.Get(n, "$ref"); ref != nil {
		tree.Remove(n, "$ref")
		tree.Remove(n, "type")
		choice := m.SetMember(n, "anyOf", m.Parse("[{}, {type: 'null'}]", n))
		m.SetMember(choice.Content[0], "$ref", ref)
	}
	if t := tree.Value(n, "type"); t != "" && t != "null" {
		m.SetMember(n, "type", m.Parse("["+t+", 'null']", n))
	}
	for key, null := range map[string]*yaml.Node{"type": m.NewString("null", n), "enum": m.Parse("null", n)} {
		values := tree.Items(n, key)
		if values != nil && !slices.ContainsFunc(values, func(v *yaml.Node) bool { return tree.Equal(v, null) }) {
			tree.Get(n, key).Content = append(values, null)
		}
	}
}

// limits makes numbers of exclusive limits that are true.
func (m *form) limits(n *yaml.Node) {
	for _, name := range []string{"Minimum", "Maximum"} {
		limit, exclusive := strings.ToLower(name), "exclusive"+name
		given, value := tree.Value(n, exclusive), tree.Get(n, limit)
		if given == "true" || given == "false" {
			tree.Remove(n, exclusive)
		}
		if given == "true" && value != nil {
			tree.Remove(n, limit)
			m.SetMember(n, exclusive, value)
		}
	}
}

// constant makes an enumeration of one value of a constant.
func (m *form) constant(n *yaml.Node) {
	value := tree.Get(n, "const")
	if value == nil || tree.Has(n, "enum") || value.Kind != yaml.ScalarNode {
		return
	}
	tree.Remove(n, "const")
	m.SetMember(n, "enum", m.CopyPosition(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{value}}, n))
}

// closed says in one way that there are no other members, or of which type they are.
func (m *form) closed(n *yaml.Node) {
	several, key := tree.Has(n, "allOf", "anyOf", "oneOf", "$ref"), "additionalProperties"
	if several {
		key = "unevaluatedProperties"
	}
	for _, given := range []string{"additionalProperties", "unevaluatedProperties"} {
		if tree.Value(n, given) == "false" || tree.Equal(tree.Get(n, given), m.Parse("{not: {}}", n)) {
			tree.Remove(n, given)
			m.SetMember(n, key, false)
		}
	}
	others := tree.Get(n, "unevaluatedProperties")
	if !several && tree.Get(n, "additionalProperties") == nil && tree.Has(others, "type", "$ref", "allOf", "oneOf", "anyOf") {
		tree.Remove(n, "unevaluatedProperties")
		m.SetMember(n, "additionalProperties", others)
	}
}

// structural are the keywords that the generator does not see beside a $ref or
// an allOf.
var structural = []string{"properties", "required", "additionalProperties", "patternProperties", "items", "oneOf", "anyOf"}

// dissolve says in one way what schemas say with $ref and allOf: an allOf of one
// schema is that schema, and what the generator does not see beside a $ref or an
// allOf is a part of an allOf.
func (m *form) dissolve(n *yaml.Node) {
	parts, own := tree.Items(n, "allOf"), *n
	switch {
	case parts == nil && !tree.Has(n, "$ref"):
	case slices.ContainsFunc(structural, func(key string) bool { v := tree.Get(n, key); return v != nil && v.Kind != yaml.ScalarNode }):
		ref, rest := m.CopyPosition(&yaml.Node{Kind: yaml.MappingNode}, n), m.CopyPosition(&yaml.Node{Kind: yaml.MappingNode}, n)
		n.Content = nil
		for key, value := range tree.Entries(&own) {
			switch {
			case key.Value == "$ref":
				m.SetMember(ref, key.Value, value)
				parts = append(parts, ref)
			case key.Value == "type" || slices.Contains(structural, key.Value):
				m.SetMember(rest, key.Value, value)
			case key.Value != "allOf":
				m.SetMember(n, key.Value, value)
			}
		}
		m.SetMember(n, "allOf", m.CopyPosition(&yaml.Node{Kind: yaml.SequenceNode, Content: append(parts, rest)}, n))
	case len(parts) == 1 && !tree.Has(n, "$ref") && parts[0].Kind == yaml.MappingNode:
		m.replace(n, "allOf", parts[0])
	}
}

// replace puts what a schema says in place of one of its keywords, if the two do
// not contradict each other.
func (m *form) replace(n *yaml.Node, key string, by *yaml.Node) bool {
	for name, value := range tree.Entries(by) {
		if other := tree.Get(n, name.Value); other != nil && name.Value != "type" && !words[name.Value] && !tree.Equal(value, other) {
			return false
		}
	}
	tree.Remove(n, key)
	own := *n
	n.Content = slices.Clone(by.Content)
	for key, value := range tree.Entries(&own) {
		if words[key.Value] || tree.Get(by, key.Value) == nil { // What stands nearer counts.
			m.SetMember(n, key.Value, value)
		}
	}
	return true
}

var words = map[string]bool{"title": true, "description": true, "example": true, "examples": true, "deprecated": true}

// choice makes one schema of a choice between one that is described in place and
// null, and of a choice among strings.
func (m *form) choice(n *yaml.Node) {
	for _, key := range choices {
		parts := tree.Items(n, key)
		others := slices.DeleteFunc(slices.Clone(parts), isNull)
		isOne := len(others) == 1 && len(parts) == 2 && !tree.Has(others[0], "$ref") && tree.Has(others[0], "type")
		if (isOne && m.replace(n, key, others[0]) || m.unite(n, key, others)) && len(others) < len(parts) {
			m.allowNull(n)
		}
	}
}

// unite makes one string of a choice among strings. The values of all are the only
// ones if each has some; else they say what is usual.
func (m *form) unite(n *yaml.Node, key string, parts []*yaml.Node) bool {
	if len(parts) == 0 || tree.Has(n, "discriminator", "enum") {
		return false
	}
	values, all, format := m.Parse("[]", n), "enum", goFormat(parts[0])
	for _, part := range parts {
		if !tree.IsType(part, "string") || goFormat(part) != format || tree.Has(part, "x-go-type") {
			return false
		}
		listed := tree.Items(part, "enum")
		if len(listed) == 0 {
			all = "examples"
		}
		values.Content = append(values.Content, listed...)
	}
	tree.Remove(n, key)
	m.SetMember(n, "type", "string")
	if format != "" {
		m.SetMember(n, "format", format)
	}
	if len(values.Content) > 0 && !tree.Has(n, all) {
		m.SetMember(n, all, values)
	}
	return true
}

// goFormat is a string's format if strings of that format have a type of their own.
func goFormat(n *yaml.Node) string {
	if format := tree.Value(n, "format"); slices.Contains([]string{"uuid", "date", "date-time", "byte", "binary"}, format) {
		return format
	}
	return ""
}

// valueType gives a schema the type that its values have, if that is one which
// Go has constants of.
func (m *form) valueType(n *yaml.Node) {
	typed, all := tree.Has(n, "type"), tree.Items(n, "enum")
	isNull := func(v *yaml.Node) bool { return v.ShortTag() == "!!null" }
	values := slices.DeleteFunc(slices.Clone(all), isNull)
	if typed && !tree.IsType(n, "number") || tree.Has(n, "$ref") || len(values) == 0 {
		return
	}
	tag := values[0].ShortTag()
	switch {
	case slices.ContainsFunc(values, func(v *yaml.Node) bool { return v.ShortTag() != tag }):
		return
	case tag == "!!int":
		tree.Remove(n, "format")
		m.SetMember(n, "type", "integer")
	case tag == "!!str" && !typed:
		m.SetMember(n, "type", "string")
	case tag == "!!bool" && !typed:
		m.SetMember(n, "type", "boolean")
	}
	if len(values) < len(all) && !typed {
		m.allowNull(n)
	}
}
