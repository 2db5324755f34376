package tree

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// Remove deletes a key from a mapping.
func Remove(n *yaml.Node, name string) {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		if n.Kind == yaml.MappingNode && n.Content[i].Value == name {
			n.Content = slices.Delete(n.Content, i, i+2)
			return
		}
	}
}

// OrEmpty makes nothing an empty sequence.
func OrEmpty(n *yaml.Node) *yaml.Node {
	if n == nil {
		return &yaml.Node{}
	}
	return n
}

// Text is a new scalar that stands for a place.
func (s *Set) Text(value string, place *yaml.Node) *yaml.Node {
	return s.Adopt(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}, place)
}

// Put sets a member of an object, given as a tree or as a value of Go, and returns
// the tree. What is made of a value has the place of the object.
func (s *Set) Put(object *yaml.Node, name string, value any) *yaml.Node {
	made, ok := value.(*yaml.Node)
	if !ok {
		text, err := yaml.Marshal(value)
		if err != nil {
			panic(err) // All values that the program makes can be written.
		}
		made = s.Parse(string(text), object)
	}
	for i := 0; i+1 < len(object.Content); i += 2 {
		if object.Content[i].Value == name {
			object.Content[i+1] = made
			return made
		}
	}
	object.Content = append(object.Content, s.Text(name, object), made)
	return made
}

// Mapping returns the mapping that is a member of another, which it adds if there is
// none.
func (s *Set) Mapping(name string, to *yaml.Node) *yaml.Node {
	if n := Get(to, name); n != nil {
		return n
	}
	return s.Put(to, name, s.Adopt(&yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}, to))
}

// Clone copies a tree with the places it is from.
func (s *Set) Clone(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = nil
	for _, child := range n.Content {
		c.Content = append(c.Content, s.Clone(child))
	}
	return &c
}

// RenameSchemas renames schemas and what refers to them.
func RenameSchemas(root *yaml.Node, to map[string]string) {
	EachRef(root, func(ref *yaml.Node) {
		if name, rest, ok := SchemaOf(ref.Value); ok && to[name] != "" {
			ref.Value = SchemaRef + Escape.Replace(to[name]) + rest
		}
	})
	for name, schema := range Entries(Schemas(root)) {
		if fresh := to[name.Value]; fresh != "" {
			name.Value = fresh
			OrEmpty(Get(schema, "title")).Value = fresh
		}
	}
}
