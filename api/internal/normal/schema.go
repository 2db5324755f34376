package normal

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// Normalize converts a document to OpenAPI 3.1, inlines its components other than schemas, and
// schemas that are nothing but references, moves the parameters of path items into their
// operations, and applies these rules to every schema, innermost schemas first:
//
//   - A nullable type has "null" among its types. A nullable reference is an anyOf of the
//     reference and null.
//   - Exclusive limits are numbers.
//   - An allOf, oneOf or anyOf of one schema is that schema, and an array of one type is
//     that type.
//   - An allOf of objects is one object. A property that several of them have is as the
//     last one says.
//   - The schema of additional members is in additionalProperties. It is false, or
//     unevaluatedProperties is for a oneOf or anyOf, if there are none.
//   - A constant is an enum of one value.
//   - A union of one schema, described in place, and null is a nullable schema.
//   - An anyOf of which one schema allows any value is left out.
//   - A union of strings is a string. It has the enum values of all variants if each
//     variant has some; otherwise the values become examples.
//   - The type of an enum is that of its values; whole numbers are integers.
//   - An array has items.
func Normalize(set *tree.Set, root *yaml.Node) {
	m := &normalizer{Set: set, root: root, normalized: map[*yaml.Node]bool{}}
	if version := tree.NonNil(tree.Get(root, "openapi")); strings.HasPrefix(version.Value, "3.0.") {
		version.Value = "3.1.0"
	}
	m.inlineComponents(root)
	m.normalizeParameters(root)
	tree.EachSchema(root, m.normalizeSchema)
	m.removeReferences(root)
}

// normalizeSchema applies the rules to a schema, unless that was done or has begun.
func (m *normalizer) normalizeSchema(schema *yaml.Node) {
	if m.normalized[schema] {
		return
	}
	m.normalized[schema] = true
	rules := []func(schema *yaml.Node){
		m.convertLimits, m.convertConst, m.convertSingles, m.convertAllOf, m.dissolveAllOf, m.normalizeAdditional, m.convertNullable,
		m.normalizeUnion, m.inferType, m.addItems,
	}
	for _, rule := range rules {
		rule(schema)
	}
}

// unionKeywords are the keywords whose value is a list of variants.
var unionKeywords = []string{"anyOf", "oneOf"}

// isNull reports whether a schema allows nothing but null.
func isNull(schema *yaml.Node) bool { return tree.IsType(schema, "null") }

// addItems adds items to an array schema that says nothing about its items.
func (m *normalizer) addItems(schema *yaml.Node) {
	if tree.IsType(schema, "array") && !tree.Has(schema, "items", "prefixItems") {
		m.SetMember(schema, "items", m.Parse("{}", schema))
	}
}

// convertNullable replaces nullable, a keyword of OpenAPI 3.0 that is also in published
// documents in 3.1.
func (m *normalizer) convertNullable(schema *yaml.Node) {
	isNullable := tree.Value(schema, "nullable") == "true"
	if tree.Remove(schema, "nullable"); isNullable {
		m.allowNull(schema)
	}
}

// allowNull makes a schema nullable, in the way of OpenAPI 3.1.
func (m *normalizer) allowNull(schema *yaml.Node) {
	for _, key := range unionKeywords {
		if union := tree.Get(schema, key); union != nil {
			if !slices.ContainsFunc(union.Content, isNull) {
				union.Content = append(union.Content, m.Parse("{type: 'null'}", schema))
			}
			return
		}
	}
	if ref := tree.Get(schema, "$ref"); ref != nil {
		tree.Remove(schema, "$ref")
		tree.Remove(schema, "type")
		union := m.SetMember(schema, "anyOf", m.Parse("[{}, {type: 'null'}]", schema))
		m.SetMember(union.Content[0], "$ref", ref)
	}
	if t := tree.Value(schema, "type"); t != "" && t != "null" {
		m.SetMember(schema, "type", m.Parse("["+t+", 'null']", schema))
	}
	for key, null := range map[string]*yaml.Node{"type": m.NewString("null", schema), "enum": m.Parse("null", schema)} {
		values := tree.Items(schema, key)
		if values != nil && !slices.ContainsFunc(values, func(v *yaml.Node) bool { return tree.Equal(v, null) }) {
			tree.Get(schema, key).Content = append(values, null)
		}
	}
}

// convertLimits replaces a boolean exclusiveMinimum or exclusiveMaximum of OpenAPI 3.0,
// which applies to minimum or maximum, by a number.
func (m *normalizer) convertLimits(schema *yaml.Node) {
	for _, name := range []string{"Minimum", "Maximum"} {
		key, exclusiveKey := strings.ToLower(name), "exclusive"+name
		exclusive, limit := tree.Value(schema, exclusiveKey), tree.Get(schema, key)
		if exclusive == "true" || exclusive == "false" {
			tree.Remove(schema, exclusiveKey)
		}
		if exclusive == "true" && limit != nil {
			tree.Remove(schema, key)
			m.SetMember(schema, exclusiveKey, limit)
		}
	}
}

// convertConst replaces a const by an enum of one value.
func (m *normalizer) convertConst(schema *yaml.Node) {
	value := tree.Get(schema, "const")
	if value == nil || tree.Has(schema, "enum") || value.Kind != yaml.ScalarNode {
		return
	}
	tree.Remove(schema, "const")
	m.SetMember(schema, "enum", m.CopyPosition(&yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{value}}, schema))
}

// convertSingles replaces an array of one type by that type, and a oneOf or anyOf of one
// schema by an allOf, which means the same.
func (m *normalizer) convertSingles(schema *yaml.Node) {
	if types := tree.Items(schema, "type"); len(types) == 1 {
		m.SetMember(schema, "type", types[0])
	}
	for _, key := range unionKeywords {
		if variants := tree.Items(schema, key); len(variants) == 1 {
			tree.Remove(schema, key)
			tree.Remove(schema, "discriminator")
			m.SetMember(schema, "allOf", []string{}).Content = append(tree.Items(schema, "allOf"), variants...)
		}
	}
}

// ignoredSiblings are the keywords that the generator ignores beside a $ref.
var ignoredSiblings = []string{"properties", "required", "additionalProperties", "patternProperties", "items", "oneOf", "anyOf"}

// convertAllOf replaces an allOf of one schema by that schema. A reference beside keywords that
// the generator would ignore becomes an allOf.
func (m *normalizer) convertAllOf(schema *yaml.Node) {
	parts, ref := tree.Items(schema, "allOf"), tree.Get(schema, "$ref")
	isIgnored := func(key string) bool { v := tree.Get(schema, key); return v != nil && v.Kind != yaml.ScalarNode }
	switch {
	case slices.ContainsFunc(ignoredSiblings, isIgnored) || len(parts) > 0 && ref != nil:
		m.convertRef(schema)
	case len(parts) == 1 && parts[0].Kind == yaml.MappingNode:
		m.replaceKeyword(schema, "allOf", parts[0])
	}
}

// convertRef replaces the $ref of a schema by one in its allOf.
func (m *normalizer) convertRef(schema *yaml.Node) {
	if ref := tree.Get(schema, "$ref"); ref != nil {
		parts := tree.Items(schema, "allOf")
		tree.Remove(schema, "$ref")
		part := m.Parse("{}", ref)
		m.SetMember(part, "$ref", ref)
		m.SetMember(schema, "allOf", []string{}).Content = append(parts, part)
	}
}

// dissolveAllOf replaces an allOf of objects by one object, unless its parts contradict each
// other.
func (m *normalizer) dissolveAllOf(schema *yaml.Node) {
	if !tree.Has(schema, "allOf") {
		return
	}
	whole := m.Parse("{}", schema)
	for _, part := range append(slices.Clone(tree.Items(schema, "allOf")), schema) {
		object := tree.Dereference(m.root, part)
		if object != nil && object != part {
			tree.EachSchema(object, m.normalizeSchema)
			m.normalizeSchema(object)
		}
		if !m.addPart(whole, object, part == schema) {
			return
		}
	}
	switch {
	case tree.Has(whole, "type"):
	case tree.Has(whole, "properties"):
		m.SetMember(whole, "type", "object")
	default:
		return
	}
	tree.Remove(schema, "allOf")
	for key, value := range tree.Entries(whole) {
		m.SetMember(schema, key.Value, value)
	}
}

// ofParts are keywords that, in a part of an allOf, mean nothing for the whole: a discriminator
// tells apart the schemas that have the part, and normalizeAdditional leaves
// unevaluatedProperties only where any are allowed.
var ofParts = []string{"discriminator", "unevaluatedProperties"}

// otherThanObjects are the keywords of schemas that are not merged into one object.
var otherThanObjects = []string{"$ref", "allOf", "oneOf", "anyOf", "items", "enum", "patternProperties"}

// addPart adds the keywords of a part of an allOf to an object. The last part is the schema
// itself, without its allOf. It reports false if that is not possible.
func (m *normalizer) addPart(whole, part *yaml.Node, isLast bool) bool {
	if part == nil || part.Kind != yaml.MappingNode {
		return false
	}
	for key, value := range tree.Entries(part) {
		existing := tree.Get(whole, key.Value)
		isOfPart := tree.IsAnnotation(key.Value) || tree.IsExtension(key.Value) || slices.Contains(ofParts, key.Value)
		switch {
		case isLast && key.Value == "allOf" || !isLast && isOfPart:
		case key.Value == "properties":
			m.addProperties(m.EnsureObject(whole, "properties"), value)
		case key.Value == "type":
			isObject := func(t *yaml.Node) bool { return t.Value == "object" }
			if !slices.ContainsFunc(append(tree.Items(part, "type"), value), isObject) {
				return false
			}
			if existing == nil || isObject(value) { // The whole can be null if all parts can.
				m.SetMember(whole, "type", value)
			}
		case key.Value == "required" && existing != nil:
			for _, name := range value.Content {
				if !slices.ContainsFunc(existing.Content, func(n *yaml.Node) bool { return n.Value == name.Value }) {
					existing.Content = append(existing.Content, name)
				}
			}
		case slices.Contains(otherThanObjects, key.Value) || existing != nil && !tree.Equal(existing, value):
			return false
		default:
			m.SetMember(whole, key.Value, m.Clone(value))
		}
	}
	return true
}

// addProperties adds copies of some properties to others. One that is there takes the new
// keywords, and becomes the new one if one of the two is a reference.
func (m *normalizer) addProperties(properties, added *yaml.Node) {
	for name, property := range tree.Entries(added) {
		property = m.Clone(property)
		existing := tree.Get(properties, name.Value)
		if existing == nil {
			properties.Content = append(properties.Content, name, property)
			continue
		}
		if !tree.Has(existing, "$ref") && !tree.Has(property, "$ref") {
			for key, value := range tree.Entries(existing) {
				if !tree.Has(property, key.Value) {
					m.SetMember(property, key.Value, value)
				}
			}
		}
		m.SetMember(properties, name.Value, property)
	}
}

// normalizeAdditional writes in one way which additional members an object may have. In a
// schema that consists of several, additionalProperties: false would also exclude the
// properties of the other schemas, so unevaluatedProperties stands for it there.
func (m *normalizer) normalizeAdditional(schema *yaml.Node) {
	isComposed := tree.Has(schema, "allOf", "anyOf", "oneOf", "$ref")
	closedKey := "additionalProperties"
	if isComposed {
		closedKey = "unevaluatedProperties"
	}
	for _, key := range []string{"additionalProperties", "unevaluatedProperties"} {
		if value := tree.Get(schema, key); value != nil && (value.Value == "false" || tree.Equal(value, m.Parse("{not: {}}", schema))) {
			tree.Remove(schema, key)
			m.SetMember(schema, closedKey, false)
		}
	}
	unevaluated := tree.Get(schema, "unevaluatedProperties")
	isTyped := tree.Has(unevaluated, "type", "$ref", "allOf", "oneOf", "anyOf")
	if isTyped && !isComposed && !tree.Has(schema, "additionalProperties") {
		tree.Remove(schema, "unevaluatedProperties")
		m.SetMember(schema, "additionalProperties", unevaluated)
	}
}

// replaceKeyword replaces a keyword of a schema by the keywords of another schema. Where both
// have an annotation, that of the schema itself is kept. It reports false, and changes
// nothing, if another keyword is in both with different values.
func (m *normalizer) replaceKeyword(schema *yaml.Node, keyword string, by *yaml.Node) bool {
	for key, value := range tree.Entries(by) {
		own := tree.Get(schema, key.Value)
		if own != nil && key.Value != "type" && !tree.IsAnnotation(key.Value) && !tree.Equal(value, own) {
			return false
		}
	}
	tree.Remove(schema, keyword)
	old := *schema
	schema.Content = slices.Clone(by.Content)
	for key, value := range tree.Entries(&old) {
		if tree.IsAnnotation(key.Value) || tree.Get(by, key.Value) == nil {
			m.SetMember(schema, key.Value, value)
		}
	}
	return true
}

// normalizeUnion replaces a union of one schema and null, and a union of strings, by one
// schema, and removes one that allows any value.
func (m *normalizer) normalizeUnion(schema *yaml.Node) {
	for _, key := range unionKeywords {
		all := tree.Items(schema, key)
		if key == "anyOf" && slices.ContainsFunc(all, saysNothing) {
			tree.Remove(schema, key)
			continue
		}
		variants := slices.DeleteFunc(slices.Clone(all), isNull)
		isSingle := len(variants) == 1 && len(all) == 2 && !tree.Has(variants[0], "$ref") && tree.Has(variants[0], "type")
		isReplaced := isSingle && m.replaceKeyword(schema, key, variants[0]) || m.mergeStrings(schema, key, variants)
		if isReplaced && len(variants) < len(all) {
			m.allowNull(schema)
		}
	}
}

// saysNothing reports whether a schema allows any value.
func saysNothing(schema *yaml.Node) bool {
	for key := range tree.Entries(schema) {
		if !tree.IsAnnotation(key.Value) {
			return false
		}
	}
	return schema.Kind == yaml.MappingNode
}

// mergeStrings replaces a union by a string, if its variants are strings of the same Go
// type. It reports whether they are. The values of the variants become an enum if all have
// some; otherwise other strings are possible, and the values become examples.
func (m *normalizer) mergeStrings(schema *yaml.Node, unionKey string, variants []*yaml.Node) bool {
	if len(variants) == 0 || tree.Has(schema, "discriminator", "enum") {
		return false
	}
	var values []*yaml.Node
	valuesKey, format := "enum", tree.GoFormat(tree.Value(variants[0], "format"))
	for _, variant := range variants {
		if !tree.IsType(variant, "string") || tree.GoFormat(tree.Value(variant, "format")) != format || tree.Has(variant, "x-go-type") {
			return false
		}
		enum := tree.Items(variant, "enum")
		if len(enum) == 0 {
			valuesKey = "examples"
		}
		values = append(values, enum...)
	}
	tree.Remove(schema, unionKey)
	m.SetMember(schema, "type", "string")
	if format != "" {
		m.SetMember(schema, "format", format)
	}
	if len(values) > 0 && !tree.Has(schema, valuesKey) {
		m.SetMember(schema, valuesKey, []string{}).Content = values
	}
	return true
}

// inferType gives a schema without type the type of its enum values, if these are all
// strings, all integers or all booleans. An enum of whole numbers becomes one of integers.
func (m *normalizer) inferType(schema *yaml.Node) {
	all, hasType := tree.Items(schema, "enum"), tree.Has(schema, "type")
	values := slices.DeleteFunc(slices.Clone(all), func(v *yaml.Node) bool { return v.ShortTag() == "!!null" })
	if hasType && !tree.IsType(schema, "number") || tree.Has(schema, "$ref") || len(values) == 0 {
		return
	}
	tag := values[0].ShortTag()
	switch {
	case slices.ContainsFunc(values, func(v *yaml.Node) bool { return v.ShortTag() != tag }):
		return
	case tag == "!!int":
		tree.Remove(schema, "format")
		m.SetMember(schema, "type", "integer")
	case tag == "!!str" && !hasType:
		m.SetMember(schema, "type", "string")
	case tag == "!!bool" && !hasType:
		m.SetMember(schema, "type", "boolean")
	}
	if len(values) < len(all) && !hasType {
		m.allowNull(schema)
	}
}
