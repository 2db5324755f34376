package names

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// schemas iterates over the schemas in the components of the description.
func (m *Namer) schemas() iter.Seq2[*yaml.Node, *yaml.Node] {
	return tree.Entries(tree.Schemas(m.root))
}

// schema returns the schema of a name, or nil.
func (m *Namer) schema(name string) *yaml.Node { return tree.Get(tree.Schemas(m.root), name) }

// resolve returns the schema that a $ref refers to, or n itself; see tree.Dereference.
func (m *Namer) resolve(n *yaml.Node) *yaml.Node { return tree.Dereference(m.root, n) }

// properties returns the properties of an object by name.
func (m *Namer) properties(n *yaml.Node) map[string]*yaml.Node {
	properties := map[string]*yaml.Node{}
	for name, property := range tree.Entries(tree.Get(m.resolve(n), "properties")) {
		properties[name.Value] = property
	}
	return properties
}

// isRequired reports whether a property of an object is required.
func (m *Namer) isRequired(object *yaml.Node, name string) bool {
	required := tree.Items(m.resolve(object), "required")
	return slices.ContainsFunc(required, func(n *yaml.Node) bool { return n.Value == name })
}

// nestedProperties returns the properties of an object under the key "", and under the
// name of each property that is an object itself the properties of that.
func (m *Namer) nestedProperties(n *yaml.Node) map[string]map[string]*yaml.Node {
	objects := map[string]map[string]*yaml.Node{"": m.properties(n)}
	for name, property := range objects[""] {
		if properties := m.properties(property); len(properties) > 0 {
			objects[name] = properties
		}
	}
	return objects
}

// highest returns the key for which count is highest, and whether it is for no other. If
// it is 0 for all, highest returns "".
func highest[V any](objects map[string]V, count func(key string) int) (best string, unique bool) {
	most := 0
	for _, key := range tree.SortedKeys(objects) {
		switch n := count(key); {
		case n > most:
			best, most, unique = key, n, true
		case n == most:
			unique = false
		}
	}
	return best, unique
}

// kind returns the JSON type of a schema, or "union". It is "object" if there is none.
func (m *Namer) kind(n *yaml.Node) string {
	n = m.resolve(n)
	if t := tree.TypeOf(n); t != "" || len(tree.Variants(n)) == 0 {
		return cmp.Or(t, "object")
	}
	return "union"
}

// canBeNull reports whether null is one of the types or variants of a schema.
func (m *Namer) canBeNull(n *yaml.Node) bool { return tree.AllowsNull(m.resolve(n)) }

// enumValues returns the values of an enumeration, except for null.
func enumValues(n *yaml.Node) (values []string) {
	for _, value := range tree.Items(n, "enum") {
		if value.ShortTag() != "!!null" {
			values = append(values, value.Value)
		}
	}
	return values
}

// constant returns the only value that a schema allows, or "" if there are more.
func (m *Namer) constant(n *yaml.Node) string {
	if values := tree.Items(m.resolve(n), "enum"); len(values) == 1 {
		return values[0].Value
	}
	return ""
}

// isSecret reports whether the value of a property is a secret, which no response has.
func isSecret(property *yaml.Node) bool {
	return tree.Value(property, "x-oapi-codegen-extra-tags", "sensitive") == "true"
}

// schemaType returns the Go type of the schema of a name.
func (m *Namer) schemaType(name string) string {
	schema := m.schema(name)
	return cmp.Or(tree.Value(schema, "x-go-type"), goNameOf(name, schema))
}

// namedType returns the Go type of a schema that is a reference or has x-go-type, or "".
func (m *Namer) namedType(n *yaml.Node) string {
	if goType := tree.Value(n, "x-go-type"); goType != "" {
		return goType
	}
	if name, _, isRef := tree.ParseSchemaRef(tree.Value(n, "$ref")); isRef {
		return m.schemaType(name)
	}
	return ""
}

// existingType returns the Go type of a variant of a union that needs no declaration, or "".
func (m *Namer) existingType(n *yaml.Node) string {
	if goType := cmp.Or(m.namedType(n), plainType(n)); !canBeNil(goType) || tree.Has(n, "x-go-type") {
		return goType
	}
	return ""
}

// goType returns the Go type of a schema, without a pointer, or "" if the generator
// chooses a name for it.
func (m *Namer) goType(n *yaml.Node) string {
	return cmp.Or(m.namedType(n), plainType(n))
}

// scalarTypes are the Go types of the scalar types of JSON Schema.
var scalarTypes = map[string]string{"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}

// plainType returns the Go type of a schema that needs no declaration, or "".
func plainType(n *yaml.Node) string {
	t, format := tree.Value(n, "type"), tree.Value(n, "format")
	switch {
	case tree.Has(n, "enum") || t == "object" && tree.Has(n, "properties"):
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
	return scalarTypes[t]
}

// canBeNil reports whether values of a Go type can be nil, or the type is not known.
func canBeNil(goType string) bool {
	return goType == "" || slices.Contains([]string{"*", "[", "m"}, goType[:1]) || goType == "any"
}

// TypeNames returns the names that declarations of schemas and of code written by hand
// have, and that no other type can have.
func (m *Namer) TypeNames() map[string]bool {
	names := map[string]bool{}
	for name := range m.reserved {
		names[name] = true
	}
	for name := range m.declarations() {
		names[name] = true
	}
	return names
}

// declarations iterates over the names of the Go types that schemas declare, and the schemas.
func (m *Namer) declarations() iter.Seq2[string, *yaml.Node] {
	return func(yield func(goType string, schema *yaml.Node) bool) {
		for name, schema := range m.schemas() {
			if !m.unused[schema] && !tree.Has(schema, "x-go-type") && !yield(goNameOf(name.Value, schema), schema) {
				return
			}
		}
	}
}

// walker visits the schemas that a request or a response needs, each once.
type walker struct {
	*Namer
	declared    map[string]*yaml.Node // the schemas that declare Go types, by the names of the types
	seen        map[*yaml.Node]bool
	withAliases bool // whether it visits schemas that have the type of another one, too
}

func (m *Namer) newWalker() *walker {
	return &walker{m, maps.Collect(m.declarations()), map[*yaml.Node]bool{}, false}
}

// walk visits a schema with the name of its Go type, or "", and then the schemas in it. If
// another schema declares the type, walk visits that one instead. visit can be nil.
func (w *walker) walk(n *yaml.Node, visit func(n *yaml.Node, goType string)) {
	declaring, goType := w.declaration(n)
	w.visit(declaring, goType, visit)
	if w.withAliases && w.IsGenerated(goType) {
		w.visit(w.resolve(n), "", visit)
	}
}

func (w *walker) visit(n *yaml.Node, goType string, visit func(n *yaml.Node, goType string)) {
	if n == nil || w.seen[n] {
		return
	}
	w.seen[n] = true
	if visit != nil {
		visit(n, goType)
	}
	w.walk(tree.Get(n, "items"), visit)
	w.walk(tree.Get(n, "additionalProperties"), visit)
	for _, variant := range tree.Variants(n) {
		w.walk(variant, visit)
	}
	for _, property := range tree.Entries(tree.Get(n, "properties")) {
		w.walk(property, visit)
	}
}

// declaration returns the schema that declares the type of a schema, which can be n itself,
// with the name of the type or "".
func (w *walker) declaration(n *yaml.Node) (declaring *yaml.Node, goType string) {
	for range 100 { // References can form a circle.
		given := elementType(tree.Value(n, "x-go-type"))
		name, _, isRef := tree.ParseSchemaRef(tree.Value(n, "$ref"))
		switch {
		case given != "":
			n, goType = w.declared[given], given
		case isRef:
			n, goType = w.schema(name), w.schemaType(name)
		default:
			return n, goType
		}
	}
	return nil, ""
}

// elementType returns the type without its pointers and slices: Thing for []*Thing.
func elementType(goType string) string { return strings.TrimLeft(goType, "[]*") }
