package tree

import (
	"go/token"
	"iter"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Entries iterates over the keys and values of a mapping. A node of another kind, or
// nil, has none.
func Entries(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// Items returns the items of the array at a path of keys below n, or nil.
func Items(n *yaml.Node, path ...string) []*yaml.Node {
	if n = Get(n, path...); n != nil && n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return nil
}

// Get returns the value at a path of keys below n, or nil.
func Get(n *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		within := n
		n = nil
		for key, value := range Entries(within) {
			if key.Value == name {
				n = value
				break
			}
		}
	}
	return n
}

// Value returns the text of the scalar at a path of keys below n, or "".
func Value(n *yaml.Node, path ...string) string { return NonNil(Get(n, path...)).Value }

// Has reports whether an object has at least one of the keys.
func Has(n *yaml.Node, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return Get(n, key) != nil })
}

// IsType reports whether the type of a schema or of a security scheme is this one alone.
func IsType(n *yaml.Node, name string) bool { return Value(n, "type") == name }

// Types returns the types of a schema: type is a string, or an array of strings.
func Types(n *yaml.Node) []*yaml.Node {
	if t := Get(n, "type"); t != nil && t.Kind == yaml.ScalarNode {
		return []*yaml.Node{t}
	}
	return Items(n, "type")
}

// HasType reports whether one of the types of a schema is among the given ones.
func HasType(n *yaml.Node, types ...string) bool {
	return slices.ContainsFunc(Types(n), func(t *yaml.Node) bool { return slices.Contains(types, t.Value) })
}

// TypeOf returns the type of a schema, except null. It returns "" if there is none, and a
// list such as "string, integer" if there are several.
func TypeOf(n *yaml.Node) string {
	var types []string
	for _, t := range Types(n) {
		if t.Value != "null" {
			types = append(types, t.Value)
		}
	}
	return strings.Join(types, ", ")
}

// Variants returns the variants of a union: the schemas of its oneOf and anyOf.
func Variants(n *yaml.Node) []*yaml.Node { return slices.Concat(Items(n, "oneOf"), Items(n, "anyOf")) }

// NonNullVariants returns the variants of a union other than null.
func NonNullVariants(n *yaml.Node) []*yaml.Node {
	return slices.DeleteFunc(Variants(n), func(variant *yaml.Node) bool { return IsType(variant, "null") })
}

// AllowsNull reports whether null is one of the types or variants of a schema.
func AllowsNull(n *yaml.Node) bool {
	return HasType(n, "null") || slices.ContainsFunc(Variants(n), func(variant *yaml.Node) bool { return HasType(variant, "null") })
}

// GoFormat returns the format of a string if strings in this format have a type of their
// own in Go, or "". See type-mapping in oapi-config.yaml.
func GoFormat(format string) string {
	if format == "uuid" || format == "date-time" {
		return format
	}
	return ""
}

// IsGoName reports whether a string is an exported Go identifier.
func IsGoName(s string) bool { return token.IsIdentifier(s) && token.IsExported(s) }

// IsExtension reports whether a key is a specification extension (x-…).
func IsExtension(key string) bool { return strings.HasPrefix(key, "x-") }

// Entry is a key of a mapping with its value. The key has the position of the entry.
type Entry struct{ Key, Value *yaml.Node }

// Index returns the entries of a mapping by their keys, in place of many calls of Get.
func Index(mapping *yaml.Node) map[string]Entry {
	index := map[string]Entry{}
	for key, value := range Entries(mapping) {
		index[key.Value] = Entry{key, value}
	}
	return index
}

// SortedKeys returns the keys of a map in alphabetical order.
func SortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// NonNil returns n or, if n is nil, a new empty node, so that a caller can read or set
// fields of what Get returns without asking whether it was found.
func NonNil(n *yaml.Node) *yaml.Node {
	if n == nil {
		return &yaml.Node{}
	}
	return n
}

// Remove deletes a member of an object. It does nothing if there is no such member.
func Remove(object *yaml.Node, name string) {
	for i := 0; object != nil && i+1 < len(object.Content); i += 2 {
		if object.Kind == yaml.MappingNode && object.Content[i].Value == name {
			object.Content = slices.Delete(object.Content, i, i+2)
			return
		}
	}
}

// NewString returns a new string with the position of another node.
func (s *Set) NewString(value string, position *yaml.Node) *yaml.Node {
	return s.CopyPosition(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}, position)
}

// SetMember sets a member of an object and returns the node of its value. The value is
// a node, or any Go value that YAML can encode; nodes made of a Go value get the
// position of the object.
func (s *Set) SetMember(object *yaml.Node, name string, value any) *yaml.Node {
	node, ok := value.(*yaml.Node)
	if !ok {
		text, err := yaml.Marshal(struct {
			Value any `yaml:",flow"` // In other styles, the YAML library does not encode every string correctly.
		}{value})
		if err != nil {
			panic(err) // Every value that this program passes can be encoded.
		}
		node = Get(s.Parse(string(text), object), "value")
		EachNode(node, func(n *yaml.Node) { n.Style = 0 })
	}
	for i := 0; i+1 < len(object.Content); i += 2 {
		if object.Content[i].Value == name {
			object.Content[i+1] = node
			return node
		}
	}
	object.Content = append(object.Content, s.NewString(name, object), node)
	return node
}

// EnsureObject returns the member of an object that is an object itself. A missing
// member is added, as an empty object.
func (s *Set) EnsureObject(parent *yaml.Node, name string) *yaml.Node {
	if n := Get(parent, name); n != nil {
		return n
	}
	return s.SetMember(parent, name, s.CopyPosition(&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}, parent))
}

// Clone returns a deep copy of a node. The copies have the positions of the originals.
func (s *Set) Clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = nil
	for _, child := range n.Content {
		c.Content = append(c.Content, s.Clone(child))
	}
	return &c
}

// CheckFields adds an error for each key of an object that is neither known nor a
// specification extension. The texts name the object as given, for example "an action".
func (s *Set) CheckFields(object *yaml.Node, what string, known ...string) {
	for key := range Entries(object) {
		if !slices.Contains(known, key.Value) && !IsExtension(key.Value) {
			s.Errorf("%s: unknown field %q in %s", s.At(key), key.Value, what)
		}
	}
}
