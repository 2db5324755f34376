package changes

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// schema is a schema in a form that can be compared: its $ref is resolved, and
// null is taken out of its types, values and variants.
type schema struct {
	object
	name     string // the schema that its $ref refers to, or ""
	types    []any  // without null, unless it is the only one; none for any type
	nullable bool
	nullHere bool  // whether null is beside a reference, and not in the schema that it refers to
	variants []any // the schemas in oneOf or anyOf
	values   []any // of enum; none for any value
}

// readSchema returns a schema of the description.
func (s *State) readSchema(v any) schema {
	n := schema{object: s.flatten(asObject(v), 0), name: refName(v)}
	types, values := asArray(n.object["type"]), asArray(n.object["enum"])
	if t := n.object["type"]; t != nil && types == nil {
		types = []any{t}
	}
	n.types, n.values = without(types, []any{"null"}), without(values, []any{nil})
	if len(n.types) == 0 {
		n.types = types // null alone
	}
	if len(types) == 0 && n.object["properties"] != nil {
		n.types = []any{"object"}
	}
	variants := slices.Concat(asArray(n.object["oneOf"]), asArray(n.object["anyOf"]))
	n.variants = slices.DeleteFunc(slices.Clone(variants), func(v any) bool { return get(v, "type") == "null" })
	n.nullable = contains(types, "null") || len(n.variants) < len(variants)
	if len(n.variants) == 1 {
		only := s.readSchema(n.variants[0])
		only.nullable, only.nullHere = only.nullable || n.nullable, n.nullable && n.name == ""
		only.name = cmp.Or(n.name, only.name)
		return only
	}
	return n
}

// refName returns the name of the schema that v refers to, or "".
func refName(v any) string {
	if name, rest, ok := tree.ParseSchemaRef(asString(get(v, "$ref"))); ok && rest == "" {
		return name
	}
	return ""
}

func (s *State) namedSchema(name string) any { return get(s.doc, "components", "schemas", name) }

// flatten merges a schema with the schema that it refers to. Where both have a keyword, its own
// counts.
func (s *State) flatten(n object, depth int) object {
	name := refName(n)
	if name == "" || depth > 20 { // A schema can refer to itself.
		return n
	}
	merged := union(s.flatten(asObject(s.namedSchema(name)), depth+1), n)
	delete(merged, "$ref")
	return merged
}

// union returns the variants of a schema. A schema without any is its own only variant.
func (s *State) union(n schema) (variants []schema) {
	for _, v := range n.variants {
		variants = append(variants, s.readSchema(v))
	}
	if n.nullable {
		n.name, n.nullable = "", false
	}
	if len(variants) == 0 {
		return []schema{n}
	}
	return variants
}

// goFormat returns the format of a string if strings in this format have their own type
// in Go, else "".
func (s schema) goFormat() string { return tree.GoFormat(asString(s.object["format"])) }

// properties returns the properties of an object, as parts.
func (s schema) properties() map[string]part {
	all := map[string]part{}
	for name, n := range asObject(s.object["properties"]) {
		all[name] = part{object: asObject(n)}
	}
	for _, name := range asArray(s.object["required"]) {
		all[asString(name)] = part{all[asString(name)].object, true}
	}
	return all
}

// additionalProperties returns the schema of properties that s does not list, or true if
// any are valid, or false if none are.
func (s schema) additionalProperties() any {
	if v := s.object["additionalProperties"]; v != nil && !reflect.DeepEqual(v, object{}) {
		return v
	}
	return true
}

// limit returns the value of a keyword that limits the valid values, or nil. A maximum or
// minimum can be exclusive, unless it is that of an integer.
func (s schema) limit(k keyword) any {
	given := s.object[k.name]
	limit, isExclusive := s.object["exclusive"+strings.ToUpper(k.name[:1])+k.name[1:]].(float64)
	inclusive, hasBoth := given.(float64)
	bound := float64(k.bound)
	switch {
	case !isExclusive || hasBoth && inclusive*bound < limit*bound:
		return given
	case slices.Equal(s.types, []any{"integer"}):
		return bound * (math.Ceil(bound*limit) - 1)
	}
	return exclusive(limit)
}

// includesTypes reports whether each type of b but null is one of a, in Go and in JSON.
func (a schema) includesTypes(b schema) bool {
	if len(a.types) == 0 || contains(b.types, "null") {
		return true
	}
	for _, t := range b.types {
		if !contains(a.types, t) && (t != "integer" || !contains(a.types, "number")) {
			return false
		}
	}
	return len(b.types) > 0 && (a.goFormat() == "" || a.goFormat() == b.goFormat())
}

// constants returns the properties of a variant that have only one valid value, with these
// values: they distinguish it from other variants.
func (s *State) constants(variant schema) string {
	var properties []string
	for name, property := range asObject(variant.object["properties"]) {
		if p := s.readSchema(property); len(p.values) == 1 {
			properties = append(properties, fmt.Sprintf("%s=%v", name, p.values[0]))
		}
	}
	slices.Sort(properties)
	return strings.Join(properties, ",")
}

// similarity returns which part of the properties of two variants both have, from 0 to 1.
// It is 0 for different types, and 1 for variants of one type without properties.
func similarity(a, b schema) float64 {
	properties, others := asObject(a.object["properties"]), asObject(b.object["properties"])
	switch {
	case !slices.Equal(a.types, b.types) || a.goFormat() != b.goFormat():
		return 0
	case len(properties)+len(others) == 0:
		return 1
	}
	return float64(countCommon(properties, others)) / float64(max(len(properties), len(others)))
}
