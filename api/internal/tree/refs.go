package tree

import (
	"maps"
	"strings"

	"gopkg.in/yaml.v3"
)

// pointerEscaper escapes a key as a reference token of a JSON Pointer (RFC 6901).
var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// pointerUnescaper is the inverse of pointerEscaper.
var pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// ResolveRef returns the node that a reference such as "#/components/schemas/Call" points
// at in a description, or nil. It does not follow a $ref in that node: see Dereference.
func ResolveRef(root *yaml.Node, ref string) *yaml.Node {
	n := root
	for token := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		parent, name := n, pointerUnescaper.Replace(token)
		if n = Get(parent, name); n == nil {
			n = maps.Collect(members(parent))[name] // It may be the index of an array.
		}
	}
	return n
}

// Dereference returns n or, if n is a $ref, the node that it refers to, directly or through
// further $refs. It returns nil if there is no such node or the $refs form a circle.
func Dereference(root, n *yaml.Node) *yaml.Node {
	for range 100 {
		ref := Get(n, "$ref")
		if ref == nil {
			return n
		}
		n = ResolveRef(root, ref.Value)
	}
	return nil
}

// CheckRefs adds an error for each $ref in a document that does not begin with a prefix, such
// as "#/components/", or points at nothing.
func (s *Set) CheckRefs(root *yaml.Node, prefix string) {
	EachRef(root, func(ref *yaml.Node) {
		switch {
		case !strings.HasPrefix(ref.Value, prefix):
			s.Errorf("%s: $ref %q is no component of the document; it has to begin with %s", s.At(ref), ref.Value, prefix)
		case ref.Value != "#" && ResolveRef(root, ref.Value) == nil:
			s.Errorf("%s: $ref %q points at nothing in the document", s.At(ref), ref.Value)
		}
	})
}

// SchemaRefPrefix is the beginning of every $ref to a component schema.
const SchemaRefPrefix = "#/components/schemas/"

// ParseSchemaRef splits a $ref to a component schema, or to a part of one, into the name
// of the schema and the rest, which is "" or a JSON Pointer within the schema. It
// reports whether ref is such a reference.
func ParseSchemaRef(ref string) (name, rest string, ok bool) {
	pointer, ok := strings.CutPrefix(ref, SchemaRefPrefix)
	name, rest, below := strings.Cut(pointer, "/")
	if below {
		rest = "/" + rest
	}
	return pointerUnescaper.Replace(name), rest, ok
}

// Schemas returns components.schemas of a description, or nil.
func Schemas(root *yaml.Node) *yaml.Node { return Get(root, "components", "schemas") }

// RenameSchemas renames component schemas, in place, together with every reference to
// them and with a title in them. The keys of the map are the present names.
func RenameSchemas(root *yaml.Node, newNames map[string]string) {
	EachRef(root, func(ref *yaml.Node) {
		if name, rest, ok := ParseSchemaRef(ref.Value); ok && newNames[name] != "" {
			ref.Value = SchemaRefPrefix + pointerEscaper.Replace(newNames[name]) + rest
		}
	})
	for key, schema := range Entries(Schemas(root)) {
		if newName := newNames[key.Value]; newName != "" {
			key.Value = newName
			NonNil(Get(schema, "title")).Value = newName
		}
	}
}

// ReachableSchemas returns the names of the component schemas that a part of a description
// refers to, directly or through other schemas.
func ReachableSchemas(root, part *yaml.Node) map[string]bool {
	reachable, schemas := map[string]bool{}, Index(Schemas(root))
	var follow func(n *yaml.Node)
	follow = func(n *yaml.Node) {
		EachRef(n, func(ref *yaml.Node) {
			if name, _, ok := ParseSchemaRef(ref.Value); ok && !reachable[name] {
				reachable[name] = true
				follow(schemas[name].Value)
			}
		})
	}
	follow(part)
	return reachable
}
