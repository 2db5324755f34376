package support

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/tree"
)

// checkSchema checks the schema of a value, and all schemas that it refers to.
func (c *checker) checkSchema(schema *yaml.Node) {
	resolved := c.resolve(schema)
	hasGoType := tree.Has(schema, "x-go-type") || tree.Has(resolved, "x-go-type")
	if d := tree.Get(resolved, "discriminator"); d != nil && len(variants(resolved)) == 0 && !hasGoType && !c.visited[d] {
		c.visited[d] = true
		c.refuse(d, "discriminator without oneOf or anyOf")
	}
	if c.sent && !hasGoType && !c.visited[resolved] {
		c.checkRequired(resolved)
	}
	c.checkPart(schema)
}

// checkRequired refuses a required member that is no property, since its object has no field
// for it in Go. An object without properties is a map, which can have it.
func (c *checker) checkRequired(schema *yaml.Node) {
	var required []*yaml.Node
	properties, isOpen := map[string]bool{}, false
	for _, part := range c.flatten(schema, map[*yaml.Node]bool{}) {
		required = append(required, tree.Items(part, "required")...)
		for name := range tree.Entries(tree.Get(part, "properties")) {
			properties[name.Value] = true
		}
		isOpen = isOpen || tree.Has(part, "additionalProperties") && tree.Value(part, "additionalProperties") != "false"
	}
	for _, name := range required {
		if len(properties) > 0 && !isOpen && !properties[name.Value] {
			c.refuse(name, "request whose required member %s is no property", name.Value)
		}
	}
}

// flatten returns a schema and the parts of its allOf, of which each can have an allOf, too,
// except those that were visited.
func (c *checker) flatten(schema *yaml.Node, visited map[*yaml.Node]bool) []*yaml.Node {
	if schema = c.resolve(schema); schema == nil || visited[schema] {
		return nil
	}
	visited[schema] = true
	parts := []*yaml.Node{schema}
	for _, inner := range tree.Items(schema, "allOf") {
		parts = append(parts, c.flatten(inner, visited)...)
	}
	return parts
}

// checkPart checks a schema that may be a part of an allOf. There, a discriminator without
// oneOf does not matter: it tells apart the schemas that include the part.
func (c *checker) checkPart(schema *yaml.Node) {
	if schema == nil || c.visited[schema] || tree.Has(schema, "x-go-type") {
		return // A type written by hand decodes the value, whatever the schema says.
	}
	c.visited[schema] = true
	if ref := tree.Get(schema, "$ref"); ref != nil {
		name, rest, ok := tree.ParseSchemaRef(ref.Value)
		if c.resolve(schema) == nil || !ok || rest != "" || !hasGoName(name, c.resolve(schema)) {
			c.refuse(ref, "reference to %s", ref.Value)
			return
		}
		c.checkPart(tree.ResolveRef(c.root, ref.Value))
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
}

// enumTags are the YAML tags that the values of an enum can have, by the type of the schema.
var enumTags = map[string][]string{"string": {"!!str"}, "integer": {"!!int"}, "number": {"!!int", "!!float"}, "boolean": {"!!bool"}}

// jsonTypes are the types of JSON Schema.
var jsonTypes = strings.Fields("string integer number boolean array object null")

// checkKeyword checks the value of one keyword of a schema, and the schemas in it.
func (c *checker) checkKeyword(schema, key, value *yaml.Node) {
	switch key.Value {
	case "type":
		types := value.Content
		if value.Kind == yaml.ScalarNode {
			types = []*yaml.Node{value}
		}
		if len(types) == 0 {
			c.refuse(value, "empty list of types")
		}
		for _, t := range types {
			if !slices.Contains(jsonTypes, t.Value) || t.ShortTag() != "!!str" {
				c.refuse(t, "type %s", tree.Describe(t))
			}
		}
	case "format":
		if value.Value == "binary" && c.typeOf(schema) == "string" {
			c.refuse(value, "string of format binary")
		}
	case "discriminator":
		c.checkKeywords(value, "discriminator", discriminatorKeywords)
	case "enum":
		values := slices.DeleteFunc(slices.Clone(value.Content), func(v *yaml.Node) bool { return v.ShortTag() == "!!null" })
		if len(values) == 0 {
			c.refuse(value, "enumeration without a value other than null")
		}
		isUnsupported := func(v *yaml.Node) bool { return !slices.Contains(enumTags[c.typeOf(schema)], v.ShortTag()) }
		if i := slices.IndexFunc(values, isUnsupported); i >= 0 {
			c.refuse(values[i], "enumeration of other values than its type has")
		}
	case "properties":
		for name, property := range tree.Entries(value) {
			c.checkName(name, property, "property")
			c.checkSchema(property)
		}
	case "unevaluatedProperties":
		if tree.Has(value, "type", "$ref", "allOf", "oneOf", "anyOf") && !tree.Has(schema, "additionalProperties") {
			c.refuse(value, "schema with unevaluatedProperties but no additionalProperties")
		}
	case "items", "additionalProperties":
		c.checkSchema(value)
	case "allOf":
		if len(value.Content) == 0 {
			c.refuse(value, "empty allOf")
		}
		c.checkAllOf(schema, value.Content)
	case "oneOf", "anyOf":
		for _, sibling := range []string{"properties", "allOf", "required"} {
			if tree.Has(schema, sibling) {
				c.refuse(value, "%s beside %s", sibling, key.Value)
			}
		}
		for _, variant := range value.Content {
			if !tree.Has(c.resolve(variant), "type", "properties", "allOf", "oneOf", "anyOf") && !tree.Has(variant, "x-go-type") {
				c.refuse(variant, "%s with an alternative of no type", key.Value)
			}
			c.checkSchema(variant)
		}
	}
}

// checkAllOf refuses an allOf that the generator cannot merge, or of which it would lose
// something. It merges objects, and what their parts say about the whole has to agree.
func (c *checker) checkAllOf(schema *yaml.Node, parts []*yaml.Node) {
	for _, part := range parts {
		resolved := c.resolve(part)
		if len(variants(resolved)) > 1 && !tree.Has(part, "x-go-type") {
			c.refuse(part, "allOf with a choice in it")
		}
		if resolved != part && c.allOfContains(resolved, resolved) {
			c.refuse(part, "allOf with a schema that is in an allOf in itself")
		}
		if t := c.typeOf(part); t != "" && t != "object" {
			c.refuse(part, "allOf with a part of type %s", t)
		}
		if c.isNullable(part) != c.isNullable(parts[0]) {
			c.refuse(part, "allOf of which only some parts may be null")
		}
		c.checkPart(part)
	}
	seen := map[string]bool{}
	for _, part := range c.flatten(schema, map[*yaml.Node]bool{}) {
		for key, value := range tree.Entries(part) {
			switch name := key.Value; name {
			case "default", "readOnly", "writeOnly", "format", "uniqueItems", "exclusiveMinimum", "exclusiveMaximum":
				if part != schema {
					c.refuse(value, "%s in a part of an allOf", name)
				}
			case "additionalProperties", "discriminator":
				if seen[name] && value.Kind == yaml.MappingNode {
					c.refuse(value, "%s in several parts of an allOf", name)
				}
				seen[name] = seen[name] || value.Kind == yaml.MappingNode
			}
		}
	}
}

// allOfContains reports whether an allOf in a schema refers to one of the ancestors,
// directly or through further schemas. The generator would merge such an allOf forever.
func (c *checker) allOfContains(schema *yaml.Node, ancestors ...*yaml.Node) (found bool) {
	if schema == nil || c.acyclic[schema] {
		return false
	}
	tree.EachKeyword(schema, func(key, value *yaml.Node) {
		if key.Value != "allOf" {
			return
		}
		for _, part := range value.Content {
			if resolved := c.resolve(part); resolved != part {
				found = found || slices.Contains(ancestors, resolved) || c.allOfContains(resolved, append(ancestors, resolved)...)
			}
		}
	})
	c.acyclic[schema] = !found
	return found
}

// resolve returns a schema or, for a $ref, the schema that it refers to, or nil.
func (c *checker) resolve(schema *yaml.Node) *yaml.Node { return tree.Dereference(c.root, schema) }

// variants returns the variants of a oneOf or anyOf, except null.
func variants(schema *yaml.Node) []*yaml.Node {
	all := slices.Concat(tree.Items(schema, "oneOf"), tree.Items(schema, "anyOf"))
	return slices.DeleteFunc(all, func(variant *yaml.Node) bool { return tree.IsType(variant, "null") })
}

// typeOf returns the type of a schema, except null. It returns "" if there is none, and a
// list such as "string, integer" if there are several.
func (c *checker) typeOf(schema *yaml.Node) string {
	schema = c.resolve(schema)
	types := []string{tree.Value(schema, "type")}
	for _, t := range tree.Items(schema, "type") {
		types = append(types, t.Value)
	}
	return strings.Join(slices.DeleteFunc(types, func(t string) bool { return t == "" || t == "null" }), ", ")
}

// isNullable reports whether a schema allows null.
func (c *checker) isNullable(schema *yaml.Node) bool {
	schema = c.resolve(schema)
	isNull := func(t *yaml.Node) bool { return t.Value == "null" || tree.IsType(t, "null") }
	return slices.ContainsFunc(slices.Concat(tree.Items(schema, "type"), tree.Items(schema, "oneOf"), tree.Items(schema, "anyOf")), isNull)
}

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
	return !tree.Has(schema, "allOf", "oneOf", "anyOf")
}
