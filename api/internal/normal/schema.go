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
	rules := []func(*yaml.Node){m.limits, m.closed, m.dissolve, m.withNull, m.choice, m.valueType, m.items}
	if version := tree.Get(root, "openapi"); version != nil && strings.HasPrefix(version.Value, "3.0.") {
		version.Value = "3.1.0"
		rules = slices.Insert(rules, 3, m.nullable)
	}
	m.inlineComponents(root)
	each(root, "paths.*", "", m.pushParameters)
	each(root, "paths.*.method.parameters", "", m.parameters)
	tree.EachSchema(root, func(n *yaml.Node) {
		for _, rule := range rules {
			rule(n)
		}
	})
}

// set adds or replaces an entry, given as YAML.
func (m *form) set(n *yaml.Node, key, value string) { put(n, m.Text(key, n), m.Parse(value, n)) }

func put(n, key, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key.Value {
			n.Content[i+1] = value
			return
		}
	}
	n.Content = append(n.Content, key, value)
}

// list is what a sequence in a mapping has.
func list(n *yaml.Node, key string) []*yaml.Node {
	if value := tree.Get(n, key); value != nil && value.Kind == yaml.SequenceNode {
		return value.Content
	}
	return nil
}

var choices = []string{"anyOf", "oneOf"}

func isType(n *yaml.Node, name string) bool {
	t := tree.Get(n, "type")
	return t != nil && t.Kind == yaml.ScalarNode && t.Value == name
}

func isBool(n *yaml.Node, value string) bool {
	return n != nil && n.ShortTag() == "!!bool" && tree.Canonical(n) == value
}

// isNull reports whether a schema allows null and nothing else.
func isNull(n *yaml.Node) bool { return n.Kind == yaml.MappingNode && isType(n, "null") }

// parameters gives those a schema that have none.
func (m *form) parameters(parameters *yaml.Node, _ string) {
	for _, p := range parameters.Content {
		if p.Kind == yaml.MappingNode && tree.Get(p, "$ref") == nil && tree.Get(p, "schema") == nil && tree.Get(p, "content") == nil {
			m.set(p, "schema", "{type: string}")
		}
	}
}

// items says that the items of an array are anything if nothing is said of them.
func (m *form) items(n *yaml.Node) {
	if isType(n, "array") && tree.Get(n, "items") == nil && tree.Get(n, "prefixItems") == nil {
		m.set(n, "items", "{}")
	}
}

func (m *form) nullable(n *yaml.Node) {
	given := tree.Get(n, "nullable")
	if tree.Remove(n, "nullable"); isBool(given, "true") {
		m.allowNull(n)
	}
}

// allowNull says as OpenAPI 3.1 does that a value may be null.
func (m *form) allowNull(n *yaml.Node) {
	for _, key := range choices {
		if parts := list(n, key); parts != nil {
			if !slices.ContainsFunc(parts, isNull) {
				tree.Get(n, key).Content = append(parts, m.Parse("{type: 'null'}", n))
			}
			return
		}
	}
	if ref := tree.Get(n, "$ref"); ref != nil {
		tree.Remove(n, "$ref")
		tree.Remove(n, "type")
		m.set(n, "anyOf", "[{}, {type: 'null'}]")
		put(list(n, "anyOf")[0], m.Text("$ref", n), ref)
	}
	if t := tree.Get(n, "type"); t != nil && t.Kind == yaml.ScalarNode && t.Value != "null" {
		tree.Remove(n, "type")
		n.Content = append([]*yaml.Node{m.Text("type", t), m.Parse("["+t.Value+", 'null']", t)}, n.Content...)
	} else if t != nil && t.Kind == yaml.SequenceNode && !slices.ContainsFunc(t.Content, func(n *yaml.Node) bool { return n.Value == "null" }) {
		t.Content = append(t.Content, m.Text("null", t))
	}
	if values := list(n, "enum"); values != nil && !slices.ContainsFunc(values, func(v *yaml.Node) bool { return v.ShortTag() == "!!null" }) {
		tree.Get(n, "enum").Content = append(values, m.Parse("null", n))
	}
}

// limits makes numbers of exclusive limits that are true.
func (m *form) limits(n *yaml.Node) {
	for _, limit := range []string{"minimum", "maximum"} {
		exclusive := "exclusiveM" + limit[1:]
		given, value := tree.Get(n, exclusive), tree.Get(n, limit)
		if !isBool(given, "true") && !isBool(given, "false") {
			continue
		}
		if tree.Remove(n, exclusive); isBool(given, "true") && value != nil {
			tree.Remove(n, limit)
			put(n, m.Text(exclusive, given), value)
		}
	}
}

// closed says in one way that there are no other members, or of which type they are.
func (m *form) closed(n *yaml.Node) {
	has := func(n *yaml.Node, keys ...string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return tree.Get(n, key) != nil })
	}
	several := has(n, "allOf", "anyOf", "oneOf", "$ref")
	for _, key := range []string{"additionalProperties", "unevaluatedProperties"} {
		given := tree.Get(n, key)
		not := tree.Get(given, "not")
		if !isBool(given, "false") && (not == nil || len(given.Content) != 2 || len(not.Content) > 0 || not.Kind == yaml.ScalarNode && !isBool(not, "true")) {
			continue
		}
		tree.Remove(n, key)
		key = "additionalProperties"
		if several {
			key = "unevaluatedProperties"
		}
		m.set(n, key, "false")
		return
	}
	others := tree.Get(n, "unevaluatedProperties")
	if several || tree.Get(n, "additionalProperties") != nil || !has(others, "type", "$ref", "allOf", "oneOf", "anyOf") {
		return
	}
	tree.Index(n)["unevaluatedProperties"].Key.Value = "additionalProperties"
}

// structural are the keywords that the generator does not see beside a $ref or
// an allOf.
var structural = []string{"properties", "required", "additionalProperties", "patternProperties", "items", "oneOf", "anyOf"}

// dissolve says in one way what schemas say with $ref and allOf: an allOf of one
// schema is that schema, and what the generator does not see beside a $ref or an
// allOf is a part of an allOf.
func (m *form) dissolve(n *yaml.Node) {
	all, ref := tree.Get(n, "allOf"), tree.Get(n, "$ref")
	switch {
	case all == nil && ref == nil || all != nil && all.Kind != yaml.SequenceNode || ref != nil && ref.Kind != yaml.ScalarNode:
	case slices.ContainsFunc(structural, func(key string) bool { v := tree.Get(n, key); return v != nil && v.Kind != yaml.ScalarNode }):
		own, rest := *n, m.Parse("{}", n)
		n.Content, rest.Style = nil, 0
		if all == nil {
			all = m.Parse("[{}]", n)
			all.Style, all.Content[0].Style = 0, 0
		}
		for key, value := range tree.Entries(&own) {
			switch {
			case key.Value == "$ref":
				put(all.Content[0], key, value)
			case key.Value == "type" || slices.Contains(structural, key.Value):
				put(rest, key, value)
			case key.Value != "allOf":
				put(n, key, value)
			}
		}
		all.Content = append(all.Content, rest)
		put(n, m.Text("allOf", n), all)
	case ref == nil && len(all.Content) == 1 && all.Content[0].Kind == yaml.MappingNode:
		m.replace(n, "allOf", all.Content[0])
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
			put(n, key, value)
		}
	}
	return true
}

var words = map[string]bool{"title": true, "description": true, "example": true, "examples": true, "deprecated": true}

// withNull makes one schema of a choice between one that is described in place
// and null.
func (m *form) withNull(n *yaml.Node) {
	for _, key := range choices {
		parts := list(n, key)
		if len(parts) != 2 || !slices.ContainsFunc(parts, isNull) {
			continue
		}
		other := parts[0]
		if isNull(other) {
			other = parts[1]
		}
		if tree.Get(other, "$ref") == nil && tree.Get(other, "type") != nil && m.replace(n, key, other) {
			m.allowNull(n)
		}
	}
}

// choice makes one schema of a choice among strings.
func (m *form) choice(n *yaml.Node) {
	for _, key := range choices {
		parts := list(n, key)
		if len(parts) == 0 || tree.Get(n, "discriminator") != nil || tree.Get(n, "enum") != nil {
			continue
		}
		values, open, null := m.Parse("[]", n), false, false
		for _, part := range parts {
			listed := valuesOf(part)
			null, open = null || isNull(part), open || !isNull(part) && len(listed) == 0
			if !isNull(part) && (!isType(part, "string") || goFormat(part) != goFormat(parts[0]) || tree.Get(part, "x-go-type") != nil) {
				return
			}
			values.Content = append(values.Content, listed...)
		}
		if len(values.Content) == 0 && !open {
			return
		}
		tree.Remove(n, key)
		m.set(n, "type", "string")
		if format := goFormat(parts[0]); format != "" {
			m.set(n, "format", format)
		}
		switch {
		case !open:
			put(n, m.Text("enum", n), values)
		case len(values.Content) > 0 && tree.Get(n, "examples") == nil: // They say what is usual.
			put(n, m.Text("examples", n), values)
		}
		if null {
			m.allowNull(n)
		}
	}
}

// valuesOf are the only ones that a schema allows.
func valuesOf(n *yaml.Node) []*yaml.Node {
	if only := tree.Get(n, "const"); only != nil && tree.Get(n, "enum") == nil {
		return []*yaml.Node{only}
	}
	return list(n, "enum")
}

// goFormat is a string's format if strings of that format have a type of their own.
func goFormat(n *yaml.Node) string {
	if format := tree.Get(n, "format"); format != nil && slices.Contains([]string{"uuid", "date", "date-time", "byte", "binary"}, format.Value) {
		return format.Value
	}
	return ""
}

// valueType gives a schema the type that its values have, if that is one which
// Go has constants of.
func (m *form) valueType(n *yaml.Node) {
	t, values := tree.Get(n, "type"), valuesOf(n)
	if t != nil && !isType(n, "number") || tree.Get(n, "$ref") != nil {
		return
	}
	types := map[string]bool{}
	for _, value := range values {
		types[value.ShortTag()] = true
	}
	null := types["!!null"]
	switch delete(types, "!!null"); {
	case len(types) != 1:
		return
	case types["!!int"]:
		tree.Remove(n, "format")
		m.set(n, "type", "integer")
	case types["!!str"] && t == nil:
		m.set(n, "type", "string")
	}
	if null && t == nil {
		m.allowNull(n)
	}
}
