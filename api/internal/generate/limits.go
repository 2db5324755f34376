package generate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/seed-fbb712e3/signalwire-go/api/internal/names"
)

// describeLimits appends to the descriptions of parameters, and of the properties of
// request bodies, the limits and the default that the schema has: "The minimum is 1, the
// maximum 1000, the default 50." A required string that can have only one value is set by
// the client (typeinfo.Field.Constant). A PUT or PATCH has no defaults, since what it
// leaves out keeps its value or is reset.
func describeLimits(doc *openapi3.T) {
	described := map[any]bool{}
	for _, changes := range []bool{true, false} { // A schema that both have is described as that of the change.
		for _, item := range doc.Paths.Map() {
			for method, operation := range item.Operations() {
				if changes != (method == "PUT" || method == "PATCH") {
					continue
				}
				if operation.RequestBody != nil {
					for _, content := range operation.RequestBody.Value.Content {
						eachSchema(content.Schema, described, func(schema *openapi3.Schema) { describeProperties(schema, !changes) })
					}
				}
				for _, parameter := range operation.Parameters {
					if parameter.Value.Schema != nil && parameter.Ref == "" {
						parameter.Value.Description = addLimits(parameter.Value.Description, limits(parameter.Value.Schema.Value, true))
					}
				}
			}
		}
	}
}

// describeProperties appends the limits of the properties of a schema to their descriptions. Of
// a reference, that changes a copy, as the description of the type is for all who refer to it.
func describeProperties(schema *openapi3.Schema, withDefaults bool) {
	for name, property := range schema.Properties {
		text := limits(property.Value, withDefaults)
		if values := property.Value.Enum; len(values) == 1 {
			text = "The only value is " + Literal(values[0]) + "."
			if _, isString := values[0].(string); isString && slices.Contains(schema.Required, name) {
				text = "The client sets it to " + Literal(values[0]) + "."
			}
		}
		described := *property.Value
		described.Description = addLimits(described.Description, text)
		property.Value = &described
	}
}

// eachSchema calls visit for all schemas below a schema, and then for the schema, except for
// those that it has visited. A reference is known by its target, as one with a description of
// its own has a copy of the target, with the same properties.
func eachSchema(ref *openapi3.SchemaRef, visited map[any]bool, visit func(schema *openapi3.Schema)) {
	if ref == nil || ref.Value == nil {
		return
	}
	schema := ref.Value
	var key any = schema
	if ref.Ref != "" {
		key = ref.Ref
	}
	if visited[key] {
		return
	}
	visited[key] = true
	below := slices.Concat(openapi3.SchemaRefs{schema.Items, schema.AdditionalProperties.Schema}, schema.AnyOf, schema.OneOf)
	for _, part := range slices.AppendSeq(below, maps.Values(schema.Properties)) {
		eachSchema(part, visited, visit)
	}
	visit(schema)
}

// limitsMark separates a description from the limits that are appended to it. Both are in
// the comment of a field, but not in that of the type of an enumeration in place, which has
// the same description. It is a character that no description has.
const limitsMark = "\u001f"

func addLimits(description, limits string) string {
	if limits == "" {
		return description
	}
	return description + limitsMark + limits
}

// limits returns sentences about the limits of a schema, and about its default. A pattern
// is for the description to explain.
func limits(schema *openapi3.Schema, withDefault bool) string {
	var sentences, numbers []string
	count := func(of string, least uint64, most *uint64) {
		of = "The number of " + of + " is "
		switch {
		case most != nil && least == *most:
			sentences = append(sentences, fmt.Sprintf("%s%d.", of, least))
		case most != nil && least > 1:
			sentences = append(sentences, fmt.Sprintf("%s%d to %d.", of, least, *most))
		case most != nil:
			sentences = append(sentences, fmt.Sprintf("%sat most %d.", of, *most))
		case least > 1:
			sentences = append(sentences, fmt.Sprintf("%sat least %d.", of, least))
		}
	}
	count("characters", schema.MinLength, schema.MaxLength)
	count("elements", schema.MinItems, schema.MaxItems)
	count("members", schema.MinProps, schema.MaxProps)
	number := func(name, value string) {
		if numbers == nil {
			name += " is"
		}
		numbers = append(numbers, "the "+name+" "+value)
	}
	for _, limit := range []struct {
		name  string
		value *float64
	}{
		{"minimum", schema.Min}, {"exclusive minimum", schema.ExclusiveMin.Value},
		{"maximum", schema.Max}, {"exclusive maximum", schema.ExclusiveMax.Value},
	} {
		if limit.value != nil {
			number(limit.name, Literal(*limit.value))
		}
	}
	if value := Literal(schema.Default); withDefault && value != "" {
		number("default", value)
	}
	if len(numbers) > 0 {
		sentences = append(sentences, "T"+strings.Join(numbers, ", ")[1:]+".")
	}
	return strings.Join(sentences, " ")
}

// Literal returns a default as a comment shows it: as JSON, but an array as its elements.
// It returns "" for one that is empty, or too long for a sentence.
func Literal(value any) string {
	switch value := value.(type) {
	case nil, map[string]any:
		return ""
	case string:
		if value == "" {
			return ""
		}
	case []any:
		var elements []string
		for _, element := range value {
			elements = append(elements, Literal(element))
		}
		if text := strings.Join(elements, ", "); len(text) < 60 {
			return text
		}
		return ""
	}
	text, _ := json.Marshal(value)
	return string(text)
}

// describeFields gives a description to each property that has none, if it follows from its
// schema: the only value that the property can have, or the description of its type. A
// reference has that by itself, but not if the property can be null, or if another schema
// declares its Go type.
func describeFields(doc *openapi3.T, excluded []string) {
	if doc.Components == nil {
		return
	}
	ofType := map[any]string{}
	var inPlace []*openapi3.Schema
	visited := map[any]bool{}
	for name, component := range doc.Components.Schemas {
		eachSchema(component, visited, func(schema *openapi3.Schema) {
			if schema.Description == "" && len(schema.Enum) == 1 {
				schema.Description = fmt.Sprintf("Always %v.", schema.Enum[0])
			}
			for _, property := range schema.Properties {
				if property.Ref == "" {
					inPlace = append(inPlace, property.Value)
				}
			}
		})
		if !slices.Contains(excluded, name) {
			ofType[cmp.Or[any](component.Value.Extensions["x-go-name"], names.GoName(name))] = component.Value.Description
		}
	}
	for _, property := range inPlace {
		if property.Description != "" {
			continue
		}
		property.Description = ofType[property.Extensions["x-go-type"]]
		if len(property.AnyOf) == 2 && property.AnyOf[0].Ref != "" && property.AnyOf[1].Value.Type.Is("null") {
			property.Description = property.AnyOf[0].Value.Description
		}
	}
}

// removeNulls removes null from the values of enumerations, since the generator takes it for the
// value of a constant. The type says that the value can be null.
func removeNulls(doc *openapi3.T) {
	visited := map[any]bool{}
	visit := func(schema *openapi3.SchemaRef) {
		eachSchema(schema, visited, func(schema *openapi3.Schema) {
			schema.Enum = slices.DeleteFunc(schema.Enum, func(value any) bool { return value == nil })
		})
	}
	if doc.Components != nil {
		for _, component := range doc.Components.Schemas {
			visit(component)
		}
	}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, parameter := range operation.Parameters {
				visit(parameter.Value.Schema)
			}
		}
	}
}
