package tree

import "gopkg.in/yaml.v3"

// The keywords of a schema whose value is a schema, a sequence of schemas, or a
// mapping of them.
var (
	schemaKeywords   = []string{"items", "additionalProperties", "unevaluatedProperties", "not", "contains", "propertyNames", "if", "then", "else", "unevaluatedItems"}
	schemasKeywords  = []string{"allOf", "oneOf", "anyOf", "prefixItems"}
	schemaMapKeyword = []string{"properties", "patternProperties", "$defs", "dependentSchemas"}
)

// EachSchema visits all schemas of a description, each after those in it.
func EachSchema(root *yaml.Node, visit func(schema *yaml.Node)) {
	var schema func(n *yaml.Node)
	schema = func(n *yaml.Node) {
		if n == nil || n.Kind != yaml.MappingNode {
			return // true and false are schemas, too.
		}
		for _, key := range schemaKeywords {
			schema(Get(n, key))
		}
		for _, key := range schemasKeywords {
			for _, part := range OrEmpty(Get(n, key)).Content {
				schema(part)
			}
		}
		for _, key := range schemaMapKeyword {
			for _, part := range Entries(Get(n, key)) {
				schema(part)
			}
		}
		visit(n)
	}
	var holder func(n *yaml.Node) // what has a schema or content
	holder = func(n *yaml.Node) {
		schema(Get(n, "schema"))
		for _, media := range Entries(Get(n, "content")) {
			schema(Get(media, "schema"))
		}
		for _, header := range Entries(Get(n, "headers")) {
			holder(header)
		}
	}
	holders := func(n *yaml.Node) {
		for _, inner := range Entries(n) {
			holder(inner)
		}
		if n != nil && n.Kind == yaml.SequenceNode {
			for _, inner := range n.Content {
				holder(inner)
			}
		}
	}
	components := Get(root, "components")
	for _, n := range Entries(Get(components, "schemas")) {
		schema(n)
	}
	for _, kind := range []string{"parameters", "responses", "requestBodies", "headers"} {
		holders(Get(components, kind))
	}
	for _, items := range []*yaml.Node{Get(root, "paths"), Get(root, "webhooks"), Get(components, "pathItems")} {
		for _, item := range Entries(items) {
			holders(Get(item, "parameters"))
			for method, operation := range Entries(item) {
				if Methods[method.Value] {
					holders(Get(operation, "parameters"))
					holder(Get(operation, "requestBody"))
					holders(Get(operation, "responses"))
				}
			}
		}
	}
}
