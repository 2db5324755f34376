package tree

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// Remove deletes a member of an object. It does nothing if there is no such member.
func Remove(object *yaml.Node, name string) {
	for i := 0; object != nil && i+1 < len(object.Content); i += 2 {
		if object.Kind == yaml.MappingNode && object.Content[i].Value == name {
			object.Content = slices.Delete(object.Content, i, i+2)
			return
		}
	}
}

// NonNil returns n or, if n is nil, a new empty node, so that a caller can read or set
// fields of what Get returns without asking whether it was found.
func NonNil(n *yaml.Node) *yaml.Node {
	if n == nil {
		return &yaml.Node{}
	}
	return n
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
		text, err := yaml.Marshal(value)
		if err != nil {
			panic(err) // Every value that this program passes can be encoded.
		}
		node = s.Parse(string(text), object)
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
