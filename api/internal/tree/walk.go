package tree

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// literalKeywords are the keywords whose value is an example or another literal JSON
// value: a $ref in it is not a reference.
var literalKeywords = map[string]bool{"example": true, "examples": true, "default": true, "const": true, "enum": true}

// mapKeywords are the keywords whose value is a map: its keys are names that the author
// of the description chose, and no keywords. A property may be called "default". They are
// true where the values of the map are schemas.
var mapKeywords = map[string]bool{
	"paths": false, "webhooks": false, "responses": false, "content": false, "headers": false,
	"encoding": false, "links": false, "callbacks": false, "variables": false, "mapping": false, "scopes": false,
	"schemas": true, "parameters": false, "requestBodies": false, "securitySchemes": false, "pathItems": false,
	"properties": true, "patternProperties": true, "dependentSchemas": true, "$defs": true, "definitions": true,
}

// schemaKeywords are the keywords whose value is a schema or a sequence of schemas.
var schemaKeywords = map[string]bool{
	"schema": true, "items": true, "additionalProperties": true, "unevaluatedProperties": true, "not": true, "contains": true,
	"propertyNames": true, "if": true, "then": true, "else": true, "unevaluatedItems": true,
	"allOf": true, "oneOf": true, "anyOf": true, "prefixItems": true,
}

// isNameMap reports whether the value of a keyword is a map with chosen names as keys.
func isNameMap(key, value *yaml.Node) bool {
	_, isMap := mapKeywords[key.Value]
	return isMap && value.Kind == yaml.MappingNode
}

// EachNode calls visit for a node and for all nodes below it, keys included.
func EachNode(n *yaml.Node, visit func(n *yaml.Node)) {
	visit(n)
	for _, child := range n.Content {
		EachNode(child, visit)
	}
}

// EachKeyword calls visit for the keywords at and below n, that is for the entries of all
// mappings except those within literal values and extensions, and except names that the
// author chose, such as those of properties.
func EachKeyword(n *yaml.Node, visit func(key, value *yaml.Node)) {
	walk(n, false, visit, func(*yaml.Node) {})
}

// EachSchema calls visit for all schema objects of a description, wherever they are.
// Schemas within a schema come before it, so visit may replace the content of a schema.
func EachSchema(root *yaml.Node, visit func(schema *yaml.Node)) {
	walk(root, false, func(_, _ *yaml.Node) {}, visit)
}

// walk calls visitKeyword for the keywords at and below n, each before those below it, and
// visitSchema for the schema objects, each after those below it.
func walk(n *yaml.Node, isSchema bool, visitKeyword func(key, value *yaml.Node), visitSchema func(schema *yaml.Node)) {
	for _, item := range Items(n) {
		walk(item, isSchema, visitKeyword, visitSchema)
	}
	for key, value := range Entries(n) {
		visitKeyword(key, value)
		switch {
		case literalKeywords[key.Value] || IsExtension(key.Value):
		case isNameMap(key, value):
			for _, inner := range Entries(value) {
				walk(inner, mapKeywords[key.Value], visitKeyword, visitSchema)
			}
		default:
			walk(value, schemaKeywords[key.Value], visitKeyword, visitSchema)
		}
	}
	if isSchema && n.Kind == yaml.MappingNode { // A schema can also be true or false.
		visitSchema(n)
	}
}

// EachRef calls visit for the value of each $ref, and for each reference in the mapping
// of a discriminator. It skips data, as EachKeyword does.
func EachRef(n *yaml.Node, visit func(ref *yaml.Node)) {
	EachKeyword(n, func(key, value *yaml.Node) {
		if IsRef(key, value) {
			visit(value)
		}
		if key.Value == "discriminator" {
			for _, target := range Entries(Get(value, "mapping")) {
				if strings.HasPrefix(target.Value, "#/") {
					visit(target)
				}
			}
		}
	})
}

// IsRef reports whether an entry of a mapping is a $ref.
func IsRef(key, value *yaml.Node) bool {
	return key.Value == "$ref" && value.Kind == yaml.ScalarNode && value.ShortTag() == "!!str"
}

// Methods are the keys of a path item that are operations: the HTTP methods, in lower case.
var Methods = map[string]bool{
	"get": true, "put": true, "post": true, "delete": true,
	"options": true, "head": true, "patch": true, "trace": true,
}

// EachOperation calls visit for each operation under paths, which a client can call;
// webhooks are not visited.
func EachOperation(root *yaml.Node, visit func(method, path, operation *yaml.Node)) {
	for path, item := range Entries(Get(root, "paths")) {
		for method, operation := range Entries(item) {
			if Methods[method.Value] && !IsExtension(path.Value) {
				visit(method, path, operation)
			}
		}
	}
}

// EachSecurity calls visit for each array of security requirements, that of the description
// and those of its operations.
func EachSecurity(root *yaml.Node, visit func(requirements *yaml.Node)) {
	visit(NonNil(Get(root, "security")))
	EachOperation(root, func(_, _, operation *yaml.Node) { visit(NonNil(Get(operation, "security"))) })
}

// CountOperations returns the number of operations that EachOperation visits.
func CountOperations(root *yaml.Node) (n int) {
	EachOperation(root, func(_, _, _ *yaml.Node) { n++ })
	return n
}

// OperationID returns the operationId of an operation, or "".
func OperationID(operation *yaml.Node) string { return Value(operation, "operationId") }

// OperationName returns the name of an operation in reports and errors, with backquotes:
// "`GET /calls/{id}`".
func OperationName(method, path *yaml.Node) string {
	return "`" + strings.ToUpper(method.Value) + " " + path.Value + "`"
}
