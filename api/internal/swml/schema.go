package swml

import "github.com/seed-fbb712e3/signalwire-go/api/internal/code"

// schema is the part of JSON Schema that SWML's is written in.
type schema struct {
	Ref         string                `yaml:"$ref"`
	Type        string                `yaml:"type"`
	Description string                `yaml:"description"`
	Properties  code.Mapping[*schema] `yaml:"properties"`
	Required    []string              `yaml:"required"`
	Items       *schema               `yaml:"items"`
	Rest        *schema               `yaml:"unevaluatedProperties"`
	Not         *schema               `yaml:"not"`
	AnyOf       []*schema             `yaml:"anyOf"`
	OneOf       []*schema             `yaml:"oneOf"`
	Const       any                   `yaml:"const"`
	Enum        []string              `yaml:"enum"`
	Minimum     *float64              `yaml:"minimum"`
	Maximum     *float64              `yaml:"maximum"`
	MinItems    *float64              `yaml:"minItems"`
	MaxItems    *float64              `yaml:"maxItems"`
	Defs        code.Mapping[*schema] `yaml:"$defs"`
	GoName      string                `yaml:"x-go-name"`   // the Go type
	GoField     string                `yaml:"x-go-field"`  // the Go field of a member
	GoFields    code.Mapping[string]  `yaml:"x-go-fields"` // the fields of a struct for a union, with their descriptions
	GoOne       *bool                 `yaml:"x-go-one"`    // false if several variants of a union may stand in one object
	GoTypes     map[string]string     `yaml:"x-go-types"`  // descriptions of Go types
}
