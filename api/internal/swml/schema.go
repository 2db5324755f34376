package swml

import (
	"gopkg.in/yaml.v3"
)

// schema is the part of JSON Schema that SWML's is written in.
type schema struct {
	Ref         string            `yaml:"$ref"`
	Type        string            `yaml:"type"`
	Description string            `yaml:"description"`
	Properties  mapping[*schema]  `yaml:"properties"`
	Required    []string          `yaml:"required"`
	Items       *schema           `yaml:"items"`
	Rest        *schema           `yaml:"unevaluatedProperties"`
	Not         *schema           `yaml:"not"`
	AnyOf       []*schema         `yaml:"anyOf"`
	OneOf       []*schema         `yaml:"oneOf"`
	Const       any               `yaml:"const"`
	Enum        []string          `yaml:"enum"`
	Minimum     *float64          `yaml:"minimum"`
	Maximum     *float64          `yaml:"maximum"`
	MinItems    *float64          `yaml:"minItems"`
	MaxItems    *float64          `yaml:"maxItems"`
	Defs        mapping[*schema]  `yaml:"$defs"`
	GoName      string            `yaml:"x-go-name"`   // the Go type
	GoField     string            `yaml:"x-go-field"`  // the Go field of a member
	GoFields    mapping[string]   `yaml:"x-go-fields"` // the fields of a struct for a union, with their descriptions
	GoOne       *bool             `yaml:"x-go-one"`    // false if several variants of a union may stand in one object
	GoTypes     map[string]string `yaml:"x-go-types"`  // descriptions of Go types
}

// mapping keeps the order of its keys.
type mapping[T any] struct {
	keys   []string
	values map[string]T
}

func (m *mapping[T]) UnmarshalYAML(n *yaml.Node) error {
	m.values = map[string]T{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		var value T
		if err := n.Content[i+1].Decode(&value); err != nil {
			return err
		}
		m.keys = append(m.keys, n.Content[i].Value)
		m.values[n.Content[i].Value] = value
	}
	return nil
}

// withoutProse removes what is not about structure.
func withoutProse(n *yaml.Node) *yaml.Node {
	kept := n.Content[:0:0]
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode {
			key, value := n.Content[i&^1].Value, n.Content[i|1]
			if key == "description" && value.Kind == yaml.ScalarNode || len(key) > 2 && key[:2] == "x-" {
				continue
			}
		}
		kept = append(kept, withoutProse(c))
	}
	clone := *n
	clone.Content = kept
	return &clone
}
