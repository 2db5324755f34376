package support

import (
	"slices"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// checkSchema checks the schema of a value, and all schemas that it refers to.
func (c *checker) checkSchema(schema *yaml.Node) {
	if schema == nil || c.visited[schema] {
		return
	}
	c.visited[schema] = true
	c.checkType(schema)
	if goType := tree.Value(schema, "x-go-type"); goType != "" {
		if !c.IsGenerated(goType) {
			return // A type written by hand decodes the value, whatever the schema says.
		}
		c.checkSchema(tree.Get(tree.Schemas(c.Root), c.SchemaNames[goType]))
	}
	if ref := tree.Get(schema, "$ref"); ref != nil {
		name, rest, ok := tree.ParseSchemaRef(ref.Value)
		if c.resolve(schema) == nil || !ok || rest != "" || !hasGoName(name, c.resolve(schema)) || strings.ContainsFunc(name, unicode.IsControl) {
			c.refuse(ref, "reference to %s", ref.Value)
			return
		}
		c.checkSchema(tree.ResolveRef(c.Root, ref.Value))
		return
	}
	c.checkKeywords(schema, "schema", schemaKeywords)
	if t := c.typeOf(schema); strings.Contains(t, ",") {
		c.refuse(schema, "value of several types (%s)", t)
	}
	if tree.Has(schema, "oneOf") && tree.Has(schema, "anyOf") {
		c.refuse(schema, "oneOf beside anyOf")
	}
	for key, value := range tree.Entries(schema) {
		c.checkKeyword(schema, key, value)
	}
	if c.sent {
		c.checkRequired(schema)
	}
}

// checkRequired refuses a required member that is no property, since its object has no field
// for it in Go. An object without properties is a map, which can have it.
func (c *checker) checkRequired(schema *yaml.Node) {
	properties := tree.Get(schema, "properties")
	isOpen := tree.Has(schema, "additionalProperties") && tree.Value(schema, "additionalProperties") != "false"
	for _, name := range tree.Items(schema, "required") {
		if properties != nil && !isOpen && !tree.Has(properties, name.Value) {
			c.refuse(name, "request whose required member %s is no property", name.Value)
		}
	}
}

// enumTags are the YAML tags that the values of an enum can have, by the type of the schema.
var enumTags = map[string][]string{"string": {"!!str"}, "integer": {"!!int"}, "number": {"!!int", "!!float"}, "boolean": {"!!bool"}}

// jsonTypes are the types of JSON Schema.
var jsonTypes = strings.Fields("string integer number boolean array object null")

// checkType refuses types that JSON Schema does not have, which the generator cannot read.
func (c *checker) checkType(schema *yaml.Node) {
	value, types := tree.Get(schema, "type"), tree.Types(schema)
	if value != nil && len(types) == 0 {
		c.refuse(value, "empty list of types")
	}
	for _, t := range types {
		if !slices.Contains(jsonTypes, t.Value) || t.ShortTag() != "!!str" {
			c.refuse(t, "type %s", tree.Describe(t))
		}
	}
}

// checkKeyword checks the value of one keyword of a schema, and the schemas in it.
func (c *checker) checkKeyword(schema, key, value *yaml.Node) {
	switch key.Value {
	case "format":
		c.checkText("format", value)
		if value.Value == "binary" && c.typeOf(schema) == "string" {
			c.refuse(value, "string of format binary")
		}
	case "discriminator":
		c.checkKeywords(value, "discriminator", discriminatorKeywords)
		c.checkText("discriminator", tree.NonNil(tree.Get(value, "propertyName")))
		for mapped := range tree.Entries(tree.Get(value, "mapping")) {
			c.checkText("discriminator with the value", mapped)
		}
		if len(tree.NonNullVariants(schema)) == 0 {
			c.refuse(value, "discriminator without oneOf or anyOf")
		}
	case "enum":
		values := slices.DeleteFunc(slices.Clone(value.Content), func(v *yaml.Node) bool { return v.ShortTag() == "!!null" })
		if len(values) == 0 {
			c.refuse(value, "enumeration without a value other than null")
		}
		isOfOtherType := func(v *yaml.Node) bool { return !slices.Contains(enumTags[c.typeOf(schema)], v.ShortTag()) }
		if i := slices.IndexFunc(values, isOfOtherType); i >= 0 {
			c.refuse(values[i], "enumeration of other values than its type has")
		}
		c.checkText("enumeration with the value", values...)
	case "properties":
		for name, property := range tree.Entries(value) {
			c.checkName(name, property, "property")
			c.checkSchema(property)
		}
	case "unevaluatedProperties":
		if tree.Has(value, "type", "$ref", "oneOf", "anyOf") && !tree.Has(schema, "additionalProperties") {
			c.refuse(value, "schema with unevaluatedProperties but no additionalProperties")
		}
	case "items", "additionalProperties":
		c.checkSchema(value)
	case "allOf":
		c.refuse(value, "allOf of other schemas than objects, or of objects that contradict each other")
	case "oneOf", "anyOf":
		for _, sibling := range []string{"properties", "required"} {
			if tree.Has(schema, sibling) {
				c.refuse(value, "%s beside %s", sibling, key.Value)
			}
		}
		for _, variant := range value.Content {
			if !tree.Has(c.resolve(variant), "type", "properties", "oneOf", "anyOf") && !tree.Has(variant, "x-go-type") {
				c.refuse(variant, "%s with an alternative of no type", key.Value)
			}
			c.checkSchema(variant)
		}
	}
}

// resolve returns a schema or, for a $ref, the schema that it refers to, or nil.
func (c *checker) resolve(schema *yaml.Node) *yaml.Node { return tree.Dereference(c.Root, schema) }

// typeOf returns the type of a schema or of what it refers to; see tree.TypeOf.
func (c *checker) typeOf(schema *yaml.Node) string { return tree.TypeOf(c.resolve(schema)) }

// isScalar reports whether a schema describes strings, integers, numbers or booleans.
func (c *checker) isScalar(schema *yaml.Node) bool {
	isScalarType := slices.Contains([]string{"string", "integer", "number", "boolean"}, c.typeOf(schema))
	return isScalarType && !tree.Has(c.resolve(schema), "oneOf", "anyOf")
}

// isScalarArray reports whether a schema describes arrays of scalars.
func (c *checker) isScalarArray(schema *yaml.Node) bool {
	return c.typeOf(schema) == "array" && c.isScalar(tree.Get(c.resolve(schema), "items"))
}

// isFlatObject reports whether a schema describes objects that have only the listed
// properties, all of them scalars or, if allowed, arrays of scalars.
func (c *checker) isFlatObject(schema *yaml.Node, allowArrays bool) bool {
	schema = c.resolve(schema)
	isClosed := !tree.Has(schema, "additionalProperties") || tree.Value(schema, "additionalProperties") == "false"
	if c.typeOf(schema) != "object" || !tree.Has(schema, "properties") || !isClosed {
		return false
	}
	for _, property := range tree.Entries(tree.Get(schema, "properties")) {
		if !c.isScalar(property) && !(allowArrays && c.isScalarArray(property)) {
			return false
		}
	}
	return !tree.Has(schema, "oneOf", "anyOf")
}
