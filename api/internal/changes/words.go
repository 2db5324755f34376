package changes

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/lock"
	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// location is what a line of the report is about.
type location struct {
	name   string // the Go symbol, such as gen.SIPGateway.Name, or else the schema, field, operation or webhook
	goType string // the Go type of the value there, by its name in package gen, or ""
	detail string // the part of the value that the line is about, in words, or ""
}

// inGo returns the location of a symbol of package gen.
func inGo(symbol, goType string) location { return location{name: "gen." + symbol, goType: goType} }

func (l location) isInGo() bool { return strings.HasPrefix(l.name, "gen.") }

// part returns the location of a part of l, given in words.
func (l location) part(words string) location {
	l.detail += words
	return l
}

// nested returns the location of a value in the value at l. It extends a path such as
// `call_log[]` by another step, or else describes the value in words.
func (l location) nested(step, words string) location {
	if path, ok := strings.CutSuffix(l.detail, "` "); ok {
		l.detail = path + step + "` "
		return l
	}
	return l.part(words + " ")
}

// property returns the location of a property of the object at l.
func (r *reporter) property(l location, name string, _ *yaml.Node) location {
	if field := r.names.Field(l.goType, name); field.Name != "" {
		return inGo(l.goType+"."+field.Name, lock.BaseType(field.Type))
	}
	l.goType = ""
	if l.detail == "" && !l.isInGo() {
		l.name += "." + name
		return l
	}
	return l.nested("."+name, code(name))
}

// parameter returns the location of a parameter of the operation at l: a field of the
// struct with the operation's parameters, or an argument of its method.
func (r *reporter) parameter(l location, _ string, parameter *yaml.Node) location {
	name := tree.Value(parameter, "name")
	if field := r.property(location{goType: l.goType}, name, parameter); field.isInGo() {
		return field
	}
	return l.part(tree.Value(parameter, "in") + " parameter " + code(name) + ": ")
}

// schemaLocation returns the location of a named schema: its Go type, or its name if it is raw
// JSON in Go, as many schemas are.
func (r *reporter) schemaLocation(name string) location {
	if typ := r.names.Schemas[name]; r.names.Types[typ] != nil {
		return inGo(typ, typ)
	}
	return location{name: name}
}

func code(s string) string { return "`" + s + "`" }

// encode returns a value of a description as JSON.
func encode(n *yaml.Node) string { return strings.TrimSpace(string(tree.EncodeJSON(n))) }

// describe returns the type of a schema in words, such as "a string", "an array, each item an
// integer" or "`gen.Thing`".
func (r *reporter) describe(s *schema) string {
	if s.name != "" {
		return code(r.schemaLocation(s.name).name)
	}
	return r.describeType(s)
}

// describeType is describe without the name of the schema.
func (r *reporter) describeType(s *schema) string {
	var texts []string
	for _, variant := range s.variants {
		texts = append(texts, r.describe(s.state.read(variant)))
	}
	for _, t := range s.types {
		text := cmp.Or(typeWords[t], "a "+t)
		if items := tree.Get(s.Node, "items"); t == "array" && len(tree.NonNil(items).Content) > 0 {
			text += ", each item " + r.describe(s.state.read(items))
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	words := cmp.Or(strings.Join(texts, " or "), "any value")
	if format := s.goFormat(); format != "" {
		words += " (" + format + ")"
	}
	return words
}

// typeWords are the types that do not have "a" before their name.
var typeWords = map[string]string{"null": "null", "array": "an array", "integer": "an integer", "object": "an object"}

// describeVariant returns the type of a variant of a union in words. It tells objects without
// a name apart by the constants that they have, or else by the names of their properties.
func (r *reporter) describeVariant(s *schema) string {
	words, properties := r.describe(s), tree.Index(tree.Get(s.Node, "properties"))
	if s.name != "" || len(properties) == 0 {
		return words
	}
	if constants := s.constants(); constants != "" {
		return words + " with " + code(constants)
	}
	return words + " with " + code(strings.Join(tree.SortedKeys(properties), "`, `"))
}

// listValues lists the values of an enum, with the names of their constants if they are those
// of a Go type. It also returns these constants as symbols.
func (s *State) listValues(goType string, values []*yaml.Node) (list string, symbols []string) {
	var texts []string
	for _, v := range values {
		text := code(encode(v))
		if t := s.Names.Types[goType]; t != nil && t.Values[v.Value] != "" {
			name := "gen." + t.Values[v.Value]
			text += " (" + code(name) + ")"
			symbols = append(symbols, name)
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", "), symbols
}

// limitedTo returns the limit that the values of an enum are.
func (r *reporter) limitedTo(values []*yaml.Node) limit {
	list, _ := r.new.listValues("", values)
	if list == "" {
		return limit{words: "can be any value"}
	}
	return limit{"is limited to " + list, true, math.NaN()}
}

// Numbers of the limit that additionalProperties is.
const (
	noValue = iota
	oneSchema
	anyValue
)

// additional returns the limit that additionalProperties is.
func (r *reporter) additional(s *schema) limit {
	n := tree.Get(s.Node, "additionalProperties")
	switch {
	case n == nil || n.Value == "true" || n.Kind == yaml.MappingNode && len(n.Content) == 0:
		return limit{"can have any additional properties", false, anyValue}
	case n.Value == "false":
		return limit{"has no additional properties", true, noValue}
	}
	return limit{"has additional properties, each " + r.describe(s.state.read(n)), true, oneSchema}
}
