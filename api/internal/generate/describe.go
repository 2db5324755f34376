package generate

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// describeFields gives a description to each property that has none, if it follows from its
// schema: the only value that the property can have, or the description of its type. A
// reference has that by itself, but not if the property can be null, or if another schema
// declares its Go type.
func describeFields(doc *openapi3.T) {
	ofType := map[any]string{}
	for _, component := range doc.Components.Schemas {
		ofType[component.Value.Extensions["x-go-name"]] = component.Value.Description
	}
	eachProperty(doc, func(property *openapi3.Schema) {
		if name := property.Extensions["x-go-type-name"]; name != nil {
			ofType[name] = property.Description
		}
	})
	delete(ofType, nil)
	eachProperty(doc, func(property *openapi3.Schema) {
		if property.Description != "" {
			return
		}
		property.Description = ofType[property.Extensions["x-go-type"]]
		if len(property.AnyOf) == 2 && property.AnyOf[0].Ref != "" && property.AnyOf[1].Value.Type.Is("null") {
			property.Description = property.AnyOf[0].Value.Description
		}
		if len(property.Enum) == 1 {
			property.Description = fmt.Sprintf("Always %v.", property.Enum[0])
		}
	})
}

// eachProperty calls visit for each property that is described where it is used, of all
// components and all that is below them.
func eachProperty(doc *openapi3.T, visit func(*openapi3.Schema)) {
	visited := map[*openapi3.Schema]bool{}
	var walk func(ref *openapi3.SchemaRef)
	walk = func(ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || visited[ref.Value] {
			return
		}
		visited[ref.Value] = true
		for _, property := range ref.Value.Properties {
			if property.Ref == "" {
				visit(property.Value)
			}
			walk(property)
		}
		walk(ref.Value.Items)
		walk(ref.Value.AdditionalProperties.Schema)
		for _, parts := range []openapi3.SchemaRefs{ref.Value.AllOf, ref.Value.AnyOf, ref.Value.OneOf} {
			for _, part := range parts {
				walk(part)
			}
		}
	}
	for _, component := range doc.Components.Schemas {
		walk(component)
	}
}
