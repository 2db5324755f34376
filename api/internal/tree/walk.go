package tree

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// pointerUnescaper is the inverse of pointerEscaper.
var pointerUnescaper = strings.NewReplacer("~1", "/", "~0", "~")

// ResolveRef returns the node that a reference such as "#/components/schemas/Call" points
// at in a description, or nil. It does not follow a $ref in that node.
func ResolveRef(root *yaml.Node, ref string) *yaml.Node {
	n := root
	for token := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		within, wanted := n, pointerUnescaper.Replace(token)
		n = nil
		for name, value := range members(within) {
			if name == wanted {
				n = value
			}
		}
	}
	return n
}

// Methods are the keys of a path item that are operations: the HTTP methods, in lower case.
var Methods = map[string]bool{
	"get": true, "put": true, "post": true, "delete": true,
	"options": true, "head": true, "patch": true, "trace": true,
}

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
	_, named := mapKeywords[key.Value]
	return named && value.Kind == yaml.MappingNode
}

// EachSchema calls visit for all schema objects of a description, wherever they are.
// Schemas within a schema come before it, so visit may replace the content of a schema.
func EachSchema(root *yaml.Node, visit func(schema *yaml.Node)) {
	var walk func(n *yaml.Node, isSchema bool)
	walk = func(n *yaml.Node, isSchema bool) {
		for _, item := range Items(n) {
			walk(item, isSchema)
		}
		for key, value := range Entries(n) {
			switch {
			case literalKeywords[key.Value] || IsExtension(key.Value):
			case isNameMap(key, value):
				for _, inner := range Entries(value) {
					walk(inner, mapKeywords[key.Value])
				}
			default:
				walk(value, schemaKeywords[key.Value])
			}
		}
		if isSchema && n.Kind == yaml.MappingNode { // true and false are schemas, too.
			visit(n)
		}
	}
	walk(root, false)
}

// EachKeyword calls visit for the keywords at and below n: for the entries of all
// mappings but those in literal values and extensions, and those whose key is a chosen
// name (of maps, it visits only a $ref in place of the map).
func EachKeyword(n *yaml.Node, visit func(key, value *yaml.Node)) {
	for _, item := range Items(n) {
		EachKeyword(item, visit)
	}
	for key, value := range Entries(n) {
		visit(key, value)
		switch {
		case literalKeywords[key.Value] || IsExtension(key.Value):
		case isNameMap(key, value):
			for key, value := range Entries(value) {
				if IsRef(key, value) {
					visit(key, value)
				}
				EachKeyword(value, visit)
			}
		default:
			EachKeyword(value, visit)
		}
	}
}

// IsRef reports whether an entry of a mapping is a $ref.
func IsRef(key, value *yaml.Node) bool {
	return key.Value == "$ref" && value.Kind == yaml.ScalarNode && value.ShortTag() == "!!str"
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

// Placeholder matches a variable of a URL or path, such as "{space_name}" or the
// percent-encoded "%7Bspace_name%7D".
var Placeholder = regexp.MustCompile(`(?i)\{[^{}]*\}|%7B[^%]*%7D`)

// MatchPaths returns, for each path of b that is also in a, its spelling in a. Paths match
// if they are equal or, as long as that is unambiguous, if they differ only in the names
// of parameters: "/calls/{id}" matches "/calls/{call_id}".
func MatchPaths(a, b *yaml.Node) map[string]string {
	loose := func(path string) string { return Placeholder.ReplaceAllString(path, "{}") }
	of, count, to := map[string][]string{}, map[string]int{}, map[string]string{}
	for path := range Entries(a) {
		of[loose(path.Value)] = append(of[loose(path.Value)], path.Value)
	}
	for path := range Entries(b) {
		count[loose(path.Value)]++
	}
	for path := range Entries(b) {
		if key := loose(path.Value); Has(a, path.Value) {
			to[path.Value] = path.Value
		} else if count[key] == 1 && len(of[key]) == 1 {
			to[path.Value] = of[key][0]
		}
	}
	return to
}

// ReachableSchemas returns the names of the component schemas that the given parts of a
// description refer to, directly or through other schemas. Without parts, it starts
// from paths: the result is the schemas that become Go types.
func ReachableSchemas(root *yaml.Node, from ...*yaml.Node) map[string]bool {
	if len(from) == 0 {
		from = []*yaml.Node{Get(root, "paths")}
	}
	found, all := map[string]bool{}, Index(Schemas(root))
	var reach func(n *yaml.Node)
	reach = func(n *yaml.Node) {
		EachRef(n, func(ref *yaml.Node) {
			if name, _, ok := ParseSchemaRef(ref.Value); ok && !found[name] {
				found[name] = true
				reach(all[name].Value)
			}
		})
	}
	for _, n := range from {
		reach(n)
	}
	return found
}
