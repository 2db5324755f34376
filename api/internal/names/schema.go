package names

import (
	"cmp"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// list is the array that an object has as a member, or nothing.
func list(n *yaml.Node, name string) []*yaml.Node { return tree.NonNil(tree.Get(n, name)).Content }

// target follows references to schemas.
func (m *Namer) target(n *yaml.Node) *yaml.Node {
	for range 100 {
		ref := tree.Get(n, "$ref")
		if ref == nil {
			return n
		}
		name, _, _ := tree.ParseSchemaRef(ref.Value)
		n = tree.Get(tree.Schemas(m.root), name)
	}
	return nil
}

// parts are what a schema consists of: the parts of its allOf, and itself.
func (m *Namer) parts(n *yaml.Node, outer ...*yaml.Node) (all []*yaml.Node) {
	if n = m.target(n); n == nil || slices.Contains(outer, n) {
		return nil
	}
	for _, part := range list(n, "allOf") {
		all = append(all, m.parts(part, append(outer, n)...)...)
	}
	return append(all, n)
}

// properties are those of an object, with the ones of its allOf.
func (m *Namer) properties(n *yaml.Node) map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	for _, part := range m.parts(n) {
		for name, property := range tree.Entries(tree.Get(part, "properties")) {
			found[name.Value] = property
		}
	}
	return found
}

// requires reports whether an object has to have a member.
func (m *Namer) requires(object *yaml.Node, name string) bool {
	return slices.ContainsFunc(m.parts(object), func(part *yaml.Node) bool {
		return slices.ContainsFunc(list(part, "required"), func(n *yaml.Node) bool { return n.Value == name })
	})
}

// objects are the members of an object, by "", and those of the objects in it, by
// their names.
func (m *Namer) objects(n *yaml.Node) map[string]map[string]*yaml.Node {
	objects := map[string]map[string]*yaml.Node{"": m.properties(n)}
	for name, property := range objects[""] {
		if inner := m.properties(property); len(inner) > 0 {
			objects[name] = inner
		}
	}
	return objects
}

// fullest returns the name of the object that has most, and whether no other has
// as much.
func fullest(objects map[string]map[string]*yaml.Node, has func(name string) int) (best string, only bool) {
	most := 0
	for _, name := range tree.SortedKeys(objects) {
		switch n := has(name); {
		case n > most:
			best, most, only = name, n, true
		case n == most:
			only = false
		}
	}
	return best, only
}

// variantsOf are the parts of a choice.
func variantsOf(n *yaml.Node) []*yaml.Node {
	return append(slices.Clone(list(n, "oneOf")), list(n, "anyOf")...)
}

// hasType reports whether a schema allows values of one of some types.
func hasType(n *yaml.Node, names ...string) bool {
	t := tree.Get(n, "type")
	is := func(t *yaml.Node) bool { return slices.Contains(names, t.Value) }
	return t != nil && (is(t) || slices.ContainsFunc(t.Content, is))
}

// values are those of an enumeration.
func values(n *yaml.Node) (all []string) {
	for _, value := range list(n, "enum") {
		if value.ShortTag() != "!!null" {
			all = append(all, value.Value)
		}
	}
	return all
}

// constant is the only value that a member has, or "".
func constant(member *yaml.Node) string {
	if only := list(member, "enum"); len(only) == 1 {
		return only[0].Value
	}
	return tree.Value(member, "const")
}

// secret reports whether the value of a property is never shown.
func secret(property *yaml.Node) bool {
	return tree.Value(tree.Get(property, "x-oapi-codegen-extra-tags"), "sensitive") == "true"
}

// typeNamed is the Go type of a schema of a name.
func (m *Namer) typeNamed(name string) string {
	schema := tree.Get(tree.Schemas(m.root), name)
	return cmp.Or(tree.Value(schema, "x-go-type"), goNameOf(name, schema))
}

// typeOf is the name of the Go type of a schema that is not described in place.
func (m *Namer) typeOf(n *yaml.Node) string {
	if given := tree.Value(n, "x-go-type"); given != "" {
		return given
	}
	if ref := tree.Value(n, "$ref"); ref != "" {
		name, _, _ := tree.ParseSchemaRef(ref)
		return m.typeNamed(name)
	}
	return ""
}

// goType is the Go type of a schema, but for pointers, or "" if it is not known
// before the client is generated.
func (m *Namer) goType(n *yaml.Node) string {
	return cmp.Or(m.typeOf(n), tree.Value(n, "x-go-type-name"), plainType(n))
}

// scalars are the Go types of the types of JSON that are one.
var scalars = map[string]string{"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}

// plainType is the Go type of a schema that needs no declaration, or "".
func plainType(n *yaml.Node) string {
	t, format := tree.Value(n, "type"), tree.Value(n, "format")
	switch {
	case tree.Get(n, "enum") != nil || t == "object" && tree.Get(n, "properties") != nil:
		return ""
	case t == "array":
		return "[]any"
	case t == "object":
		return "map[string]any"
	case t == "string" && format == "uuid":
		return "uuid.UUID"
	case t == "string" && format == "date-time":
		return "time.Time"
	}
	return scalars[t]
}

// canBeNil reports whether the values of a Go type can be nil. Those of a type that
// is not known yet may be.
func canBeNil(goType string) bool {
	return goType == "" || slices.Contains([]string{"*", "[", "m"}, goType[:1]) || goType == "any"
}

// TypeNames are the names that no other type can have: those of schemas, and of what
// is written by hand.
func (m *Namer) TypeNames() map[string]bool {
	taken := map[string]bool{}
	for name := range m.reserved {
		taken[name] = true
	}
	for name := range m.Declared() {
		taken[name] = true
	}
	return taken
}

// Declared finds the schemas that declare the Go types.
func (m *Namer) Declared() map[string]*yaml.Node {
	found := map[string]*yaml.Node{}
	for name, schema := range tree.Entries(tree.Schemas(m.root)) {
		if !m.excluded[name.Value] {
			found[goNameOf(name.Value, schema)] = schema
		}
	}
	tree.EachSchema(m.root, func(n *yaml.Node) {
		if name := tree.Value(n, "x-go-type-name"); name != "" && tree.Get(n, "x-go-type") == nil && found[name] == nil {
			found[name] = n
		}
	})
	return found
}
